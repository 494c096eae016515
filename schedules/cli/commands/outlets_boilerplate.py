"""Run `khobao outlets --boilerplate`: propose rules for lines that recur in an outlet's articles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from archive.articles.boilerplate import Line, recurring_lines
from archive.errors import ArchiveLocked
from archive.store.reader import ArchiveReader
from crawler.outlets.declaration import toml_string
from crawler.outlets.model import Outlet
from schedules.cli.session import Session


def propose_rules(session: Session, outlets: Sequence[Outlet], *, as_json: bool) -> int:
    """Print the lines that recur in the articles of outlets and that no rule removes yet.

    New articles are counted first, unless another khobao is writing to the archive.
    """
    _count_lines(session, outlets)
    found = False
    with session.reader() as archive:
        for outlet in outlets:
            lines, total = _lines_to_strip(archive, outlet)
            found = found or bool(lines)
            if as_json:
                session.print_json({"outlet": outlet.id, "articles": total, "lines": [_fields(line) for line in lines]})
            elif lines:
                session.print("\n".join(_proposal(outlet.id, lines, total)))
    if not found and not as_json:
        session.print("no line recurs in the articles of these outlets")
    return 0


def _count_lines(session: Session, outlets: Sequence[Outlet]) -> None:
    try:
        with session.writer() as archive:
            for outlet in outlets:
                archive.learn_recurring_lines(outlet.id)
    except ArchiveLocked:
        session.note("another khobao is writing to the archive; its newest articles are not counted now")


def _lines_to_strip(archive: ArchiveReader, outlet: Outlet) -> tuple[list[Line], int]:
    lines, total = recurring_lines(archive.db, outlet.id)
    rules = {pattern for reading in outlet.reading for pattern in reading.strip}
    return [line for line in lines if line.rule not in rules and not _matches_any(line, rules)], total


def _matches_any(line: Line, rules: set[str]) -> bool:
    return any(re.fullmatch(pattern, line.text) for pattern in rules)


def _proposal(outlet: str, lines: Sequence[Line], total: int) -> Iterator[str]:
    """Yield lines of TOML: one rule per line, with the evidence for it."""
    yield f"# {outlet}: lines that recur in its {total} articles. Remove the lines that belong to the articles."
    yield "[reading]"
    yield "strip = ["
    for line in lines:
        evidence = f"{line.articles} ({line.articles / total:.0%}), {line.first_on} to {line.last_on}, {line.example}"
        yield f"  {toml_string(line.rule)},  # {evidence}"
    yield "]"


def _fields(line: Line) -> dict[str, object]:
    return {**asdict(line), "rule": line.rule}
