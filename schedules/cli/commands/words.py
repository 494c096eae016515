"""`khobao words`: list words that are typical of a query, an outlet or some days, or that rise."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import click

from archive.errors import KhobaoError
from schedules.cli.lookups import check_outlet
from schedules.cli.params import Day
from schedules.cli.session import Session, command

if TYPE_CHECKING:
    from archive.store.reader import ArchiveReader
    from archive.store.writer import ArchiveWriter
    from archive.terms.typical import TypicalTerms

_ALL_WEEKS = 100_000  # more than there are


@command(name="words")
@click.argument("query", required=False)
@click.option("--outlet", metavar="ID", help="Only articles of this outlet.")
@click.option("--since", type=Day(), help="Only articles dated this day or later.")
@click.option("--until", type=Day(), help="Only articles dated this day or earlier.")
@click.option("--limit", type=click.IntRange(min=1, max=1000), default=20, show_default=True, help="How many words.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per word.")
@click.option("--update", is_flag=True, help="First count the words of new and grown weeks, as the service does daily.")
def words_command(
    session: Session,
    query: str | None,
    outlet: str | None,
    since: date | None,
    until: date | None,
    limit: int,
    as_json: bool,
    update: bool,
) -> None:
    """List words that occur more often in some articles than in the whole archive.

    The articles are those that match QUERY, or those of an outlet or of some days. Without any of these, list the
    words that rise in the newest week, compared with the twelve weeks before. The first column is the log-likelihood;
    the second says how many times as often the word occurs there.
    """
    if update:
        with session.writer() as archive:
            _count_weeks(session, archive)
    with session.reader() as reader:
        check_outlet(session, reader, outlet)
        found = _find(reader, query, outlet, since, until)
    if not found.compared_with:
        raise KhobaoError("the words of this archive are not counted yet; `khobao words --update` counts them")
    if found.terms and not as_json:
        session.print("likelihood      ratio  word")
    for term in found.terms[:limit]:
        if as_json:
            session.print_json(asdict(term))
        else:
            ratio = "only here" if term.ratio is None else f"x {term.ratio:.1f}"
            session.print(f"{term.likelihood:10.0f}  {ratio:>9}  {term.term}")
    if not found.terms and not as_json:
        session.print("no words found")


def _count_weeks(session: Session, archive: ArchiveWriter) -> None:
    """Count the words of every week that needs it, one transaction a week."""
    from archive.terms.counting import TermCounts

    for week in archive.terms.weeks_to_count(_ALL_WEEKS):
        counts = TermCounts()
        for texts in archive.terms.sampled_texts(week):
            counts.add_all(texts)
        archive.terms.save_week_counts(week, counts)
        session.note(f"counted the week of {week.week}: {counts.sampled} of {week.articles} articles")


def _find(
    reader: ArchiveReader, query: str | None, outlet: str | None, since: date | None, until: date | None
) -> TypicalTerms:
    """Return the typical words of the chosen articles; without a choice, the rising words."""
    if query or outlet or since or until:
        return reader.typical_terms(query, outlet, since, until)
    return reader.rising_terms()
