"""Deciding when an article was published, by its best plausible claim."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.parsing.dates import DateStyle
from crawler.reading.metadata import read_metadata
from crawler.reading.printed_dates import PrintedTime
from crawler.reading.publication_date import decide_publication, is_doubtful, read_modification, with_last_resort

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 2, 10, tzinfo=UTC)
URL = "https://bao.example/bai.html"


def decide(head="", declared=(), candidate=None, stray=(), url=URL, zone=HANOI, near=True):
    """Return the publication date of a page with this head."""
    facts = read_metadata(LexborHTMLParser(head), url)
    style = DateStyle(zone, "dmy")
    printed = [PrintedTime(moment, near) for words in stray if (moment := style.read(words))]
    return decide_publication(facts, declared, candidate, printed, url, style, NOW)


def ld(when):
    """Return JSON-LD that dates an article."""
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{when}"}}</script>'


def meta(when):
    """Return a meta that dates an article."""
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
    """The first plausible claim wins: metadata, rules, feed, printed time, address."""
    when = decide(**asked)

    assert (source, date(2026, 2, day)) == (when.source, when.day)
    assert hour == (when.instant.hour if when.instant else None)


def test_a_date_in_the_future_is_refused():
    """A page whose only date is in the future is refused."""
    refused = decide(ld("2026-03-04T00:00:00Z"))

    assert isinstance(refused, Failure)
    assert Reason.FUTURE_DATE == refused.reason


def test_accepts_a_clock_that_is_hours_ahead():
    """A time less than a day ahead comes from a wrong clock and is accepted."""
    assert date(2026, 2, 10) == decide(ld("2026-02-10T15:00:00Z")).day


def test_a_page_without_a_date():
    """A page without a time has no date."""
    assert decide() is None


def test_reads_the_last_change():
    """The modified time is an instant that is not in the future, or None."""
    head = '<meta property="article:modified_time" content="{}">'
    facts = [
        read_metadata(LexborHTMLParser(head.format(when)), URL)
        for when in ("2026-02-05T08:00:00+07:00", "2027-01-01", "x")
    ]

    assert [datetime(2026, 2, 5, 1, tzinfo=UTC), None, None] == [
        read_modification(f, DateStyle(HANOI, "dmy"), NOW) for f in facts
    ]


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
def test_a_disagreement_is_recorded(asked, raw):
    """A claim more than a day from the chosen one is recorded beside it; a claim in the future is not."""
    assert raw == decide(**asked).raw


@pytest.mark.parametrize(
    ("asked", "day", "instant"),
    [
        pytest.param(
            {"head": meta("2026-02-04T02:25:00Z"), "url": "https://bao.example/2026/02/03/bai/", "zone": None},
            3,
            datetime(2026, 2, 4, 2, 25, tzinfo=UTC),
            id="the day in the address",
        ),
        pytest.param(
            {"head": meta("2026-02-04T02:25:00Z"), "stray": ["3 February 2026"], "zone": None},
            3,
            datetime(2026, 2, 4, 2, 25, tzinfo=UTC),
            id="the printed day",
        ),
        pytest.param(
            {"head": meta("2026-02-04T19:25:00Z"), "stray": ["3 February 2026"], "zone": None},
            4,
            datetime(2026, 2, 4, 19, 25, tzinfo=UTC),
            id="no zone is so far west",
        ),
        pytest.param(
            {"head": meta("2026-02-04T02:25:00+00:00"), "stray": ["1 February 2026"], "zone": None},
            4,
            datetime(2026, 2, 4, 2, 25, tzinfo=UTC),
            id="another day altogether",
        ),
        pytest.param(
            {"head": ld("2026-02-04T02:25:00Z") + meta("2026-02-03T21:25:00-05:00"), "zone": None},
            3,
            datetime(2026, 2, 4, 2, 25, tzinfo=UTC),
            id="another claim of the same instant",
        ),
        pytest.param(
            {"head": meta("2026-02-03T23:40:00Z"), "stray": ["03/02/2026 23:40"]},
            3,
            datetime(2026, 2, 3, 16, 40, tzinfo=UTC),
            id="a local time that is marked as UTC",
        ),
        pytest.param(
            {"head": meta("2026-02-03T23:40:00Z"), "stray": ["04/02/2026 06:40"]},
            4,
            datetime(2026, 2, 3, 23, 40, tzinfo=UTC),
            id="UTC indeed",
        ),
        pytest.param(
            {"head": meta("2026-02-04T02:25:00Z"), "stray": ["3 February 2026"], "zone": None, "near": False},
            4,
            datetime(2026, 2, 4, 2, 25, tzinfo=UTC),
            id="a day that is printed somewhere",
        ),
    ],
)
def test_the_civil_day_is_the_printed_one(asked, day, instant):
    """If metadata are in UTC, the address or a line beside the headline gives the outlet's civil day."""
    when = decide(**asked)

    assert (date(2026, 2, day), instant) == (when.day, when.instant)


