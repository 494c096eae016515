"""`khobao import` and `export`: what goes in and out as files."""

from __future__ import annotations

import asyncio
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
from schedules.cli.params import Day
from schedules.cli.session import Session, command
from schedules.offline.document_import import ItemResult, import_item
from schedules.offline.warc_import import WarcImport, WarcImportResult, import_warc
from schedules.pipeline.context import utc_now
from schedules.pipeline.recorded_run import recorded_run
from schedules.pipeline.runtime import make_workers, max_page_bytes

_TOGETHER = 200  # articles that are archived in one transaction
_OUTCOMES = ("new", "revised", "unchanged", "clash", "not read")


@dataclass
class _Import:
    """What an import came to.

    Attributes:
        counts: Articles and pages, by what became of them.
    """

    session: Session
    counts: Counter[str] = field(default_factory=Counter)

    def tell(self, taken: ItemResult) -> None:
        """Count what became of an article, and tell of what was not taken in."""
        self.counts[taken.outcome] += 1
        if taken.detail:
            click.echo(f"{taken.place}: {taken.detail}", err=True)

    def tell_pages(self, path: Path, done: WarcImportResult) -> None:
        """Count what became of the pages of a WARC file."""
        brought = done.merged
        if brought:
            self.counts["new"] += brought.articles
            self.counts["revised"] += brought.revisions - brought.articles
            self.counts["unchanged"] += done.known + max(done.read - brought.revisions, 0)
        for reason, count in done.refused.items():
            self.counts[f"no article: {reason.value}"] += count
        if done.problem:
            self.tell(ItemResult(str(path), "not read", done.problem))

    def summary(self) -> str:
        """The counts in one line; empty where there are none."""
        names = [*_OUTCOMES, *sorted(self.counts.keys() - {*_OUTCOMES})]
        return ", ".join(f"{self.counts[name]} {name}" for name in names if self.counts[name])

    @property
    def failed(self) -> bool:
        """Whether anything was left out that should not have been."""
        return bool(self.counts["clash"] or self.counts["not read"])


@command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--outlet", default=OUTLET, show_default=True, help="Whose dated documents these are.")
def import_command(session: Session, paths: tuple[Path, ...], outlet: str) -> int:
    """Take in articles from files and folders.

    Dated documents (.txt), what export writes (.jsonl, .parquet), pages (.warc, .warc.gz), and the exports of
    news-please (a .json file an article) and fundus (a .json list). Where each came from is kept. What is archived
    already stays as it is: an article that differs is told as a clash and left out, a page becomes one more version.
    """
    made = _Import(session)
    arguments = {"paths": [str(path) for path in paths]}
    with session.writer(create=True) as archive, recorded_run(archive, "import", arguments) as run:
        run.counts = lambda: dict(made.counts)
        _import_items(archive, read_files(paths, outlet), run.id, made)
        for file in find_files(paths):
            if isinstance(file, Path) and is_warc(file):
                made.tell_pages(file, asyncio.run(_import_warc(session, archive, file)))
    session.tell(made.summary() or "nothing to import")
    return 1 if made.failed else 0


def _import_items(archive: ArchiveWriter, articles: Iterator[ImportedItem], run: int, made: _Import) -> None:
    """Archive articles, so many a transaction, and tell of them what is certain: that of a finished one."""
    while some := list(islice(articles, _TOGETHER)):
        with archive.batch():
            results = [import_item(archive, found, made.session.catalogue, run, utc_now()) for found in some]
        for result in results:
            made.tell(result)


async def _import_warc(session: Session, archive: ArchiveWriter, file: Path) -> WarcImportResult:
    settings = session.settings
    async with make_workers(settings) as workers:
        context = WarcImport(archive, settings.captures_folder, session.catalogue, workers, max_page_bytes(settings))
        return await import_warc(context, file, utc_now())


@command(name="export")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--format", "form", type=click.Choice([*WRITERS, "warc"]), default="txt", show_default=True, help="Which files."
)
@click.option("--outlet", help="Only of this outlet.")
@click.option("--since", type=Day(), help="From this day on.")
@click.option("--until", type=Day(), help="Up to this day.")
@click.option("--story", type=click.IntRange(min=1), help="Only of this story.")
@click.option("--query", default="", help="Only what khobao search finds with this.")
def export_command(
    session: Session,
    folder: Path,
    form: str,
    outlet: str | None,
    since: date | None,
    until: date | None,
    story: int | None,
    query: str,
) -> None:
    """Write articles to an empty folder.

    txt is a dated document each; jsonl has every field; parquet too, typed, in a folder a month; warc has the captures
    that the articles came from. The same archive is written as the same bytes; manifest.json has the number and the
    SHA-256 of every file.
    """
    filters = Filters(outlet, since, until, story=story)
    with session.reader() as archive:
        if form == "warc":
            count = export_captures(archive.captures(filters, query), session.settings.captures_folder, folder)
        else:
            count = export_records(form, archive.records(filters, query), folder)
    session.tell(f"wrote {count} {'captures' if form == 'warc' else 'articles'} to {folder}")
