"""Record a run in the ledger: its start, its counts and its end, even after an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.store.runs import Ended, RunStore
from schedules.events import Event, Tally
from schedules.pipeline.context import utc_now


@dataclass
class RecordedRun:
    """A run that the ledger records.

    Attributes:
        id: The run's id in the ledger.
        tallies: The counts so far, by outlet.
        state: How it ended; None until it is decided.
        counts: Returns what the ledger records instead of the tallies; None to record the tallies.
    """

    id: int
    tallies: dict[str, Tally] = field(default_factory=dict)
    state: Ended | None = None
    counts: Callable[[], Mapping[str, Any]] | None = None

    def count(self, event: Event) -> None:
        """Count an event in the tally of its outlet."""
        self.tallies.setdefault(event.outlet, Tally()).add(event)

    def counting(self, report: Callable[[Event], None]) -> Callable[[Event], None]:
        """Return a function that counts each event and passes it on to `report`."""

        def count_and_report(event: Event) -> None:
            self.count(event)
            report(event)

        return count_and_report

    def current_counts(self) -> Mapping[str, Any]:
        """Return the counts of the run so far, as the ledger stores them."""
        return self.counts() if self.counts else tally_counts(self.tallies)


def tally_counts(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Convert tallies by outlet to the form in which the ledger stores them."""
    return {outlet: tally.counts() for outlet, tally in tallies.items()}


@contextmanager
def recorded_run(
    runs: RunStore,
    kind: str,
    arguments: Mapping[str, Any],
    now: Callable[[], datetime] = utc_now,
) -> Iterator[RecordedRun]:
    """Record a run in the ledger, and how it ended when the block ends.

    The run is `done` if the block ends without an error and sets no other state, and `failed` after an error.

    Args:
        runs: The runs of the archive, open for writing.
        kind: The kind of run: crawl, add, import and so on.
        arguments: The arguments of the command.
        now: The clock, UTC.
    """
    run = runs.begin_run(kind, arguments, now())
    with ending_run(runs, RecordedRun(run), now) as recorded:
        yield recorded


@contextmanager
def ending_run(runs: RunStore, run: RecordedRun, now: Callable[[], datetime] = utc_now) -> Iterator[RecordedRun]:
    """Record how a run that is already in the ledger ended, like `recorded_run`."""
    state: Ended = "failed"
    try:
        yield run
        state = run.state or "done"
    finally:
        runs.end_run(run.id, state, run.current_counts(), now())
