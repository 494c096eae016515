"""Putting the stages together from the settings, carrying out a plan with them, and taking them down again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Literal

from archive.captures.store import Captures
from archive.errors import Reason
from archive.ledger.model import HostFacts, RobotsKept
from archive.store.writer import Archive
from crawler.discovery.entries import Bounds
from crawler.fetching.backoff import HostHealth
from crawler.fetching.fetcher import Fetcher, HostState, Limits, build_client, user_agent
from crawler.fetching.rate_limit import Pace
from crawler.fetching.robots import RobotsFacts
from crawler.outlets.model import Outlet
from crawler.worker_pool import Workers
from schedules.config import Settings
from schedules.events import Event, Tally
from schedules.pipeline.context import Stages, utc_now
from schedules.pipeline.crawl import add_page, crawl_site, run_outlet

MEGABYTE = 1_000_000
SLOW_IMPORTS = ("crawler.reading.extract", "crawler.discovery.sources")


@dataclass(frozen=True, slots=True)
class Plan:
    """What one pass is to do.

    Attributes:
        kind: As the ledger names the run.
        outlets: Outlets to poll.
        sites: Addresses to crawl as a source, of a declared outlet or of any other site.
        pages: Addresses of articles.
        limit: How many pages of each outlet to ask for at the most.
    """

    kind: Literal["crawl", "add"]
    outlets: tuple[Outlet, ...] = ()
    sites: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    limit: int | None = None

    def arguments(self) -> dict[str, object]:
        """The plan as the ledger keeps it."""
        outlets = [outlet.id for outlet in self.outlets]
        return {"outlets": outlets, "sites": self.sites, "pages": self.pages, "limit": self.limit}


async def carry_out(
    plan: Plan, settings: Settings, catalogue: Mapping[str, Outlet], archive: Archive, tell: Callable[[Event], None]
) -> None:
    """Carry out a plan: every outlet at its own hosts' pace, all side by side.

    Args:
        plan: What to do.
        settings: How.
        catalogue: Every declared outlet, by id.
        archive: Where to keep what is found; open for writing.
        tell: What to call with each event.

    Raises:
        KeyboardInterrupt: A person stopped it; what was in flight is done.
    """
    tallies: dict[str, Tally] = {}

    def count(event: Event) -> None:
        tallies.setdefault(event.outlet, Tally()).add(event)
        tell(event)

    run = archive.begin_run(plan.kind, plan.arguments(), utc_now())
    state: Literal["done", "stopped", "failed"] = "failed"
    try:
        async with assembled(settings, archive, count, run) as stages:
            with stopping_on_interrupt(stages.stop):
                await _side_by_side(stages, plan, catalogue)
            state = "stopped" if stages.stop.is_set() else "done"
    finally:
        archive.end_run(run, state, {name: tally.counts() for name, tally in tallies.items()}, utc_now())
    if state == "stopped":
        raise KeyboardInterrupt


async def _side_by_side(stages: Stages, plan: Plan, catalogue: Mapping[str, Outlet]) -> None:
    async with asyncio.TaskGroup() as group:
        for outlet in plan.outlets:
            group.create_task(run_outlet(stages, outlet, plan.limit))
        for address in plan.sites:
            group.create_task(crawl_site(stages, address, catalogue, plan.limit))
        for address in plan.pages:
            group.create_task(add_page(stages, address, catalogue))


@asynccontextmanager
async def assembled(
    settings: Settings,
    archive: Archive,
    tell: Callable[[Event], None],
    run: int,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Stages]:
    """The stages, ready to work by a clock; they are taken down at the end.

    Raises:
        UsageError: A proxy or certificates of the settings cannot be used.
    """
    async with network_of(settings, Memory(archive), now) as fetcher, workers_of(settings) as workers:
        captures = Captures(settings.captures_folder) if settings.archive.captures else None
        try:
            yield Stages(
                archive,
                captures,
                fetcher,
                workers,
                tell,
                run,
                now,
                rechecks=settings.outlets.recheck,
                bounds=bounds_of(settings),
            )
        finally:
            if captures:
                captures.close()


@asynccontextmanager
async def network_of(
    settings: Settings, memory: Memory | None = None, now: Callable[[], datetime] = utc_now
) -> AsyncIterator[Fetcher]:
    """The way to the network that the settings ask for.

    Args:
        settings: The settings.
        memory: What is known of hosts from before; None for nothing.
        now: The clock, UTC.

    Raises:
        UsageError: A proxy or certificates cannot be used.
    """
    network = settings.network
    limits = Limits(
        connect=network.connect_seconds,
        read=network.read_seconds,
        total=network.total_seconds,
        max_page=int(network.max_page_megabytes * MEGABYTE),
        max_list=int(network.max_list_megabytes * MEGABYTE),
        max_redirects=network.max_redirects,
        max_header_bytes=network.max_header_kilobytes * 1024,
        max_header_fields=network.max_header_fields,
    )
    client = build_client(
        agent=user_agent(version("khobao"), network.contact),
        proxy=network.proxy,
        ca_bundle=network.ca_bundle,
        allow_private_addresses=network.allow_private_addresses,
    )
    async with client:
        pace = Pace(network.gap, network.longest_gap, network.concurrency)
        yield Fetcher(client, pace, limits=limits, robots=memory, hosts=memory, now=now)


def bounds_of(settings: Settings) -> Bounds:
    """How much of one source the settings let be read."""
    reading = settings.reading
    return Bounds(
        reading.max_feed_entries,
        reading.max_sitemap_entries,
        reading.max_section_links,
        reading.max_index_children,
        reading.max_index_depth,
    )


def workers_of(settings: Settings) -> Workers:
    """The worker processes that the settings ask for."""
    reading = settings.reading
    return Workers(
        settings.workers,
        seconds=reading.page_seconds,
        memory=reading.page_megabytes * MEGABYTE,
        calls=reading.pages_per_worker,
        imports=SLOW_IMPORTS,
    )


class Memory:
    """What hosts asked of us and how they fared, in the archive's ledger; learned, where that is open for writing."""

    def __init__(self, archive: Archive, *, learning: bool = True) -> None:
        self._archive = archive
        self._learning = learning

    def load_robots(self, origin: str) -> RobotsFacts | None:
        """What is known of a robots.txt."""
        facts = self._archive.robots(origin)
        return RobotsFacts(**asdict(facts)) if facts else None

    def save_robots(self, facts: RobotsFacts) -> None:
        """Keep a robots.txt."""
        if self._learning:
            self._archive.save_robots(RobotsKept(**asdict(facts)))

    def load_host(self, host: str) -> HostState | None:
        """How a host fared."""
        return next((_state(facts) for facts in self._archive.hosts(host)), None)

    def save_host(self, state: HostState) -> None:
        """Keep how a host fares."""
        if self._learning:
            self._archive.save_host(_facts(state))


def _state(facts: HostFacts) -> HostState:
    reason = Reason(facts.reason) if facts.reason else None
    health = HostHealth(facts.failures, reason, facts.failed_at, open_until=facts.resting_until)
    return HostState(facts.host, facts.crawl_delay, facts.free_at, health)


def _facts(state: HostState) -> HostFacts:
    health = state.health
    fares = (health.failures, health.reason or "", health.failed_at, health.open_until)
    return HostFacts(state.host, state.delay, state.free_at, *fares)


@contextmanager
def stopping_on_interrupt(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C finish what is in flight and begin nothing new; a second one ends at once."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def interrupted() -> None:
        if stop.is_set():
            task.cancel()
        stop.set()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
