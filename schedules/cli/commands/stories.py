"""Run `khobao stories`: list events that several outlets reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date

import click

from archive.errors import KhobaoError
from archive.stories.queries import Story, StoryReport
from schedules.cli.lookups import check_outlet
from schedules.cli.params import Day
from schedules.cli.session import Session, command


@command(name="stories")
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--since", type=Day(), help="Only stories first reported on this day or later.")
@click.option("--outlet", metavar="ID", help="Only stories that this outlet reported.")
@click.option(
    "--limit",
    type=click.IntRange(min=1, max=1000),
    default=20,
    show_default=True,
    help="The largest number of stories.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per story.")
@click.option("--rebuild", is_flag=True, help="Group all articles again first; the numbers of stories change.")
def stories_command(
    session: Session,
    number: int | None,
    since: date | None,
    outlet: str | None,
    limit: int,
    as_json: bool,
    rebuild: bool,
) -> None:
    """List events that several outlets reported: who was first, and who copied whom.

    With a NUMBER, show only that story.
    """
    if rebuild:
        with session.writer() as archive:
            archive.regroup_stories()
    with session.reader() as archive:
        check_outlet(session, archive, outlet)
        found = archive.stories(since, outlet, limit, number)
    if number is not None and not found:
        raise KhobaoError(f"no story {number}; `khobao stories` lists them")
    for story in found:
        if as_json:
            session.print_json(asdict(story))
        else:
            session.print("\n".join(_lines(story)))
    if not found and not as_json:
        session.print("no stories found")


def _lines(story: Story) -> Iterator[str]:
    """Yield the lines of a story: a headline, then one line per article, earliest first."""
    outlets = {report.outlet for report in story.tellings}
    copies = sum(report.copy_of is not None for report in story.tellings)
    counts = f"{len(story.tellings)} articles, {len(outlets)} outlets, {copies} copies"
    yield f"{story.id}  {story.first_published_at[:10]}  {story.title}  ({counts})"
    outlet_of = {report.id: report.outlet for report in story.tellings}
    for report in story.tellings:
        headline = _headline(report, outlet_of)
        yield f"    {_minute(report.published_at)}  {report.id}  {report.outlet}  {headline}"


def _headline(report: StoryReport, outlet_of: Mapping[str, str]) -> str:
    if report.copy_of is None or report.likeness is None:
        return report.title
    return f"{report.title}  [{report.likeness:.0%} the text of {outlet_of.get(report.copy_of, report.copy_of)}]"


def _minute(published_at: str) -> str:
    """Format an instant to the minute; a bare day is padded to the same width."""
    return published_at[:16].replace("T", " ") + ("Z" if "T" in published_at else "      ")
