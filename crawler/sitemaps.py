"""Sitemaps: news sitemaps, plain ones, indexes of them, gzipped or not (sitemaps.org, and Google's news extension)."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from urllib.parse import urljoin

from lxml import etree

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.charset import decode
from crawler.dates import read_moment
from crawler.feeds import plain
from crawler.page import Child, Listing, Page
from crawler.xml import name_of, parse_xml, text_of

MOST_ENTRIES = 50_000  # sitemaps.org: what one sitemap may hold
MOST_BYTES = 50 << 20  # likewise, inflated
_AHEAD = timedelta(days=1)


def read_sitemap(page: Page, zone: tzinfo, *, now: datetime) -> Listing | Failure:
    """What a sitemap lists.

    `lastmod` is when a page changed and no time of publication; only `news:publication_date` is that.

    Args:
        page: The answer of the source.
        zone: The outlet's timezone, for times that say none.
        now: A time of more than a day after it is not believed.

    Returns:
        Pages, or the children of an index, at most `MOST_ENTRIES`; or why it is no sitemap.
    """
    content = inflated(page)
    if isinstance(content, Failure):
        return content
    page = Page(page.url, content, page.content_type)
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _read_lines(page)
    root = parse_xml(page)
    if isinstance(root, Failure):
        return root
    if name_of(root) not in {"urlset", "sitemapindex"}:
        return Failure(Reason.MALFORMED, f"{page.url}: no sitemap; its root is <{name_of(root)}>")
    entries = [child for child in root if name_of(child) in {"url", "sitemap"}]
    notes = (f"more than {MOST_ENTRIES} entries; the rest was not read",) if len(entries) > MOST_ENTRIES else ()
    entries = entries[:MOST_ENTRIES]
    children = [_child(entry, page.url, zone, now) for entry in entries if name_of(entry) == "sitemap"]
    pages = {url: entry for entry in entries if name_of(entry) == "url" and (url := _address(entry, page.url))}
    candidates = tuple(_candidate(url, entry, zone, now) for url, entry in pages.items())
    return Listing(candidates, tuple(child for child in children if child.url), notes=notes)


def inflated(page: Page) -> bytes | Failure:
    """The bytes of a sitemap, unpacked where they are gzip, within bounds."""
    if not page.content.startswith(b"\x1f\x8b"):
        return page.content
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(page.content, MOST_BYTES)
    except zlib.error as error:
        return Failure(Reason.BAD_ENCODING, f"{page.url}: gzip that cannot be undone: {error}")
    if unpacker.unconsumed_tail:
        return Failure(Reason.TOO_LARGE, f"{page.url}: more than {MOST_BYTES >> 20} MB when unpacked")
    return content if unpacker.eof else Failure(Reason.TRUNCATED, f"{page.url}: gzip that ends too early")


def _read_lines(page: Page) -> Listing | Failure:
    lines = (line.strip() for line in decode(page.content, page.content_type).splitlines())
    urls = list(islice((line for line in lines if line.startswith(("http://", "https://"))), MOST_ENTRIES))
    if not urls:
        return Failure(Reason.MALFORMED, f"{page.url}: neither XML nor a list of addresses")
    return Listing(tuple(Candidate(url) for url in dict.fromkeys(urls)))


def _address(entry: etree._Element, base: str) -> str:
    try:
        return urljoin(base, text_of(entry, "loc"))
    except ValueError:
        return ""


def _child(entry: etree._Element, base: str, zone: tzinfo, now: datetime) -> Child:
    modified = read_moment(text_of(entry, "lastmod"), zone)
    instant = None
    if modified:
        instant = modified.instant or datetime.combine(modified.day, datetime.min.time(), zone)
    return Child(_address(entry, base), instant if instant and instant <= now + _AHEAD else None)


def _candidate(url: str, entry: etree._Element, zone: tzinfo, now: datetime) -> Candidate:
    news = next((child for child in entry if name_of(child) == "news"), None)
    if news is None:
        return Candidate(url)
    raw = text_of(news, "publication_date")
    moment = read_moment(raw, zone) if raw else None
    instant = moment.instant if moment and moment.instant and moment.instant <= now + _AHEAD else None
    return Candidate(url, plain(text_of(news, "title")), instant, raw)
