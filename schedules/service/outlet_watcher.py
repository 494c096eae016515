"""Watch outlets until the settings change: start due work, heartbeats and regular tasks.

APScheduler only ticks; the ledger knows when work is due. Each outlet has one task at a time, which polls its due
sources and then fetches its due pages, so a slow outlet delays no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from archive.errors import ArchiveError
from archive.statistics.outlet_activity import outlet_activities
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet
from schedules.config import Settings
from schedules.events import Tally
from schedules.logs import log
from schedules.monitoring.metrics import Metrics
from schedules.pipeline.context import RunContext
from schedules.pipeline.crawl import crawl_outlet
from schedules.pipeline.polling import live_sources
from schedules.pipeline.recorded_run import tally_counts
from schedules.service.healer import Healer
from schedules.service.housekeeping import Housekeeping
from schedules.service.problems import Problem, ServiceProblems, TaskOutcome, archive_problem
from schedules.service.run_queue import RunQueue
from schedules.service.snapshot import ServiceSnapshot, opening_facts, take_snapshot

_HEALTH_SECONDS = 300.0  # between two examinations of the outlets' health
_TIDY_SECONDS = 900.0
_WATCH_SECONDS = 60.0  # between two looks for new articles that saved searches find
_SHOW_SECONDS = 1.0  # between two updates of the live table
HEARTBEAT_SECONDS = 20.0  # between two heartbeats, in the ledger and for the watchdog
_IDLE_SECONDS = 300.0  # without a page to read, after which the worker processes stop
_NETWORK_DOWN = Problem("no outlet can be reached; check the network and its DNS")


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings and the declared outlets.

    Attributes:
        settings: The settings.
        catalogue: Every declared outlet, by id.
        outlets: The outlets to watch.
    """

    settings: Settings
    catalogue: Mapping[str, Outlet]
    outlets: tuple[Outlet, ...]

    def with_outlet(self, outlet: Outlet) -> Setup:
        """Return the same setup with an outlet that replaces the one with its id."""
        outlets = tuple(outlet if one.id == outlet.id else one for one in self.outlets)
        return replace(self, catalogue={**self.catalogue, outlet.id: outlet}, outlets=outlets)


@dataclass
class ControlFlags:
    """Requests of a person or the service manager to the service.

    Attributes:
        stop: Stop the service.
        reload: Load settings and outlets again.
        changed: Set when either is requested.
    """

    stop: bool = False
    reload: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def request_reload(self) -> None:
        """Request a reload."""
        self.reload = True
        self.changed.set()


