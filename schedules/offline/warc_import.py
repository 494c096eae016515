"""Import the pages of WARC files of any tool: store them as captures, and read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.errors import Failure, Reason
from archive.ledger.model import Visit
from archive.record import Candidate, CaptureRef, Record
from archive.store.merge import MergeResult
from archive.store.writer import ArchiveWriter
from crawler.outlets.article_urls import canonical
from crawler.outlets.model import Outlet
from crawler.reading.pagination import MultipageArticle
from crawler.workers.pool import WorkerPool
from schedules.offline.page_filter import ANY_PAGE, PageFilter
from schedules.offline.reextraction import read_capture
from schedules.offline.site_names import name_outlet, read_site_names
from schedules.offline.warc_pages import PageChoice, StoredPage, store_in_worker
from schedules.pipeline.context import outlet_facts
from schedules.pipeline.multipage import read_all_pages
from schedules.pipeline.recorded_run import recorded_run
from schedules.timing.date_range import DateRange


@dataclass
class WarcImportResult:
    """The result of importing a WARC file.

    Attributes:
        merged: What the file added to the archive; None until the whole file is read.
        known: Pages that the archive already has.
        read: Pages that gave an article.
        refused: Pages that gave no article, by reason.
        problem: Why the file could not be read to its end; empty if it could.
    """

    merged: MergeResult | None = None
    known: int = 0
    read: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    problem: str = ""

    def counts(self) -> dict[str, object]:
        """Return the counts as the ledger stores them."""
        return {"read": self.read, "refused": {reason.value: n for reason, n in sorted(self.refused.items())}}


@dataclass(frozen=True, slots=True)
class WarcImport:
    """The tools and the state of an import of WARC files.

    Attributes:
        archive: The archive, open for writing.
        captures: The folder of its captures.
        catalogue: Every declared outlet, by id.
        workers: The worker processes.
        max_bytes: The largest decompressed size of a page, in bytes.
        wanted: The filter that selects pages by address and time of fetching.
        dates: The dates to archive; None for any.
        report_damage: Called with a line for each damaged record, which is skipped; None to stop there.
    """

    archive: ArchiveWriter
    captures: Path
    catalogue: Mapping[str, Outlet]
    workers: WorkerPool
    max_bytes: int
    wanted: PageFilter = ANY_PAGE
    dates: DateRange | None = None
    report_damage: Callable[[str], None] | None = None


async def import_warc(context: WarcImport, path: Path, now: datetime) -> WarcImportResult:
    """Import the pages of a WARC file.

    The pages go into a temporary archive first, which is then merged into the archive. So their revisions are ordered
    by the time of fetching, whatever the archive contains, and importing a file twice changes nothing.

    Args:
        context: What the import needs.
        path: The WARC file.
        now: The current time, UTC.
    """
    result = WarcImportResult()
    with TemporaryDirectory(prefix=".import-", dir=context.archive.path.parent) as scratch:
        file, folder = Path(scratch) / "archive.db", Path(scratch) / "captures"
        with (
            ArchiveWriter.create_or_open(file) as temporary,
            recorded_run(temporary.runs, "import", {"path": str(path)}, lambda: now) as run,
        ):
            run.counts = result.counts
            names = await _read_pages(context, path, folder, temporary, run.id, result)
        result.merged = context.archive.merge(file, folder, context.captures)
        for outlet, name in names:
            name_outlet(context.archive, outlet, name)
    return result


async def _read_pages(
    context: WarcImport, path: Path, folder: Path, temporary: ArchiveWriter, run: int, result: WarcImportResult
) -> list[tuple[Outlet, str]]:
    """Store the pages of a file as captures, and archive their articles, oldest first.

    Returns:
        The undeclared outlets whose pages agree on a name, and that name.
    """
    new = await _store_pages(context, path, folder, result)
    pages = sorted(new, key=lambda page: (page.capture.fetched_at, page.link.url))
    refs = {page.link.url: page.capture.ref for page in pages}
    async for page, reading in context.workers.each(pages, partial(_read_page, context, folder, refs)):
        rejected = None
        if context.dates and isinstance(reading, Record):
            rejected = context.dates.reject(reading.document.date)
        _archive_page(temporary, run, page, rejected or reading, result)
    return await read_site_names(context.workers, folder, pages, context.catalogue, context.max_bytes)


async def _store_pages(context: WarcImport, path: Path, folder: Path, result: WarcImportResult) -> list[StoredPage]:
    """Store the pages of a file as captures; return those that the archive does not have."""
    choice = PageChoice(context.catalogue, context.wanted, skips_damage=context.report_damage is not None)
    stored = await store_in_worker(context.workers, path, folder, choice)
    if context.report_damage:
        for line in stored.damaged:
            context.report_damage(line)
    result.refused += stored.refused
    result.problem = stored.problem
    has_capture = context.archive.reader.has_capture
    new = [
        page
        for page in stored.pages
        if not has_capture(page.link.url, page.capture.fetched_at, page.capture.ref.digest)
    ]
    result.known += len(stored.pages) - len(new)
    return new


async def _read_page(
    context: WarcImport, folder: Path, refs: Mapping[str, CaptureRef], page: StoredPage
) -> Record | Failure:
    """Read the article of a page, with its further pages that are in the same file."""

    async def get_page(url: str) -> CaptureRef | None:
        return refs.get(canonical(url) or "")

    async def read(further: Sequence[CaptureRef]) -> Record | MultipageArticle | Failure:
        candidate = Candidate(page.link.url)
        return await context.workers.run(
            read_capture, folder, page.capture.ref, candidate, page.outlet, context.max_bytes, further
        )

    return await read_all_pages(read, get_page)


def _archive_page(
    temporary: ArchiveWriter, run: int, page: StoredPage, reading: Record | Failure, result: WarcImportResult
) -> None:
    """Archive the record read from a page, as of its fetch time."""
    fetched_at = page.capture.fetched_at
    temporary.runs.declare([outlet_facts(page.outlet)])
    temporary.ledger.discover(page.outlet.id, "", [page.link], fetched_at)
    failure = reading if isinstance(reading, Failure) else None
    visit = Visit(
        url=page.link.url,
        run=run,
        asked_at=fetched_at,
        answered_at=fetched_at,
        status=200,
        size=page.capture.ref.length,
        failure=failure,
        rejected=failure is not None,
    )
    if isinstance(reading, Record):
        temporary.save_record(reading, visit, page.capture)
        result.read += 1
    else:
        temporary.record_outcome(visit, page.capture)
        result.refused[reading.reason] += 1
