"""Compare adaptive polling with a fixed interval: `python tests/bench/cadence.py [--outlets N] [--days N]`.

Outlets of many sizes publish at random, more by day than by night; each has one feed with a limited number of entries.
The cadence learns from its own polls. The fixed interval makes as many polls in total, the same number for each feed.
An article is missed if it enters and leaves its feed between two polls.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from months import Seen, adaptive, evenly, outcome, published


def main() -> None:
    """Simulate, and print both ways side by side."""
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
        outcome(moments, evenly(len(polls), args.days), fixed)
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
