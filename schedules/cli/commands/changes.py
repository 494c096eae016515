"""`khobao diff` and `changes`: what outlets did to their articles after they were published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from itertools import groupby
from typing import Any

import click
from rich.text import Text

from archive.articles.change_kinds import CLASSES, Version
from archive.articles.text_diff import Paragraph, Run, compare
from archive.errors import UsageError
from schedules.cli.lookups import find_article
from schedules.cli.params import Day
from schedules.cli.session import Session, command

Marks = Mapping[str, tuple[str, str, str]]  # what stands before and after words that went or came, and their style

_PLAIN: Marks = {"gone": ("[-", "-]", ""), "new": ("{+", "+}", "")}
_COLOURED: Marks = {"gone": ("", "", "red strike"), "new": ("", "", "green")}
_SAME = ("", "", "")


@command(name="diff")
@click.argument("name", metavar="ID|URL")
@click.option("--revisions", nargs=2, type=click.IntRange(min=1), metavar="A B", help="Which two; else the last two.")
@click.option("--json", "as_json", is_flag=True, help="The runs of words, as one JSON object.")
def diff_command(session: Session, name: str, revisions: tuple[int, int] | None, as_json: bool) -> None:
    """What an outlet changed in an article, word by word.

    In colour on a terminal; elsewhere what went is marked [-so-] and what came {+so+}.
    """
    with session.reader() as archive:
        article = find_article(archive, name).record.id
        versions = archive.versions(article)
    if revisions is None and len(versions) == 1:
        session.tell(f"{article} has one version, of {_time(versions[0].seen_at)}; nothing to compare")
        return
    old, new = _chosen(versions, revisions or (len(versions) - 1, len(versions)))
    title, text = compare(old.document.title, new.document.title), compare(old.document.text, new.document.text)
    if as_json:
        session.answer(
            {"article": article, "old": _facts(old), "new": _facts(new), "title": _runs(title), "text": _runs(text)}
        )
        return
    marks = _PLAIN if session.out.no_color or not session.out.is_terminal else _COLOURED
    for line in _story(old, new, title, text, marks):
        session.out.print(line, soft_wrap=True)


def _chosen(versions: Sequence[Version], numbers: tuple[int, int]) -> tuple[Version, Version]:
    for number in numbers:
        if number > len(versions):
            raise UsageError(f"no revision {number}; there are 1 to {len(versions)}")
    return versions[numbers[0] - 1], versions[numbers[1] - 1]


def _facts(version: Version) -> dict[str, Any]:
    facts: dict[str, Any] = {"revision": version.revision, "seen_at": version.seen_at, "change": version.change}
    return facts | {"date": version.document.date, "title": version.document.title}


def _runs(paragraphs: Sequence[Paragraph]) -> list[list[dict[str, str]]]:
    return [[asdict(run) for run in paragraph.runs] for paragraph in paragraphs]


def _story(
    old: Version, new: Version, title: Sequence[Paragraph], text: Sequence[Paragraph], marks: Marks
) -> Iterator[Text]:
    """The lines of a comparison: what is compared, the headline, and the paragraphs that changed."""
    yield Text(f"revision {old.revision}, {_time(old.seen_at)} -> {new.revision}, {_time(new.seen_at)}: {new.change}")
    if old.document.date != new.document.date:
        yield _marked([Run("gone", str(old.document.date)), Run("new", str(new.document.date))], marks)
    for paragraph in title:
        yield _marked(paragraph.runs, marks)
    for changed, paragraphs in groupby(text, key=lambda paragraph: paragraph.changed):
        alike = list(paragraphs)
        if changed:
            yield from (line for paragraph in alike for line in (Text(), _marked(paragraph.runs, marks)))
        else:
            yield Text(f"\n({len(alike)} paragraph{'s' * (len(alike) > 1)} unchanged)", style="dim")


def _marked(runs: Sequence[Run], marks: Marks) -> Text:
    """Runs of words in one line, with what went and came marked; the blanks after them are not."""
    line = Text()
    for run in runs:
        words = run.text.rstrip()
        before, after, style = marks.get(run.op, _SAME)
        line.append(f"{before}{words}{after}", style=style).append(run.text[len(words) :])
    return line


@command(name="changes")
@click.option("--outlet", help="Only of this outlet.")
@click.option("--since", type=Day(), help="Noticed from this day on (UTC).")
@click.option("--until", type=Day(), help="Noticed up to this day (UTC).")
@click.option("--class", "change", type=click.Choice(CLASSES), help="Only of this class.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a change.")
def changes_command(
    session: Session,
    outlet: str | None,
    since: date | None,
    until: date | None,
    change: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """What outlets changed in their articles and what they took down, the latest first; `khobao diff` shows each."""
    with session.reader() as archive:
        edits = archive.changes(outlet, since, until, change, limit)
    for edit in edits:
        if as_json:
            session.answer(asdict(edit))
        else:
            number = f"revision {edit.revision}" if edit.revision else ""
            session.tell(
                f"{_time(edit.at)}  {edit.change:<10}  {edit.article}  {edit.outlet}  {edit.title}  {number}".rstrip()
            )
    if not edits and not as_json:
        session.tell("nothing changed")


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"
