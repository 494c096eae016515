"""Show the progress of a backfill: bars on a terminal, one line a minute elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import TaskID

from archive.ledger.backfill_model import BackfillRun, Progress
from schedules.cli.progress_bars import progress_bars
from schedules.cli.session import Session, is_terminal
from schedules.cli.spans import span
from schedules.logs import log, set_up_logs
from schedules.pipeline.context import utc_now

_MINUTE = 60.0


@dataclass
class _Start:
    """When an outlet was first shown, and how many of its addresses were done then."""

    at: float
    done: int

    def rate(self, now: float, done: int) -> float | None:
        """Return the addresses done per second since then; None if none was done."""
        return (done - self.done) / (now - self.at) if done > self.done and now > self.at else None


@dataclass
class BackfillDisplay:
    """Show the progress of a backfill.

    Attributes:
        bars: The live display; None for one line a minute.
        clock: A monotonic clock in seconds.
        today: The current time, UTC.
    """

    bars: Bars | None = None
    clock: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = utc_now
    _tasks: dict[str, TaskID] = field(default_factory=dict)
    _starts: dict[str, _Start] = field(default_factory=dict)
    _logged_at: float | None = None
    _waiting: set[str] = field(default_factory=set)

    def show(self, backfill: BackfillRun) -> None:
        """Show the current progress."""
        now = self.clock()
        waits = {outlet for outlet, progress in backfill.progress.items() if self._wait(progress)}
        is_told = waits <= self._waiting and self._logged_at is not None and now - self._logged_at < _MINUTE
        self._waiting = waits
        if self.bars is None and is_told:
            return
        self._logged_at = now
        for outlet, progress in backfill.progress.items():
            failed: Mapping[str, int] = backfill.counts.get(outlet, {}).get("failed", {})
            self._show(outlet, progress, failed, now)

    def _wait(self, progress: Progress) -> str:
        """Return until when an outlet waits for the retry of a failed request; empty if it is at work."""
        if progress.retry_at is None or progress.retry_at <= self.today():
            return ""
        return f"waits until {progress.retry_at:%H:%M:%S}Z to repeat {progress.waiting} failed requests"

    def _show(self, outlet: str, progress: Progress, failed: Mapping[str, int], now: float) -> None:
        done = progress.found - progress.waiting
        rate = self._starts.setdefault(outlet, _Start(now, done)).rate(now, done)
        facts: dict[str, Any] = {
            "days": f"{progress.days_read}/{progress.days} days" if progress.days else "",
            "lists": f"{progress.read + progress.failed}/{progress.lists} lists",
            "rate": f"{rate:.1f}/s" if rate else "",
            "left": span(progress.waiting / rate) if rate else "",
            "failed": ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in failed.items()),
        }
        wait = self._wait(progress)
        if self.bars is None:
            facts |= {"waits": wait} if wait else {}
            log().info("backfill", outlet=outlet, addresses=f"{done}/{progress.found}", **facts)
            return
        facts["failed"] = "; ".join(filter(None, (wait, facts["failed"])))
        if outlet not in self._tasks:
            self._tasks[outlet] = self.bars.add_task(outlet, **facts)
        self.bars.update(self._tasks[outlet], completed=done, total=progress.found or None, **facts)


def backfill_bars(console: Console, clock: Callable[[], float] | None = None) -> Bars:
    """Build the bars of a backfill: lists, addresses, rate, time left, and failures by reason."""
    return progress_bars(console, "failed", ["days", "lists"], ["rate", "left"], style="red", clock=clock)


@contextmanager
def displaying_backfill(session: Session) -> Iterator[BackfillDisplay]:
    """Show the progress of a backfill while it runs; with `-q`, show nothing."""
    set_up_logs(session.settings.log, session.verbosity, terminal=is_terminal(), color=session.color)
    if not is_terminal() or session.verbosity != 0:
        yield BackfillDisplay()
        return
    with backfill_bars(Console(stderr=True, no_color=not session.color)) as bars:
        yield BackfillDisplay(bars)
