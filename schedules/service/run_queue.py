"""What was handed to the service by another process: done beside what is live, and after it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from archive.errors import UsageError
from archive.ledger.backfill_model import BackfillRun
from archive.store.runs import Ended
from crawler.outlets.model import Outlet
from schedules.backfill.model import BackfillRequest
from schedules.backfill.outlet_backfill import OutletBackfill
from schedules.backfill.requests import earlier_tallies, outlet_backfills, reads_lists_only
from schedules.config import BackfillSettings
from schedules.events import Tally
from schedules.pipeline.context import RunContext
from schedules.pipeline.crawl import add_page
from schedules.pipeline.recorded_run import RecordedRun, tally_counts
from schedules.service.problems import Came, Troubles


@dataclass
class _Taken:
    """A run that was taken up.

    Attributes:
        parts: What is left of it, by outlet: each does a turn, and tells whether that was the last.
        tallies: What it came to, by outlet.
        tasks: The turns under way.
        failed: Whether a bug ended one of its parts.
    """

    parts: dict[str, Callable[[], Awaitable[bool]]]
    tallies: dict[str, Tally]
    tasks: dict[str, asyncio.Task[Came]] = field(default_factory=dict)
    failed: bool = False


class Handed:
    """The runs that wait for the service, from when it takes them up."""

    def __init__(
        self, context: RunContext, catalogue: Mapping[str, Outlet], wayback: BackfillSettings, troubles: Troubles
    ) -> None:
        """Nothing is taken up yet.

        Args:
            context: The run of the service.
            catalogue: Every declared outlet, by id.
            wayback: Who is asked for what is gone.
            troubles: Those of the service.
        """
        self._context = context
        self._catalogue = catalogue
        self._wayback = wayback
        self._troubles = troubles
        self._taken: dict[int, _Taken] = {}

    @property
    def tasks(self) -> list[asyncio.Task[Came]]:
        """All that is under way."""
        return [task for taken in self._taken.values() for task in taken.tasks.values()]

    def tick(self, is_live: Callable[[str], bool]) -> None:
        """Take up what was handed over, settle what has ended, and begin what waits.

        Args:
            is_live: Whether an outlet is at work on what is live; then what was handed over waits.

        Raises:
            ArchiveError: The archive cannot be written to; the next tick goes on from there.
        """
        archive = self._context.archive
        for kept in archive.waiting_runs():
            self._take_up(kept, is_live)
        for run, taken in [*self._taken.items()]:
            self._settle(run, taken)
            for name, turn in taken.parts.items():
                if name not in taken.tasks and not is_live(name):
                    work = self._troubles.contain(turn(), run=run, outlet=name)
                    taken.tasks[name] = asyncio.create_task(work)
            if run in self._taken:
                archive.record_heartbeat(run, tally_counts(taken.tallies), self._context.now())

    def put_down(self) -> None:
        """Let what is not done wait for the next service."""
        for run, taken in [*self._taken.items()]:
            self._settle(run, taken)
        for run, taken in self._taken.items():
            self._context.archive.end_run(run, "waiting", tally_counts(taken.tallies), self._context.now())

    def _take_up(self, kept: BackfillRun, is_live: Callable[[str], bool]) -> None:
        archive, run = self._context.archive, kept.run
        recorded = RecordedRun(run, earlier_tallies(archive, run))
        context = replace(self._context, report=recorded.counting(self._context.report), run=run)
        try:
            parts = self._adding(kept, context) if kept.kind == "add" else self._backfilling(kept, context, is_live)
        except UsageError as error:
            archive.end_run(run, "failed", {"problem": str(error)}, context.now())
            return
        archive.set_run_state(run, "running")
        self._taken[run] = _Taken(parts, recorded.tallies)

    def _adding(self, kept: BackfillRun, context: RunContext) -> dict[str, Callable[[], Awaitable[bool]]]:
        """The pages that a person asked for, of whatever outlet: they wait for nothing."""
        pages = deque(kept.arguments["pages"])

        async def turn() -> bool:
            while pages and not context.stop.is_set():
                await add_page(context, pages[0], self._catalogue)
                pages.popleft()
            return not pages

        return {"": turn}

    def _backfilling(
        self, kept: BackfillRun, context: RunContext, is_live: Callable[[str], bool]
    ) -> dict[str, Callable[[], Awaitable[bool]]]:
        """An order by its outlets; a turn of one ends when what is live of it has something to do."""
        order = BackfillRequest.from_run(kept)
        order = replace(order, pages=False) if reads_lists_only(context.archive, kept.run) else order

        def beside(part: OutletBackfill) -> Callable[[], Awaitable[bool]]:
            part.may_continue = lambda: not is_live(part.outlet.id)
            return part.work

        parts = outlet_backfills(order, kept.run, context, self._catalogue, self._wayback, patient=False)
        return {part.outlet.id: beside(part) for part in parts}

    def _settle(self, run: int, taken: _Taken) -> None:
        """Take in what came of a run's turns, and end it with the last of its parts."""
        archive, ended = self._context.archive, [name for name, task in taken.tasks.items() if task.done()]
        cancelled = bool(ended) and archive.run_state(run) == "cancelled"
        for name in ended:
            task = taken.tasks.pop(name)
            came: Came = "later" if task.cancelled() else task.result()
            taken.failed |= came == "failed"
            if came != "later" or cancelled:
                del taken.parts[name]
        if taken.parts:
            return
        plan = reads_lists_only(archive, run)  # the same order with its pages goes on from there
        state: Ended = "failed" if taken.failed else "stopped" if plan else "done"
        archive.end_run(run, state, tally_counts(taken.tallies), self._context.now())
        if state == "done":
            archive.release_addresses(run)
        del self._taken[run]
