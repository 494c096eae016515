"""Reading sitemaps, valid or broken: addresses, and for news sitemaps headlines and times."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.discovery.entries import BOUNDS, TimeRules
from crawler.discovery.sitemaps import read_sitemap
from crawler.page import Child, Listing, Page

RULES = TimeRules(ZoneInfo("Asia/Ho_Chi_Minh"), datetime(2026, 2, 10, tzinfo=UTC))
URL = "https://bao.example/sitemap.xml"
SET = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{}</urlset>'
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'


def read(text: str | bytes, most: int = BOUNDS.addresses) -> Listing | Failure:
    """Read a sitemap."""
    return read_sitemap(Page(URL, text.encode() if isinstance(text, str) else text), RULES, most)


def test_a_news_sitemap_dates_its_articles() -> None:
    """`news:publication_date` is the time of publication; `lastmod` is not."""
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
    assert (
        "2 entries have no address",
        "1 entries carry a time that cannot be, the first '2027-01-01'",
    ) == listing.notes


def test_an_index_lists_sitemaps() -> None:
    """Children have the time of their change if it is plausible; an index does not list itself."""
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
        Child("https://bao.example/%7Bb%7D.xml.gz", datetime(2026, 2, 4, tzinfo=RULES.zone)),
        Child("https://bao.example/c.xml"),
    ) == listing.children
    assert not listing.candidates


def test_a_list_of_addresses_is_a_sitemap() -> None:
    """Plain text with one address per line is a sitemap (sitemaps.org)."""
    listing = read("\ufeffhttps://bao.example/a.html\n\n# no address\nhttps://bao.example/b.html\n")

    assert ["https://bao.example/a.html", "https://bao.example/b.html"] == [c.url for c in listing.candidates]


BAD = {
    "HTML": ("<!doctype html><html></html>", "not a sitemap; its root is <html>"),
    "a feed": ("<rss/>", "not a sitemap; its root is <rss>"),
    "text": ("Not found", "neither XML nor a list of addresses"),
    "nothing": ("", "neither XML nor a list of addresses"),
    "entities": ('<!DOCTYPE a [<!ENTITY b "c">]><urlset/>', "declares entities, which no feed or sitemap needs"),
}


@pytest.mark.parametrize(("text", "detail"), BAD.values(), ids=BAD)
def test_a_document_that_is_not_a_sitemap_is_malformed(text: str, detail: str) -> None:
    """The failure is one clear line with the address."""
    assert Failure(Reason.MALFORMED, f"{URL}: {detail}") == read(text)


def test_entries_are_bounded() -> None:
    """At most 50,000 pages and children of one sitemap are read."""
    assert 50_000 == BOUNDS.addresses
    pages = read(SET.format("".join(f"<url><loc>/{n}</loc></url>" for n in range(101))), 100)
    index = read(INDEX.format("".join(f"<sitemap><loc>/{n}</loc></sitemap>" for n in range(101))), 100)

    assert 100 == len(pages.candidates) == len(index.children)
    assert ("more than 100 entries; the rest was not read",) == pages.notes


def pages(listing: Listing) -> list[str]:
    """Return the addresses of a sitemap's pages."""
    return [found.url for found in listing.candidates]


