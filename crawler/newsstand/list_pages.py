"""Render the lists of the invented outlets: feeds, sitemaps, section pages, a JSON listing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from html import escape

from crawler.newsstand import page_clutter as clutter
from crawler.newsstand.article_pages import address, windows_1258
from crawler.newsstand.story import Story

ADVERT = ("http://mua-sam.example/giam-gia-soc?utm_source=rss", "Giảm giá sốc: bộ nồi ba món chỉ hôm nay")


def rss(stories: Sequence[Story], name: str) -> str:
    """Render RSS 2.0 with `GMT+7` dates and an advert for another site."""
    items = "".join(
        f"<item><title><![CDATA[{s.announced}]]></title><link>{escape(address(s))}?utm_source=rss</link>"
        f"<pubDate>{s.published:%a, %d %b %Y %H:%M:%S} GMT+7</pubDate>"
        f"<description><![CDATA[<a href='{address(s)}'><img src='/anh.jpg'></a>{s.standfirst}]]></description></item>"
        for s in stories
    )
    advert = f"<item><title>{ADVERT[1]}</title><link>{escape(ADVERT[0])}</link></item>"
    channel = f"<channel><title>{name}</title><ttl>10</ttl>{items}{advert}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'


def atom(stories: Sequence[Story], name: str) -> str:
    """Render Atom with relative links; list a moved story under its old slug too."""
    entries = "".join(
        f'<entry><title type="html">{escape(escape(s.announced))}</title><link href="{path}"/>'
        f"<published>{s.published.isoformat()}</published></entry>"
        for s in stories
        for path in _paths(s)
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{name}</title>{entries}</feed>'


def _paths(story: Story) -> list[str]:
    path = address(story).removeprefix("http://vntin.example")
    return [path, f"/ban-dau-{story.slug[:20]}-{story.number:07}.html"] if story.kind == "moved" else [path]


def rdf(stories: Sequence[Story], name: str) -> str:
    """Render RSS 1.0 with Dublin Core dates."""
    items = "".join(
        f'<item rdf:about="{address(s)}"><title>{escape(s.announced)}</title><link>{address(s)}</link>'
        f"<dc:date>{s.published.isoformat()}</dc:date></item>"
        for s in stories
    )
    spaces = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    return f'<?xml version="1.0"?><rdf:RDF {spaces}><channel><title>{name}</title></channel>{items}</rdf:RDF>'


def json_feed(stories: Sequence[Story], name: str) -> str:
    """Render JSON Feed 1.1."""
    items = [
        {"id": address(s), "url": address(s), "title": s.announced, "date_published": s.published.isoformat()}
        for s in stories
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": name, "items": items}
    return json.dumps(feed, ensure_ascii=False)


def news_sitemap(stories: Sequence[Story], name: str) -> str:
    """Render a sitemap with Google's news extension."""
    urls = "".join(
        f"<url><loc>{escape(address(s))}</loc><news:news><news:publication><news:name>{name}</news:name>"
        f"<news:language>vi</news:language></news:publication><news:title>{escape(s.announced)}</news:title>"
        f"<news:publication_date>{s.published.isoformat()}</news:publication_date></news:news></url>"
        for s in stories
    )
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {spaces}>{urls}</urlset>'


def sitemap_index(children: Sequence[str]) -> str:
    """Render a sitemap index."""
    maps = "".join(
        f"<sitemap><loc>{url}</loc><lastmod>2026-02-{n + 3:02}</lastmod></sitemap>" for n, url in enumerate(children)
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'


def compress(text: str) -> bytes:
    """Compress with gzip, deterministically."""
    return gzip.compress(text.encode(), mtime=0)


def json_listing(stories: Sequence[Story]) -> str:
    """Render the response of ePi's listing API: epoch seconds as text."""
    contents = [
        {
            "title": s.announced,
            "url": address(s),
            "date": str(int(s.published.timestamp())),
            "description": s.standfirst,
        }
        for s in stories
        if s.kind != "private"
    ]
    return json.dumps({"data": {"contents": contents, "load_more": False}}, ensure_ascii=False)


def section(stories: Sequence[Story], name: str, following: str) -> str:
    """Render a section page with a link to the next page; without the link if `following` is empty."""
    items = "".join(
        f'<div class="item-news"><h3><a href="{escape(address(s))}">{escape(s.announced)}</a></h3>'
        f"<p>{escape(s.standfirst)}</p></div>"
        for s in stories
    )
    link = f'<link rel="next" href="{escape(following)}">' if following else ""
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{name}</title>{link}</head>'
        f'<body><nav>{clutter.menu()}</nav>{items}<a href="{escape(ADVERT[0])}">{ADVERT[1]}</a>'
        f"<footer>{name}</footer></body></html>"
    )


def front(stories: Sequence[Story], name: str, feeds: Sequence[tuple[str, str]]) -> str:
    """Render a home page that names feeds by type and path, or links to a page of feeds."""
    named = "".join(f'<link rel="alternate" type="application/{k}" href="{path}">' for k, path in feeds if k != "html")
    linked = "".join(f'<a href="{path}">RSS</a>' for k, path in feeds if k == "html")
    page = section(stories, name, "").replace("</body>", f"{linked}</body>")
    return page.replace("</title>", f'</title><meta property="og:site_name" content="{name}">{named}')


def page_of_feeds(feeds: Sequence[tuple[str, str]]) -> str:
    """Render a page that lists feeds by name and path."""
    items = "".join(f'<li><a href="{path}">{name}</a></li>' for name, path in feeds)
    return f'<!DOCTYPE html><html lang="vi"><head><title>RSS</title></head><body><ul>{items}</ul></body></html>'


def hand_made_section(stories: Sequence[Story], name: str, following: str) -> bytes:
    """Render a section page in windows-1258."""
    return windows_1258(section(stories, name, following).replace("utf-8", "windows-1258"))
