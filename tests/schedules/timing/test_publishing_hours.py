"""How active an outlet is in each hour of its week."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.timing.publishing_hours import PublishingHours, learn_publishing_hours

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 2, 2, 0, 30, tzinfo=HANOI)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 28), timezones=st.just(HANOI))  # noqa: DTZ001
weeks = st.lists(moments, max_size=300)


def days(count, *hours):
    """Return the times of an article on each of a number of days from Monday on, at each of these hours."""
    return [MONDAY + timedelta(days=day, hours=hour) for day in range(count) for hour in hours]


def test_without_articles_all_hours_are_equal():
    """Without articles, or with one, all hours are equal."""
    assert PublishingHours(HANOI) == learn_publishing_hours([], HANOI) == learn_publishing_hours([MONDAY], HANOI)


def test_few_articles_change_little():
    """More articles in an hour make it busier; a few hardly change it."""
    few, many = (learn_publishing_hours(days(count, 8, 20), HANOI).weights for count in (2, 28))

    assert few[8] < 2
    assert many[8] > 4
    assert min(few) > 0.7 > min(many)


def test_days_that_were_not_observed_are_like_the_others():
    """After two days of the first week, the hours of the other days are learned from these two."""
    shares = learn_publishing_hours(days(2, *range(6, 22)) * 5, HANOI).weights

    assert shares[5 * 24 + 10] == pytest.approx(shares[10], rel=0.3)
    assert shares[5 * 24 + 10] > 2 * shares[5 * 24 + 2]


def test_a_quiet_day_of_the_week_is_learned():
    """If nothing is published on Sundays for weeks, Sundays become quiet, and other days do not."""
    busy = [moment for moment in days(28, *range(24)) * 2 if moment.weekday() != 6]
    shares = learn_publishing_hours(busy, HANOI).weights

    assert max(shares[6 * 24 :]) < 0.6
    assert min(shares[: 6 * 24]) > 1


def test_a_busy_hour_counts_more_activity():
    """Activity is counted by the hours of the outlet's timezone."""
    hours = PublishingHours(HANOI, (2.0, 0.5) + (1.0,) * 166)

    assert 1800 * 2.0 + 1800 * 0.5 == hours.activity(MONDAY, MONDAY + timedelta(hours=1))
    assert MONDAY + timedelta(hours=1) == hours.after_activity(MONDAY, 4500)


@given(weeks, st.floats(0, 6e5), st.integers(0, 604_800))
def test_waiting_for_activity_and_measuring_it_agree(week, seconds, start):
    """The time until some activity has passed contains that activity; no wait is longer than a week."""
    hours = learn_publishing_hours(week, HANOI)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=start)
    then = hours.after_activity(now, seconds)

    assert now <= then <= now + timedelta(days=7)
    assert then - now > timedelta(days=6, hours=22) or seconds == pytest.approx(hours.activity(now, then), abs=0.01)
