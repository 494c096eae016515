"""`khobao outlets --boilerplate`: lines that recur in an outlet's articles, as rules to paste into its declaration."""

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


def propose(session: Session, outlets: Sequence[Outlet], as_json: bool) -> int:
    """Tell which lines recur in the articles of outlets, less those that their rules strip already.

    What is new in the archive is counted first, unless another khobao is writing to it.
    """
    if session.settings.archive.path.exists():
        _learn(session, outlets)
    told = False
    with session.reader() as archive:
        for outlet in outlets:
            lines, total = _unstripped(archive, outlet)
            told = told or bool(lines)
            if as_json:
                session.answer({"outlet": outlet.id, "articles": total, "lines": [_facts(line) for line in lines]})
            elif lines:
                session.tell("\n".join(_proposal(outlet.id, lines, total)))
    if not told and not as_json:
        session.tell("no line recurs in the articles of these outlets")
    return 0


def _learn(session: Session, outlets: Sequence[Outlet]) -> None:
    try:
        with session.writer() as archive:
            for outlet in outlets:
                archive.learn_recurring_lines(outlet.id)
    except ArchiveLocked:
        session.note("another khobao is writing to the archive; what is new in it is not counted now")


def _unstripped(archive: ArchiveReader, outlet: Outlet) -> tuple[list[Line], int]:
    lines, total = recurring_lines(archive.db, outlet.id)
    rules = {pattern for reading in outlet.reading for pattern in reading.strip}
    return [line for line in lines if line.rule not in rules and not _matched(line, rules)], total


def _matched(line: Line, rules: set[str]) -> bool:
    return any(re.fullmatch(pattern, line.text) for pattern in rules)


def _proposal(outlet: str, lines: Sequence[Line], total: int) -> Iterator[str]:
    """A piece of TOML: a rule a line, with what speaks for it."""
    yield f"# {outlet}: lines that recur in its {total} articles. Keep those that are none of the articles' own."
    yield "[reading]"
    yield "strip = ["
    for line in lines:
        share = f"{line.articles / total:.0%}"
        span = f"{line.first_on} to {line.last_on}"
        yield f"  {toml_string(line.rule)},  # {line.articles} ({share}), {span}, {line.example}"
    yield "]"


def _facts(line: Line) -> dict[str, object]:
    return {**asdict(line), "rule": line.rule}
