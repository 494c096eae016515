"""The service: what is due is done, for years. APScheduler only ticks; when what is due stands in the ledger.

A watch lasts from one reading of the settings to the next. Within it each outlet has one task at a time, which polls
its sources that are due and then asks for its pages that are; so a slow outlet holds up nobody else.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from archive.errors import ArchiveError, UsageError
from archive.store.writer import ArchiveWriter
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet
from schedules.config import Settings
from schedules.events import Event, Tally
from schedules.logs import log
from schedules.monitoring.health import learned_hours
from schedules.monitoring.metrics import Metrics
from schedules.pipeline.context import RunContext, utc_now
from schedules.pipeline.crawl import crawl_outlet
from schedules.pipeline.polling import live_sources
from schedules.pipeline.recorded_run import recorded_run, tally_counts
from schedules.pipeline.runtime import open_run_context
from schedules.service.healer import Healer
from schedules.service.housekeeping import Upkeep
from schedules.service.probe import Probe
from schedules.service.problems import Came, Troubles, trouble_of
from schedules.service.run_queue import Handed
from schedules.service.systemd import Notifier
from schedules.timing.publishing_hours import PublishingHours

_EXAMINED = 300.0  # seconds between two looks at the outlets' health
_TIDIED = 900.0
BEAT = 20.0  # seconds between two signs of life, in the ledger and for the watchdog
_NOBODY = "no outlet can be reached; see whether the network and its DNS are up"
_RELEARNED = timedelta(hours=6)
_IDLE = 300.0  # seconds without a page to read after which the worker processes go


@dataclass(frozen=True, slots=True)
class Setup:
    """What the files say: settings, every declared outlet, and those to be watched."""

    settings: Settings
    catalogue: Mapping[str, Outlet]
    outlets: tuple[Outlet, ...]

    def with_outlet(self, outlet: Outlet) -> Setup:
        """Return the set-up with an outlet in place of the one of its id."""
        outlets = tuple(outlet if one.id == outlet.id else one for one in self.outlets)
        return replace(self, catalogue={**self.catalogue, outlet.id: outlet}, outlets=outlets)


@dataclass
class Wishes:
    """What a person or the service manager wants of the service.

    Attributes:
        stop: To come to an end.
        reload: To read settings and outlets again.
        changed: Set when either is wished.
    """

    stop: bool = False
    reload: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def again(self) -> None:
        """Wish to begin anew."""
        self.reload = True
        self.changed.set()


async def serve(
    load: Callable[[], Setup], archive: ArchiveWriter, tell: Callable[[Event], None], notifier: Notifier | None = None
) -> None:
    """Watch outlets until SIGTERM or SIGINT, and read the settings again at SIGHUP; a second signal ends at once.

    Args:
        load: Reads settings and outlets; what it raises as UsageError leaves those in force that were.
        archive: Where to keep what is found; open for writing.
        tell: What to call with each event.
        notifier: Whom to tell how the service fares; None for what the environment names.

    Raises:
        UsageError: The settings are wrong from the start.
    """
    notifier = notifier or Notifier()
    setup, wishes, troubles = load(), Wishes(), Troubles(notifier)
    metrics = Metrics(archive.path, utc_now)
    probe = Probe(metrics, setup.settings.service.listen)
    upkeep = Upkeep(probe, troubles)

    def measure_and_tell(event: Event) -> None:
        metrics.count(event)
        tell(event)

    arguments = {"outlets": [outlet.id for outlet in setup.outlets]}
    with recorded_run(archive, "run", arguments) as run, _heeding_signals(wishes):
        while not wishes.stop:
            wishes.reload = False
            wishes.changed.clear()
            report = run.counting(measure_and_tell)
            async with open_run_context(setup.settings, archive, report, run.id) as context:
                knowing = replace(context, publishing_hours=LearnedHours(archive, context.now))
                await Watch(knowing, setup, run.tallies, troubles, metrics, upkeep).keep(wishes)
            setup = _read_again(load, setup, troubles) if wishes.reload else setup
        notifier.send("STOPPING=1")
        probe.stop()


@contextmanager
def _heeding_signals(wishes: Wishes) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if wishes.stop:
            task.cancel()
        wishes.stop = True
        wishes.changed.set()

    handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: wishes.again}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


def _read_again(load: Callable[[], Setup], setup: Setup, troubles: Troubles) -> Setup:
    troubles.notifier.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
    try:
        setup = load()
    except UsageError as error:
        troubles.tell("settings", f"the old settings stay in force: {error}")
    else:
        troubles.tell("settings")
        log().info("reload", outlets=len(setup.outlets))
    return setup


class LearnedHours:
    """When outlets publish, learned from the archive and learned again every six hours."""

    def __init__(self, archive: ArchiveWriter, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._now = now
        self._known: dict[str, tuple[datetime, PublishingHours]] = {}

    def __call__(self, outlet: Outlet) -> PublishingHours:
        """Return when an outlet publishes."""
        now = self._now()
        learned_at, hours = self._known.get(outlet.id, (None, None))
        if learned_at is None or hours is None or not learned_at <= now < learned_at + _RELEARNED:
            hours = learned_hours(self._archive, outlet, now)
            self._known[outlet.id] = (now, hours)
        return hours


class Watch:
    """One watch over the outlets of a setup."""

    def __init__(
        self,
        context: RunContext,
        setup: Setup,
        tallies: Mapping[str, Tally],
        troubles: Troubles,
        metrics: Metrics,
        upkeep: Upkeep,
    ) -> None:
        """Nothing is under way yet.

        Args:
            context: The run of the service.
            setup: Which outlets, and how.
            tallies: What the run came to so far, by outlet; somebody else counts.
            troubles: What keeps it from its work.
            metrics: What to tell Prometheus.
            upkeep: What is to be done besides.
        """
        self._context = context
        self._setup = setup
        self._tallies = tallies
        self._troubles = troubles
        self._notifier = troubles.notifier
        self._metrics = metrics
        self._upkeep = upkeep
        self._working: dict[str, asyncio.Task[Came]] = {}
        self._healer = Healer()
        self._handed = Handed(context, setup.catalogue, setup.settings.backfill, troubles)

    async def keep(self, wishes: Wishes) -> None:
        """Do what is due until something else is wished; then finish what is in flight, or give it back."""
        self._mind_the_clock()
        service = self._setup.settings.service
        scheduler = AsyncIOScheduler(timezone="UTC")
        jobs = (
            (self.tick, service.tick_seconds),
            (self.beat, self._between_beats()),
            (self.examine, _EXAMINED),
            (self.tidy, _TIDIED),
        )
        for job, seconds in jobs:
            scheduler.add_job(job, "interval", seconds=seconds, coalesce=True, max_instances=1, misfire_grace_time=None)
        scheduler.start()
        try:
            await self.tick()
            await self.beat()
            self._notifier.send("READY=1")
            await self._wait_for(wishes)
        finally:
            scheduler.shutdown(wait=False)
            await self._drain(service.drain_seconds)

    async def _wait_for(self, wishes: Wishes) -> None:
        """Wait for a wish; what the scheduler, which goes by the clock of the wall, cannot notice is a wish too."""
        while not wishes.changed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(wishes.changed.wait(), BEAT)
            if self._mind_the_clock():
                wishes.again()

    def _mind_the_clock(self) -> bool:
        """Whether the clock was set back; what waits for an hour that is far away now no longer does."""
        try:
            back = self._context.archive.shift_due_times(self._context.now())
        except ArchiveError as error:
            self._troubles.tell("archive", str(error))
            return False
        if back:
            log().warning("clock", detail=f"it was set back by {back}; what is due later is due by as much sooner")
        return bool(back)

    async def tick(self) -> None:
        """Begin the work of every outlet that has some and is not at it."""
        if self._is_in_trouble():
            return
        try:
            for outlet in self._due():
                if outlet.id not in self._working:
                    self._begin(outlet)
            self._handed.tick(self._working.__contains__)
        except ArchiveError as error:
            self._troubles.tell("archive", str(error))
        await self._context.workers.rest(_IDLE)

    def _begin(self, outlet: Outlet) -> None:
        work = self._troubles.contain(crawl_outlet(self._context, outlet, due_only=True), outlet=outlet.id)
        task = asyncio.create_task(work, name=outlet.id)
        self._working[outlet.id] = task
        task.add_done_callback(lambda done: self._working.pop(outlet.id, done))

    def _due(self) -> list[Outlet]:
        """The outlets that have something to do: watched ones, and sites of which pages were added by hand."""
        archive, now = self._context.archive, self._context.now()
        resting, waiting = archive.sources_not_due(now), archive.outlets_with_due_pages(now)
        watched = [
            outlet
            for outlet in self._setup.outlets
            if outlet.id in waiting or any(source.url not in resting for source in live_sources(outlet, now))
        ]
        strangers = [name for name in waiting if name not in self._setup.catalogue]
        bare = [bare_outlet(home) for name in strangers if (home := archive.home_page(name))]
        return watched + [outlet for outlet in bare if outlet.id in waiting]  # and not whose declaration was deleted

    def _is_in_trouble(self) -> bool:
        """Whether nothing should be begun: the archive cannot be written to, or its disk is nearly full."""
        archive, least = self._context.archive, self._setup.settings.service.low_disk_megabytes
        trouble = trouble_of(archive.path, archive.inode, least)
        self._troubles.tell("work", trouble)
        return bool(trouble) or self._troubles.has("archive")

    def _between_beats(self) -> float:
        return min(BEAT, self._notifier.watchdog / 2) if self._notifier.watchdog else BEAT

    async def beat(self) -> None:
        """Say that the service is alive, where the loop turns and the writer commits: this is the proof of both."""
        self._upkeep.listen()
        self._troubles.tell("network", _NOBODY if self._context.fetcher.network_down() else "")
        try:
            counts, troubles = tally_counts(self._tallies), self._troubles.lines
            self._context.archive.record_heartbeat(self._context.run, counts, self._context.now(), troubles)
        except ArchiveError as error:
            self._troubles.tell("archive", str(error))
            return
        self._troubles.tell("archive")
        self._metrics.beat(len(self._working), self._context.workers.restarts)
        archived = sum(tally.outcomes["archived"] for tally in self._tallies.values())
        doing = f"{len(self._working)} of {len(self._setup.outlets)} outlets at work, {archived} articles archived"
        self._notifier.send("WATCHDOG=1", f"STATUS={'; '.join(troubles) or doing}")

    async def examine(self) -> None:
        """Judge the health of the outlets, and heal those that were redesigned."""
        await self._upkeep.examine(self._context, self._setup.settings, self._setup.catalogue)
        try:
            healed = await self._healer.heal_outlets(self._context, self._setup.settings, self._setup.outlets)
        except ArchiveError as error:
            self._troubles.tell("archive", str(error))
            return
        for result in healed:
            if result.state == "in force":
                self._setup = self._setup.with_outlet(result.outlet)

    async def tidy(self) -> None:
        """Tidy up, best while nothing is under way."""
        self._upkeep.tidy(self._context, self._setup.settings, idle=not self._working)

    async def _drain(self, seconds: float) -> None:
        """Let what is in flight be finished; what takes too long is given back to the ledger."""
        self._context.stop.set()
        tasks = [*self._working.values(), *self._handed.tasks]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._handed.put_down()
