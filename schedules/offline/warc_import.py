"""Import the pages of WARC files of any tool: store them as captures, and read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.captures.store import Captures
from archive.errors import ArchiveError, Failure, Reason
from archive.exchange.warcs import read_pages
from archive.ledger.model import Visit
from archive.record import ArticleLink, Candidate, CaptureRef, Record, StoredCapture
from archive.store.merge import MergeResult
from archive.store.writer import ArchiveWriter
from crawler.outlets.article_urls import canonical, select_articles
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet
from crawler.reading.pagination import MultipageArticle
from crawler.worker_pool import WorkerPool
from schedules.offline.reextraction import read_capture
from schedules.pipeline.context import outlet_facts
from schedules.pipeline.multipage import read_all_pages
from schedules.pipeline.recorded_run import recorded_run
from schedules.timing.date_range import DateRange


@dataclass(frozen=True, slots=True)
class _StoredPage:
    """A page of a WARC file that was stored as a capture.

    Attributes:
        outlet: The outlet of the page.
        link: Its canonical address and the id of its article.
        capture: Where it is stored.
    """

    outlet: Outlet
    link: ArticleLink
    capture: StoredCapture


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
    """What an import of WARC files needs.

    Attributes:
        archive: The archive, open for writing.
        captures: The folder of its captures.
        catalogue: Every declared outlet, by id.
        workers: The worker processes.
        max_bytes: The largest decompressed size of a page, in bytes.
        is_wanted: Decides by address and time of fetching whether a page is wanted.
        dates: The dates to archive; None for any.
        report_damage: Called with a line for each damaged record, which is skipped; None to stop there.
    """

    archive: ArchiveWriter
    captures: Path
    catalogue: Mapping[str, Outlet]
    workers: WorkerPool
    max_bytes: int
    is_wanted: Callable[[str, datetime], bool] = lambda _url, _fetched_at: True
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
            await _read_pages(context, path, folder, temporary, run.id, result)
        result.merged = context.archive.merge(file, folder, context.captures)
    return result


async def _read_pages(
    context: WarcImport, path: Path, folder: Path, temporary: ArchiveWriter, run: int, result: WarcImportResult
) -> None:
    """Store the pages of a file as captures, and archive their articles, oldest first."""
    pages = sorted(
        _store_pages(context, path, folder, result), key=lambda page: (page.capture.fetched_at, page.link.url)
    )
    refs = {page.link.url: page.capture.ref for page in pages}
    async for page, reading in context.workers.each(pages, partial(_read_page, context, folder, refs)):
        rejected = None
        if context.dates and isinstance(reading, Record):
            rejected = context.dates.reject(reading.document.date)
        _archive_page(temporary, run, page, rejected or reading, result)


def _store_pages(context: WarcImport, path: Path, folder: Path, result: WarcImportResult) -> Iterator[_StoredPage]:
    """Store the pages of a file whose addresses are articles and that the archive does not have."""
    captures = Captures(folder)
    try:
        for capture in read_pages(path, context.is_wanted, context.report_damage):
            identified = identify_page(context.catalogue, capture.url)
            if isinstance(identified, Reason):
                result.refused[identified] += 1
                continue
            outlet, link = identified
            ref = captures.append(capture)
            if context.archive.reader.has_capture(link.url, capture.fetched_at, ref.digest):
                result.known += 1
            else:
                yield _StoredPage(outlet, link, StoredCapture(ref, capture.fetched_at))
    except ArchiveError as error:
        result.problem = str(error)
    finally:
        captures.close()


def identify_page(catalogue: Mapping[str, Outlet], url: str) -> tuple[Outlet, ArticleLink] | Reason:
    """Return the outlet of a page and the link to its article, or why its address is not an article."""
    address = canonical(url)
    if address is None:
        return Reason.BAD_ADDRESS
    outlet = outlet_for(catalogue, address) or bare_outlet(address)
    selection = select_articles(outlet, [Candidate(url)])
    return (outlet, selection.links[0]) if selection.links else next(iter(selection.dropped))


async def _read_page(
    context: WarcImport, folder: Path, refs: Mapping[str, CaptureRef], page: _StoredPage
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
    temporary: ArchiveWriter, run: int, page: _StoredPage, reading: Record | Failure, result: WarcImportResult
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
