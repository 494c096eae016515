"""Read sitemaps: news sitemaps, plain ones and indexes (sitemaps.org, Google's news extension).

Many are not well-formed, so tags are read in order and their nesting is ignored: an entry ends where the next one
begins, and an address is the text of its own element only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import islice

from archive.errors import Failure, Reason
from crawler.discovery.entries import BOUNDS, Entry, TimeRules, candidates_of
from crawler.outlets.article_urls import canonical
from crawler.page import Child, Listing, Page
from crawler.parsing.charset import decode, opening
from crawler.parsing.dates import is_plausible, read_moment
from crawler.parsing.xml import Element, elements, prepare_xml, root_name

ROOTS = frozenset({"urlset", "sitemapindex"})
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_SITEMAP_NAME = re.compile(r"\.xml(?:\.gz)?(?:$|\?)", re.IGNORECASE)
_NEWS_PREFIX = re.compile(r"""xmlns:([\w.-]{1,40})\s*=\s*["'][^"'<>]{0,200}/sitemap-news/""", re.IGNORECASE)
_OWN_PREFIX = re.compile(r"""xmlns:([\w.-]{1,40})\s*=\s*["'][^"'<>]{0,200}/schemas/sitemap/""", re.IGNORECASE)
_ROOT_TAG = 20_000  # characters in which the first elements declare their namespaces
_EXTENSIONS = frozenset({"image", "video"})  # extensions whose elements may also be called `loc`
_SILENT = 500  # characters; a longer sitemap without entries gets a note


@dataclass(slots=True)
class _Item:
    """Hold the parts of one `<url>` or `<sitemap>` that were read so far."""

    kind: str
    addresses: list[str] = field(default_factory=list)
    title: str = ""
    published: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class _Prefixes:
    """The namespace prefixes of a document.

    Attributes:
        own: The prefixes of the sitemap itself.
        news: The prefixes of elements of Google's news extension; also its own ones, as in `<news xmlns="…">`.
    """

    own: frozenset[str]
    news: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Prefixes:
        root = next(elements(text), None)
        declared = map(str.lower, _OWN_PREFIX.findall(text[:_ROOT_TAG]))
        news = map(str.lower, _NEWS_PREFIX.findall(text[:_ROOT_TAG]))
        own = frozenset({root.prefix if root else "", *declared})
        return cls(own, own | {"news", *news})


def read_sitemap(page: Page, rules: TimeRules, most: int = BOUNDS.addresses) -> Listing | Failure:
    """Read a sitemap or an index of sitemaps.

    `lastmod` is the time of a change, not of publication; only `news:publication_date` is that.

    Args:
        page: The response of the source.
        rules: How its times are parsed.
        most: The largest number of entries that are read.

    Returns:
        Its pages and, for an index, its children; MALFORMED if it is not a sitemap.
    """
    if not opening(page.content).startswith(b"<") and b"<loc" not in page.content:
        return _read_lines(page, rules, most)
    prepared = prepare_xml(decode(page.content, page.content_type), page.url)
    if isinstance(prepared, Failure):
        return prepared
    text = prepared.text
    if root_name(text) not in ROOTS:
        return Failure(Reason.MALFORMED, f"{page.url}: not a sitemap; its root is <{root_name(text)}>")
    items = list(islice(_items(text), most + 1))
    if root_name(text) == "sitemapindex":
        _mark_sitemaps(items)
    entries = (
        Entry(url, item.title, (item.published,)) for item in items if item.kind == "url" for url in _links(item)
    )
    candidates, notes = candidates_of(entries, page.url, rules, most)
    children = [child for item in items[:most] if item.kind == "sitemap" for child in _children(item, page.url, rules)]
    itself = canonical(page.url)  # the sitemap must not list itself: it would be requested again immediately
    others = {child.url: child for child in children if child.url and child.url != itself}
    return Listing(candidates, tuple(others.values()), notes=(*prepared.notes, *_silence(items, text), *notes))


def _mark_sitemaps(items: Iterable[_Item]) -> None:
    """Mark the entries of an index that are sitemaps by their names, though it calls them `<url>`."""
    for item in items:
        if item.addresses and all(_SITEMAP_NAME.search(address) for address in item.addresses):
            item.kind = "sitemap"


def _items(text: str) -> Iterator[_Item]:
    prefixes = _Prefixes.of(text)
    item: _Item | None = None
    inside = ""
    for element in elements(text):
        if element.prefix in prefixes.own and element.name in {"url", "sitemap"}:
            if item:
                yield item
            item = None if element.is_end else _Item(element.name)
            inside = ""
        if element.name in _EXTENSIONS:
            inside = "" if element.is_end else element.name
        elif item and not element.is_end and not inside:
            _fill(item, element, prefixes)
    if item:
        yield item


def _fill(item: _Item, element: Element, prefixes: _Prefixes) -> None:
    """Store what an element says about its entry."""
    if element.prefix in prefixes.own and element.name == "loc":
        item.addresses.append(element.text)
    elif element.prefix in prefixes.own and element.name in {"url", "sitemap"} and _ADDRESS.fullmatch(element.text):
        item.addresses.append(element.text)  # for an entry without <loc>
    elif element.prefix in prefixes.own and element.name == "lastmod":
        item.modified = element.text
    elif element.prefix in prefixes.news and element.name == "title":
        item.title = item.title or element.text
    elif element.prefix in prefixes.news and element.name == "publication_date":
        item.published = item.published or element.text


def _links(item: _Item) -> Sequence[str]:
    """Return the addresses of an entry; an empty address is counted as lost."""
    return [address for address in item.addresses if address] or [""]


def _children(item: _Item, base: str, rules: TimeRules) -> Iterator[Child]:
    modified = read_moment(item.modified, rules.zone)
    instant = None
    if modified and is_plausible(modified, rules.now):
        instant = modified.instant or datetime.combine(modified.day, time.min, rules.zone)
    for link in item.addresses:
        yield Child(canonical(link, "" if "://" in link else base) or "", instant)


def _silence(items: Sequence[_Item], text: str) -> Iterator[str]:
    """Note that a sitemap without entries contains text."""
    if not items and len(text) > _SILENT:
        yield f"no entries in {len(text)} characters of <{root_name(text)}>"


def _read_lines(page: Page, rules: TimeRules, most: int) -> Listing | Failure:
    """Read a sitemap that is a list of addresses, one per line."""
    lines = (line.strip() for line in decode(page.content, page.content_type).splitlines())
    addresses = (Entry(line) for line in lines if line.lower().startswith(("http://", "https://")))
    candidates, notes = candidates_of(addresses, page.url, rules, most)
    if not candidates:
        return Failure(Reason.MALFORMED, f"{page.url}: neither XML nor a list of addresses")
    return Listing(candidates, notes=notes)