class OutletWatcher:
    """Watch the outlets of one setup."""

    def __init__(
        self,
        context: RunContext,
        setup: Setup,
        tallies: Mapping[str, Tally],
        problems: ServiceProblems,
        metrics: Metrics,
        housekeeping: Housekeeping,
        show: Callable[[ServiceSnapshot], None] | None = None,
    ) -> None:
        """Prepare to watch; nothing runs yet.

        Args:
            context: What the run of the service needs.
            setup: The settings and the outlets.
            tallies: The counts so far, by outlet; the caller updates them.
            problems: Records the problems of the service.
            metrics: The metrics for Prometheus.
            housekeeping: Runs the regular tasks.
            show: Called every second with the state of the service; None for no display.
        """
        self._context = context
        self._setup = setup
        self._tallies = tallies
        self._problems = problems
        self._notifier = problems.notifier
        self._metrics = metrics
        self._housekeeping = housekeeping
        self._show = show
        self._healer = Healer()
        self._working: dict[str, asyncio.Task[TaskOutcome]] = {}
        self._queue = RunQueue(context, setup.catalogue, setup.settings.backfill, problems)

    async def watch(self, flags: ControlFlags) -> None:
        """Start due work until a stop or a reload is requested; then finish work in flight, or hand it back."""
        self._handle_clock_change()
        service = self._setup.settings.service
        scheduler = AsyncIOScheduler(timezone="UTC")
        jobs = [
            (self.tick, service.tick_seconds),
            (self.record_heartbeat, self._heartbeat_seconds()),
            (self.examine, _HEALTH_SECONDS),
            (self.tidy, _TIDY_SECONDS),
            (self.check_watches, _WATCH_SECONDS),
            *([(self.show, _SHOW_SECONDS)] if self._show else []),
        ]
        for job, seconds in jobs:
            scheduler.add_job(job, "interval", seconds=seconds, coalesce=True, max_instances=1, misfire_grace_time=None)
        scheduler.start()
        try:
            self._log_opening()
            await self.tick()
            await self.record_heartbeat()
            self._notifier.send("READY=1")
            await self._wait_for(flags)
        finally:
            scheduler.shutdown(wait=False)
            await self._drain(service.drain_seconds)

    async def _wait_for(self, flags: ControlFlags) -> None:
        """Wait for a flag; if the clock was set back, request a reload."""
        while not flags.changed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(flags.changed.wait(), HEARTBEAT_SECONDS)
            if self._handle_clock_change():
                flags.request_reload()

    def _handle_clock_change(self) -> bool:
        """Shift due times back if the system clock was set back; return whether it was."""
        try:
            back = self._context.archive.ledger.shift_due_times(self._context.now())
        except ArchiveError as error:
            self._problems.set("archive", Problem(str(error)))
            return False
        if back:
            log().warning("clock", detail=f"the system clock was set back by {back}; due times are shifted back too")
        return bool(back)

    async def tick(self) -> None:
        """Start the due work of every idle outlet and of queued runs; stop workers that were idle for long."""
        if self._is_blocked():
            return
        try:
            for outlet in self._due():
                if outlet.id not in self._working:
                    self._start(outlet)
            self._queue.tick(self._working.__contains__)
        except ArchiveError as error:
            self._problems.set("archive", Problem(str(error)))
        await self._context.workers.rest(_IDLE_SECONDS)

    def _start(self, outlet: Outlet) -> None:
        work = self._problems.contain(crawl_outlet(self._context, outlet, due_only=True), outlet=outlet.id)
        task = asyncio.create_task(work, name=outlet.id)
        self._working[outlet.id] = task
        task.add_done_callback(lambda done: self._working.pop(outlet.id, done))

    def _due(self) -> list[Outlet]:
        """Return the outlets with due work: watched ones, and undeclared sites with added pages."""
        archive, now = self._context.archive, self._context.now()
        resting, waiting = archive.reader.sources_not_due(now), archive.reader.outlets_with_due_pages(now)
        watched = [
            outlet
            for outlet in self._setup.outlets
            if outlet.id in waiting or any(source.url not in resting for source in live_sources(outlet, now))
        ]
        undeclared = [name for name in waiting if name not in self._setup.catalogue]
        bare = [bare_outlet(home) for name in undeclared if (home := archive.reader.home_page(name))]
        # If a declaration was deleted, its outlet's id differs from that of the bare site; it is left alone.
        return watched + [outlet for outlet in bare if outlet.id in waiting]

    def _is_blocked(self) -> bool:
        """Return whether no work may start: the archive is not writable, or its disk is nearly full."""
        archive, min_free = self._context.archive, self._setup.settings.service.low_disk_megabytes
        problem = archive_problem(archive.path, archive.inode, min_free)
        self._problems.set("work", problem)
        return problem is not None or self._problems.has("archive")

    def _heartbeat_seconds(self) -> float:
        watchdog = self._notifier.watchdog
        return min(HEARTBEAT_SECONDS, watchdog / 2) if watchdog else HEARTBEAT_SECONDS

    async def record_heartbeat(self) -> None:
        """Record a heartbeat: it proves that the event loop runs and the writer commits."""
        self._housekeeping.listen()
        self._problems.set("network", _NETWORK_DOWN if self._context.fetcher.network_down() else None)
        try:
            counts, problems = tally_counts(self._tallies), self._problems.lines
            self._context.archive.runs.record_heartbeat(self._context.run, counts, self._context.now(), problems)
        except ArchiveError as error:
            self._problems.set("archive", Problem(str(error)))
            return
        self._problems.set("archive")
        self._metrics.beat(len(self._working), self._context.workers.restarts)
        archived = sum(tally.outcomes["archived"] for tally in self._tallies.values())
        summary = f"{len(self._working)} of {len(self._setup.outlets)} outlets at work, {archived} articles archived"
        self._notifier.send("WATCHDOG=1", f"STATUS={'; '.join(problems) or summary}")

    async def examine(self) -> None:
        """Judge the health of the outlets, and heal those that were redesigned."""
        await self._housekeeping.examine(self._context, self._setup.settings, self._setup.catalogue)
        try:
            healed = await self._healer.heal_outlets(self._context, self._setup.settings, self._setup.outlets)
        except ArchiveError as error:
            self._problems.set("archive", Problem(str(error)))
            return
        for result in healed:
            if result.state == "in force":
                self._setup = self._setup.with_outlet(result.outlet)

    async def tidy(self) -> None:
        """Tidy the archive and count its words, preferably while nothing is at work."""
        await self._housekeeping.tidy(self._context, self._setup.settings, idle=not self._working)
        await self._housekeeping.count_words(self._context, idle=not self._working)

    async def check_watches(self) -> None:
        """Search new articles for the saved searches, and send the messages that are due."""
        await self._housekeeping.check_watches(self._context, self._setup.settings)

    async def show(self) -> None:
        """Pass the state of the service to the display."""
        try:
            snapshot = self._snapshot()
        except ArchiveError:  # the next heartbeat records it
            return
        if self._show:
            self._show(snapshot)

    def _log_opening(self) -> None:
        with suppress(ArchiveError):
            log().info("watching", **opening_facts(self._snapshot()))

    def _snapshot(self) -> ServiceSnapshot:
        now, watched = self._context.now(), [outlet.id for outlet in self._setup.outlets]
        return take_snapshot(
            now,
            watched,
            outlet_activities(self._context.archive.reader.query, now),
            self._tallies,
            frozenset(self._working),
            self._problems.lines,
            self._setup.settings.service.listen,
        )

    async def _drain(self, seconds: float) -> None:
        """Let work in flight finish; hand work that takes too long back to the ledger."""
        self._context.stop.set()
        tasks = [*self._working.values(), *self._queue.tasks]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._queue.hand_back()
