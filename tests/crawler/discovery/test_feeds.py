"""Feeds of every kind give the links, headlines and times that stand in them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from crawler.discovery.entries import BOUNDS, Clock
from crawler.discovery.feeds import read_feed
from crawler.page import Listing, Page

CLOCK = Clock(ZoneInfo("Asia/Ho_Chi_Minh"), datetime(2026, 2, 10, tzinfo=UTC), "dmy")
URL = "https://bao.example/rss/home.rss"
AT = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
RSS = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{}</channel></rss>'
ITEM = "<item><title>{}</title><link>{}</link><pubDate>{}</pubDate></item>"


def read(text: str | bytes, content_type: str = "") -> Listing | Failure:
    """What a feed says."""
    content = text.encode() if isinstance(text, str) else text
    return read_feed(Page(URL, content, content_type), CLOCK)


def only(text: str | bytes) -> tuple[str, str, datetime | None]:
    """The one entry of a feed: address, headline and instant."""
    listing = read(text)
    assert isinstance(listing, Listing), listing
    (candidate,) = listing.candidates
    return candidate.url, candidate.title, candidate.published_at


WANTED = ("https://bao.example/bai-1.html", "Tiêu đề một", AT)
KINDS = {
    "RSS 0.91": '<rss version="0.91"><channel><item><title>Tiêu đề một</title><link>https://bao.example/bai-1.html</link>'
    "<pubDate>Wed, 04 Feb 26 19:25:00 +0700</pubDate></item></channel></rss>",
    "RSS 1.0": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"/><item rdf:about="https://bao.example/bai-1.html">'
    "<title>Tiêu đề một</title><dc:date>2026-02-04T19:25:00+07:00</dc:date></item></rdf:RDF>",
    "RSS 2.0": RSS.format(ITEM.format("Tiêu đề một", "/bai-1.html", "Wed, 04 Feb 2026 19:25:00 GMT+7")),
    "RSS, whose guid is the link": RSS.format(
        "<item><title>Tiêu đề một</title><guid>https://bao.example/bai-1.html</guid>"
        "<pubDate>2026-02-04 19:25</pubDate></item>"
    ),
    "RSS, whose guid is none": RSS.format(
        "<item><title>Tiêu đề một</title><guid isPermaLink='false'>https://bao.example/9</guid>"
        "<link>https://bao.example/bai-1.html</link><pubDate>1770207900</pubDate></item>"
    ),
    "RSS by FeedBurner": RSS.format(
        "<item xmlns:feedburner='x'><title>Tiêu đề một</title><link>https://feedproxy.example/~r/1</link>"
        "<pubDate>4/2/2026 19:25"
        "</pubDate><feedburner:origLink>https://bao.example/bai-1.html</feedburner:origLink></item>"
    ),
    "RSS with an escaped headline": RSS.format(
        ITEM.format(
            "<![CDATA[&lt;b&gt;Ti&amp;ecirc;u đề&lt;/b&gt;\n một]]>", " https://bao.example/bai-1.html\n", "1770207900"
        )
    ),
    "RSS with HTML's entities and no declaration": RSS.format(
        ITEM.format("Ti&ecirc;u đề m&#7897;t", "https://bao.example/bai-1.html", "Feb 04, 2026 7:25 PM")
    ),
    "Atom": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Tiêu đề một</title><link rel="self" href="/x"/>'
    '<link rel="alternate" href="/bai-1.html"/><published>2026-02-04T12:25:00Z</published>'
    "<updated>2026-02-09T00:00:00Z</updated></entry></feed>",
    "Atom with a base": '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://bao.example/"><entry>'
    "<title>Tiêu đề một"
    '</title><link href="bai-1.html"/><published>2026-02-04T12:25:00Z</published></entry></feed>',
    "Atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Tiêu đề một</title>'
    '<link href="https://bao.example/bai-1.html"/><issued>2026-02-04T12:25:00Z</issued></entry></feed>',
    "JSON Feed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "items": [{"url": "/bai-1.html", "title": "Tiêu đề một", "date_published": "2026-02-04T19:25:00+07:00"}, 7],
        }
    ),
    "JSON Feed with an id alone": json.dumps(
        {"items": [{"url": 5, "id": WANTED[0], "title": WANTED[1], "date_published": "1770207900"}]}
    ),
    "junk before the document": "\n<br>Warning: deprecated\n"[5:]
    + RSS.format(ITEM.format("Tiêu đề một", "/bai-1.html", "2026-02-04 19:25")),
    "control characters": RSS.format(ITEM.format("Tiêu\x0b đề\x00 một", "/bai-1.html", "2026-02-04 19:25")),
}


@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_every_kind_is_read(text: str) -> None:
    """Address, headline and instant come out of each kind of feed."""
    assert WANTED == only(text)


def test_encodings_are_those_that_were_meant() -> None:
    """A feed in UTF-16, and one that lies of its encoding, are read as what they are."""
    text = RSS.format(ITEM.format("Tiêu đề một", "/bai-1.html", "2026-02-04 19:25"))

    assert WANTED == only(text.encode("utf-16"))
    assert WANTED == only(text.replace("utf-8", "iso-8859-1").encode())


def test_a_change_is_no_publication() -> None:
    """What an entry says of its last change, or of its draft, does not date it."""
    for name in ("updated", "modified", "created"):
        text = f"<feed><entry><link href='/a'/><title>A</title><{name}>2026-02-04T00:00:00Z</{name}></entry></feed>"

        assert ("https://bao.example/a", "A", None) == only(text)


def test_a_time_that_cannot_be_is_told_and_not_believed() -> None:
    """An entry of next year keeps its words and no instant, and the poll says so."""
    listing = read(
        RSS.format(ITEM.format("A", "/a", "2027-01-01T00:00:00Z") + ITEM.format("B", "/b", "1970-01-01T00:00Z"))
    )

    assert [None, None] == [candidate.published_at for candidate in listing.candidates]
    assert "2027-01-01T00:00:00Z" == listing.candidates[0].published_raw
    assert ("2 entries carry a time that cannot be, the first '2027-01-01T00:00:00Z'",) == listing.notes


@pytest.mark.parametrize(
    ("order", "instant"), [("dmy", AT), ("mdy", datetime(2026, 4, 2, 12, 25, tzinfo=UTC)), ("", None)]
)
def test_ambiguous_days_follow_the_outlet(order, instant) -> None:
    """4/2/2026 is what the outlet's order makes of it, or nothing."""
    clock = Clock(CLOCK.zone, datetime(2026, 5, 1, tzinfo=UTC), order)
    page = Page(URL, RSS.format(ITEM.format("A", "/a", "4/2/2026 19:25")).encode())

    assert instant == read_feed(page, clock).candidates[0].published_at


