"""Fetch a source and read its links, for polls, backfills and drafts."""

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
from crawler.workers.pool import WorkerPool

T = TypeVar("T")

FetchResult = Fetched | NotModified | Failure
Store = Callable[[FetchResult], StoredCapture | None]


@dataclass(frozen=True, slots=True)
class SourceResult(Generic[T]):
    """A source that was fetched and read.

    Attributes:
        response: The response of the server.
        content: What was read, or why it could not be read; None if nothing has changed.
        capture: Where the response is stored; None if it is not stored.
    """

    response: FetchResult
    content: T | Failure | None
    capture: StoredCapture | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status of the response; None if there was none."""
        if isinstance(self.response, Fetched):
            return self.response.capture.status
        return 304 if isinstance(self.response, NotModified) else None

    @property
    def notes(self) -> str:
        """The unusual facts about the response and its content, in one line."""
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
        fetcher: Fetches the source.
        url: The address.
        outlet: The outlet of the source.
        read: Reads the page, in a worker process.
        etag: The `ETag` of the version that was read last; empty for none.
        last_modified: The `Last-Modified` of that version; empty for none.
        store: Stores the response before it is read; None to store nothing.
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
    """Fetch a source and read its links.

    Args:
        fetcher: Fetches the source.
        workers: The worker processes.
        source: The source; its kind decides how it is read.
        outlet: The outlet of the source.
        now: The clock; later dates are in the future.
        bounds: Limits on how much of the source is read.
        etag: As in `fetch_and_read`.
        last_modified: As in `fetch_and_read`.
        store: As in `fetch_and_read`. A section page is not stored: it is large, and contains only links.
    """

    def read(page: Page) -> Awaitable[Listing | Failure]:
        return workers.run_for(outlet.id, read_source, page, source, outlet, now(), bounds)

    store = None if source.kind == "section" else store
    return await fetch_and_read(fetcher, source.url, outlet, read, etag=etag, last_modified=last_modified, store=store)
