"""The hours of an outlet's week."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.rhythm import Rhythm, rhythm_of

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 2, 2, 0, 30, tzinfo=HANOI)
weeks = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), st.integers(0, 500))


def test_few_articles_tell_nothing_of_the_week():
    """With a handful of articles all hours are alike."""
    assert Rhythm(HANOI) == rhythm_of({(0, 8): 99}, HANOI)


def test_a_busy_hour_passes_for_more_than_it_is():
    """Seconds of activity are counted by the hour of the outlet's own clock."""
    rhythm = Rhythm(HANOI, (2.0, 0.5) + (1.0,) * 166)

    assert 1800 * 2.0 + 1800 * 0.5 == rhythm.passed(MONDAY, MONDAY + timedelta(hours=1))
    assert MONDAY + timedelta(hours=1) == rhythm.ahead(MONDAY, 4500)


@given(weeks, st.floats(0, 6e5), st.integers(0, 604_800))
def test_what_is_ahead_is_what_will_have_passed(counts, seconds, start):
    """Waiting for so much activity, and counting what has passed, agree within a week; nothing waits for longer."""
    rhythm = rhythm_of(counts, HANOI)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=start)
    then = rhythm.ahead(now, seconds)

    assert now <= then <= now + timedelta(days=7)
    assert then - now > timedelta(days=6, hours=22) or seconds == pytest.approx(rhythm.passed(now, then), abs=0.01)
