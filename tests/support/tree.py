"""Measure a process with all of its descendants on Linux."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Taken:
    """The resources of a tree of processes.

    Attributes:
        processes: The number of processes.
        cpu: Seconds, user and system, with those of children that have ended.
        resident: Megabytes, with shared memory counted for each process.
        proportional: Megabytes, with shared memory counted once.
        files: The number of open files.
    """

    processes: int
    cpu: float
    resident: float
    proportional: float
    files: int


def taken(root: int) -> Taken:
    """Return the resources of a process and all of its descendants."""
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
    """Return the resources of one process; None if it has ended."""
    home = Path(f"/proc/{process}")
    try:
        fields = (home / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        sizes = dict(line.split()[:2] for line in (home / "smaps_rollup").read_text(encoding="ascii").splitlines()[1:])
        files = sum(1 for _ in (home / "fd").iterdir())
    except OSError:
        return None
    cpu = sum(map(int, fields[11:15])) / _TICK  # utime, stime, cutime and cstime, see proc(5)
    return Taken(1, cpu, int(sizes["Rss:"]) / 1024, int(sizes["Pss:"]) / 1024, files)
