"""Taking in the pages of WARC files, whoever made them: kept as captures of ours, and read as if they came just now."""

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
from archive.ledger.model import OutletFacts, Visit
from archive.record import Candidate, Capture, CaptureRef, Record
from archive.store.merge import Merged
from archive.store.writer import Archive
from crawler.outlets.article_urls import canonical, sift
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet
from crawler.reading.pagination import Parted
from crawler.worker_pool import Workers
from schedules.offline.reextraction import read_capture
from schedules.pipeline.multipage import read_whole
from schedules.timing.date_range import Days


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that is kept: whose it is, its canonical address and its article's id, and where it is kept."""

    fetched_at: datetime
    outlet: Outlet
    url: str
    article: str
    ref: CaptureRef


@dataclass
class Salvaged:
    """What a WARC file came to.

    Attributes:
        merged: What of it was not here; None until all is read.
        known: Pages that are here already, as captures.
        read: Pages that gave an article.
        refused: Pages that gave none, by reason.
        problem: Why the file could not be read to its end; empty if it could.
    """

    merged: Merged | None = None
    known: int = 0
    read: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    problem: str = ""

    def counts(self) -> dict[str, object]:
        """The counts as a ledger row keeps them."""
        return {"read": self.read, "refused": {reason.value: n for reason, n in sorted(self.refused.items())}}


@dataclass(frozen=True, slots=True)
class Salvage:
    """What it takes to take in pages.

    Attributes:
        archive: Open for writing.
        captures: Where our captures are kept.
        catalogue: Every declared outlet, by id.
        workers: The processes that read.
        limit: Bytes that a page may inflate to.
        wants: Whether a page is wanted, by its address and when it was fetched.
        days: The days that are wanted; None for any.
        told: What to call with a line on each damaged record, which is left out; None ends a file there.
    """

    archive: Archive
    captures: Path
    catalogue: Mapping[str, Outlet]
    workers: Workers
    limit: int
    wants: Callable[[str, datetime], bool] = lambda _, __: True
    days: Days | None = None
    told: Callable[[str], None] | None = None


async def salvage(tools: Salvage, path: Path, now: datetime) -> Salvaged:
    """Take in the pages of a WARC file.

    They go to an archive of their own first, which is then merged: so that they become versions in the order in which
    they were fetched, whatever is archived already, and a file that is taken in twice changes nothing.
    """
    done = Salvaged()
    with TemporaryDirectory(prefix=".import-", dir=tools.archive.path.parent) as scratch:
        own, folder = Path(scratch) / "archive.db", Path(scratch) / "captures"
        with Archive.create_or_open(own) as apart:
            run = apart.begin_run("import", {"path": str(path)}, now)
            pages = sorted(_keep(tools, path, folder, done), key=lambda page: (page.fetched_at, page.url))
            refs = {page.url: page.ref for page in pages}
            async for page, result in tools.workers.each(pages, partial(_read, tools, folder, refs)):
                objection = (
                    tools.days.objection(result.document.date) if tools.days and isinstance(result, Record) else None
                )
                _archive(apart, run, page, objection or result, done)
            apart.end_run(run, "done", done.counts(), now)
        done.merged = tools.archive.merge(own, folder, tools.captures)
    return done


def _keep(tools: Salvage, path: Path, folder: Path, done: Salvaged) -> Iterator[_Page]:
    """Keep the pages of a file that are articles by their address, and are not here."""
    kept = Captures(folder)
    try:
        for capture in read_pages(path, tools.wants, tools.told):
            meant = _meant(tools.catalogue, capture)
            if isinstance(meant, Reason):
                done.refused[meant] += 1
                continue
            outlet, url, article = meant
            ref = kept.append(capture)
            if tools.archive.has_capture(url, capture.fetched_at, ref.digest):
                done.known += 1
            else:
                yield _Page(capture.fetched_at, outlet, url, article, ref)
    except ArchiveError as error:
        done.problem = str(error)
    finally:
        kept.close()


def _meant(catalogue: Mapping[str, Outlet], capture: Capture) -> tuple[Outlet, str, str] | Reason:
    """Whose page it is, its canonical address, and the id of its article; or why it is none."""
    address = canonical(capture.url)
    if address is None:
        return Reason.BAD_ADDRESS
    outlet = outlet_for(catalogue, address) or bare_outlet(address)
    sifted = sift(outlet, [Candidate(capture.url)])
    if not sifted.kept:
        return next(iter(sifted.dropped))
    ((url, article, _),) = sifted.kept
    return outlet, url, article


async def _read(tools: Salvage, folder: Path, refs: Mapping[str, CaptureRef], page: _Page) -> Record | Failure:
    """Read a page, with the further pages of its article that are in the same file."""

    async def get(url: str) -> CaptureRef | None:
        return refs.get(canonical(url) or "")

    async def read(further: Sequence[CaptureRef]) -> Record | Parted | Failure:
        where = (folder, page.ref, Candidate(page.url))
        return await tools.workers.run(read_capture, *where, page.outlet, tools.limit, further)

    return await read_whole(read, get)


def _archive(apart: Archive, run: int, page: _Page, result: Record | Failure, done: Salvaged) -> None:
    """Archive what was read from a page, as if it came when it was fetched."""
    names = ("id", "name", "home", "language", "timezone", "unproven")
    apart.declare([OutletFacts(*(getattr(page.outlet, name) for name in names))])
    apart.discover(page.outlet.id, "", [(page.url, page.article, Candidate(page.url))], page.fetched_at)
    failure = result if isinstance(result, Failure) else None
    visit = Visit(
        url=page.url,
        run=run,
        asked_at=page.fetched_at,
        answered_at=page.fetched_at,
        status=200,
        size=page.ref.length,
        failure=failure,
        rejected=failure is not None,
    )
    if isinstance(result, Record):
        apart.keep(result, visit, (page.ref, page.fetched_at))
        done.read += 1
    else:
        apart.settle(visit, (page.ref, page.fetched_at))
        done.refused[result.reason] += 1
