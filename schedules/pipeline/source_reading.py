"""Fetching a source and reading what it lists: one function for polls, backfills and drafts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from archive.errors import Failure
from archive.record import StoredCapture
from crawler.discovery.entries import BOUNDS, Bounds
from crawler.discovery.sources import read_source
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.model import Outlet, Source
from crawler.page import Fetched, Listing, NotModified, Page
from crawler.worker_pool import WorkerPool

T = TypeVar("T")

FetchResult = Fetched | NotModified | Failure
Store = Callable[[FetchResult], StoredCapture | None]


@dataclass(frozen=True, slots=True)
class SourceResult(Generic[T]):
    """A source that was fetched and read.

    Attributes:
        response: What the source answered.
        content: What was read from the response; why there is nothing to read; None where nothing has changed.
        capture: Where the response is kept; None where it is not kept.
    """

    response: FetchResult
    content: T | Failure | None
    capture: StoredCapture | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status of the response; None where there was none."""
        if isinstance(self.response, Fetched):
            return self.response.capture.status
        return 304 if isinstance(self.response, NotModified) else None

    @property
    def notes(self) -> str:
        """What was odd about the response and its content, in one line."""
        return "; ".join(note for part in (self.response, self.content) for note in getattr(part, "notes", ()))


async def fetch_and_read(
    fetcher: Fetcher,
    url: str,
    outlet: Outlet,
    read: Callable[[Page], Awaitable[T | Failure]],
    *,
    etag: str = "",
    last_modified: str = "",
    store: Store | None = None,
) -> SourceResult[T]:
    """Fetch the address of a source and read the response.

    Args:
        fetcher: The way to the network.
        url: The address.
        outlet: On whose behalf it is fetched.
        read: Reads the page, in a worker process.
        etag: The `ETag` of the version that was read last; empty for none.
        last_modified: The `Last-Modified` of that version; empty for none.
        store: Keeps the response, before anything is read from it; None keeps it nowhere.
    """
    response = await fetcher.fetch(url, outlet=outlet, accept="list", etag=etag, last_modified=last_modified)
    capture = store(response) if store else None
    if isinstance(response, Fetched):
        return SourceResult(response, await read(response.page), capture)
    return SourceResult(response, response if isinstance(response, Failure) else None)


async def fetch_listing(
    fetcher: Fetcher,
    workers: WorkerPool,
    source: Source,
    outlet: Outlet,
    now: Callable[[], datetime],
    *,
    bounds: Bounds = BOUNDS,
    etag: str = "",
    last_modified: str = "",
    store: Store | None = None,
) -> SourceResult[Listing]:
    """Fetch a source and read which links it lists.

    Args:
        fetcher: The way to the network.
        workers: The processes that parse.
        source: The source; its kind decides how it is read.
        outlet: Whose source it is.
        now: The clock; dates after it are in the future.
        bounds: How much of the source is read.
        etag: As in `fetch_and_read`.
        last_modified: As in `fetch_and_read`.
        store: As in `fetch_and_read`. A section page is not kept: it is large, and shows only links.
    """

    def read(page: Page) -> Awaitable[Listing | Failure]:
        return workers.run_for(outlet.id, read_source, page, source, outlet, now(), bounds)

    store = None if source.kind == "section" else store
    return await fetch_and_read(fetcher, source.url, outlet, read, etag=etag, last_modified=last_modified, store=store)
