"""A source is read as what it is declared to be, or else as what it turns out to be."""

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
    """What a source of this kind lists."""
    return read_source(Page(URL, content), Source.model_validate({"kind": kind, "url": URL}), BAO, NOW)


@pytest.mark.parametrize(("kind", "text"), WHOLE.items(), ids=WHOLE)
def test_every_kind_is_read_declared_or_not(kind: str, text: str) -> None:
    """What is declared, what is unknown and what is an archive come to the same."""
    listings = [read(text.encode(), declared) for declared in (kind, "unknown", "archive")]

    assert [LINK] == [found.url for found in listings[0].candidates]
    assert listings[0] == listings[1] == listings[2]
    assert listings[0] == read(b"\xef\xbb\xbf\n" + text.encode())
    assert listings[0] == read(text.encode("utf-16"))


@pytest.mark.parametrize("text", [FEED, LISTING])
def test_times_are_read_in_the_outlet_s_order_and_zone(text: str) -> None:
    """A Vietnamese outlet writes the day first, and its bare times are Hà Nội's."""
    assert datetime(2026, 2, 4, 12, 25, tzinfo=UTC) == read(text.encode()).candidates[0].published_at


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_what_is_packed_is_unpacked(text: str) -> None:
    """A source that is gzip in itself is read, of one member or of several."""
    packed = gzip.compress(text[:20].encode()) + gzip.compress(text[20:].encode())

    assert read(text.encode()) == read(packed)


BAD = {
    "cut": (gzip.compress(SITEMAP.encode())[:-12], Reason.TRUNCATED),
    "broken": (b"\x1f\x8b\x08\x00" + b"\xff" * 40, Reason.BAD_ENCODING),
    "a bomb": (gzip.compress(b" " * (60 << 20), 9), Reason.TOO_LARGE),
}


@pytest.mark.parametrize(("content", "reason"), BAD.values(), ids=BAD)
def test_gzip_that_cannot_be_undone_says_so(content: bytes, reason: Reason) -> None:
    """A cut one, a broken one and a bomb are failures with address and reason."""
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
def test_a_document_says_what_it_is(content: bytes, kind: str) -> None:
    """The first bytes tell the kind; what they do not tell is a page."""
    assert kind == sniff(Page(URL, content))
