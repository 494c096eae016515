"""When sources and pages are fetched again."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from months import Seen, adaptive, evenly, outcome, published

from archive.articles.deletions import CONFIRMED_AFTER
from archive.articles.model import Article
from archive.errors import Failure, Reason
from archive.ledger.model import AddressState, SourceState
from archive.record import Document, Record
from crawler.outlets.model import Source
from schedules.timing.due_times import (
    FIRST_INTERVAL,
    LONGEST_INTERVAL,
    MISSING_RECHECK_SECONDS,
    RECHECK_AGES,
    SHORTEST_INTERVAL,
    next_check,
    next_grid_time,
    next_interval,
    next_poll,
    next_visit,
)
from schedules.timing.publishing_hours import PublishingHours, learn_publishing_hours

NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)
RECORD = Record(id="0" * 16, outlet="bao", url=None, document=Document(date(2026, 2, 4), "Tin", ""), published_at=NOW)
URL = "http://bao.example/tin-1.html"


HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FEED = Source(kind="feed", url="https://bao.example/rss")
FLAT = PublishingHours(HANOI)


def polled(ago: float | None, interval: float | None = 1000.0) -> SourceState:
    """Return a source that was last polled a number of seconds ago."""
    before = None if ago is None else NOW - timedelta(seconds=ago)
    return SourceState(FEED.url, "bao", "feed", interval=interval, polled_at=before)


@pytest.mark.parametrize(
    ("case", "arguments", "seconds"),
    [
        ("the first poll", (None, 0, 3), FIRST_INTERVAL),
        ("a clock that was set back tells nothing", (1000.0, 9, 1, None), 1000.0),
        ("news as expected", (1000.0, 9, 1, 1000.0), 1000.0),
        ("more news makes it sooner", (1000.0, 9, 8, 1000.0), 10_000 / 17),
        ("but not at once", (1000.0, 9, 1000, 1000.0), 500.0),
        ("no news makes it later", (1000.0, 9, 0, 1000.0), 10_000 / 9),
        ("soon while it is new", (1000.0, 1, 0, 1000.0), 1500.0),
        ("slowly when it is known", (1000.0, 999, 0, 1000.0), 25_000 / 24),
        ("never sooner than the floor", (SHORTEST_INTERVAL, 9, 9, 300.0), SHORTEST_INTERVAL),
        ("never later than the ceiling", (LONGEST_INTERVAL, 9, 0, LONGEST_INTERVAL), LONGEST_INTERVAL),
    ],
)
def test_the_interval_follows_the_news(case, arguments, seconds):
    """A source with news is polled sooner, and one without later, within bounds."""
    assert seconds == next_interval(*arguments), case


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1e7)), max_size=200))
def test_no_history_leaves_the_bounds(history):
    """With any polls at any times, the interval stays within its bounds."""
    known = polled(None, None)
    now = NOW
    for new, wait in history:
        now += timedelta(seconds=wait)
        interval, due = next_poll(FEED, known, new, now, FLAT)
        known = replace(known, interval=interval, polls=known.polls + 1, polled_at=now)

        assert SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL
        assert SHORTEST_INTERVAL <= (due - now).total_seconds() <= LONGEST_INTERVAL


def test_a_requested_wait_is_kept_up_to_a_day():
    """A ttl delays the next poll, at most by a day, and never makes a poll come sooner."""
    waits = [(next_poll(FEED, polled(1000), 1, NOW, FLAT, asked)[1] - NOW).total_seconds() for asked in (60, 3600, 1e9)]

    assert [1000, 3600, 86400] == waits


def test_a_declared_interval_gives_the_same_polls_every_day():
    """A day of every = "5m" has 288 polls, however long each takes."""
    source, now, polls = Source(kind="feed", url="https://bao.example/rss", every="5m"), NOW, 0
    while now < NOW + timedelta(days=1):
        now = next_poll(source, polled(None), 0, now + timedelta(seconds=(polls * 7) % 50), FLAT, 9999)[1]
        polls += 1

    assert 288 == polls


def test_sources_with_one_interval_are_not_due_together():
    """Each address has its own offset on the grid."""
    places = {next_grid_time(NOW, 300, f"https://bao.example/rss/{n}") for n in range(50)}

    assert len(places) > 30


def test_a_cron_expression_is_read_in_the_outlets_timezone():
    """`0 6 * * *` is six in the morning in Hà Nội, which is 23:00 UTC of the day before."""
    source = Source(kind="feed", url="https://bao.example/rss", cron="0 6 * * *")
    due = next_poll(source, polled(None), 0, NOW, FLAT)[1]

    assert datetime(2026, 2, 4, 23, tzinfo=UTC) == due


def test_polls_are_rare_at_night():
    """An outlet that publishes by day is polled rarely at night, and at its usual rate in the morning."""
    monday = datetime(2026, 1, 5, tzinfo=HANOI)
    hours = learn_publishing_hours(
        [monday + timedelta(days=d, hours=h) for d in range(28) for h in range(6, 22)] * 5, HANOI
    )
    noon, night = (datetime(2026, 2, 4, hour, tzinfo=HANOI).astimezone(UTC) for hour in (12, 23))
    waits = [
        (next_poll(FEED, replace(polled(None), interval=1200.0), 1, at, hours)[1] - at).total_seconds()
        for at in (noon, night)
    ]

    assert SHORTEST_INTERVAL <= waits[0] <= 1200
    assert 3 * waits[0] < waits[1] <= LONGEST_INTERVAL


@pytest.mark.slow
@pytest.mark.parametrize("per_day", [10, 30, 100])
def test_news_is_seen_sooner_than_at_a_fixed_interval(per_day):
    """In simulated months nothing is missed, and half of the news is seen sooner than with evenly spaced polls."""
    learned, fixed, chance = Seen(waits=[]), Seen(waits=[]), random.Random(1)
    for _ in range(3):
        moments = published(per_day, 28, chance)
        polls = adaptive(moments, 28)
        outcome(moments, polls, learned)
        outcome(moments, evenly(len(polls), 28), fixed)

    assert 0 == learned.missed
    assert median(learned.waits) < median(fixed.waits)
    assert 0.7 * 28 * 3 * per_day < learned.polls < 1.3 * 28 * 3 * per_day


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        ({"minutes": 0}, {"minutes": 15}),
        ({"minutes": 9}, {"minutes": 6}),
        ({"minutes": 11}, {"minutes": 49}),  # an age that is reached within minutes is skipped
        ({"minutes": 15}, {"minutes": 45}),
        ({"hours": 2}, {"hours": 4}),
        ({"days": 3}, {"days": 4}),
        ({"days": 29}, {"days": 1}),
        ({"days": 30}, None),
        ({"days": 4000}, None),
        ({"hours": -5}, {"minutes": 15}),  # a time of publication in the future counts as now
    ],
)
def test_rechecks_decay_with_age(age, wait):
    """An archived page is rechecked at the next age, and not after the last one."""
    expected = None if wait is None else NOW + timedelta(**wait)

    assert expected == next_check(NOW - timedelta(**age), NOW)


@given(st.integers(0, 10**7), st.lists(st.floats(60, 1e8), max_size=9, unique=True).map(sorted))
def test_a_recheck_is_never_immediate(age, ages):
    """With any ages, a page is left alone for some minutes, and rechecked at one of the ages."""
    born_at = NOW - timedelta(seconds=age)
    due = next_check(born_at, NOW, ages)

    assert due is None or (
        due >= NOW + timedelta(seconds=SHORTEST_INTERVAL) and due in {born_at + timedelta(seconds=a) for a in ages}
    )


def address(state="archived", failures=0):
    """An address of the article."""
    return AddressState(URL, "bao", RECORD.id, state=state, failures=failures)


def article(gone_at=None, age=timedelta(hours=2)):
    """The archived article."""
    return Article(RECORD, NOW - age, None, 1, gone_at)


GONE, TIMEOUT = Failure(Reason.GONE), Failure(Reason.TIMEOUT)
ANOTHER = Record(id="1" * 16, outlet="bao", url=None, document=RECORD.document)
LATER = NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("case", "known", "kept", "result", "wait"),
    [
        ("a new article", address("due"), None, RECORD, {"hours": 4}),
        ("a new article without a time", address("due"), None, ANOTHER, {"minutes": 15}),
        ("unchanged", address(), article(), None, {"hours": 4}),
        ("missing for the first time", address(), article(), GONE, {"seconds": MISSING_RECHECK_SECONDS}),
        (
            "an address that leads to another article",
            address(),
            article(),
            ANOTHER,
            {"seconds": MISSING_RECHECK_SECONDS},
        ),
        ("missing, and gone already", address(), article(gone_at=NOW), GONE, {"days": 30}),
        ("gone, and its server fails", address(), article(gone_at=NOW), TIMEOUT, {"days": 30}),
        ("a new page that is not there", address("due"), None, GONE, {"minutes": 1}),
        ("a failure of an archived page", address(), article(), TIMEOUT, {"minutes": 1}),
        ("a stubborn failure of one", address(failures=9), article(), TIMEOUT, {"hours": 4}),
        ("another address of it, that fails", address("due"), article(), GONE, None),
    ],
)
def test_a_visit_decides_when_the_next_one_is(case, known, kept, result, wait):
    """The result of a visit decides the next one; a failing archived page is not fetched for ever."""
    expected = None if wait is None else LATER + timedelta(**wait)

    assert expected == next_visit(known, kept, result, LATER, LATER + timedelta(minutes=1)), case


def test_a_missing_page_is_checked_when_it_can_be_confirmed():
    """The visit after a page was first missing is late enough to confirm its deletion."""
    assert timedelta(seconds=MISSING_RECHECK_SECONDS) >= CONFIRMED_AFTER
    assert sorted(RECHECK_AGES) == list(RECHECK_AGES)
