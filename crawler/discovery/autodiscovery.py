"""The sources of a site that nobody declared: what its front page and robots.txt name, and where feeds usually are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure
from crawler.outlets.article_urls import canonical
from crawler.outlets.model import Outlet, Source, SourceKind
from crawler.page import Page
from crawler.parsing.charset import decode
from crawler.parsing.html_tree import parse
from crawler.parsing.site_timezones import zone_of

_FEEDS = ", ".join(f"link[rel~=alternate][type*='{kind}']" for kind in ("rss", "atom", "feed+json"))
_COMMENTS = re.compile(r"comment|binh-luan", re.IGNORECASE)
_COMMON: tuple[tuple[SourceKind, str], ...] = (
    ("feed", "/rss"),
    ("feed", "/feed"),
    ("feed", "/rss.xml"),
    ("feed", "/atom.xml"),
    ("feed", "/rss/home.rss"),
)
_COMMON_MAPS: tuple[tuple[SourceKind, str], ...] = (
    ("sitemap", "/news-sitemap.xml"),
    ("sitemap", "/sitemap.xml"),
    ("sitemap", "/sitemap_index.xml"),
)
_FURTHEST = 12  # hours from UTC, both ways, for which there is a name
_MOST = 12  # feeds that one front page may name
_OFFSET = re.compile(r"T\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?([+-]\d{2}):?(\d{2})")


def complete(outlet: Outlet, front: Page, sitemaps: Iterable[str]) -> Outlet:
    """An undeclared outlet with what its front page tells: sources, language and timezone.

    Args:
        outlet: The bare outlet.
        front: Its front page, or the page that a person named.
        sitemaps: Addresses that its robots.txt names.
    """
    parsed = parse(decode(front.content, front.content_type))
    tree = LexborHTMLParser("") if isinstance(parsed, Failure) else parsed
    links = [canonical(node.attributes.get("href") or "", front.url) for node in tree.css(_FEEDS)]
    named = [Source(kind="feed", url=url) for url in links if url and not _COMMENTS.search(url)][:_MOST]
    named += [Source(kind="sitemap", url=url) for url in map(canonical, sitemaps) if url][:_MOST]
    places = () if named else _COMMON
    if not any(source.kind == "sitemap" for source in named):
        places = (*places, *_COMMON_MAPS)
    guessed = [Source(kind=kind, url=urljoin(front.url, path)) for kind, path in places]
    section = [Source(kind="section", url=url) for url in (canonical(front.url),) if url]
    sources = {source.url: source for source in (*named, *guessed, *section)}
    facts: dict[str, object] = {"sources": tuple(sources.values()), "language": _language(tree)}
    if zone := timezone_of(front.url, tree.html or ""):
        facts["timezone"] = zone
    return outlet.model_copy(update=facts)


def _language(tree: LexborHTMLParser) -> str:
    node = tree.css_first("html[lang]")
    return (node.attributes.get("lang") or "").strip()[:35] if node else ""


def timezone_of(url: str, markup: str) -> str:
    """The timezone of a site: its country's, else the offset that the times on its page are written in."""
    host = re.sub(r"^https?://|[:/].*$", "", url)
    if zone := zone_of(host):
        return zone
    offsets = {match[1] if match[2] == "00" else "" for match in _OFFSET.finditer(markup)}
    hours = int(offsets.pop() or _FURTHEST + 1) if len(offsets) == 1 else _FURTHEST + 1
    return f"Etc/GMT{-hours:+d}" if abs(hours) <= _FURTHEST else ""  # POSIX counts the other way round
