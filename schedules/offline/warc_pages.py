"""Store the pages of a stranger's WARC file as captures, in a worker process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archive.captures.store import Captures
from archive.errors import ArchiveError, Failure, Reason
from archive.exchange.warcs import read_pages
from archive.record import ArticleLink, Candidate, StoredCapture
from crawler.outlets.article_urls import canonical, select_articles
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet
from crawler.workers.pool import WorkerPool
from schedules.offline.page_filter import PageFilter

_LEAST_SECONDS = 60.0  # time limit for a small file; a worker also has to start
_BYTES_A_SECOND = 250_000  # of the file; reading is at least ten times as fast


@dataclass(frozen=True, slots=True)
class StoredPage:
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
class StoredPages:
    """The pages of a WARC file.

    Attributes:
        pages: The stored pages, in the order of the file.
        refused: Pages whose address is not an article's, by reason.
        damaged: A line for each damaged record that was skipped.
        problem: Why the file could not be read to its end; empty if it could.
    """

    pages: list[StoredPage] = field(default_factory=list)
    refused: Counter[Reason] = field(default_factory=Counter)
    damaged: list[str] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PageChoice:
    """Which pages of a WARC file are stored.

    Attributes:
        catalogue: Every declared outlet, by id.
        wanted: The filter that selects pages.
        skips_damage: Skip damaged records; if not, end at the first one.
    """

    catalogue: Mapping[str, Outlet]
    wanted: PageFilter
    skips_damage: bool


async def store_in_worker(workers: WorkerPool, path: Path, folder: Path, choice: PageChoice) -> StoredPages:
    """Store the pages of a file as captures, in a worker process with a time limit that fits its size.

    Args:
        workers: The pool whose memory limit applies.
        path: The WARC file.
        folder: The folder for the captures; useless if the file breaks its worker.
        choice: Which pages are stored.
    """
    async with workers.single_worker(_time_limit(path)) as patient:
        stored = await patient.run(store_pages, path, folder, choice)
    if isinstance(stored, Failure):
        return StoredPages(problem=f"{path}: nothing is imported from this file: {stored}")
    return stored


def _time_limit(path: Path) -> float:
    return _LEAST_SECONDS + path.stat().st_size / _BYTES_A_SECOND


def store_pages(path: Path, folder: Path, choice: PageChoice) -> StoredPages:
    """Store the pages of a file whose addresses are articles; call this in a worker process.

    Args:
        path: The WARC file.
        folder: The folder for the captures.
        choice: Which pages are stored.
    """
    stored, captures = StoredPages(), Captures(folder)
    report = stored.damaged.append if choice.skips_damage else None
    try:
        for capture in read_pages(path, choice.wanted.is_wanted, report):
            identified = identify_page(choice.catalogue, capture.url)
            if isinstance(identified, Reason):
                stored.refused[identified] += 1
                continue
            outlet, link = identified
            ref = captures.append(capture)
            stored.pages.append(StoredPage(outlet, link, StoredCapture(ref, capture.fetched_at)))
    except ArchiveError as error:
        stored.problem = str(error)
    finally:
        captures.close()
    return stored


def identify_page(catalogue: Mapping[str, Outlet], url: str) -> tuple[Outlet, ArticleLink] | Reason:
    """Return the outlet of a page and the link to its article, or why its address is not an article."""
    address = canonical(url)
    if address is None:
        return Reason.BAD_ADDRESS
    outlet = outlet_for(catalogue, address) or bare_outlet(address)
    selection = select_articles(outlet, [Candidate(url)])
    return (outlet, selection.links[0]) if selection.links else next(iter(selection.dropped))
