"""Define the values that pass between finding, fetching and reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from archive.record import Candidate, Capture
from crawler.parsing.charset import as_written


@dataclass(frozen=True)
class Page:
    """Hold a page, a feed or a file that is to be read.

    Attributes:
        url: The address it came from.
        content: The bytes, content-decoded.
        content_type: The `Content-Type` header field; empty if there is none.
        candidate: The link to this address as a source lists it; None if no source does.
        robots: The `X-Robots-Tag` header field; empty if there is none.
    """

    url: str
    content: bytes
    content_type: str = ""
    candidate: Candidate | None = None
    robots: str = ""

    @cached_property
    def text(self) -> str:
        """The content as text, decoded once and not normalized."""
        return as_written(self.content, self.content_type)


@dataclass(frozen=True, slots=True)
class Fetched:
    """Hold a response with a body.

    Attributes:
        page: The content, to be read.
        capture: The request and its response, to be stored.
        redirects: The addresses that redirected, in order, beginning with the requested one; empty for none.
        fresh_for: Seconds for which the response stays fresh (`max-age` or `Expires`); None if it does not say.
        notes: What was unusual, one line each, for the ledger.
    """

    page: Page
    capture: Capture
    redirects: tuple[str, ...] = ()
    fresh_for: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotModified:
    """Hold a 304 response: the stored version is still the newest.

    Attributes:
        url: The requested address.
        fetched_at: The time of the response, UTC.
        fresh_for: As in `Fetched`.
        notes: As in `Fetched`.
    """

    url: str
    fetched_at: datetime
    fresh_for: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Child:
    """Hold a sitemap of a sitemap index.

    Attributes:
        url: The address.
        modified_at: When it last changed, as the index says, UTC; None if it does not say.
    """

    url: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Hold the links of a source.

    Attributes:
        candidates: Links, in the order of the source, each address once.
        children: The sitemaps of a sitemap index.
        next_page: The address of the next page of a section; empty for none.
        ttl: Seconds to wait before the next poll, as the source asks; None if it does not.
        notes: What was unusual, one line each, for the ledger.
    """

    candidates: tuple[Candidate, ...] = ()
    children: tuple[Child, ...] = ()
    next_page: str = ""
    ttl: float | None = None
    notes: tuple[str, ...] = ()
