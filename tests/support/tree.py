"""What a program takes, its child processes and theirs included, as Linux tells it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Taken:
    """What a tree of processes has taken.

    Attributes:
        processes: How many there are.
        cpu: Seconds, user and system, those of children that have ended included.
        resident: Megabytes, what they share counted once for each.
        proportional: Megabytes, what they share counted once.
        files: How many files are open.
    """

    processes: int
    cpu: float
    resident: float
    proportional: float
    files: int


def taken(root: int) -> Taken:
    """What a process and all below it have taken so far."""
    found = [one for one in map(_one, _tree(root)) if one]
    return Taken(
        sum(one.processes for one in found),
        sum(one.cpu for one in found),
        sum(one.resident for one in found),
        sum(one.proportional for one in found),
        sum(one.files for one in found),
    )


def _tree(root: int) -> Iterator[int]:
    yield root
    for children in Path(f"/proc/{root}/task").glob("*/children"):
        for child in children.read_text(encoding="ascii").split():
            yield from _tree(int(child))


def _one(process: int) -> Taken | None:
    """What one process has taken; None where it has ended meanwhile."""
    home = Path(f"/proc/{process}")
    try:
        fields = (home / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        sizes = dict(line.split()[:2] for line in (home / "smaps_rollup").read_text(encoding="ascii").splitlines()[1:])
        files = sum(1 for _ in (home / "fd").iterdir())
    except OSError:
        return None
    cpu = sum(map(int, fields[11:15])) / _TICK  # utime, stime, cutime and cstime, see proc(5)
    return Taken(1, cpu, int(sizes["Rss:"]) / 1024, int(sizes["Pss:"]) / 1024, files)
