"""Run the runs that other processes handed to the service, beside and after live work."""

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
from schedules.service.problems import ServiceProblems, TaskOutcome

Part = Callable[[], Awaitable[bool]]  # works for a while, and returns whether all of it is done


@dataclass
class _ActiveRun:
    """A run that has started.

    Attributes:
        parts: The remaining parts, by outlet.
        tallies: The counts, by outlet.
        tasks: The running parts, by outlet.
        failed: A bug ended one of its parts.
    """

    parts: dict[str, Part]
    tallies: dict[str, Tally]
    tasks: dict[str, asyncio.Task[TaskOutcome]] = field(default_factory=dict)
    failed: bool = False


class RunQueue:
    """Hold the runs that wait for the service, and those that it has started."""

    def __init__(
        self, context: RunContext, catalogue: Mapping[str, Outlet], wayback: BackfillSettings, problems: ServiceProblems
    ) -> None:
        """Start with an empty queue.

        Args:
            context: What the run of the service needs.
            catalogue: Every declared outlet, by id.
            wayback: The web archive for deleted pages.
            problems: Records the problems of the service.
        """
        self._context = context
        self._catalogue = catalogue
        self._wayback = wayback
        self._problems = problems
        self._active: dict[int, _ActiveRun] = {}

    @property
    def tasks(self) -> list[asyncio.Task[TaskOutcome]]:
        """All running tasks."""
        return [task for active in self._active.values() for task in active.tasks.values()]

    def tick(self, is_live: Callable[[str], bool]) -> None:
        """Start waiting runs, record finished tasks, and start the parts that may work.

        Args:
            is_live: Returns whether an outlet is busy with new articles; its part waits meanwhile.

        Raises:
            ArchiveError: The archive cannot be written to; the next tick continues from there.
        """
        archive = self._context.archive
        for queued in archive.reader.waiting_runs():
            self._start(queued, is_live)
        for run, active in [*self._active.items()]:
            self._record_ended(run, active)
            for name, part in active.parts.items():
                if name not in active.tasks and not is_live(name):
                    work = self._problems.contain(part(), run=run, outlet=name)
                    active.tasks[name] = asyncio.create_task(work)
            if run in self._active:
                archive.runs.record_heartbeat(run, tally_counts(active.tallies), self._context.now())

    def hand_back(self) -> None:
        """Leave unfinished runs to the next service."""
        for run, active in [*self._active.items()]:
            self._record_ended(run, active)
        for run, active in self._active.items():
            self._context.archive.runs.end_run(run, "waiting", tally_counts(active.tallies), self._context.now())

    def _start(self, queued: BackfillRun, is_live: Callable[[str], bool]) -> None:
        archive, run = self._context.archive, queued.run
        recorded = RecordedRun(run, earlier_tallies(archive.runs, run))
        context = replace(self._context, report=recorded.counting(self._context.report), run=run)
        try:
            is_add = queued.kind == "add"
            parts = self._add_parts(queued, context) if is_add else self._backfill_parts(queued, context, is_live)
        except UsageError as error:
            archive.runs.end_run(run, "failed", {"problem": str(error)}, context.now())
            return
        archive.runs.set_run_state(run, "running")
        self._active[run] = _ActiveRun(parts, recorded.tallies)

    def _add_parts(self, queued: BackfillRun, context: RunContext) -> dict[str, Part]:
        """Return one part, which archives the pages that a person added and never waits for live work."""
        pages = deque(queued.arguments["pages"])

        async def work() -> bool:
            while pages and not context.stop.is_set():
                await add_page(context, pages[0], self._catalogue)
                pages.popleft()
            return not pages

        return {"": work}

    def _backfill_parts(
        self, queued: BackfillRun, context: RunContext, is_live: Callable[[str], bool]
    ) -> dict[str, Part]:
        """Return one part for each outlet; it pauses while the outlet has new work."""
        request = BackfillRequest.from_run(queued)
        request = replace(request, pages=False) if reads_lists_only(context.archive.reader, queued.run) else request

        def work_beside_live(part: OutletBackfill) -> Part:
            part.may_continue = lambda: not is_live(part.outlet.id)
            return part.work

        parts = outlet_backfills(request, queued.run, context, self._catalogue, self._wayback, patient=False)
        return {part.outlet.id: work_beside_live(part) for part in parts}

    def _record_ended(self, run: int, active: _ActiveRun) -> None:
        """Record the tasks that have ended, and end the run with its last part."""
        archive, ended = self._context.archive, [name for name, task in active.tasks.items() if task.done()]
        cancelled = bool(ended) and archive.reader.run_state(run) == "cancelled"
        for name in ended:
            task = active.tasks.pop(name)
            outcome: TaskOutcome = "later" if task.cancelled() else task.result()
            active.failed |= outcome == "failed"
            if outcome != "later" or cancelled:
                del active.parts[name]
        if active.parts:
            return
        lists_only = reads_lists_only(archive.reader, run)  # the same request without --dry-run continues from there
        state: Ended = "failed" if active.failed else "stopped" if lists_only else "done"
        archive.runs.end_run(run, state, tally_counts(active.tallies), self._context.now())
        if state == "done":
            archive.runs.release_addresses(run)
        del self._active[run]
