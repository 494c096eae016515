"""The sources of a site that nobody declared: what its front page and robots.txt name, and where feeds usually are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from crawler.charset import decode
from crawler.outlet import Outlet, Source
from crawler.page import Page
from crawler.urls import canonical

_FEEDS = ", ".join(f"link[rel~=alternate][type*='{kind}']" for kind in ("rss", "atom", "feed+json"))
_COMMENTS = re.compile(r"comment|binh-luan", re.IGNORECASE)
_COMMON = (("feed", "/rss"), ("feed", "/feed"), ("feed", "/rss.xml"), ("feed", "/atom.xml"), ("feed", "/rss/home.rss"))
_COMMON_MAPS = (("sitemap", "/news-sitemap.xml"), ("sitemap", "/sitemap.xml"), ("sitemap", "/sitemap_index.xml"))
_MOST = 12  # feeds that one front page may name
_OFFSET = re.compile(r"T\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?([+-]\d{2}):?(\d{2})")
# Where one country has one timezone, or one that most of its press keeps.
_ZONES = dict(
    pair.split("=")
    for pair in (
        "vn=Asia/Ho_Chi_Minh th=Asia/Bangkok id=Asia/Jakarta my=Asia/Kuala_Lumpur sg=Asia/Singapore ph=Asia/Manila "
        "jp=Asia/Tokyo kr=Asia/Seoul cn=Asia/Shanghai tw=Asia/Taipei hk=Asia/Hong_Kong in=Asia/Kolkata "
        "la=Asia/Vientiane kh=Asia/Phnom_Penh uk=Europe/London ie=Europe/Dublin de=Europe/Berlin at=Europe/Vienna "
        "ch=Europe/Zurich fr=Europe/Paris be=Europe/Brussels nl=Europe/Amsterdam es=Europe/Madrid it=Europe/Rome "
        "pl=Europe/Warsaw cz=Europe/Prague se=Europe/Stockholm no=Europe/Oslo dk=Europe/Copenhagen fi=Europe/Helsinki "
        "tr=Europe/Istanbul nz=Pacific/Auckland"
    ).split()
)


def complete(outlet: Outlet, front: Page, sitemaps: Iterable[str]) -> Outlet:
    """An undeclared outlet with what its front page tells: sources, language and timezone.

    Args:
        outlet: The bare outlet.
        front: Its front page, or the page that a person named.
        sitemaps: Addresses that its robots.txt names.
    """
    tree = LexborHTMLParser(decode(front.content, front.content_type))
    feeds = [urljoin(front.url, node.attributes.get("href") or "") for node in tree.css(_FEEDS)]
    named = [Source(kind="feed", url=url) for url in feeds if canonical(url) and not _COMMENTS.search(url)][:_MOST]
    named += [Source(kind="sitemap", url=url) for url in sitemaps if canonical(url)][:_MOST]
    places = () if named else _COMMON
    if not any(source.kind == "sitemap" for source in named):
        places = (*places, *_COMMON_MAPS)
    guessed = [Source.model_validate({"kind": kind, "url": urljoin(front.url, path)}) for kind, path in places]
    sources = {s.url: s for s in (*named, *guessed, Source(kind="section", url=front.url))}
    facts: dict[str, object] = {"sources": tuple(sources.values()), "language": _language(tree)}
    if zone := _timezone(front.url, tree.html or ""):
        facts["timezone"] = zone
    return outlet.model_copy(update=facts)


def _language(tree: LexborHTMLParser) -> str:
    node = tree.css_first("html[lang]")
    return (node.attributes.get("lang") or "").strip()[:35] if node else ""


def _timezone(url: str, markup: str) -> str:
    """The timezone of a site: its country's, else the offset that the times on its page are written in."""
    host = re.sub(r"^https?://|[:/].*$", "", url)
    if zone := _ZONES.get(host.rsplit(".", 1)[-1]):
        return zone
    offsets = {match.groups() for match in _OFFSET.finditer(markup)}
    if len(offsets) == 1:
        ((hours, minutes),) = offsets
        if minutes == "00":
            return f"Etc/GMT{-int(hours):+d}"  # POSIX counts the other way round
    return ""