@pytest.mark.parametrize(
    ("asked", "source", "day"),
    [
        pytest.param(
            {"head": ld("2026-02-01T08:00:00Z") + meta("2026-02-04T08:00:00Z"), "stray": ["04/02/2026 15:00"]},
            "meta",
            4,
            id="print confirms the meta",
        ),
        pytest.param(
            {"head": ld("2026-02-01T08:00:00Z") + meta("2026-02-04T08:00:00Z"), "declared": ["04/02/2026 15:00"]},
            "meta",
            4,
            id="the outlet's rules confirm the meta",
        ),
        pytest.param(
            {"head": ld("2026-02-01T08:00:00Z") + meta("2026-02-04T18:30:00Z"), "candidate": FEED},
            "meta",
            5,
            id="the feed confirms the meta",
        ),
        pytest.param(
            {"head": ld("2026-02-01T08:00:00Z") + meta("2026-02-04T08:00:00Z"), "stray": ["01/02/2026"]},
            "json-ld",
            1,
            id="print confirms JSON-LD",
        ),
        pytest.param(
            {"head": ld("2026-02-01T08:00:00Z") + meta("2026-02-04T08:00:00Z"), "stray": ["03/02/2026"]},
            "json-ld",
            1,
            id="print confirms neither",
        ),
    ],
)
def test_a_contradiction_is_decided_by_another_source(asked, source, day):
    """If JSON-LD and metas contradict each other, the one that another source repeats is chosen."""
    when = decide(**asked)

    assert (source, date(2026, 2, day)) == (when.source, when.day)


def test_an_ambiguous_day_is_parsed_as_the_page_prints_it():
    """11/01/2025 on a page that prints 1 November is in November, whatever the order of its language."""
    head = meta("11/01/2025 12:43:42")

    assert date(2025, 11, 1) == decide(head, stray=["01.11.2025"], near=False).day
    assert date(2025, 1, 11) == decide(head, stray=["11.01.2025"]).day
    assert date(2025, 1, 11) == decide(head).day


@pytest.mark.parametrize(
    ("head", "doubtful"),
    [
        (meta("2026-02-04T08:47:00+07:00"), False),
        (meta("2026-02-04T08:47:00+07:00") + ld("2026-02-04T01:47:00+00:00"), False),
        (meta("2026-02-04T08:47:00Z"), True),
        (meta("2026-02-04T08:47:00+07:00") + ld("2026-02-03T01:47:00+00:00"), True),
        (meta("2026-02-04"), True),
        (meta("04/03/2026 08:47"), True),
        ("", True),
    ],
)
def test_printed_times_are_read_if_the_metadata_leave_a_doubt(head, doubtful):
    """Printed times are read unless the metadata agree on an instant with an offset."""
    facts = read_metadata(LexborHTMLParser(head), URL)

    assert doubtful is is_doubtful(facts, (), None, DateStyle(HANOI, "dmy"))


@pytest.mark.parametrize(
    ("head", "declared", "doubtful"),
    [
        pytest.param("", "14/02/2026 08:47", False, id="by the rules alone"),
        pytest.param("", "14/02/2026", True, id="a day alone"),
        pytest.param(meta("2026-02-14T08:47:00+07:00"), "14/02/2026 08:47", False, id="confirmed"),
        pytest.param(meta("2026-02-14T08:47:00+07:00"), "13/02/2026 08:47", True, id="contradicted"),
    ],
)
def test_a_time_by_the_rules_of_an_outlet_settles_a_doubt(head, declared, doubtful):
    """No other printed time is read if the outlet's rules give an instant that the metadata do not contradict."""
    facts = read_metadata(LexborHTMLParser(head), URL)

    assert doubtful is is_doubtful(facts, [declared], None, DateStyle(HANOI, "dmy"))


@pytest.mark.parametrize(
    ("raw", "doubtful"), [("Sat, 14 Feb 2026 08:47:00 +0700", False), ("2026-02-14T01:47:00Z", True)]
)
def test_an_instant_in_the_source_settles_a_doubt(raw, doubtful):
    """No printed time is read if the source of the link gives an instant, unless in UTC, whose day may be another."""
    facts = read_metadata(LexborHTMLParser(""), URL)
    candidate = Candidate(URL, "", datetime(2026, 2, 14, 1, 47, tzinfo=UTC), raw)

    assert doubtful is is_doubtful(facts, (), candidate, DateStyle(HANOI, "dmy"))


FOOTNOTE = "<html><body><h1>Nhan đề</h1><p>Đoạn văn.</p><p>Bài đăng lần đầu: 2026-02-04</p></body></html>"


