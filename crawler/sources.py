"""Reading a source, whatever its kind: the one way in for worker processes."""

from __future__ import annotations

from datetime import datetime

from archive.errors import Failure
from crawler.feeds import read_feed
from crawler.listings import read_listing
from crawler.outlet import Outlet, Source, SourceKind
from crawler.page import Listing, Page
from crawler.sections import read_section
from crawler.sitemaps import read_sitemap

_SNIFFED = 1024  # bytes from the start in which a document says what it is


def read_source(page: Page, source: Source, outlet: Outlet, now: datetime) -> Listing | Failure:
    """What a source lists.

    Args:
        page: The answer of the source.
        source: Its declaration; an archive or an unknown one is read as whatever it turns out to be.
        outlet: Whose source it is.
        now: The instant after which times are in the future.

    Returns:
        The links it lists, or why it cannot be read.
    """
    kind = sniff(page) if source.kind in {"archive", "unknown"} else source.kind
    match kind:
        case "feed":
            return read_feed(page, outlet.zone, now=now)
        case "sitemap":
            return read_sitemap(page, outlet.zone, now=now)
        case "listing":
            return read_listing(page, outlet.zone, now=now)
        case _:
            return read_section(page, source)


def sniff(page: Page) -> SourceKind:
    """What kind of source an answer is, by its first bytes; anything unknown is a section page."""
    start = page.content[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"\x1f\x8b") or b"<urlset" in start or b"<sitemapindex" in start:
        return "sitemap"
    if b"<rss" in start or b"<feed" in start or b"<rdf:rdf" in start or b"jsonfeed.org/version" in start:
        return "feed"
    return "listing" if start.startswith((b"{", b"[")) else "section"
