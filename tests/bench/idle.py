"""Measure the idle service: `python tests/bench/idle.py [--outlets N] [--polls N] [--seconds N]`.

The real service watches outlets with three sources each, over TLS and each at an address of its own on loopback; every
response is a 304. Printed are its CPU for 1 000 polls, and its share of a core while nothing is due. From these follows
its CPU at its own pace with sources without news, and at a poll of each source every five minutes. CPU and memory are
those of all its processes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from quiet import SOURCES, let_all_be_due, polls, quiet_press
from tree import Taken, taken

from schedules.timing.due_times import LONGEST_INTERVAL, SHORTEST_INTERVAL

_PATIENCE = 900.0  # seconds
LEFT = 2  # processes after the workers end: the service, and Python's tracker of shared resources


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until a condition is true."""
    end = time.monotonic() + _PATIENCE
    while not what():
        if time.monotonic() > end:
            sys.exit("it took too long")
        time.sleep(0.5)


def main() -> None:
    """Watch, and print the costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outlets", type=int, default=100)
    parser.add_argument("--polls", type=int, default=3000)
    parser.add_argument("--seconds", type=int, default=120, help="Of the time in which nothing is due.")
    options = parser.parse_args()
    sources = options.outlets * len(SOURCES)
    with quiet_press(options.outlets) as (archive, service):
        wait_for(lambda: polls(archive) >= sources)
        first = taken(service.pid)
        print(f"{sources} sources read once: {first.cpu:.1f} s of CPU, {_memory(first)}", flush=True)
        wait_for(lambda: taken(service.pid).processes <= LEFT)
        before, done = taken(service.pid), polls(archive)
        while (so_far := polls(archive)) < done + options.polls:
            let_all_be_due(archive)
            wait_for(lambda goal=so_far + sources: polls(archive) >= goal)  # type: ignore[misc]
        after = taken(service.pid)
        each = (after.cpu - before.cpu) / (polls(archive) - done)
        print(f"1000 polls: {1000 * each:.1f} s of CPU, {_memory(after)}", flush=True)
        began = time.monotonic()
        time.sleep(options.seconds)
        idle = taken(service.pid)
        rest = (idle.cpu - after.cpu) / (time.monotonic() - began)
        print(f"nothing due: {rest:.2%} of a core, {_memory(idle)}")
        for told, pace in (("at its own pace", LONGEST_INTERVAL), ("each every five minutes", SHORTEST_INTERVAL)):
            print(f"{sources} sources without news, {told}: {rest + each * sources / pace:.2%} of a core")


def _memory(one: Taken) -> str:
    return f"{one.resident:.0f} MB resident in {one.processes} processes ({one.proportional:.0f} MB, shared once)"


if __name__ == "__main__":
    main()
