"""Read a source of any kind: the entry point for worker processes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from archive.errors import Failure
from crawler.discovery import feeds, sitemaps
from crawler.discovery.entries import BOUNDS, Bounds, TimeRules
from crawler.discovery.feeds import read_feed
from crawler.discovery.json_listings import read_listing
from crawler.discovery.section_pages import read_section
from crawler.discovery.sitemaps import read_sitemap
from crawler.outlets.article_urls import ArticleSelection, select_articles
from crawler.outlets.model import Outlet, Source, SourceKind
from crawler.page import Child, Listing, Page
from crawler.parsing.charset import opening
from crawler.parsing.decompression import inflate

MOST_BYTES = 50 << 20  # sitemaps.org: the largest sitemap, decompressed
_GZIP = b"\x1f\x8b"
_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?(rss|feed|rdf|urlset|sitemapindex)(?=[\s/>])")
_HTML = (b"<!doctype html", b"<html")
_JUNK = 20_000  # bytes of warnings and comments that may precede the root element


def read_source(
    page: Page, source: Source, outlet: Outlet, now: datetime, bounds: Bounds = BOUNDS
) -> Listing | Failure:
    """Read the links of a source; its content decides its kind.

    A sitemap may be a feed, as sitemaps.org allows, and a feed may be a sitemap. The declared kind decides only if the
    content does not show its kind: a list of addresses, or a page instead of a feed.

    Args:
        page: The response of the source.
        source: Its declaration.
        outlet: The outlet of the source.
        now: The current time, UTC; later times are in the future.
        bounds: Limits on how much of it is read.

    Returns:
        The listed links, or why the source cannot be read.
    """
    unpacked = _unpack(page)
    if isinstance(unpacked, Failure):
        return unpacked
    content, notes = unpacked
    listing = _read(content, source, TimeRules(outlet.zone, now, outlet.date_order), bounds)
    return listing if isinstance(listing, Failure) else replace(listing, notes=(*notes, *listing.notes))


@dataclass(frozen=True, slots=True)
class SourceLinks:
    """The links of a source, sorted into articles and others.

    Attributes:
        selection: The links to articles, and the number of other links.
        children: As in `Listing`.
        next_page: As in `Listing`.
        ttl: As in `Listing`.
        notes: As in `Listing`.
    """

    selection: ArticleSelection
    children: tuple[Child, ...] = ()
    next_page: str = ""
    ttl: float | None = None
    notes: tuple[str, ...] = ()


def read_links(
    page: Page, source: Source, outlet: Outlet, now: datetime, bounds: Bounds = BOUNDS
) -> SourceLinks | Failure:
    """Read a source like `read_source`, and select its articles, all in the worker.

    Args:
        page: The response of the source.
        source: Its declaration.
        outlet: The outlet of the source.
        now: The current time, UTC; later times are in the future.
        bounds: Limits on how much of it is read.
    """
    listing = read_source(page, source, outlet, now, bounds)
    if isinstance(listing, Failure):
        return listing
    selection = select_articles(outlet, listing.candidates, lists_articles=source.kind == "feed")
    return SourceLinks(selection, listing.children, listing.next_page, listing.ttl, listing.notes)


def _read(page: Page, source: Source, rules: TimeRules, bounds: Bounds) -> Listing | Failure:
    kind = sniff(page)
    if kind == "section" and source.kind not in {"archive", "unknown"}:
        kind = source.kind
    if kind == "listing" and source.kind in {"feed", "sitemap"}:
        kind = source.kind  # a JSON Feed without a version, or an unknown format
    match kind:
        case "feed":
            return read_feed(page, rules, bounds.entries)
        case "sitemap":
            return read_sitemap(page, rules, bounds.addresses)
        case "listing":
            return read_listing(page, rules, bounds.entries)
        case _:
            return read_section(page, source, bounds.links)


def _unpack(page: Page) -> tuple[Page, tuple[str, ...]] | Failure:
    """Inflate a page whose content is gzip, such as a compressed sitemap."""
    if not page.content.startswith(_GZIP):
        return page, ()
    inflated = inflate(page.content, "gzip", MOST_BYTES)
    if isinstance(inflated, Failure):
        return replace(inflated, detail=f"{page.url}: {inflated.detail}")
    return replace(page, content=inflated.content), inflated.notes


def sniff(page: Page) -> SourceKind:
    """Detect by its first bytes what kind of source a response is; `section` if nothing else fits."""
    start = opening(page.content)
    if start.startswith((b"{", b"[")):
        return "feed" if b"jsonfeed.org/version" in start else "listing"
    if start.startswith(_HTML):
        return "section"
    found = _ROOT.search(page.content[:_JUNK].replace(b"\x00", b"").lower())
    root = found[1].decode() if found else ""
    return "feed" if root in feeds.ROOTS else "sitemap" if root in sitemaps.ROOTS else "section"
