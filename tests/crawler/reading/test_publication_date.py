"""When an article was published is decided by the best claim that can be believed."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.reading.metadata import read_facts
from crawler.reading.publication_date import modification, printed_moments, publication

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 2, 10, tzinfo=UTC)
URL = "https://bao.example/bai.html"


def decide(head="", declared=(), candidate=None, stray=(), url=URL, zone=HANOI):
    """When a page with this head was published."""
    facts = read_facts(LexborHTMLParser(head), url)
    return publication(facts, declared, candidate, stray, url, zone, "dmy", NOW)


def ld(when):
    """JSON-LD that dates an article."""
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{when}"}}</script>'


def meta(when):
    """A meta that dates an article."""
    return f'<meta property="article:published_time" content="{when}">'


FEED = Candidate(
    URL, published_at=datetime(2026, 2, 4, 18, 30, tzinfo=UTC), published_raw="Wed, 04 Feb 2026 18:30:00 GMT"
)


@pytest.mark.parametrize(
    ("asked", "source", "day", "hour"),
    [
        pytest.param(
            {"head": ld("2026-02-04T18:30:00Z") + meta("2026-02-01T00:00:00Z")}, "json-ld", 5, 18, id="JSON-LD"
        ),
        pytest.param({"head": meta("2026-02-04T18:30:00Z"), "candidate": FEED}, "meta", 5, 18, id="metas next"),
        pytest.param({"declared": ["04/02/2026 08:47"], "candidate": FEED}, "page", 4, 1, id="then the rules"),
        pytest.param({"candidate": FEED, "stray": ["01/02/2026 08:47"]}, "feed", 5, 18, id="then the feed"),
        pytest.param({"stray": ["04/02/2026 08:47"]}, "page", 4, 1, id="then anything printed"),
        pytest.param({"url": "https://bao.example/2026/02/04/bai.html"}, "url", 4, None, id="the address last"),
        pytest.param(
            {"head": ld("2026-02-04") + meta("2026-02-04T08:47:00+07:00")}, "meta", 4, 1, id="an instant on the day"
        ),
        pytest.param(
            {"head": ld("2026-02-04") + meta("2026-01-01T08:47:00+07:00")}, "json-ld", 4, None, id="not of another"
        ),
        pytest.param(
            {"head": ld("2027-02-04T00:00:00Z") + meta("2026-02-04T08:47:00+07:00")}, "meta", 4, 1, id="no future"
        ),
        pytest.param({"head": ld("0001-01-01") + meta("2026-02-04T08:47:00+07:00")}, "meta", 4, 1, id="no placeholder"),
        pytest.param({"head": meta("2026-02-04T08:47:00"), "zone": None}, "meta", 4, None, id="no zone, no instant"),
        pytest.param({"head": meta("2026-02-04T18:30:00Z"), "zone": None}, "meta", 4, 18, id="the page's own offset"),
    ],
)
def test_ranks_the_claims(asked, source, day, hour):
    """Page data, rules, feed, print, address: the first that can be believed gives day and instant."""
    when = decide(**asked)

    assert (source, date(2026, 2, day)) == (when.source, when.day)
    assert hour == (when.instant.hour if when.instant else None)


def test_says_when_only_the_future_claims_it():
    """A page that is dated in the future alone is refused."""
    refused = decide(ld("2026-03-04T00:00:00Z"))

    assert isinstance(refused, Failure)
    assert Reason.FUTURE_DATE == refused.reason


def test_bears_a_clock_that_is_hours_ahead():
    """Less than a day ahead is a clock that is wrong, not a future."""
    assert date(2026, 2, 10) == decide(ld("2026-02-10T15:00:00Z")).day


def test_nothing_says_when():
    """A page without a time has none."""
    assert decide() is None


def test_finds_printed_times():
    """Times in markup come before times that are merely printed."""
    tree = LexborHTMLParser(
        '<div class="post-date">Thứ tư, 4/2/2026, 19:25 (GMT+7)</div><div class=date>hôm qua</div>'
        '<article><time datetime="2026-02-04T19:25:00+07:00">x</time></article>'
    )

    found = list(printed_moments(tree, HANOI, "dmy"))

    assert "2026-02-04T19:25:00+07:00" == found[0]
    assert any("4/2/2026" in words for words in found)


def test_reads_the_last_change():
    """The modified time is an instant that is not in the future, or nothing."""
    head = '<meta property="article:modified_time" content="{}">'
    facts = [
        read_facts(LexborHTMLParser(head.format(when)), URL)
        for when in ("2026-02-05T08:00:00+07:00", "2027-01-01", "x")
    ]

    assert [datetime(2026, 2, 5, 1, tzinfo=UTC), None, None] == [modification(f, HANOI, "dmy", NOW) for f in facts]


@pytest.mark.parametrize(
    ("asked", "raw"),
    [
        ({"head": ld("2026-02-04") + meta("2026-01-01")}, "2026-02-04 (but meta: 2026-01-01)"),
        ({"head": ld("2026-02-01"), "candidate": FEED}, "2026-02-01 (but feed: Wed, 04 Feb 2026 18:30:00 GMT)"),
        ({"head": ld("2026-02-04"), "candidate": FEED}, "Wed, 04 Feb 2026 18:30:00 GMT"),
        ({"head": ld("2026-02-04"), "url": f"{URL[:-9]}/2026/01/30/bai.html"}, "2026-02-04 (but url: 2026-01-30)"),
        ({"head": ld("2026-02-04"), "url": f"{URL[:-9]}/a-196260207113547841.htm"}, "2026-02-04 (but url: 2026-02-07)"),
        ({"head": ld("2026-02-04"), "url": f"{URL[:-9]}/a-196260203113547841.htm"}, "2026-02-04"),
        ({"head": ld("2026-02-04") + meta("2027-01-01")}, "2026-02-04"),
    ],
)
def test_a_disagreement_is_written_down(asked, raw):
    """A source that is more than a day away from the chosen one is kept beside its words; the future is no source."""
    assert raw == decide(**asked).raw
