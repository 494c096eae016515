"""Run `khobao diff` and `changes`: show how outlets changed their articles."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from itertools import groupby
from typing import Any

import click
from rich.text import Text

from archive.articles.change_kinds import CLASSES, Version
from archive.articles.text_diff import ParagraphDiff, Segment, diff_texts
from archive.errors import UsageError
from archive.printable import printable
from schedules.cli.lookups import check_outlet, find_article
from schedules.cli.params import Day, Name, check_days
from schedules.cli.session import Session, command
from schedules.cli.spans import utc

Marks = Mapping[str, tuple[str, str, str]]  # text before and after removed or added words, and the style of these words

_PLAIN: Marks = {"gone": ("[-", "-]", ""), "new": ("{+", "+}", "")}
_COLORED: Marks = {"gone": ("", "", "red strike"), "new": ("", "", "green")}
_UNMARKED = ("", "", "")


@command(name="diff")
@click.argument("name", metavar="ID|URL")
@click.option(
    "--revisions",
    nargs=2,
    type=click.IntRange(min=1),
    metavar="A B",
    help="Compare these two revisions; by default the last two.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the compared words as one JSON object.")
def diff_command(session: Session, name: str, revisions: tuple[int, int] | None, as_json: bool) -> None:
    """Show how an article changed, word by word.

    On a terminal, removed words are red and added words green; elsewhere they are marked [-removed-] and {+added+}.
    """
    with session.reader() as archive:
        article = find_article(archive, name).record.id
        versions = archive.versions(article)
    if revisions is None and len(versions) == 1:
        session.print(f"{article} has one revision, archived {utc(versions[0].seen_at)}; there is nothing to compare")
        return
    old, new = _choose_versions(versions, revisions or (len(versions) - 1, len(versions)))
    title, text = diff_texts(old.document.title, new.document.title), diff_texts(old.document.text, new.document.text)
    if as_json:
        session.print_json(
            {"article": article, "old": _fields(old), "new": _fields(new), "title": _runs(title), "text": _runs(text)}
        )
        return
    marks = _COLORED if sys.stdout.isatty() and session.color else _PLAIN
    for line in _comparison(old, new, title, text, marks):
        session.out.print(line, soft_wrap=True)


def _choose_versions(versions: Sequence[Version], numbers: tuple[int, int]) -> tuple[Version, Version]:
    for number in numbers:
        if number > len(versions):
            raise UsageError(f"no revision {number}; this article has revisions 1 to {len(versions)}")
    return versions[numbers[0] - 1], versions[numbers[1] - 1]


def _fields(version: Version) -> dict[str, Any]:
    fields: dict[str, Any] = {"revision": version.revision, "seen_at": version.seen_at, "change": version.change}
    return fields | {"date": version.document.date, "title": version.document.title}


def _runs(paragraphs: Sequence[ParagraphDiff]) -> list[list[dict[str, str]]]:
    return [[asdict(run) for run in paragraph.segments] for paragraph in paragraphs]


def _comparison(
    old: Version, new: Version, title: Sequence[ParagraphDiff], text: Sequence[ParagraphDiff], marks: Marks
) -> Iterator[Text]:
    """Lay out a comparison: the two revisions, the headline, and the changed paragraphs."""
    yield Text(f"revision {old.revision}, {utc(old.seen_at)} -> {new.revision}, {utc(new.seen_at)}: {new.change}")
    if old.document.date != new.document.date:
        yield _mark_segments([Segment("gone", str(old.document.date)), Segment("new", str(new.document.date))], marks)
    for paragraph in title:
        yield _mark_segments(paragraph.segments, marks)
    for changed, group in groupby(text, key=lambda paragraph: paragraph.changed):
        paragraphs = list(group)
        if changed:
            yield from (
                line for paragraph in paragraphs for line in (Text(), _mark_segments(paragraph.segments, marks))
            )
        else:
            plural = "s" * (len(paragraphs) > 1)
            yield Text(f"\n({len(paragraphs)} paragraph{plural} unchanged)", style="dim")


def _mark_segments(runs: Sequence[Segment], marks: Marks) -> Text:
    """Join segments into one line, and mark removed and added words."""
    line = Text()
    for run in runs:
        words = run.text.rstrip()
        before, after, style = marks.get(run.op, _UNMARKED)
        line.append(f"{before}{printable(words)}{after}", style=style).append(run.text[len(words) :])
    return line


@command(name="changes")
@click.option("--outlet", metavar="ID", help="Only articles of this outlet.")
@click.option("--since", type=Day(), help="Only changes noticed on this day or later (UTC).")
@click.option("--until", type=Day(), help="Only changes noticed on this day or earlier (UTC).")
@click.option("--class", "change", type=Name(CLASSES), help="Only changes of this class.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The largest number of changes."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per change.")
def changes_command(
    session: Session,
    outlet: str | None,
    since: date | None,
    until: date | None,
    change: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List articles that outlets edited or deleted, latest first; `khobao diff ID` shows an edit."""
    check_days(since, until)
    with session.reader() as archive:
        check_outlet(session, archive, outlet)
        edits = archive.changes(outlet, since, until, change, limit)
    for edit in edits:
        if as_json:
            session.print_json(asdict(edit))
        else:
            number = f"revision {edit.revision}" if edit.revision else ""
            line = f"{utc(edit.at)}  {edit.change:<10}  {edit.article}  {edit.outlet}  {edit.title}  {number}"
            session.print(line.rstrip())
    if not edits and not as_json:
        session.print("nothing changed")
