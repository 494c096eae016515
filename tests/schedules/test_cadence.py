"""When a source is asked again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.cadence import FIRST, LONGEST, SHORTEST, next_interval


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
