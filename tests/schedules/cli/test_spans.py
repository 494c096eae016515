"""Lengths of time and instants as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from schedules.cli.spans import ago, ahead, short_span, span, utc

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "expected", "short"),
    [
        (timedelta(days=3), "3 d", "3d"),
        (timedelta(days=2), "2 d", "2d"),
        (timedelta(hours=47), "47 h", "47h"),
        (timedelta(minutes=12), "12 min", "12m"),
        (119, "119 s", "119s"),
        (0.4, "0 s", "0s"),
        (-5, "0 s", "0s"),
    ],
)
def test_a_length_of_time_has_its_largest_unit(length, expected, short):
    """The unit is the largest of which there are at least two; a negative length counts as none."""
    assert (expected, short) == (span(length), short_span(length))


def test_instants_are_relative_to_now():
    """A past and a coming instant are given by their distance; a missing one has a mark of its own."""
    past, coming = NOW - timedelta(minutes=12), NOW + timedelta(hours=5)

    assert ("12 min ago", "-") == (ago(past, NOW), ago(None, NOW))
    assert ("in 5 h", "now", "now") == (ahead(coming, NOW), ahead(past, NOW), ahead(None, NOW))
    assert ("2026-02-04 12:25:00Z", "-") == (utc(NOW), utc(None))
