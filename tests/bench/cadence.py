"""How soon news is seen, beside polling at a fixed pace: `python tests/bench/cadence.py [--outlets N] [--days N]`.

Outlets of many sizes publish by day more than by night, at random; each has one feed of so many entries. The cadence
learns from what its own polls bring. The fixed pace makes as many polls in all, the same number of each outlet's feed.
An article is missed where it has come and gone between two polls.
"""

from __future__ import annotations

import argparse
import random
import time
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from archive.ledger import SourceState
from crawler.outlet import Source
from schedules.cadence import next_poll
from schedules.rhythm import Rhythm, rhythm_of

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 1, 1, tzinfo=UTC)
# How busy each hour of a day is at Vietnamese papers, beside the others.
HOURS = (1, 1, 1, 1, 2, 6, 10, 12, 12, 12, 12, 10, 6, 8, 10, 10, 10, 9, 8, 7, 6, 5, 3, 2)
WINDOW = 50  # entries of a feed


@dataclass
class Seen:
    """What a way to poll came to."""

    polls: int = 0
    unchanged: int = 0
    missed: int = 0
    waits: list[float] | None = None


def published(per_day: float, days: int, chance: random.Random) -> list[float]:
    """When an outlet publishes, in seconds from the start, in order."""
    moments = []
    for day in range(days):
        for hour, share in enumerate(HOURS):
            count = sum(chance.random() < per_day * share / sum(HOURS) / 20 for _ in range(20))
            moments += [day * 86400 + (hour - 7) % 24 * 3600 + chance.random() * 3600 for _ in range(count)]
    return sorted(moments)


def adaptive(moments: list[float], days: int) -> list[float]:
    """When the cadence polls."""
    source = Source(kind="feed", url="https://bao.example/rss")
    known, rhythm, polls = SourceState(source.url, "bao", "feed"), Rhythm(HANOI), []
    now, seen, learned = START, 0, START
    while (at := (now - START).total_seconds()) < days * 86400:
        polls.append(at)
        count = bisect_right(moments, at)
        new, seen = count - seen, count
        if now - learned > timedelta(days=1):
            learned = now
            local = [(START + timedelta(seconds=moment)).astimezone(HANOI) for moment in moments[:count]]
            rhythm = rhythm_of(Counter((moment.weekday(), moment.hour) for moment in local), HANOI)
        interval, due = next_poll(source, known, new, now, rhythm)
        known, now = replace(known, interval=interval, polled_at=now), due
    return polls


def outcome(moments: list[float], polls: list[float], total: Seen) -> None:
    """Add what polls at these times see of what was published at those."""
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


def main() -> None:
    """Simulate, and print both ways beside each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outlets", type=int, default=1000)
    parser.add_argument("--days", type=int, default=30)
    args = parser.parse_args()
    chance = random.Random(1)
    learned, fixed = Seen(waits=[]), Seen(waits=[])
    began = time.process_time()
    for _ in range(args.outlets):
        moments = published(chance.choice((3, 10, 30, 100, 200)), args.days, chance)
        polls = adaptive(moments, args.days)
        outcome(moments, polls, learned)
        step = args.days * 86400 / len(polls)
        outcome(moments, [step * (number + 1) for number in range(len(polls))], fixed)
    spent = time.process_time() - began
    print(f"{args.outlets} outlets, {args.days} days, {spent:.0f} s of CPU")
    for name, seen in (("khobao", learned), ("fixed pace", fixed)):
        assert seen.waits
        late = quantiles(seen.waits, n=20)[-1]
        print(
            f"{name:10} {seen.polls} polls, {seen.unchanged / seen.polls:.0%} without news, {seen.missed} missed, seen"
            f" after {median(seen.waits) / 60:.1f} min (median), {late / 60:.1f} min (p95)"
        )


if __name__ == "__main__":
    main()
