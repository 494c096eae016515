"""Values become columns and come back as they were."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.database.values import format_instant, parse_day, parse_instant, storable

ZONES = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31), timezones=ZONES)  # noqa: DTZ001 - zones are added


@given(MOMENTS)
def test_an_instant_comes_back(moment):
    """The same instant is read, to the millisecond, whatever its timezone was."""
    assert timedelta() <= moment - parse_instant(format_instant(moment)) < timedelta(milliseconds=1)


@given(MOMENTS, MOMENTS)
def test_instants_sort_as_text(one, other):
    """The text of an earlier instant is never greater."""
    earlier, later = sorted((one, other))
    assert format_instant(earlier) <= format_instant(later)


def test_an_instant_is_written_in_utc():
    """An instant of Hanoi is written with milliseconds and Z."""
    moment = datetime(2026, 2, 5, 1, 30, tzinfo=timezone(timedelta(hours=7)))
    assert "2026-02-04T18:30:00.000Z" == format_instant(moment)


def test_an_instant_without_a_timezone_is_refused():
    """A bare time is no instant."""
    with pytest.raises(ValueError, match="an instant without a timezone"):
        format_instant(datetime(2026, 2, 4, tzinfo=UTC).replace(tzinfo=None))


def test_nothing_stays_nothing():
    """None is stored as NULL, and NULL and the empty text are read as None."""
    assert [None] * 5 == [format_instant(None), parse_instant(None), parse_instant(""), parse_day(None), parse_day("")]
    assert date(2026, 1, 31) == parse_day("2026-01-31")


def test_a_lone_surrogate_is_replaced():
    """Half a character, which SQLite cannot store, becomes the replacement character; other values stay."""
    assert {"a": "x\ufffdy", "b": "đường 😀", "c": 3, "d": None} == storable(
        {"a": "x\ud83dy", "b": "đường 😀", "c": 3, "d": None}
    )
