"""Reading links, headlines and times from feeds of every kind, valid or broken."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from crawler.discovery.entries import BOUNDS, TimeRules
from crawler.discovery.feeds import read_feed
from crawler.page import Listing, Page

RULES = TimeRules(ZoneInfo("Asia/Ho_Chi_Minh"), datetime(2026, 2, 10, tzinfo=UTC), "dmy")
URL = "https://bao.example/rss/home.rss"
AT = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
RSS = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{}</channel></rss>'
ITEM = "<item><title>{}</title><link>{}</link><pubDate>{}</pubDate></item>"


def read(text: str | bytes, content_type: str = "") -> Listing | Failure:
    """Read a feed."""
    content = text.encode() if isinstance(text, str) else text
    return read_feed(Page(URL, content, content_type), RULES)


def only(text: str | bytes) -> tuple[str, str, datetime | None]:
    """Return the address, the headline and the instant of a feed's only entry."""
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
    "a JSON Feed with the comment of a cache": json.dumps(
        {"items": [{"url": WANTED[0], "title": WANTED[1], "date_published": "2026-02-04T19:25:00+07:00"}]}
    )
    + "\n<!-- Cached page generated in 0.2 seconds -->",
    "an address of the scheme feed": RSS.format(
        ITEM.format("Tiêu đề một", "feed:https://bao.example/bai-1.html", "2026-02-04 19:25")
    ),
    "a wrapped address": RSS.format(
        ITEM.format("Tiêu đề một", "\n  https://bao.example/\n      bai-1.html\n  ", "2026-02-04 19:25")
    ),
    "a text about entities": RSS.format(ITEM.format("Tiêu đề một", "/bai-1.html", "2026-02-04 19:25")).replace(
        "</item>", '<description><![CDATA[<!ENTITY ba "bà">]]></description></item>'
    ),
    "junk before the document": "\n<br>Warning: deprecated\n"[5:]
    + RSS.format(ITEM.format("Tiêu đề một", "/bai-1.html", "2026-02-04 19:25")),
    "control characters": RSS.format(ITEM.format("Tiêu\x0b đề\x00 một", "/bai-1.html", "2026-02-04 19:25")),
}


@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_every_kind_is_read(text: str) -> None:
    """Address, headline and instant are read from each kind of feed."""
    assert WANTED == only(text)


def test_a_wrongly_named_encoding_does_no_harm() -> None:
    """A feed in UTF-16, and one with a wrong label, are decoded correctly."""
    text = RSS.format(ITEM.format("Tiêu đề một", "/bai-1.html", "2026-02-04 19:25"))

    assert WANTED == only(text.encode("utf-16"))
    assert WANTED == only(text.replace("utf-8", "iso-8859-1").encode())


def test_the_time_of_a_change_does_not_date_an_entry() -> None:
    """`updated`, `modified` and `created` are not times of publication."""
    for name in ("updated", "modified", "created"):
        text = f"<feed><entry><link href='/a'/><title>A</title><{name}>2026-02-04T00:00:00Z</{name}></entry></feed>"

        assert ("https://bao.example/a", "A", None) == only(text)


def test_a_time_in_the_future_is_noted_and_rejected() -> None:
    """An entry dated next year keeps its raw time and gets no instant, and a note says so."""
    listing = read(
        RSS.format(ITEM.format("A", "/a", "2027-01-01T00:00:00Z") + ITEM.format("B", "/b", "1970-01-01T00:00Z"))
    )

    assert [None, None] == [candidate.published_at for candidate in listing.candidates]
    assert "2027-01-01T00:00:00Z" == listing.candidates[0].published_raw
    assert ("2 entries carry a time that cannot be, the first '2027-01-01T00:00:00Z'",) == listing.notes


@pytest.mark.parametrize(
    ("order", "instant"), [("dmy", AT), ("mdy", datetime(2026, 4, 2, 12, 25, tzinfo=UTC)), ("", None)]
)
def test_an_ambiguous_day_is_read_in_the_order_of_the_outlet(order, instant) -> None:
    """4/2/2026 is in February or April, as the outlet declares, and is not parsed if that is unknown."""
    rules = TimeRules(RULES.zone, datetime(2026, 5, 1, tzinfo=UTC), order)
    page = Page(URL, RSS.format(ITEM.format("A", "/a", "4/2/2026 19:25")).encode())

    assert instant == read_feed(page, rules).candidates[0].published_at


