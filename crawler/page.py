"""The values that pass between finding, fetching and reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from archive.record import Candidate, Capture
from crawler.parsing.charset import as_written


@dataclass(frozen=True)
class Page:
    """A page, a feed or a file that is to be read.

    Attributes:
        url: The address it came from.
        content: The bytes, with the content-encoding undone.
        content_type: The `Content-Type` header field; empty where there was none.
        candidate: What a source said of this address; None where no source did.
        robots: The `X-Robots-Tag` header field; empty where there was none.
    """

    url: str
    content: bytes
    content_type: str = ""
    candidate: Candidate | None = None
    robots: str = ""

    @cached_property
    def text(self) -> str:
        """The content as text, decoded once; letters stay composed or decomposed as they are."""
        return as_written(self.content, self.content_type)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response with a body.

    Attributes:
        page: The content, to be read.
        capture: The exchange, to be kept.
        redirects: The addresses that led here, in order, beginning with the one asked for; empty for none.
        fresh_for: Seconds for which the response says it stays fresh (`max-age` or `Expires`); None where it does not.
        notes: What was odd about it, one line each, for the ledger.
    """

    page: Page
    capture: Capture
    redirects: tuple[str, ...] = ()
    fresh_for: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotModified:
    """A 304 response: the version that we have is still the newest.

    Attributes:
        url: The address that was asked for.
        fetched_at: The instant of the response, UTC.
        fresh_for: As in `Fetched`.
        notes: As in `Fetched`.
    """

    url: str
    fetched_at: datetime
    fresh_for: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap in a sitemap index.

    Attributes:
        url: Its address.
        modified_at: When the index says it last changed, UTC; None where it does not say.
    """

    url: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source lists.

    Attributes:
        candidates: Links, in the order of the source, each address once.
        children: The sitemaps of a sitemap index.
        next_page: The address of the next page of a section; empty for none.
        ttl: Seconds that the source asks to wait before the next poll; None where it does not.
        notes: What was odd about it, one line each, for the ledger.
    """

    candidates: tuple[Candidate, ...] = ()
    children: tuple[Child, ...] = ()
    next_page: str = ""
    ttl: float | None = None
    notes: tuple[str, ...] = ()
