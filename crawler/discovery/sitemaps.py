"""Sitemaps: news sitemaps, plain ones, indexes of them, gzipped or not (sitemaps.org, and Google's news extension)."""

from __future__ import annotations

from datetime import datetime, time

from lxml import etree

from archive.errors import Failure, Reason
from crawler.discovery.entries import BOUNDS, Clock, Entry, taken
from crawler.outlets.article_urls import canonical
from crawler.page import Child, Listing, Page
from crawler.parsing.charset import decode, opening
from crawler.parsing.dates import believable, read_moment
from crawler.parsing.xml import mended, name_of, parse_xml, text_of


def read_sitemap(page: Page, clock: Clock, most: int = BOUNDS.addresses) -> Listing | Failure:
    """What a sitemap lists.

    `lastmod` is when a page changed and no time of publication; only `news:publication_date` is that.

    Args:
        page: The answer of the source.
        clock: How its times are read.
        most: How many entries are read.

    Returns:
        Pages, or the children of an index; or why it is no sitemap.
    """
    if not opening(page.content).startswith(b"<"):
        return _read_lines(page, clock, most)
    root = parse_xml(page)
    if isinstance(root, Failure):
        return root
    if name_of(root) not in {"urlset", "sitemapindex"}:
        return Failure(Reason.MALFORMED, f"{page.url}: no sitemap; its root is <{name_of(root)}>")
    pages = (_entry(child) for child in root if name_of(child) == "url")
    candidates, notes = taken(pages, page.url, clock, most)
    indexed = [child for child in root if name_of(child) == "sitemap"][:most]
    children = [_child(entry, page.url, clock) for entry in indexed]
    itself = canonical(page.url)  # it would be asked again at once
    others = {child.url: child for child in children if child.url and child.url != itself}
    return Listing(candidates, tuple(others.values()), notes=(*mended(root), *notes))


def _read_lines(page: Page, clock: Clock, most: int) -> Listing | Failure:
    lines = (line.strip() for line in decode(page.content, page.content_type).splitlines())
    addresses = (Entry(line) for line in lines if line.startswith(("http://", "https://")))
    candidates, notes = taken(addresses, page.url, clock, most)
    if not candidates:
        return Failure(Reason.MALFORMED, f"{page.url}: neither XML nor a list of addresses")
    return Listing(candidates, notes=notes)


def _entry(element: etree._Element) -> Entry:
    news = next((child for child in element if name_of(child) == "news"), None)
    if news is None:
        return Entry(text_of(element, "loc"))
    return Entry(text_of(element, "loc"), text_of(news, "title"), text_of(news, "publication_date"))


def _child(element: etree._Element, base: str, clock: Clock) -> Child:
    modified = read_moment(text_of(element, "lastmod"), clock.zone)
    instant = None
    if modified and believable(modified, clock.now):
        instant = modified.instant or datetime.combine(modified.day, time.min, clock.zone)
    link = text_of(element, "loc")
    return Child(canonical(link, "" if "://" in link else base) or "", instant)
