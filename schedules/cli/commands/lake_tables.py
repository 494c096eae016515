"""`khobao lake add`, `compact` and `words`: write the tables that queries read."""

from __future__ import annotations

from dataclasses import asdict

import click

from archive.lake.additions import add_archive
from archive.lake.compaction import compact_lake
from archive.lake.layout import open_lake
from archive.lake.schema import pyarrow_module
from archive.lake.words import count_words
from schedules.cli.session import Session, command


@command(name="add")
@click.argument("lake", metavar="LAKE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add_command(session: Session, lake: str, as_json: bool) -> None:
    """Add the articles of this archive that are new, or have a new version, since they were added last."""
    pyarrow_module()  # before the folder of the lake is made
    with session.reader() as archive:
        result = add_archive(open_lake(lake, create=True), archive, session.settings.captures_folder)
    if as_json:
        session.print_json(asdict(result))
    elif result.articles:
        session.print(f"{result.articles} articles added; `khobao lake compact {lake}` adds them to `articles`")
    else:
        session.print("nothing is new since the last time")


@command(name="compact")
@click.argument("lake", metavar="LAKE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compact_command(session: Session, lake: str, as_json: bool) -> None:
    """Write one row for each article, sorted by outlet, date and id, in files by month.

    If an article was captured several times, the row is the capture in which its wording last changed. Only months that
    changed are written, and the manifest is replaced at the end.
    """
    result = compact_lake(open_lake(lake))
    if as_json:
        session.print_json(asdict(result))
    else:
        session.print(
            f"{result.articles} articles of {result.readings} files in {result.months} months;"
            f" {result.written} months written"
        )


@command(name="words")
@click.argument("lake", metavar="LAKE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def words_command(session: Session, lake: str, as_json: bool) -> None:
    """Count in how many articles, and how often, each word occurs on each day of each outlet.

    Only months that changed since the last count are counted.
    """
    result = count_words(open_lake(lake))
    if as_json:
        session.print_json(asdict(result))
    else:
        session.print(f"words of {result.months} months, {result.written} counted now: {result.rows} rows")
