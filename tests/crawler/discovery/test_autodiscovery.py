"""A site that nobody declared tells its sources, its language and its timezone."""

from __future__ import annotations

import pytest

from crawler.discovery.autodiscovery import complete
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet
from crawler.page import Page

URL = "https://example.com/news"


def found(markup: str | bytes, sitemaps: tuple[str, ...] = (), url: str = URL) -> Outlet:
    """The site of a front page."""
    content = markup.encode() if isinstance(markup, str) else markup
    return complete(bare_outlet(url), Page(url, content, "text/html; charset=utf-8"), sitemaps)


def sources(outlet: Outlet) -> list[tuple[str, str]]:
    """Kinds and addresses."""
    return [(source.kind, source.url) for source in outlet.sources]


def test_what_a_site_names_is_taken() -> None:
    """Feeds that the page names and sitemaps that robots.txt names are its sources, and the page itself."""
    head = (
        '<link rel="alternate" type="application/rss+xml" href="/feed/{all}">'
        '<link rel="alternate nofollow" type="application/atom+xml" href="https://feeds.example.com/atom?utm_source=x">'
        '<link rel="alternate" type="application/feed+json" href="feed.json">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed">'
        '<link rel="alternate" type="application/rss+xml" href="http://[">'
        '<link rel="alternate" hreflang="en" href="/en">'
    )

    assert [
        ("feed", "https://example.com/feed/%7Ball%7D"),
        ("feed", "https://feeds.example.com/atom"),
        ("feed", "https://example.com/feed.json"),
        ("sitemap", "https://example.com/news.xml"),
        ("section", URL),
    ] == sources(found(head, ("https://example.com/news.xml", "no address")))


def test_what_a_site_does_not_name_is_guessed() -> None:
    """Without names, feeds and sitemaps are looked for where they usually are."""
    urls = [url for _, url in sources(found("<p>"))]

    assert {"https://example.com/rss", "https://example.com/atom.xml", "https://example.com/news-sitemap.xml", URL} <= {
        *urls
    }
    assert len(urls) == len(set(urls))


def test_a_site_with_a_feed_is_asked_for_sitemaps_alone() -> None:
    """Where feeds are named, only sitemaps are guessed."""
    kinds = [kind for kind, _ in sources(found('<link rel=alternate type="application/rss+xml" href="/f">'))]

    assert ["feed", "sitemap", "sitemap", "sitemap", "section"] == kinds


def test_the_number_of_sources_is_bounded() -> None:
    """A page that names a thousand feeds has a dozen."""
    head = "".join(f'<link rel=alternate type="application/rss+xml" href="/f{n}">' for n in range(1000))
    many = found(head, tuple(f"https://example.com/{n}.xml" for n in range(1000)))

    assert 12 + 12 + 1 == len(many.sources)


@pytest.mark.parametrize("content", [b"", b"<div>" * 200_000, b"\xff\xfe\x00", b"\x00" * 1000])
def test_a_page_that_cannot_be_read_leaves_the_guesses(content: bytes) -> None:
    """An empty or hostile front page does no harm."""
    assert ("feed", "https://example.com/rss") in sources(found(content))


ZONES = {
    "of a country": ("https://bao.vn/", "<p>", "Asia/Ho_Chi_Minh"),
    "of a country, with a port": ("https://bao.com.vn:8080/x", "<p>", "Asia/Ho_Chi_Minh"),
    "the offset of its times": (URL, "<time datetime='2026-02-04T19:25:00+07:00'>", "Etc/GMT-7"),
    "west of Greenwich": (URL, "<time datetime='2026-02-04T19:25-0500'>", "Etc/GMT+5"),
    "one offset in many times": (URL, "2026-02-04T19:25+00:00 2026-02-04T19:25:00.1+00:00", "Etc/GMT+0"),
    "several offsets": (URL, "2026-02-04T19:25+07:00 2026-02-04T19:25:00+08:00", "UTC"),
    "half an hour": (URL, "2026-02-04T19:25+05:30", "UTC"),
    "nowhere on Earth": (URL, "2026-02-04T19:25+99:00", "UTC"),
    "none": (URL, "<p>", "UTC"),
}


@pytest.mark.parametrize(("url", "markup", "zone"), ZONES.values(), ids=ZONES)
def test_the_timezone(url: str, markup: str, zone: str) -> None:
    """The country's, or the one offset that the page's times are written in; a zone that exists."""
    outlet = found(markup, url=url)

    assert zone == outlet.timezone
    assert outlet.zone


def test_the_language() -> None:
    """What the page says of its language is kept, and settles how it writes days."""
    assert ("de-AT", "dmy") == (found("<html lang=' de-AT '>").language, found("<html lang='de-AT'>").date_order)
    assert ("", "") == (found("<p>").language, found("<p>").date_order)
