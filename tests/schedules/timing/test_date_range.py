"""Ranges of days, with open ends."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Reason
from schedules.timing.date_range import DateRange

FIRST, LAST = date(2024, 1, 10), date(2024, 1, 12)
DAYS = st.dates()


@pytest.mark.parametrize(
    ("dates", "text"),
    [
        (DateRange(FIRST, LAST), "2024-01-10 to 2024-01-12"),
        (DateRange(since=FIRST), "2024-01-10 or later"),
        (DateRange(until=LAST), "2024-01-12 or earlier"),
        (DateRange(), "any day"),
    ],
)
def test_a_range_is_shown_without_sentinels(dates, text):
    """An open end is shown in words, never as a day or as None."""
    assert text == str(dates)


@pytest.mark.parametrize(
    ("since", "until", "dates"),
    [
        ("2024-01-10", "2024-01-12", DateRange(FIRST, LAST)),
        (None, "", DateRange()),
        ("1970-01-01", "2999-12-31", DateRange()),
    ],
)
def test_a_range_is_read_from_the_ledger(since, until, dates):
    """A missing day is an open end, and so are the days that older archives wrote instead."""
    assert dates == DateRange.parse(since, until)


@given(since=st.none() | DAYS, until=st.none() | DAYS, day=DAYS)
def test_an_open_end_contains_every_day(since, until, day):
    """A day is in the range unless an end excludes it."""
    expected = (since is None or since <= day) and (until is None or day <= until)

    assert expected == (day in DateRange(since, until))
    assert expected == (DateRange(since, until).reject(day) is None)


@given(since=DAYS, first=st.none() | DAYS, last=st.none() | DAYS, length=st.integers(0, 60), margin=st.integers(0, 9))
def test_ranges_overlap_if_they_share_a_day(since, first, last, length, margin):
    """The range overlaps other days unless all of them are before or after it, with the margin added at both ends."""
    until = date.fromordinal(min(since.toordinal() + length, date.max.toordinal()))
    too_late = first is not None and first.toordinal() > until.toordinal() + margin
    too_early = last is not None and last.toordinal() < since.toordinal() - margin

    assert (not too_late and not too_early) == DateRange(since, until).overlaps(first, last, margin)


def test_a_day_outside_is_rejected_with_the_range():
    """The failure has the day and the range, for the ledger."""
    failure = DateRange(since=FIRST).reject(date(2024, 1, 9))

    assert Reason.OUT_OF_RANGE == failure.reason
    assert "2024-01-09 is outside the requested days (2024-01-10 or later)" == failure.detail


def test_days_are_listed_in_order():
    """Both ends are included; an open range cannot be listed."""
    assert [FIRST, FIRST + timedelta(days=1), LAST] == DateRange(FIRST, LAST).days()
    with pytest.raises(ValueError, match="open range"):
        DateRange(since=FIRST).days()
