"""How far a backfill is, shown while it lasts: bars on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import TaskID

from archive.ledger.backfill_model import BackfillRun, Progress
from schedules.cli.progress import bars_on
from schedules.cli.session import Session, is_terminal
from schedules.logs import log, set_up_logs

_MINUTE = 60.0


def span(seconds: float | None) -> str:
    """A time to come, in the largest unit that has a whole number: '3 d', '5 h', '12 min', '40 s'."""
    if seconds is None:
        return "?"
    units = (("d", 86400), ("h", 3600), ("min", 60))
    name, size = next(((name, size) for name, size in units if seconds >= 2 * size), ("s", 1))
    return f"{seconds / size:.0f} {name}"


@dataclass
class _Pace:
    """How quickly an outlet's addresses are dealt with, since it was first looked at."""

    began: float
    done: int

    def rate(self, now: float, done: int) -> float | None:
        """Addresses a second; None where none was dealt with yet."""
        return (done - self.done) / (now - self.began) if done > self.done and now > self.began else None


@dataclass
class Watcher:
    """Shows how far a backfill is.

    Attributes:
        bars: The live display; None tells a line a minute.
        clock: Seconds that never go back.
    """

    bars: Bars | None = None
    clock: Callable[[], float] = time.monotonic
    _tasks: dict[str, TaskID] = field(default_factory=dict)
    _paces: dict[str, _Pace] = field(default_factory=dict)
    _told_at: float | None = None

    def look(self, kept: BackfillRun) -> None:
        """Show where it is now."""
        now = self.clock()
        if self.bars is None and self._told_at is not None and now - self._told_at < _MINUTE:
            return
        self._told_at = now
        for outlet, progress in kept.progress.items():
            failed: Mapping[str, int] = kept.counts.get(outlet, {}).get("failed", {})
            self._show(outlet, progress, failed, now)

    def _show(self, outlet: str, progress: Progress, failed: Mapping[str, int], now: float) -> None:
        done = progress.found - progress.waiting
        pace = self._paces.setdefault(outlet, _Pace(now, done))
        rate = pace.rate(now, done)
        facts: dict[str, Any] = {
            "days": f"{progress.days_read}/{progress.days} days" if progress.days else "",
            "lists": f"{progress.read + progress.failed}/{progress.lists} lists",
            "rate": f"{rate:.1f}/s" if rate else "",
            "left": span(progress.waiting / rate) if rate else "",
            "failed": ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in failed.items()),
        }
        if self.bars is None:
            log().info("backfill", outlet=outlet, addresses=f"{done}/{progress.found}", **facts)
            return
        if outlet not in self._tasks:
            self._tasks[outlet] = self.bars.add_task(outlet, **facts)
        self.bars.update(self._tasks[outlet], completed=done, total=progress.found or None, **facts)


def bars_of(console: Console, clock: Callable[[], float] | None = None) -> Bars:
    """The bars of a backfill: lists, addresses, rate, time to come, and failures by class."""
    return bars_on(console, "failed", ["days", "lists"], ["rate", "left"], style="red", clock=clock)


@contextmanager
def watching(session: Session) -> Iterator[Watcher]:
    """Show how far a backfill is while it lasts; with `-q`, nothing."""
    set_up_logs(session.settings.log, session.verbosity, terminal=is_terminal())
    if not is_terminal() or session.verbosity != 0:
        yield Watcher()
        return
    with bars_of(Console(stderr=True)) as bars:
        yield Watcher(bars)
