"""When a source is asked again: pure arithmetic on what its last poll brought.

A source that brings news is asked sooner, one that brings none later, within bounds: so a bad source can neither hammer
nor vanish (the clamp is miniflux's idea, miniflux/v2 internal/model/feed.go).
"""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = 900.0
SHORTEST = 300.0
LONGEST = 6 * 3600.0
_SOONER, _LATER = 0.5, 1.5
_ASKED_AT_MOST = 24 * 3600.0  # a ttl or max-age beyond a day is not believed of a newspaper


def next_interval(interval: float | None, new: int, every: float | None = None, asked: float | None = None) -> float:
    """Seconds from a successful poll to the next one.

    Args:
        interval: Seconds before this poll; None before the first.
        new: How many unknown addresses it brought.
        every: The declared pace, in seconds, which overrides the adaptive one.
        asked: Seconds the source asked to wait (`ttl`, `max-age`).

    Returns:
        Seconds, between `SHORTEST` and `LONGEST` unless declared or asked otherwise.
    """
    if every is not None:
        return max(every, 0.0)
    paced = FIRST if interval is None else interval * (_SOONER if new else _LATER)
    return max(min(max(paced, SHORTEST), LONGEST), min(asked or 0.0, _ASKED_AT_MOST))


def after(now: datetime, seconds: float) -> datetime:
    """The instant so many seconds on."""
    return now + timedelta(seconds=seconds)
