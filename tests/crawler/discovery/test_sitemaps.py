"""Sitemaps give addresses, and news sitemaps headlines and times besides."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.discovery.entries import BOUNDS, Clock
from crawler.discovery.sitemaps import read_sitemap
from crawler.page import Child, Listing, Page

CLOCK = Clock(ZoneInfo("Asia/Ho_Chi_Minh"), datetime(2026, 2, 10, tzinfo=UTC))
URL = "https://bao.example/sitemap.xml"
SET = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="n">{}</urlset>'
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'


def read(text: str | bytes, most: int = BOUNDS.addresses) -> Listing | Failure:
    """What a sitemap says."""
    return read_sitemap(Page(URL, text.encode() if isinstance(text, str) else text), CLOCK, most)


def test_a_news_sitemap_dates_its_articles() -> None:
    """`news:publication_date` is the time of publication; `lastmod` never is."""
    news = "<news:news><news:publication_date>{}</news:publication_date><news:title>Tiêu đề</news:title></news:news>"
    listing = read(
        SET.format(
            f"<url><loc>/a.html</loc><lastmod>2026-02-09</lastmod>{news.format('2026-02-04T19:25:00+07:00')}</url>"
            f"<url><loc> https://bao.example/b.html </loc>{news.format('2027-01-01')}</url>"
            "<url><loc>https://bao.example/c.html</loc><lastmod>2026-02-09</lastmod></url>"
            "<url><lastmod>2026-02-09</lastmod></url>"
            "<url><loc>http://[</loc></url>"
        )
    )

    assert (
        Candidate(
            "https://bao.example/a.html",
            "Tiêu đề",
            datetime(2026, 2, 4, 12, 25, tzinfo=UTC),
            "2026-02-04T19:25:00+07:00",
        ),
        Candidate("https://bao.example/b.html", "Tiêu đề", None, "2027-01-01"),
        Candidate("https://bao.example/c.html"),
    ) == listing.candidates
    assert ("1 entries carry a time that cannot be, the first '2027-01-01'",) == listing.notes


def test_an_index_lists_sitemaps() -> None:
    """Children come with the time of their change, where it can be; an index that lists itself is no child."""
    listing = read(
        INDEX.format(
            "<sitemap><loc>/a.xml</loc><lastmod>2026-02-04T12:00:00Z</lastmod></sitemap>"
            "<sitemap><loc>https://bao.example/{b}.xml.gz</loc><lastmod>2026-02-04</lastmod></sitemap>"
            "<sitemap><loc>https://bao.example/c.xml</loc><lastmod>2031-02-04</lastmod></sitemap>"
            f"<sitemap><loc>{URL}#top</loc></sitemap>"
            "<sitemap><loc>ftp://bao.example/d.xml</loc></sitemap>"
        )
    )

    assert (
        Child("https://bao.example/a.xml", datetime(2026, 2, 4, 12, tzinfo=UTC)),
        Child("https://bao.example/%7Bb%7D.xml.gz", datetime(2026, 2, 4, tzinfo=CLOCK.zone)),
        Child("https://bao.example/c.xml"),
    ) == listing.children
    assert not listing.candidates


def test_a_list_of_addresses_is_a_sitemap() -> None:
    """Plain text with an address a line is one (sitemaps.org)."""
    listing = read("\ufeffhttps://bao.example/a.html\n\n# no address\nhttps://bao.example/b.html\n")

    assert ["https://bao.example/a.html", "https://bao.example/b.html"] == [c.url for c in listing.candidates]


BAD = {
    "HTML": ("<!doctype html><html></html>", "no sitemap; its root is <html>"),
    "a feed": ("<rss/>", "no sitemap; its root is <rss>"),
    "text": ("Not found", "neither XML nor a list of addresses"),
    "nothing": ("", "neither XML nor a list of addresses"),
    "entities": ('<!DOCTYPE a [<!ENTITY b "c">]><urlset/>', "declares entities, which no feed or sitemap needs"),
}


@pytest.mark.parametrize(("text", "detail"), BAD.values(), ids=BAD)
def test_what_is_no_sitemap_says_so(text: str, detail: str) -> None:
    """One line, with the address."""
    assert Failure(Reason.MALFORMED, f"{URL}: {detail}") == read(text)


def test_entries_are_bounded() -> None:
    """No more is read than one sitemap may hold, of pages and of children."""
    assert 50_000 == BOUNDS.addresses
    pages = read(SET.format("".join(f"<url><loc>/{n}</loc></url>" for n in range(101))), 100)
    index = read(INDEX.format("".join(f"<sitemap><loc>/{n}</loc></sitemap>" for n in range(101))), 100)

    assert 100 == len(pages.candidates) == len(index.children)
    assert ("more than 100 entries; the rest was not read",) == pages.notes


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: SET.format(text).encode())))
def test_no_bytes_raise(content: bytes) -> None:
    """Any bytes are a listing or a failure."""
    assert isinstance(read(content), Listing | Failure)
