"""The values that pass between finding, fetching and reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archive.record import Candidate, Capture


@dataclass(frozen=True, slots=True)
class Page:
    """What was fetched, or found in a file, on its way to be read.

    Attributes:
        url: The address it came from.
        content: The bytes, with the content-encoding undone.
        content_type: The `Content-Type` header field; empty where there was none.
        robots: The `X-Robots-Tag` header field; likewise.
        candidate: What a source said of this address; None where it was not found in a source.
    """

    url: str
    content: bytes
    content_type: str = ""
    candidate: Candidate | None = None
    robots: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer with a body.

    Attributes:
        page: What is to be read.
        capture: What is to be kept.
        redirects: The addresses that led here, in order, beginning with the one asked for; empty for none.
        fresh_for: Seconds the answer says it stays fresh (`max-age` or `Expires`); None where it says nothing.
        notes: What was odd about it, one line each, for the ledger.
    """

    page: Page
    capture: Capture
    redirects: tuple[str, ...] = ()
    fresh_for: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotModified:
    """A 304: what we have is still what the outlet has.

    Attributes:
        url: The address asked.
        fetched_at: When, UTC.
        fresh_for: As in `Fetched`.
    """

    url: str
    fetched_at: datetime
    fresh_for: float | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap in a sitemap index.

    Attributes:
        url: Its address.
        modified_at: When the index says it last changed, UTC; None where it says nothing that can be read.
    """

    url: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source lists.

    Attributes:
        candidates: Links, in the order of the page, each address once.
        children: For a sitemap index, its sitemaps.
        next_page: Address of the next page of a section; empty for none.
        ttl: Seconds the source asks to wait before the next poll; None where it says nothing.
        notes: What was odd about it, one line each, for the ledger.
    """

    candidates: tuple[Candidate, ...] = ()
    children: tuple[Child, ...] = ()
    next_page: str = ""
    ttl: float | None = None
    notes: tuple[str, ...] = field(default=())
