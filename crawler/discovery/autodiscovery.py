"""Find the sources of an undeclared site: those that its pages name, and common paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure
from crawler.discovery.entries import absolute_url
from crawler.discovery.section_pages import base_of
from crawler.discovery.sources import sniff
from crawler.outlets.article_urls import canonical
from crawler.outlets.model import Outlet, Source, SourceKind
from crawler.page import Page
from crawler.parsing.charset import decode
from crawler.parsing.html_tree import parse
from crawler.parsing.site_timezones import guess_timezone

_FEED_LINKS = ", ".join(f"link[rel~=alternate i][type*='{kind}' i]" for kind in ("rss", "atom", "feed+json"))
_COMMENTS = re.compile(r"comment|binh-luan", re.IGNORECASE)
_COMMON: tuple[tuple[SourceKind, str], ...] = (
    ("feed", "/rss"),
    ("feed", "/feed"),
    ("feed", "/rss.xml"),
    ("feed", "/atom.xml"),
    ("feed", "/rss/home.rss"),
)
_COMMON_SITEMAPS: tuple[tuple[SourceKind, str], ...] = (
    ("sitemap", "/news-sitemap.xml"),
    ("sitemap", "/sitemap.xml"),
    ("sitemap", "/sitemap_index.xml"),
)
_FURTHEST = 12  # hours from UTC, in both directions, for which a timezone name exists
_MOST = 12  # feeds of one home page that are used
_OFFSET = re.compile(r"T\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?([+-]\d{2}):?(\d{2})")


def complete(outlet: Outlet, front: Page, sitemaps: Iterable[str]) -> Outlet:
    """Complete an undeclared outlet from its home page: sources, language, timezone.

    Args:
        outlet: The outlet without sources.
        front: Its home page, or the page that a person named; if that is a feed, a sitemap or a listing, it is the
            only source.
        sitemaps: Addresses that its robots.txt names; may be relative.
    """
    if sniff(front) != "section":
        return outlet.model_copy(update={"sources": (Source(kind="unknown", url=front.url),)})
    parsed = parse(decode(front.content, front.content_type))
    tree = LexborHTMLParser("") if isinstance(parsed, Failure) else parsed
    facts: dict[str, object] = {"sources": _sources(tree, front.url, sitemaps), "language": _language(tree)}
    if zone := timezone_of(front.url, tree.html or ""):
        facts["timezone"] = zone
    return outlet.model_copy(update=facts)


def is_guess(url: str) -> bool:
    """Return whether a source has one of the common paths that are tried on sites that name no source."""
    return urlsplit(url).path in {path for _, path in (*_COMMON, *_COMMON_SITEMAPS)}


def _sources(tree: LexborHTMLParser, url: str, sitemaps: Iterable[str]) -> tuple[Source, ...]:
    base = base_of(tree, url)
    links = [canonical(absolute_url(base, node.attributes.get("href") or "")) for node in tree.css(_FEED_LINKS)]
    named = [Source(kind="feed", url=link) for link in links if link and not _COMMENTS.search(link)][:_MOST]
    root = urljoin(url, "/robots.txt")
    maps = (canonical(address, root) for address in sitemaps if address == "".join(address.split()))
    named += [Source(kind="sitemap", url=link) for link in maps if link][:_MOST]
    places = () if named else _COMMON
    if not any(source.kind == "sitemap" for source in named):
        places = (*places, *_COMMON_SITEMAPS)
    guessed = [Source(kind=kind, url=urljoin(url, path)) for kind, path in places]
    section = [Source(kind="section", url=link) for link in (canonical(url),) if link]
    return tuple({source.url: source for source in (*named, *guessed, *section)}.values())


def _language(tree: LexborHTMLParser) -> str:
    node = tree.css_first("html[lang]")
    return (node.attributes.get("lang") or "").strip()[:35] if node else ""


def timezone_of(url: str, markup: str) -> str:
    """Return a site's timezone: its country's, or else the offset of the times on its page."""
    host = re.sub(r"^https?://|[:/].*$", "", url)
    if zone := guess_timezone(host):
        return zone
    offsets = {match[1] if match[2] == "00" else "" for match in _OFFSET.finditer(markup)}
    hours = int(offsets.pop() or _FURTHEST + 1) if len(offsets) == 1 else _FURTHEST + 1
    return f"Etc/GMT{-hours:+d}" if abs(hours) <= _FURTHEST else ""  # POSIX reverses the sign
