"""Simulate months of an outlet: when it publishes, when it is polled, and how soon news is seen."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from archive.ledger.model import SourceState
from crawler.outlets.model import Source
from schedules.timing.due_times import next_poll
from schedules.timing.publishing_hours import PublishingHours, learn_publishing_hours

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 1, 1, tzinfo=UTC)
# The relative activity of each hour of a day at Vietnamese newspapers.
HOURS = (1, 1, 1, 1, 2, 6, 10, 12, 12, 12, 12, 10, 6, 8, 10, 10, 10, 9, 8, 7, 6, 5, 3, 2)
WINDOW = 50  # entries of a feed


@dataclass
class Seen:
    """The result of a way to poll."""

    polls: int = 0
    unchanged: int = 0
    missed: int = 0
    waits: list[float] | None = None


def published(per_day: float, days: int, chance: random.Random) -> list[float]:
    """Return when an outlet publishes, in seconds from the start, in order."""
    moments = []
    for day in range(days):
        for hour, share in enumerate(HOURS):
            count = sum(chance.random() < per_day * share / sum(HOURS) / 20 for _ in range(20))
            moments += [day * 86400 + (hour - 7) % 24 * 3600 + chance.random() * 3600 for _ in range(count)]
    return sorted(moments)


def adaptive(moments: list[float], days: int) -> list[float]:
    """Return when the adaptive cadence polls."""
    source = Source(kind="feed", url="https://bao.example/rss")
    known, hours, polls = SourceState(source.url, "bao", "feed"), PublishingHours(HANOI), []
    now, seen, learned = START, 0, START
    while (at := (now - START).total_seconds()) < days * 86400:
        polls.append(at)
        count = bisect_right(moments, at)
        new, seen = count - seen, count
        if now - learned > timedelta(days=1):
            learned = now
            hours = learn_publishing_hours([START + timedelta(seconds=moment) for moment in moments[:count]], HANOI)
        interval, due = next_poll(source, known, new, now, hours)
        known, now = replace(known, interval=interval, polls=known.polls + 1, polled_at=now), due
    return polls


def outcome(moments: list[float], polls: list[float], total: Seen) -> None:
    """Add what polls at these times see of articles published at those times."""
    before = 0
    for at in polls:
        count = bisect_right(moments, at)
        new = moments[before:count]
        total.polls += 1
        total.unchanged += not new
        total.missed += max(len(new) - WINDOW, 0)
        assert total.waits is not None
        total.waits += [at - moment for moment in new]
        before = count


def evenly(count: int, days: int) -> list[float]:
    """Return the times of as many polls at a fixed interval."""
    step = days * 86400 / count
    return [step * (number + 1) for number in range(count)]