def test_an_entry_without_a_link_is_none() -> None:
    """Entries that lead nowhere are left out, and an address that is listed twice counts once."""
    links = ("", "mailto:a@b.example", "http://[", "/a", "/a")
    listing = read(RSS.format("".join(ITEM.format("A", link, "") for link in links)))

    assert ["https://bao.example/a"] == [candidate.url for candidate in listing.candidates]


WAITS = {
    "<ttl>30</ttl>": 1800.0,
    "<ttl>0</ttl>": None,
    "<ttl>soon</ttl>": None,
    "<ttl>²</ttl>": None,
    "<sy:updatePeriod xmlns:sy='x'>hourly</sy:updatePeriod>": 3600.0,
    "<a:updatePeriod xmlns:a='x'>Daily</a:updatePeriod><a:updateFrequency xmlns:a='x'>4</a:updateFrequency>": 21600.0,
    "<sy:updatePeriod xmlns:sy='x'>now and then</sy:updatePeriod>": None,
    "": None,
}


@pytest.mark.parametrize(("text", "seconds"), WAITS.items())
def test_a_feed_may_ask_to_be_left_alone(text: str, seconds: float | None) -> None:
    """`ttl` counts minutes, the syndication module periods."""
    assert seconds == read(RSS.format(text)).ttl


BAD = {
    "HTML": ("<!doctype html><html><body>Không tìm thấy</body></html>", "no feed; its root is <html>"),
    "a sitemap": ("<urlset/>", "no feed; its root is <urlset>"),
    "text": ("404 not found", "no XML; it begins with '404 not found'"),
    "nothing": ("", "no XML; it begins with ''"),
    "a start and no more": ("<", "no XML; it begins with '<'"),
    "a comment alone": ("<!-- x -->", "not XML"),
    "a name and no more": ("<?xml version='1.0'?>", "not XML"),
    "JSON that is cut": ('{"items": [', "neither XML nor JSON"),
    "JSON that is none": ('{"a": 1}', "no JSON Feed; it has no items"),
    "JSON that is deep": ('{"a":' + "[" * 100_000, "neither XML nor JSON"),
    "billion laughs": (
        '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]><rss><channel>&b;</channel></rss>',
        "declares entities, which no feed or sitemap needs",
    ),
    "an external entity": (
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel>&a;</channel></rss>',
        "declares entities, which no feed or sitemap needs",
    ),
}


@pytest.mark.parametrize(("text", "detail"), BAD.values(), ids=BAD)
def test_what_is_no_feed_says_so(text: str, detail: str) -> None:
    """A malformed feed is one clear line with its address."""
    failure = read(text)

    assert isinstance(failure, Failure)
    assert Reason.MALFORMED == failure.reason
    assert f"{URL}: {detail}" == failure.detail[: len(URL) + 2 + len(detail)]


def test_no_outside_definition_is_asked_for() -> None:
    """A feed that refers to a definition elsewhere is read without it."""
    text = RSS.format(ITEM.format("A", "/a", "")).replace(
        "<rss", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd"><rss'
    )

    assert 1 == len(read(text).candidates)


@pytest.mark.parametrize("end", [0, -30])
def test_broken_markup_is_mended_and_told(end: int) -> None:
    """Of a feed that is cut or wrongly nested, what is whole is read, and the poll says that it was broken."""
    text = RSS.format(ITEM.format("A & B", "/a", "") + ITEM.format("C", "/c", ""))
    listing = read(text[: end or None])

    assert "https://bao.example/a" == listing.candidates[0].url
    assert listing.notes[0].startswith("broken XML was mended: ")


def test_a_million_entries_are_bounded() -> None:
    """Of a feed without end the first entries are read, in bounded time, and the poll says so."""
    started = time.perf_counter()
    listing = read(RSS.format("".join(f"<item><link>/{n}</link></item>" for n in range(1_000_000))))

    assert BOUNDS.entries == len(listing.candidates)
    assert (f"more than {BOUNDS.entries} entries; the rest was not read",) == listing.notes
    assert time.perf_counter() - started < 30


def test_half_a_surrogate_pair_can_be_written() -> None:
    r"""JSON can say \ud800, which no UTF-8 holds."""
    listing = read(r'{"items": [{"url": "/a\ud800", "title": "A\ud800", "date_published": "\ud8004/2/2026"}]}')

    assert "A?" == listing.candidates[0].title
    assert "?4/2/2026" == listing.candidates[0].published_raw


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: RSS.format(text).encode())))
def test_no_bytes_raise(content: bytes) -> None:
    """Any bytes are a listing or a failure."""
    assert isinstance(read(content), Listing | Failure)
