"""When sources and pages are asked again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from archive.ledger import AddressState, Article
from archive.record import Document, Record
from archive.tombstones import CONFIRMED_AFTER
from schedules.cadence import DOUBTED, FIRST, LONGEST, RECHECKS, SHORTEST, next_check, next_interval, next_visit

NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)
RECORD = Record(id="0" * 16, outlet="bao", url=None, document=Document(date(2026, 2, 4), "Tin", ""), published_at=NOW)
URL = "http://bao.example/tin-1.html"


@pytest.mark.parametrize(
    ("case", "arguments", "seconds"),
    [
        ("the first poll", (None, 3), FIRST),
        ("news makes it sooner", (1000.0, 1), 500.0),
        ("no news makes it later", (1000.0, 0), 1500.0),
        ("never sooner than the floor", (SHORTEST, 9), SHORTEST),
        ("never later than the ceiling", (LONGEST, 0), LONGEST),
        ("a declared pace is kept", (1000.0, 0, 60.0), 60.0),
        ("a source may ask to wait longer", (1000.0, 1, None, 3600.0), 3600.0),
        ("but not for longer than a day", (1000.0, 1, None, 1e9), 86400.0),
    ],
)
def test_the_pace_follows_the_news(case, arguments, seconds):
    """A source that brings news is asked sooner, one that brings none later, within bounds."""
    assert seconds == next_interval(*arguments), case


@given(st.lists(st.integers(0, 50), max_size=200))
def test_no_history_leaves_the_bounds(history):
    """Whatever the polls bring, the pace stays between floor and ceiling."""
    interval = None
    for new in history:
        interval = next_interval(interval, new)

        assert SHORTEST <= interval <= LONGEST


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        ({"minutes": 0}, {"minutes": 15}),
        ({"minutes": 9}, {"minutes": 6}),
        ({"minutes": 11}, {"minutes": 49}),  # the age that comes within minutes is skipped
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
    """An archived page is asked at the next of the ages, and after the last of them no more."""
    expected = None if wait is None else NOW + timedelta(**wait)

    assert expected == next_check(NOW - timedelta(**age), NOW)


@given(st.integers(0, 10**7), st.lists(st.floats(60, 1e8), max_size=9, unique=True).map(sorted))
def test_a_recheck_is_never_at_once(age, ages):
    """Whatever the ages, a page is left alone for some minutes, and is asked at one of them."""
    born_at = NOW - timedelta(seconds=age)
    due = next_check(born_at, NOW, ages)

    assert due is None or (
        due >= NOW + timedelta(seconds=SHORTEST) and due in {born_at + timedelta(seconds=a) for a in ages}
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
        ("missing for the first time", address(), article(), GONE, {"seconds": DOUBTED}),
        ("an address that leads to another article", address(), article(), ANOTHER, {"seconds": DOUBTED}),
        ("missing, and gone already", address(), article(gone_at=NOW), GONE, {"days": 30}),
        ("gone, and its server fails", address(), article(gone_at=NOW), TIMEOUT, {"days": 30}),
        ("a new page that is not there", address("due"), None, GONE, {"minutes": 1}),
        ("a failure of an archived page", address(), article(), TIMEOUT, {"minutes": 1}),
        ("a stubborn failure of one", address(failures=9), article(), TIMEOUT, {"hours": 4}),
        ("another address of it, that fails", address("due"), article(), GONE, None),
    ],
)
def test_when_a_page_is_visited_again(case, known, kept, result, wait):
    """What a visit brought decides when the next one is; no archived page is asked for ever because it fails."""
    expected = None if wait is None else LATER + timedelta(**wait)

    assert expected == next_visit(known, kept, result, LATER, LATER + timedelta(minutes=1)), case


def test_a_doubt_is_looked_into_when_it_can_be_settled():
    """The visit that follows a first miss comes late enough to confirm it."""
    assert timedelta(seconds=DOUBTED) >= CONFIRMED_AFTER
    assert sorted(RECHECKS) == list(RECHECKS)