def last_resort(known, markup):
    """Return the date of a page after the last resort, by all that the page shows."""
    tree = LexborHTMLParser(markup)
    lines = [node.text(deep=True) for node in tree.css("h1,p,figcaption")]
    return with_last_resort(known, markup, lines, read_metadata(tree, URL), NOW)


def test_the_last_resort_dates_an_undated_page():
    """The day that htmldate finds dates a page that is otherwise undated, and the date's source says so."""
    when = last_resort(None, FOOTNOTE)

    assert (date(2026, 2, 4), None, "htmldate", True) == (when.day, when.instant, when.source, when.weak)


def test_the_last_resort_never_replaces_a_claim():
    """A weak claim keeps its day and records htmldate's; a strong claim does not use htmldate."""
    weak = decide(stray=["01/02/2026"], near=False)
    strong = decide(meta("2026-02-01T08:47:00+07:00"))

    noted = last_resort(weak, FOOTNOTE)

    assert (date(2026, 2, 1), "01/02/2026 (but htmldate: 2026-02-04)") == (noted.day, noted.raw)
    assert strong is last_resort(strong, FOOTNOTE)


def test_the_last_resort_takes_no_day_of_a_change():
    """A day behind a word such as "edited" is not that of publication, whichever way it is found."""
    assert last_resort(None, FOOTNOTE.replace("Bài đăng lần đầu", "Chỉnh sửa lần cuối")) is None


def test_the_last_resort_may_find_nothing():
    """A page without any date stays undated."""
    assert last_resort(None, "<html><body><p>Đoạn văn.</p></body></html>") is None


@pytest.mark.parametrize(
    ("headline", "line", "day"),
    [
        pytest.param("Nhan đề", "4. Februar 2026", 4, id="a line of its own"),
        pytest.param("Wochenbericht bis 4. Februar 2026", "Text.", None, id="only in the headline"),
        pytest.param("Wochenbericht bis 4. Februar 2026", "4. Februar 2026", 4, id="in both"),
        pytest.param(
            "Nhan đề", f"{'Die Karte zeigt den Schnee im Tal. ' * 4}Aufnahme vom 4. Februar 2026", None, id="prose"
        ),
    ],
)
def test_the_last_resort_takes_no_day_of_an_event(headline, line, day):
    """A day that stands only in the headline or in a sentence is that of an event: the page stays undated."""
    when = last_resort(None, f"<html lang=de><title>{headline}</title><h1>{headline}</h1><p>{line}</p></html>")

    assert (day and date(2026, 2, day)) == (when and when.day)


@pytest.mark.parametrize(
    ("name", "printed", "day"),
    [
        pytest.param("date", "04/02/2026 13:30", 4, id="a meta without a purpose"),
        pytest.param("date", "09/02/2026 13:30", 8, id="a later day"),
        pytest.param("date", "", 8, id="nothing printed"),
        pytest.param("article:published_time", "04/02/2026 13:30", 8, id="a meta for publication"),
    ],
)
def test_the_time_of_the_request_is_no_publication(name, printed, day):
    """`meta name=date` may be the time of the request: an earlier day printed beside the headline is preferred."""
    head = f'<meta name="{name}" content="2026-02-08T14:32:06+07:00">'

    assert date(2026, 2, day) == decide(head, stray=[printed] if printed else []).day
    assert (name == "date") is is_doubtful(
        read_metadata(LexborHTMLParser(head), URL), (), None, DateStyle(HANOI, "dmy")
    )


@pytest.mark.parametrize(
    ("node", "printed", "day"),
    [
        pytest.param('"datePublished": "2015-02-03"', "04/02/2026", date(2026, 2, 4), id="of all pages"),
        pytest.param('"datePublished": "2026-02-09T08:00:00Z"', "04/02/2026", date(2026, 2, 4), id="of the request"),
        pytest.param('"datePublished": "2015-02-03"', "", date(2015, 2, 3), id="nothing printed"),
        pytest.param(
            f'"url": "{URL}", "datePublished": "2015-02-03"', "04/02/2026", date(2015, 2, 3), id="of this page"
        ),
    ],
)
def test_a_bare_web_page_gives_way_to_the_printed_day(node, printed, day):
    """A `WebPage` without address and headline may date all pages of a site; the day beside the headline is better."""
    head = f'<script type="application/ld+json">{{"@type": "WebPage", {node}}}</script>'

    assert day == decide(head, stray=[printed] if printed else []).day


@pytest.mark.parametrize(
    ("line", "day"),
    [("Tháng 9/2004", None), ("01/09/2004", 1), ("1. September 2004", 1), ("September 1, 2004", 1)],
)
def test_the_last_resort_takes_no_month_for_its_first_day(line, day):
    """For a month without a day htmldate returns its first day: such a day is not used."""
    when = last_resort(None, f"<html><h1>Nhan đề</h1><p>Ausgabe September 2004</p><p>{line}</p></html>")

    assert (day and date(2004, 9, day)) == (when and when.day)