def test_an_entry_without_a_link_is_left_out() -> None:
    """Entries without an address are left out and counted; a repeated address counts once."""
    links = ("", "mailto:a@b.example", "http://[", "/a", "/a")
    listing = read(RSS.format("".join(ITEM.format("A", link, "") for link in links)))

    assert ["https://bao.example/a"] == [candidate.url for candidate in listing.candidates]
    assert ("3 entries have no address",) == listing.notes


WAITS = {
    "<ttl>30</ttl>": 1800.0,
    "<ttl>0</ttl>": None,
    "<ttl>soon</ttl>": None,
    "<ttl>²</ttl>": None,
    "<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>hourly</sy:updatePeriod>": 3600.0,
    "<a:updatePeriod xmlns:a='http://purl.org/rss/1.0/modules/syndication/'>Daily</a:updatePeriod>"
    "<a:updateFrequency xmlns:a='http://purl.org/rss/1.0/modules/syndication/'>4</a:updateFrequency>": 21600.0,
    "<sy:updatePeriod xmlns:sy='x'>now and then</sy:updatePeriod>": None,
    "": None,
}


@pytest.mark.parametrize(("text", "seconds"), WAITS.items())
def test_a_feed_may_ask_to_wait(text: str, seconds: float | None) -> None:
    """`ttl` is in minutes; the syndication module names a period."""
    assert seconds == read(RSS.format(text)).ttl