BROKEN = {
    "an unclosed loc": (
        "<url><loc>https://bao.example/a<lastmod>2026-02-04</lastmod></url><url><loc>https://bao.example/b</loc></url>"
    ),
    "a loc closed by another": "<url><loc>https://bao.example/a<loc></url><url><loc>https://bao.example/b</loc></url>",
    "an unclosed url": "<url><loc>https://bao.example/a</loc><url><loc>https://bao.example/b</loc></url>",
    "no url closed": "<url><loc>https://bao.example/a</loc>" + "<url><loc>https://bao.example/b</loc>" * 1000,
    "a set in a set": (
        "<urlset><url><loc>https://bao.example/a</loc></url><url><loc>https://bao.example/b</loc></url></urlset>"
    ),
    "text in place of loc": "<url>\nhttps://bao.example/a\n</url><url>https://bao.example/b</url>",
    "two in one entry": "<url><loc>https://bao.example/a</loc><loc>https://bao.example/b</loc></url>",
    "a picture of the same name": (
        "<url><image><loc>https://anh.example/1</loc></image><loc>https://bao.example/a</loc></url>"
        '<url><loc>https://bao.example/b</loc><image:image xmlns:image="i">'
        "<image:loc>https://anh.example/2</image:loc></image:image></url>"
    ),
    "an address in CDATA": (
        "<url><loc><![CDATA[https://bao.example/a]]></loc></url><url><loc>https://bao.example/b</loc></url>"
    ),
    "a comment in between": (
        "<url><!-- <loc>https://bao.example/x</loc> --><loc>https://bao.example/a</loc></url><url><loc>https://bao.example/b</loc></url>"
    ),
    "a cut end": (
        "<url><loc>https://bao.example/a</loc></url><url><loc>https://bao.example/b</loc></url><url><loc>https://bao.exam§"
    ),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_every_entry_of_a_broken_sitemap_is_found(body: str) -> None:
    """An entry ends where the next one begins, and an address is the text of its own element only."""
    listing = read(SET.format(body).partition("§")[0])

    assert ["https://bao.example/a", "https://bao.example/b"] == pages(listing)


INDEXES = {
    "an unclosed sitemap": (
        "<sitemap><loc>/a.xml</loc><lastmod>2026-01-01</lastmod><sitemap><loc>/b.xml</loc></sitemap>"
    ),
    "two in one entry": "<sitemap><loc>/a.xml</loc><loc>/b.xml</loc></sitemap>",
    "text in place of loc": (
        "<sitemap>\nhttps://bao.example/a.xml\n</sitemap><sitemap>https://bao.example/b.xml</sitemap>"
    ),
}


@pytest.mark.parametrize("body", INDEXES.values(), ids=INDEXES)
def test_every_child_of_a_broken_index_is_found(body: str) -> None:
    """The rules for the pages of a sitemap also apply to the sitemaps of an index."""
    wrapped = read(SET.format(f"<sitemapindex>{body}</sitemapindex>"))

    assert ["https://bao.example/a.xml", "https://bao.example/b.xml"] == [child.url for child in wrapped.children]
    assert wrapped.children == read(INDEX.format(body)).children


def test_a_bare_ampersand_stays_in_an_address() -> None:
    """`?id=7&cat=3` is one address, even if the sitemap does not escape it."""
    assert ["https://bao.example/a?id=7&cat=3"] == pages(read(SET.format("<url><loc>/a?id=7&cat=3</loc></url>")))


def test_a_sitemap_may_name_its_namespace_by_a_prefix() -> None:
    """Elements are recognised by the prefix of the root element, and news by the address of its namespace."""
    text = (
        '<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:tin="http://www.google.com/schemas/sitemap-news/0.9"><s:url><s:loc>/a</s:loc><tin:news>'
        "<tin:title>Tiêu đề</tin:title><tin:publication_date>2026-02-04T12:25:00Z</tin:publication_date>"
        "</tin:news></s:url></s:urlset>"
    )

    (found,) = read(text).candidates
    assert ("https://bao.example/a", "Tiêu đề") == (found.url, found.title)
    assert datetime(2026, 2, 4, 12, 25, tzinfo=UTC) == found.published_at


def test_a_sitemap_without_known_entries_is_noted() -> None:
    """A note distinguishes an empty sitemap from one with unknown elements."""
    assert () == read(SET.format("")).notes
    assert ("no entries in 1176 characters of <urlset>",) == read(SET.format("<page/>" * 150)).notes


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: SET.format(text).encode())))
def test_no_content_raises(content: bytes) -> None:
    """Any content gives a listing or a failure."""
    assert isinstance(read(content), Listing | Failure)


def test_prefixes_may_be_declared_by_each_element() -> None:
    """Some libraries declare the namespace of a sitemap, or of its news, at each element."""
    own = 'xmlns:ns0="http://www.sitemaps.org/schemas/sitemap/0.9"'
    news = '<news xmlns="http://www.google.com/schemas/sitemap-news/0.9">{}</news>'
    facts = "<publication_date>2026-02-04T19:25:00+07:00</publication_date><title>Tiêu đề</title>"

    prefixed = read(f"<urlset><ns0:url {own}><ns0:loc>/a.html</ns0:loc></ns0:url></urlset>")
    unprefixed = read(SET.format(f"<url><loc>/a.html</loc>{news.format(facts)}</url>"))

    assert isinstance(prefixed, Listing)
    assert isinstance(unprefixed, Listing)
    assert ["https://bao.example/a.html"] == [found.url for found in prefixed.candidates]
    assert [("Tiêu đề", datetime(2026, 2, 4, 12, 25, tzinfo=UTC))] == [
        (found.title, found.published_at) for found in unprefixed.candidates
    ]


def test_an_index_may_call_its_sitemaps_urls() -> None:
    """A sitemap named in an index is a child, not an article, whatever its element is called."""
    listing = read(INDEX.format("<url><loc>/s1.xml.gz</loc></url><url><loc>/bai-1.html</loc></url>"))

    assert isinstance(listing, Listing)
    assert ["https://bao.example/s1.xml.gz"] == [child.url for child in listing.children]
    assert ["https://bao.example/bai-1.html"] == [found.url for found in listing.candidates]


def test_addresses_without_a_scheme_begin_with_their_host() -> None:
    """`www.bao.example/a.html` is no file in the folder of the sitemap; schemes may be in upper case."""
    listing = read(SET.format("<url><loc>www.bao.example/a.html</loc></url>"))
    lines = read("HTTPS://bao.example/b.html\n")

    assert isinstance(listing, Listing)
    assert isinstance(lines, Listing)
    assert ["https://www.bao.example/a.html"] == [found.url for found in listing.candidates]
    assert ["https://bao.example/b.html"] == [found.url for found in lines.candidates]
