"""Reading a source by its content, whatever its declared kind."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from archive.errors import Failure, Reason
from crawler.discovery.sources import read_source, sniff
from crawler.outlets.model import Outlet, Source
from crawler.page import Listing, Page

NOW = datetime(2026, 2, 10, tzinfo=UTC)
URL = "https://bao.example/x"
BAO = Outlet(id="bao", name="Báo", home="https://bao.example/", language="vi", timezone="Asia/Ho_Chi_Minh")
LINK = "https://bao.example/a"
FEED = (
    f"<rss><channel><item><title>A</title><link>{LINK}</link><pubDate>4/2/2026 19:25</pubDate></item></channel></rss>"
)
SITEMAP = f"<urlset><url><loc>{LINK}</loc></url></urlset>"
LISTING = f'[{{"url": "{LINK}", "title": "A", "date": "4/2/2026 19:25"}}]'
SECTION = f"<!doctype html><a href='{LINK}'>A</a>"
WHOLE = {"feed": FEED, "sitemap": SITEMAP, "listing": LISTING, "section": SECTION}


def read(content: bytes, kind: str = "unknown") -> Listing | Failure:
    """Read a source of a kind."""
    return read_source(Page(URL, content), Source.model_validate({"kind": kind, "url": URL}), BAO, NOW)


@pytest.mark.parametrize(("kind", "text"), WHOLE.items(), ids=WHOLE)
def test_every_kind_is_read_declared_or_not(kind: str, text: str) -> None:
    """A source gives the same links whether its kind is declared, unknown or `archive`."""
    listings = [read(text.encode(), declared) for declared in (kind, "unknown", "archive")]

    assert [LINK] == [found.url for found in listings[0].candidates]
    assert listings[0] == listings[1] == listings[2]
    assert listings[0] == read(b"\xef\xbb\xbf\n" + text.encode())
    assert listings[0] == read(text.encode("utf-16"))


@pytest.mark.parametrize("text", [FEED, LISTING])
def test_times_are_read_in_the_order_and_zone_of_the_outlet(text: str) -> None:
    """A Vietnamese outlet writes the day first, and its times without an offset are local to Hà Nội."""
    assert datetime(2026, 2, 4, 12, 25, tzinfo=UTC) == read(text.encode()).candidates[0].published_at


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_a_gzip_source_is_read(text: str) -> None:
    """A gzip stream of several members is read like one of a single member."""
    packed = gzip.compress(text[:20].encode()) + gzip.compress(text[20:].encode())

    assert read(text.encode()) == read(packed)


BAD = {
    "cut": (gzip.compress(SITEMAP.encode())[:-12], Reason.TRUNCATED),
    "broken": (b"\x1f\x8b\x08\x00" + b"\xff" * 40, Reason.BAD_ENCODING),
    "a bomb": (gzip.compress(b" " * (60 << 20), 9), Reason.TOO_LARGE),
}


@pytest.mark.parametrize(("content", "reason"), BAD.values(), ids=BAD)
def test_gzip_that_cannot_be_inflated_is_a_failure(content: bytes, reason: Reason) -> None:
    """A truncated stream, a broken one and a bomb are failures with address and reason."""
    failure = read(content, "sitemap")

    assert isinstance(failure, Failure)
    assert reason == failure.reason
    assert failure.detail.startswith(f"{URL}: ")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"version": "https://jsonfeed.org/version/1", "items": []}', "feed"),
        (b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'/>", "feed"),
        (b"<rdf:RDF/>", "feed"),
        (b"<SITEMAPINDEX/>", "sitemap"),
        (b"", "section"),
    ],
)
def test_the_kind_of_a_document_is_in_its_first_bytes(content: bytes, kind: str) -> None:
    """A document of no known kind is taken for a page."""
    assert kind == sniff(Page(URL, content))


@pytest.mark.parametrize("declared", ["feed", "sitemap", "listing", "section"])
@pytest.mark.parametrize("text", [FEED, SITEMAP], ids=["a feed", "a sitemap"])
def test_the_content_decides_and_not_the_declaration(text: str, declared: str) -> None:
    """A sitemap may be a feed, as sitemaps.org allows, and a feed may be a sitemap."""
    assert [LINK] == [found.url for found in read(text.encode(), declared).candidates]


def test_a_page_instead_of_a_feed_is_a_failure() -> None:
    """The links of an error page are not taken for a feed's entries."""
    assert Reason.MALFORMED == read(SECTION.encode(), "feed").reason
    assert Reason.MALFORMED == read(SECTION.encode(), "sitemap").reason
    assert Reason.MALFORMED == read(SECTION.encode(), "listing").reason


def test_a_checksum_that_is_missing_is_noted() -> None:
    """A sitemap whose gzip stream lost its trailer is read, and the poll notes it."""
    listing = read(gzip.compress(SITEMAP.encode())[:-8], "sitemap")

    assert [LINK] == [found.url for found in listing.candidates]
    assert ("the checksum of a gzip stream is missing or wrong",) == listing.notes
