"""`khobao stories`: what several outlets told of, who was first, and who printed whose text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

import click

from archive.errors import KhobaoError
from archive.stories.queries import Story, Telling
from schedules.cli.params import Day
from schedules.cli.session import Session, command


@command(name="stories")
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--since", type=Day(), help="First told on this day or later.")
@click.option("--outlet", help="Only those that this outlet told.")
@click.option("--limit", type=click.IntRange(min=1, max=1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a story.")
@click.option(
    "--rebuild", is_flag=True, help="Find all stories anew, in the order of publication; their numbers change."
)
def stories_command(
    session: Session,
    number: int | None,
    since: date | None,
    outlet: str | None,
    limit: int,
    as_json: bool,
    rebuild: bool,
) -> None:
    """Events that several articles tell of: who was first, who reported by themselves, and who printed whose text.

    With a NUMBER, just that story.
    """
    if rebuild:
        with session.writer() as archive:
            archive.regroup()
    with session.reader() as archive:
        found = archive.stories(since, outlet, limit, number)
    if number is not None and not found:
        raise KhobaoError(f"no story {number}; `khobao stories` lists them")
    for story in found:
        if as_json:
            session.answer(asdict(story))
        else:
            session.tell("\n".join(_lines(story)))
    if not found and not as_json:
        session.tell("no stories found")


def _lines(story: Story) -> Iterator[str]:
    outlets = {telling.outlet for telling in story.tellings}
    copies = sum(telling.copy_of is not None for telling in story.tellings)
    counts = f"{len(story.tellings)} articles of {len(outlets)} outlets, {copies} of them copies"
    yield f"{story.id}  {story.first_published_at[:10]}  {story.title}  ({counts})"
    whose = {telling.id: telling.outlet for telling in story.tellings}
    for telling in story.tellings:
        yield f"    {_time(telling.published_at)}  {telling.id}  {telling.outlet}  {_what(telling, whose)}"


def _what(telling: Telling, whose: dict[str, str]) -> str:
    if telling.copy_of is None or telling.likeness is None:
        return telling.title
    return f"{telling.title}  [text of {whose.get(telling.copy_of, telling.copy_of)}, {telling.likeness:.0%}]"


def _time(published_at: str) -> str:
    return published_at[:16].replace("T", " ") + ("Z" if "T" in published_at else "      ")