BAD = {
    "HTML": ("<!doctype html><html><body>Không tìm thấy</body></html>", "not a feed; its root is <html>"),
    "a sitemap": ("<urlset/>", "not a feed; its root is <urlset>"),
    "text": ("404 not found", "not XML; it begins with '404 not found'"),
    "nothing": ("", "not XML; it begins with ''"),
    "a start and no more": ("<", "not XML; it begins with '<'"),
    "a comment alone": ("<!-- x -->", "not XML; it begins with '<!-- x -->'"),
    "a name and no more": ("<?xml version='1.0'?>", "not XML; it begins with "),
    "JSON that is cut": ('{"items": [', "neither XML nor JSON"),
    "JSON that is none": ('{"a": 1}', "not a JSON Feed; it has no items"),
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
def test_a_document_that_is_not_a_feed_is_malformed(text: str, detail: str) -> None:
    """The failure is one clear line with the address."""
    failure = read(text)

    assert isinstance(failure, Failure)
    assert Reason.MALFORMED == failure.reason
    assert f"{URL}: {detail}" == failure.detail[: len(URL) + 2 + len(detail)]


def test_no_external_definition_is_loaded() -> None:
    """A feed that refers to an external definition is read without it."""
    text = RSS.format(ITEM.format("A", "/a", "")).replace(
        "<rss", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd"><rss'
    )

    assert 1 == len(read(text).candidates)


@pytest.mark.parametrize("end", [0, -30])
def test_broken_markup_is_repaired_and_noted(end: int) -> None:
    """Whole entries of a truncated or wrongly escaped feed are read, and a note says that it was broken."""
    text = RSS.format(ITEM.format("A & B", "/a", "") + ITEM.format("C", "/c", ""))
    listing = read(text[: end or None])

    assert "https://bao.example/a" == listing.candidates[0].url
    assert listing.notes[0].startswith("broken XML was repaired: ")


@pytest.mark.slow
def test_a_million_entries_are_bounded() -> None:
    """Only the first entries of an endless feed are read, in bounded time, and a note says so."""
    started = time.process_time()
    listing = read(RSS.format("".join(f"<item><link>/{n}</link></item>" for n in range(1_000_000))))

    assert BOUNDS.entries == len(listing.candidates)
    assert (f"more than {BOUNDS.entries} entries; the rest was not read",) == listing.notes
    assert time.process_time() - started < 30


def test_half_a_surrogate_pair_can_be_stored() -> None:
    r"""JSON can contain \ud800, which UTF-8 cannot."""
    listing = read(r'{"items": [{"url": "/a\ud800", "title": "A\ud800", "date_published": "\ud8004/2/2026"}]}')

    assert "A?" == listing.candidates[0].title
    assert "?4/2/2026" == listing.candidates[0].published_raw


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
ENTRY = "<entry><title>Phà chạy đêm</title>{}</entry>"
NIGHT = "https://bao.example/pha-chay-dem"
JSON_LINK = '<link rel="alternate" type="application/json" href="https://bao.example/api/1.json"/>'
LINKS = {
    "an id that is an address": ATOM.format(ENTRY.format(f"<id>{NIGHT}</id>")),
    "a guid that is no permalink": RSS.format(f'<item><title>A</title><guid isPermaLink="false">{NIGHT}</guid></item>'),
    "the page among several alternates": ATOM.format(
        ENTRY.format(f'{JSON_LINK}<link rel="alternate" type="text/html" href="{NIGHT}"/>')
    ),
    "an alternate without a type": ATOM.format(ENTRY.format(f'{JSON_LINK}<link href="{NIGHT}"/>')),
    "a relation in capitals": ATOM.format(ENTRY.format(f'<link rel="Alternate" href="{NIGHT}"/>')),
    "a relation as an address": ATOM.format(
        ENTRY.format(f'<link rel="http://www.iana.org/assignments/relation/alternate" href="{NIGHT}"/>')
    ),
    "an alternate of another scheme": ATOM.format(
        ENTRY.format(f'<link rel="alternate" href="nostr:abc"/><link href="{NIGHT}"/>')
    ),
    "the link of the item, not of its picture": RSS.format(
        "<item><title>A</title><image><link>https://anh.example/</link></image>"
        f"<media:link xmlns:media='http://search.yahoo.com/mrss/'>https://anh.example/1</media:link><link>{NIGHT}</link></item>"
    ),
}


@pytest.mark.parametrize("text", LINKS.values(), ids=LINKS)
def test_the_link_to_the_page_is_chosen(text: str) -> None:
    """Of all links of an entry, the link to the article's page is chosen."""
    listing = read(text)

    assert [NIGHT] == [candidate.url for candidate in listing.candidates]


AMPERSANDS = {
    "bare": ("tin.php?id=7&cat=3&lang=vi", "AT&T và M & S"),
    "escaped": ("tin.php?id=7&amp;cat=3&amp;lang=vi", "AT&amp;T và M &amp; S"),
    "escaped twice": ("tin.php?id=7&amp;amp;cat=3&amp;amp;lang=vi", "AT&amp;amp;T và M &amp;amp; S"),
    "in CDATA": ("<![CDATA[tin.php?id=7&cat=3&lang=vi]]>", "<![CDATA[AT&T và M & S]]>"),
}


@pytest.mark.parametrize(("link", "title"), AMPERSANDS.values(), ids=AMPERSANDS)
def test_no_character_of_an_address_or_headline_is_lost(link: str, title: str) -> None:
    """An ampersand stays an ampersand, however it is written."""
    assert ("https://bao.example/rss/tin.php?id=7&cat=3&lang=vi", "AT&T và M & S", None) == only(
        RSS.format(ITEM.format(title, link, ""))
    )


def test_a_parameter_named_like_a_reference_stays() -> None:
    """`&copy=` in an address is not a copyright sign, because a reference ends with a semicolon."""
    assert "https://bao.example/a?x=1&copy=2&reg=3" == only(RSS.format(ITEM.format("A", "/a?x=1&copy=2&reg=3", "")))[0]


def test_a_bare_bracket_in_a_headline_stays() -> None:
    """A `<` that does not begin a tag is text."""
    assert "Dưới <10% & giảm" == only(RSS.format(ITEM.format("Dưới <10% & giảm", "/a", "")))[1]


def test_references_are_decoded_as_windows_1252() -> None:
    """&#147; and its neighbours are quotes and dashes (HTML, 13.2.5.80), not control characters."""
    assert "“Thử” – xong" == only(RSS.format(ITEM.format("&#147;Thử&#148; &#150; xong", "/a", "")))[1]


UNCLOSED = {
    "a link": RSS.format(
        f"<item><title>A</title><link>{NIGHT}<pubDate>4/2/2026</pubDate></item>" + ITEM.format("B", "/b", "")
    ),
    "an enclosure": RSS.format(
        f'<item><title>A</title><enclosure url="/1.mp3"><link>{NIGHT}</link></item>' + ITEM.format("B", "/b", "")
    ),
    "a line break in a description": RSS.format(
        f"<item><title>A</title><description>mưa<br>và gió</description><link>{NIGHT}</link></item>"
        + ITEM.format("B", "/b", "")
    ),
    "a picture": RSS.format(
        f'<item><title>A</title><media:content url="/1.jpg"><link>{NIGHT}</link></item>' + ITEM.format("B", "/b", "")
    ),
}


@pytest.mark.parametrize("text", UNCLOSED.values(), ids=UNCLOSED)
def test_an_unclosed_element_does_not_swallow_the_next(text: str) -> None:
    """Every entry is found, and its address is complete, even if an element is not closed."""
    listing = read(text)

    assert [NIGHT, "https://bao.example/b"] == [candidate.url for candidate in listing.candidates]


@pytest.mark.parametrize(
    "junk",
    [
        "<br />\n<b>Deprecated</b>: dynamic property in <b>/srv/a.php</b> on line <b>61</b><br />\n",
        "\nWarning: Undefined variable $x in /srv/www/html/a.php on line 3\n" * 9,
        "<!-- cached at 19:25 -->\n",
    ],
)
def test_warnings_before_the_document_do_not_hide_it(junk: str) -> None:
    """Text that PHP or a cache prints before the root element is skipped."""
    assert WANTED == only(junk + RSS.format(ITEM.format("Tiêu đề một", "/bai-1.html", "2026-02-04 19:25")))


@pytest.mark.parametrize(
    "cut", ["<link>https://bao.example/mot-bai-d", '<link href="https://bao.example/mot-', "<link><![CDATA[https://b"]
)
def test_an_address_at_a_cut_end_is_dropped(cut: str) -> None:
    """Half an address is useless: the entry before it is read, and a note says where the feed ends."""
    listing = read(RSS.format(ITEM.format("A", "/a", "") + "<item><title>B</title>" + cut + "§").partition("§")[0])

    assert ["https://bao.example/a"] == [candidate.url for candidate in listing.candidates]
    assert listing.notes[0].startswith("broken XML was repaired: it is truncated after ")


def test_another_time_is_used_if_the_first_cannot_be_parsed() -> None:
    """`dc:date` dates an item if its `pubDate` is not a time; if none can be parsed, a note says so."""
    text = "<item xmlns:dc='http://purl.org/dc/elements/1.1/'><link>/a</link><pubDate>hôm qua</pubDate>{}</item>"

    assert AT == only(RSS.format(text.format("<dc:date>2026-02-04T12:25:00Z</dc:date>")))[2]
    assert ("1 entries carry a time that cannot be read, the first 'hôm qua'",) == read(
        RSS.format(text.format(""))
    ).notes


def test_a_time_is_parsed_by_us_and_not_by_feedparser() -> None:
    """IST is Indian time, UTC+5:30; feedparser takes it for UTC."""
    clock = TimeRules(ZoneInfo("Asia/Kolkata"), RULES.now, "dmy")
    page = Page(URL, RSS.format(ITEM.format("A", "/a", "Wed, 04 Feb 2026 17:55:00 IST")).encode())

    assert AT == read_feed(page, clock).candidates[0].published_at


JSON_ITEM = {"url": NIGHT, "title": "A", "date_published": 1770207900}


def test_json_feeds_are_read_leniently() -> None:
    """Line breaks in strings, and seconds instead of a time, are accepted."""
    text = json.dumps({"items": [JSON_ITEM | {"content_html": "một§hai"}]}, ensure_ascii=False).replace("§", "\n\t")

    assert (NIGHT, "A", AT) == only(text)


HOSTILE = {
    "deep": "<item>" * 100_000,
    "attributes": f"<item {' '.join(f'a{n}=' + chr(34) + 'b' + chr(34) for n in range(50_000))}/>",
    "open comments": "<!--" * 200_000,
    "open CDATA": "<![CDATA[" * 200_000,
    "ampersands": "&" * 500_000,
    "brackets": "<" * 500_000,
    "open links": "<link>" * 100_000,
    "quotes": "<item a='" * 50_000,
    "namespaces": "".join(f"<n{n}:item xmlns:n{n}='u{n}'>" for n in range(5_000)),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_feeds_take_bounded_time(body: str) -> None:
    """Hostile feeds are read or refused well within the time limit of a worker."""
    began = time.process_time()

    assert isinstance(read(RSS.format(body)), Listing | Failure)
    assert time.process_time() - began < 15


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: RSS.format(text).encode())))
def test_no_content_raises(content: bytes) -> None:
    """Any content gives a listing or a failure."""
    assert isinstance(read(content), Listing | Failure)


def test_american_times_are_parsed_with_the_other_times_of_the_feed() -> None:
    """The month of 2/10/2026 7:25:00 PM alone is ambiguous; the next entry, 2/9/2026, decides it."""
    times = ("2/10/2026 7:25:00 AM", "2/9/2026 7:25:00 PM")
    items = "".join(ITEM.format("Tiêu đề", f"/bai-{n}.html", words) for n, words in enumerate(times))

    listing = read(RSS.format(items))

    assert isinstance(listing, Listing)
    assert [datetime(2026, 2, 10, 0, 25, tzinfo=UTC), datetime(2026, 2, 9, 12, 25, tzinfo=UTC)] == [
        candidate.published_at for candidate in listing.candidates
    ]
