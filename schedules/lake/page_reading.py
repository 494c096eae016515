"""Locate and read the pages of a WARC file, in worker processes, because the bytes may be hostile."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from archive.errors import ArchiveError, Failure, Reason
from archive.exchange.warc_locations import load_page, locate_pages
from archive.record import Candidate, Capture, Record
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.reading.pagination import MultipageArticle, read_first_page
from schedules.offline.page_filter import PageFilter
from schedules.offline.warc_pages import identify_page
from schedules.pipeline.captured_page import inflated_page

FirstReading = Record | MultipageArticle | Failure  # what a page gives without the further pages of its article


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of a file that is not read yet.

    Attributes:
        offset: Where its record begins, in bytes.
        url: The canonical address of its article; the address in the record if it is not an article's address.
        fetched_at: When the response began; None for a damaged record.
        outlet: The id of its outlet; empty if it was not identified.
        article: The id of its article; empty if it was not identified.
        is_declared: The outlet is in the catalogue.
        failure: The reason not to read it; None if it is to be read.
        first: What the page gives, if it was read when it was found.
    """

    offset: int
    url: str
    fetched_at: datetime | None
    outlet: str = ""
    article: str = ""
    is_declared: bool = False
    failure: Failure | None = None
    first: FirstReading | None = None


@dataclass(frozen=True, slots=True)
class FoundSlice:
    """The pages in a slice of a file.

    Attributes:
        pages: The wanted pages and the damaged records, in the order of the file.
        records: Number of complete records.
        next_start: As in `LocatedSlice`.
        is_packed: As in `LocatedSlice`.
    """

    pages: tuple[FoundPage, ...]
    records: int
    next_start: int
    is_packed: bool = False


def find_pages(
    path: Path, start: int, most: int, packed_catalogue: bytes, wanted: PageFilter, max_bytes: int = 0
) -> FoundSlice | Failure:
    """Find the pages in a slice of a file, identify the article of each, and read it if asked.

    Args:
        path: The file.
        start: The offset of a record, or 0.
        most: Number of records after which the slice ends.
        packed_catalogue: The outlets, by id, pickled; so they are unpacked only once in a process.
        wanted: The filter that selects pages.
        max_bytes: The largest size of a page after decompression; 0 to read no page.

    Returns:
        The pages; a failure if the whole file is damaged.
    """
    try:
        located = locate_pages(path, start, most, lambda *page: max_bytes > 0 and wanted.is_wanted(*page))
    except ArchiveError as error:
        return Failure(Reason.MALFORMED, str(error))
    catalogue, pages = _unpack(packed_catalogue), []
    for page in located.pages:
        if page.damage:
            pages.append(FoundPage(page.offset, page.url, page.fetched_at, failure=page.damage))
        elif page.fetched_at and wanted.is_wanted(page.url, page.fetched_at):
            found = _identify(catalogue, FoundPage(page.offset, page.url, page.fetched_at))
            if page.capture and not found.failure:
                outlet = outlet_of(catalogue, found)
                found = replace(found, first=_read_capture(page.capture, found, outlet, max_bytes))
            pages.append(found)
    return FoundSlice(tuple(pages), located.records, located.next_start, located.is_packed)


@lru_cache(1)
def _unpack(catalogue: bytes) -> Mapping[str, Outlet]:
    unpacked: Mapping[str, Outlet] = pickle.loads(catalogue)  # noqa: S301 - our own outlets
    return unpacked


def _identify(catalogue: Mapping[str, Outlet], page: FoundPage) -> FoundPage:
    """Add the outlet and the article of a page, or the reason why it has none."""
    identified = identify_page(catalogue, page.url)
    if isinstance(identified, Reason):
        return replace(page, failure=Failure(identified))
    outlet, link = identified
    return replace(page, url=link.url, outlet=outlet.id, article=link.article, is_declared=outlet.id in catalogue)


def outlet_of(catalogue: Mapping[str, Outlet], page: FoundPage) -> Outlet:
    """Return the outlet of a page that was identified."""
    return catalogue[page.outlet] if page.is_declared else bare_outlet(page.url)


def read_found_pages(path: Path, pages: Sequence[tuple[FoundPage, Outlet]], max_bytes: int) -> list[FirstReading]:
    """Read the articles of several pages, each with its outlet, like `read_found_page`."""
    return [read_found_page(path, page, outlet, max_bytes) for page, outlet in pages]


def read_found_page(
    path: Path, page: FoundPage, outlet: Outlet, max_bytes: int, further: Sequence[int] = ()
) -> FirstReading:
    """Read the article of a page with today's rules, as of the time when the page was fetched.

    Args:
        path: The file.
        page: The page.
        outlet: The outlet of the page.
        max_bytes: The largest size of a page after decompression.
        further: The offsets of the further pages of the article, in order; unreadable ones are left out.
    """
    capture = load_page(path, page.offset)
    if isinstance(capture, Failure):
        return capture
    others = [_load(path, offset, max_bytes) for offset in further]
    return _read_capture(
        capture, page, outlet, max_bytes, [other for other in others if not isinstance(other, Failure)]
    )


def _read_capture(
    capture: Capture, page: FoundPage, outlet: Outlet, max_bytes: int, further: Sequence[Page] = ()
) -> FirstReading:
    """Read a page that was loaded, with further pages of its article."""
    content = inflated_page(capture, max_bytes)
    if isinstance(content, Failure):
        return content
    return read_first_page(replace(content, candidate=Candidate(page.url)), outlet, capture.fetched_at, further)


def _load(path: Path, offset: int, max_bytes: int) -> Page | Failure:
    capture = load_page(path, offset)
    return capture if isinstance(capture, Failure) else inflated_page(capture, max_bytes)
