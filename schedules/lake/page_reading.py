"""Locate and read the pages of a WARC file; these functions run in worker processes, on hostile bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archive.errors import ArchiveError, Failure, Reason
from archive.exchange.warc_locations import load_page, locate_pages
from archive.record import Candidate, Record
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.reading.pagination import MultipageArticle, read_first_page
from schedules.offline.page_filter import PageFilter
from schedules.offline.warc_import import identify_page
from schedules.pipeline.captured_page import inflated_page


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page that stands in a file, before it is read.

    Attributes:
        offset: Where its record begins, in bytes.
        url: The canonical address of its article; the address in the record where it leads to no article.
        fetched_at: When the response began; None for a damaged record.
        outlet: The id of its outlet; empty where it was not identified.
        article: The id of its article; empty where it was not identified.
        is_declared: Whether the outlet is one of the catalogue.
        failure: Why it is not to be read; None where it is.
    """

    offset: int
    url: str
    fetched_at: datetime | None
    outlet: str = ""
    article: str = ""
    is_declared: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class FoundSlice:
    """The pages of a part of a file.

    Attributes:
        pages: The wanted pages and the damaged records, in the order of the file.
        records: How many whole records there were.
        next_start: As of `LocatedSlice`.
        is_packed: As of `LocatedSlice`.
    """

    pages: tuple[FoundPage, ...]
    records: int
    next_start: int
    is_packed: bool = False


def find_pages(
    path: Path, start: int, most: int, catalogue: Mapping[str, Outlet], wanted: PageFilter
) -> FoundSlice | Failure:
    """Find the pages of a part of a file, and the article that each is.

    Args:
        path: The file.
        start: Where a record begins, or 0.
        most: Records after which the part ends.
        catalogue: The outlets, by id.
        wanted: Which pages are wanted; others are left out.

    Returns:
        The pages; a failure where the file is damaged throughout.
    """
    try:
        located = locate_pages(path, start, most)
    except ArchiveError as error:
        return Failure(Reason.MALFORMED, str(error))
    pages = []
    for page in located.pages:
        if page.damage:
            pages.append(FoundPage(page.offset, page.url, page.fetched_at, failure=page.damage))
        elif page.fetched_at and wanted.is_wanted(page.url, page.fetched_at):
            pages.append(_identified(catalogue, FoundPage(page.offset, page.url, page.fetched_at)))
    return FoundSlice(tuple(pages), located.records, located.next_start, located.is_packed)


def _identified(catalogue: Mapping[str, Outlet], page: FoundPage) -> FoundPage:
    """Add the outlet and the article of a page, or why it is none."""
    identified = identify_page(catalogue, page.url)
    if isinstance(identified, Reason):
        return replace(page, failure=Failure(identified))
    outlet, link = identified
    return replace(page, url=link.url, outlet=outlet.id, article=link.article, is_declared=outlet.id in catalogue)


def outlet_of(catalogue: Mapping[str, Outlet], page: FoundPage) -> Outlet:
    """Return the outlet of a page that was identified."""
    return catalogue[page.outlet] if page.is_declared else bare_outlet(page.url)


def read_found_page(
    path: Path, page: FoundPage, outlet: Outlet, max_bytes: int, further: Sequence[int] = ()
) -> Record | MultipageArticle | Failure:
    """Read the article of a page by today's rules, as of the time of its fetch.

    Args:
        path: The file.
        page: The page.
        outlet: Whose page it is.
        max_bytes: The most bytes that each page may decompress to.
        further: The offsets of the further pages of the article, in order; one that cannot be read is left out.
    """
    first = _load(path, page.offset, max_bytes)
    if isinstance(first, Failure):
        return first
    content, fetched_at = first
    others = [_load(path, offset, max_bytes) for offset in further]
    pages = [other[0] for other in others if not isinstance(other, Failure)]
    return read_first_page(replace(content, candidate=Candidate(page.url)), outlet, fetched_at, pages)


def _load(path: Path, offset: int, max_bytes: int) -> tuple[Page, datetime] | Failure:
    capture = load_page(path, offset)
    if isinstance(capture, Failure):
        return capture
    page = inflated_page(capture, max_bytes)
    return page if isinstance(page, Failure) else (page, capture.fetched_at)
