"""Run `khobao import` and `export`: read articles from files, and write them to files."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

import click

from archive.exchange.exporters import WRITERS, export_captures, export_records
from archive.exchange.importers import find_files, is_warc, read_files
from archive.exchange.model import OUTLET, ImportedItem
from archive.search.model import Filters
from archive.store.writer import ArchiveWriter
from schedules.cli.commands.query import check_quotes
from schedules.cli.lookups import check_outlet, check_story
from schedules.cli.params import Day, Name, PathArgument, check_days
from schedules.cli.session import Session, command
from schedules.offline.document_import import ItemResult, import_item
from schedules.offline.warc_import import WarcImport, WarcImportResult, import_warc
from schedules.pipeline.context import utc_now
from schedules.pipeline.recorded_run import recorded_run
from schedules.pipeline.runtime import make_workers, max_page_bytes

_BATCH = 200  # articles that are archived in one transaction
_OUTCOMES = ("new", "revised", "unchanged", "clash", "not read")


@dataclass
class Problems:
    """Group equal problems of an import, each with a count and an example."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, place: str, detail: str) -> None:
        """Add a problem; details that differ only in numbers and quoted words are equal."""
        kind = re.sub(r"'[^']*'|\"[^\"]*\"|\b[0-9a-f]{16}\b|\d+", "…", detail)
        self.counts[kind] += 1
        self.examples.setdefault(kind, (place, detail))

    def lines(self) -> Iterator[str]:
        """Yield one line for each kind of problem, most frequent first."""
        for kind, count in self.counts.most_common():
            place, detail = self.examples[kind]
            yield f"{place}: {detail}" + (f" (and {count - 1} more like it)" if count > 1 else "")


@dataclass
class ImportResult:
    """The result of an import.

    Attributes:
        counts: The number of articles and pages, by outcome.
        problems: Why some were skipped.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: Problems = field(default_factory=Problems)

    def add(self, taken: ItemResult) -> None:
        """Count the outcome of an article."""
        self.counts[taken.outcome] += 1
        if taken.detail:
            self.problems.add(taken.place, taken.detail)

    def add_pages(self, path: Path, done: WarcImportResult) -> None:
        """Count the outcomes of the pages of a WARC file."""
        if brought := done.merged:
            self.counts["new"] += brought.articles
            self.counts["revised"] += brought.revisions - brought.articles
            self.counts["unchanged"] += done.known + max(done.read - brought.revisions, 0)
        for reason, count in done.refused.items():
            self.counts[f"no article: {reason.value}"] += count
        if done.problem:
            self.add(ItemResult(str(path), "not read", done.problem))

    def summary(self) -> str:
        """Write the counts in one line; empty if there are none."""
        names = [*_OUTCOMES, *sorted(self.counts.keys() - {*_OUTCOMES})]
        return ", ".join(f"{self.counts[name]} {name}" for name in names if self.counts[name])

    @property
    def failed(self) -> bool:
        """Return whether something was skipped that should have been imported."""
        return bool(self.counts["clash"] or self.counts["not read"])


@command(name="import")
@click.argument("paths", nargs=-1, required=True, type=PathArgument(), metavar="PATH...")
@click.option("--outlet", default=OUTLET, show_default=True, metavar="ID", help="The outlet of the dated documents.")
def import_command(session: Session, paths: tuple[Path, ...], outlet: str) -> int:
    """Import articles from files and folders.

    \b
    .txt              dated documents
    .jsonl, .parquet  what `khobao export` writes
    .warc, .warc.gz   pages
    .json             exports of news-please and fundus

    A document gets the id in its file's name, such as 001_3bee8cdf7b4e091a.txt (16 hexadecimal digits), or else an id
    from its text. An archived article is never overwritten: a different text is reported as a clash and skipped, and a
    page becomes one more revision.
    """
    result = ImportResult()
    arguments = {"paths": [str(path) for path in paths]}
    with session.writer(create=True) as archive, recorded_run(archive.runs, "import", arguments) as run:
        run.counts = lambda: dict(result.counts)
        _import_articles(session, archive, read_files(paths, outlet), run.id, result)
        for file in find_files(paths):
            if isinstance(file, Path) and is_warc(file):
                result.add_pages(file, asyncio.run(_import_pages(session, archive, file)))
    for line in result.problems.lines():
        session.warn(line)
    session.print(result.summary() or "nothing to import")
    return 1 if result.failed else 0


def _import_articles(
    session: Session, archive: ArchiveWriter, articles: Iterator[ImportedItem], run: int, result: ImportResult
) -> None:
    """Archive articles in batches; an article counts once the transaction of its batch is committed."""
    while batch := list(islice(articles, _BATCH)):
        with archive.batch():
            results = [import_item(archive, found, session.catalogue, run, utc_now()) for found in batch]
        for one in results:
            result.add(one)


async def _import_pages(session: Session, archive: ArchiveWriter, file: Path) -> WarcImportResult:
    settings = session.settings
    async with make_workers(settings) as workers:
        context = WarcImport(archive, settings.captures_folder, session.catalogue, workers, max_page_bytes(settings))
        return await import_warc(context, file, utc_now())


@command(name="export")
@click.argument("folder", type=PathArgument(), metavar="DIR")
@click.option("--format", "form", type=Name([*WRITERS, "warc"]), default="txt", show_default=True, help="Which files.")
@click.option("--name", "pattern", metavar="PATTERN", help="With txt: names of the files, '{date}_{outlet}_{id}.txt'.")
@click.option("--outlet", metavar="ID", help="Only articles of this outlet.")
@click.option("--since", type=Day(), help="Only articles of this day or later.")
@click.option("--until", type=Day(), help="Only articles of this day or earlier.")
@click.option("--story", type=click.IntRange(min=1), metavar="N", help="Only articles of this story.")
@click.option("--query", default="", help="Only articles that `khobao search --anywhere --all` finds with this query.")
def export_command(
    session: Session,
    folder: Path,
    form: str,
    pattern: str | None,
    outlet: str | None,
    since: date | None,
    until: date | None,
    story: int | None,
    query: str,
) -> None:
    """Export articles to an empty folder.

    \b
    txt      one dated document per article, and index.csv with their addresses
    csv      one table, articles.csv, with every field
    jsonl    one JSON object per article, with every field
    parquet  typed tables, one folder per month
    warc     the captures that the articles were read from

    The same archive always gives the same bytes. manifest.json holds the number of articles and the SHA-256 of every
    file.
    """
    check_days(since, until)
    check_quotes(query)
    filters = Filters(outlet, since, until, story=story)
    with session.reader() as archive:
        check_outlet(session, archive, outlet)
        check_story(archive, story)
        if form == "warc":
            count = export_captures(archive.captures(filters, query), session.settings.captures_folder, folder)
        else:
            count = export_records(form, archive.records(filters, query), folder, pattern)
    session.print(f"wrote {count} {'captures' if form == 'warc' else 'articles'} to {folder}")
