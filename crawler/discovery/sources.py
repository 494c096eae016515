"""Reading a source, whatever its kind: the one way in for worker processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from archive.errors import Failure
from crawler.discovery.entries import BOUNDS, Bounds, Clock
from crawler.discovery.feeds import read_feed
from crawler.discovery.json_listings import read_listing
from crawler.discovery.section_pages import read_section
from crawler.discovery.sitemaps import read_sitemap
from crawler.outlets.model import Outlet, Source, SourceKind
from crawler.page import Listing, Page
from crawler.parsing.charset import opening
from crawler.parsing.decompression import inflate

MOST_BYTES = 50 << 20  # sitemaps.org: what a sitemap may hold, unpacked
_GZIP = b"\x1f\x8b"


def read_source(
    page: Page, source: Source, outlet: Outlet, now: datetime, bounds: Bounds = BOUNDS
) -> Listing | Failure:
    """What a source lists.

    Args:
        page: The answer of the source.
        source: Its declaration; an archive or an unknown one is read as whatever it turns out to be.
        outlet: Whose source it is.
        now: The instant after which times are in the future.
        bounds: How much of it is read.

    Returns:
        The links it lists, or why it cannot be read.
    """
    unpacked = _unpacked(page)
    if isinstance(unpacked, Failure):
        return unpacked
    clock = Clock(outlet.zone, now, outlet.date_order)
    match sniff(unpacked) if source.kind in {"archive", "unknown"} else source.kind:
        case "feed":
            return read_feed(unpacked, clock, bounds.entries)
        case "sitemap":
            return read_sitemap(unpacked, clock, bounds.addresses)
        case "listing":
            return read_listing(unpacked, clock, bounds.entries)
        case _:
            return read_section(unpacked, source, bounds.links)


def _unpacked(page: Page) -> Page | Failure:
    """A page whose content was gzip in itself, as sitemaps are, whatever its transport made of it."""
    if not page.content.startswith(_GZIP):
        return page
    content = inflate(page.content, "gzip", MOST_BYTES)
    return (
        replace(content, detail=f"{page.url}: {content.detail}")
        if isinstance(content, Failure)
        else replace(page, content=content)
    )


def sniff(page: Page) -> SourceKind:
    """What kind of source an answer is, by its first bytes; anything unknown is a section page."""
    start = opening(page.content)
    if b"<urlset" in start or b"<sitemapindex" in start:
        return "sitemap"
    if b"<rss" in start or b"<feed" in start or b"<rdf:rdf" in start or b"jsonfeed.org/version" in start:
        return "feed"
    return "listing" if start.startswith((b"{", b"[")) else "section"
