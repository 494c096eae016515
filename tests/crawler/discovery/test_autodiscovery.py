"""Finding the sources, the language and the timezone of an undeclared site."""

from __future__ import annotations

import pytest

from crawler.discovery.autodiscovery import complete
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet
from crawler.page import Page

URL = "https://example.com/news"


def found(markup: str | bytes, sitemaps: tuple[str, ...] = (), url: str = URL) -> Outlet:
    """Complete the outlet of a home page."""
    content = markup.encode() if isinstance(markup, str) else markup
    return complete(bare_outlet(url), Page(url, content, "text/html; charset=utf-8"), sitemaps)


def sources(outlet: Outlet) -> list[tuple[str, str]]:
    """Return the kinds and addresses of an outlet's sources."""
    return [(source.kind, source.url) for source in outlet.sources]


def test_the_sources_that_a_site_names_are_used() -> None:
    """The sources are the feeds that the page links to, the sitemaps in robots.txt, and the page itself."""
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


def test_common_paths_are_tried_if_nothing_is_named() -> None:
    """Feeds and sitemaps are searched at common paths if the site names none."""
    urls = [url for _, url in sources(found("<p>"))]

    assert {"https://example.com/rss", "https://example.com/atom.xml", "https://example.com/news-sitemap.xml", URL} <= {
        *urls
    }
    assert len(urls) == len(set(urls))


def test_only_sitemaps_are_guessed_if_a_feed_is_named() -> None:
    """Common paths of feeds are not tried if the page links to a feed."""
    kinds = [kind for kind, _ in sources(found('<link rel=alternate type="application/rss+xml" href="/f">'))]

    assert ["feed", "sitemap", "sitemap", "sitemap", "section"] == kinds


def test_the_number_of_sources_is_bounded() -> None:
    """Of a thousand feeds that a page links to, a dozen are used."""
    head = "".join(f'<link rel=alternate type="application/rss+xml" href="/f{n}">' for n in range(1000))
    many = found(head, tuple(f"https://example.com/{n}.xml" for n in range(1000)))

    assert 12 + 12 + 1 == len(many.sources)


@pytest.mark.parametrize("content", [b"", b"<div>" * 200_000, b"\xff\xfe\x00", b"\x00" * 1000])
def test_a_page_that_cannot_be_read_leaves_the_guesses(content: bytes) -> None:
    """An empty or hostile home page leaves only the common paths."""
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
    """The timezone is that of the country, or the only offset of the times on the page."""
    outlet = found(markup, url=url)

    assert zone == outlet.timezone
    assert outlet.zone


def test_the_language() -> None:
    """The language of the page decides how its dates are parsed."""
    assert ("de-AT", "dmy") == (found("<html lang=' de-AT '>").language, found("<html lang='de-AT'>").date_order)
    assert ("", "") == (found("<p>").language, found("<p>").date_order)


def test_feeds_are_relative_to_the_base_of_the_page() -> None:
    """`<base href>` applies to links to feeds, too, and `feed:` before an address is removed."""
    link = '<link rel="alternate" type="application/rss+xml" href="{}">'
    head = f'<base href="https://example.com/portal/">{link.format("feed.xml")}'
    dressed = link.format("feed:https://example.com/f") + link.format("feed://example.com/g")

    assert ("feed", "https://example.com/portal/feed.xml") == sources(found(head))[0]
    assert [("feed", "https://example.com/f"), ("feed", "http://example.com/g")] == sources(found(dressed))[:2]


def test_a_sitemap_in_robots_txt_may_be_relative() -> None:
    """`Sitemap: /map.xml` is relative to robots.txt, although the standard requires a whole address."""
    assert ("sitemap", "https://example.com/map.xml") in sources(found("<p>", ("/map.xml",)))


@pytest.mark.parametrize("content", ["<rss><channel/></rss>", "<urlset/>", '[{"url": "/a"}]'])
def test_a_page_that_is_a_source_is_the_only_source(content: str) -> None:
    """If the named page is a feed, it is the only source."""
    assert [("unknown", URL)] == sources(found(content))
