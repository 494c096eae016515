"""Run `khobao outlets --match`: classify each address of a file, and name the rule that decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO

from crawler.outlets.address_match import AddressMatch, match_address
from schedules.cli.session import Session

_KINDS = ("articles", "other pages", "on no outlet's host")


def tell_matches(session: Session, file: IO[str], as_json: bool) -> int:
    """Classify every address of a file and print one line for each.

    Args:
        session: The session of this command.
        file: Addresses, one per line; empty lines and lines that begin with `#` are skipped.
        as_json: Print JSON objects instead of text.

    Returns:
        The exit code.
    """
    counts: Counter[str] = Counter()
    for url in _addresses(file):
        match = match_address(session.catalogue, url)
        counts[_kind(match)] += 1
        if as_json:
            session.print_json(_facts(match))
        else:
            session.print("\t".join(_columns(match)))
    session.note(", ".join(f"{counts[kind]} {kind}" for kind in _KINDS if counts[kind]) or "no addresses")
    return 0


def _addresses(lines: Iterable[str]) -> Iterator[str]:
    stripped = (line.strip().lstrip("\ufeff") for line in lines)
    return (line for line in stripped if line and not line.startswith("#"))


def _kind(match: AddressMatch) -> str:
    return _KINDS[0] if match.article else _KINDS[1] if match.outlet else _KINDS[2]


def _facts(match: AddressMatch) -> dict[str, object]:
    return {
        "url": match.url,
        "outlet": match.outlet or None,
        "article": match.article,
        "key": match.key or None,
        "id": match.id or None,
        "canonical": match.canonical or None,
    }


def _columns(match: AddressMatch) -> tuple[str, ...]:
    word = "article" if match.article else "other"
    return match.outlet or "-", word, match.key or "-", match.id or "-", match.rule, match.canonical or match.url
