"""Build the parts of a run from the settings, and run one crawl."""

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
from archive.ledger.model import HostFacts, StoredRobots
from archive.store.ledger_queries import LedgerQueries
from archive.store.ledger_writer import LedgerWriter
from archive.store.writer import ArchiveWriter
from crawler.discovery.entries import Bounds
from crawler.fetching.backoff import HostHealth
from crawler.fetching.fetcher import Fetcher, HostState, Limits, build_client, user_agent
from crawler.fetching.rate_limit import RateLimiter
from crawler.fetching.robots import RobotsFacts
from crawler.outlets.model import Outlet
from crawler.workers.pool import WorkerPool
from crawler.workers.process import MEGABYTE, READER_IMPORTS, WorkerProcess
from schedules.config import Settings
from schedules.events import Event
from schedules.pipeline.context import RunContext, utc_now
from schedules.pipeline.crawl import add_page, crawl_outlet, crawl_site
from schedules.pipeline.late_index import indexing_late
from schedules.pipeline.recorded_run import recorded_run


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """The plan of one crawl.

    Attributes:
        kind: The kind of run in the ledger.
        outlets: The outlets to poll.
        sites: Addresses to crawl, each as a source of a declared outlet or as a site of its own.
        pages: Addresses of articles.
        limit: The largest number of pages to fetch of each outlet; None for all.
    """

    kind: Literal["crawl", "add"]
    outlets: tuple[Outlet, ...] = ()
    sites: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    limit: int | None = None

    def arguments(self) -> dict[str, object]:
        """Return the plan as the ledger stores it."""
        outlets = [outlet.id for outlet in self.outlets]
        return {"outlets": outlets, "sites": self.sites, "pages": self.pages, "limit": self.limit}


async def run_crawl(
    plan: CrawlPlan,
    settings: Settings,
    catalogue: Mapping[str, Outlet],
    archive: ArchiveWriter,
    report: Callable[[Event], None],
    worker: WorkerProcess | None = None,
) -> None:
    """Run a crawl: all outlets concurrently, each at the rate of its hosts.

    Args:
        plan: What to crawl.
        settings: The settings.
        catalogue: Every declared outlet, by id.
        archive: The archive, open for writing.
        report: Called with each event.
        worker: A worker process that was started ahead.

    Raises:
        KeyboardInterrupt: A person stopped it; requests in flight were finished.
    """
    with recorded_run(archive.runs, plan.kind, plan.arguments()) as run:
        async with open_run_context(settings, archive, run.counting(report), run.id, worker=worker) as context:
            with stopping_on_interrupt(context.stop):
                await _crawl_all(context, plan, catalogue)
            run.state = "stopped" if context.stop.is_set() else "done"
    if run.state == "stopped":
        raise KeyboardInterrupt


async def _crawl_all(context: RunContext, plan: CrawlPlan, catalogue: Mapping[str, Outlet]) -> None:
    """Run all parts of a plan concurrently."""
    async with asyncio.TaskGroup() as group:
        for outlet in plan.outlets:
            group.create_task(crawl_outlet(context, outlet, plan.limit))
        for address in plan.sites:
            group.create_task(crawl_site(context, address, catalogue, plan.limit))
        for address in plan.pages:
            group.create_task(add_page(context, address, catalogue))


@asynccontextmanager
async def open_run_context(
    settings: Settings,
    archive: ArchiveWriter,
    report: Callable[[Event], None],
    run: int,
    now: Callable[[], datetime] = utc_now,
    worker: WorkerProcess | None = None,
) -> AsyncIterator[RunContext]:
    """Build the parts of a run; close them when the block ends.

    Args:
        settings: The settings.
        archive: The archive, open for writing.
        report: Called with each event.
        run: The id of the run in the ledger.
        now: The clock, UTC.
        worker: A worker process that was started ahead.

    Raises:
        UsageError: The proxy or the certificates in the settings are unusable.
    """
    async with (
        open_fetcher(settings, LedgerHosts(archive.reader, archive.ledger), now) as fetcher,
        make_workers(settings, worker) as workers,
    ):
        captures = Captures(settings.captures_folder) if settings.archive.captures else None
        try:
            with indexing_late(archive, report) as report_and_index:
                yield RunContext(
                    archive,
                    captures,
                    fetcher,
                    workers,
                    report_and_index,
                    run,
                    now,
                    recheck_ages=settings.outlets.recheck,
                    bounds=reading_bounds(settings),
                )
        finally:
            if captures:
                captures.close()


@asynccontextmanager
async def open_fetcher(
    settings: Settings, hosts: LedgerHosts | None = None, now: Callable[[], datetime] = utc_now
) -> AsyncIterator[Fetcher]:
    """Build a fetcher from the settings; close its connections when the block ends.

    Args:
        settings: The settings.
        hosts: The stored state of hosts; None to store nothing.
        now: The clock, UTC.

    Raises:
        UsageError: The proxy or the certificates in the settings are unusable.
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
        trust_proxy=network.trust_proxy,
    )
    async with client:
        pace = RateLimiter(network.gap, network.longest_gap, network.concurrency)
        yield Fetcher(client, pace, limits=limits, robots=hosts, hosts=hosts, now=now)


def reading_bounds(settings: Settings) -> Bounds:
    """Return the limits on how much of one source is read."""
    reading = settings.reading
    return Bounds(
        reading.max_feed_entries,
        reading.max_sitemap_entries,
        reading.max_section_links,
        reading.max_index_children,
        reading.max_index_depth,
    )


def make_workers(settings: Settings, started: WorkerProcess | None = None) -> WorkerPool:
    """Build the pool of worker processes; each starts when a call needs it, except one started ahead."""
    seconds, memory, calls = reading_limits(settings)
    return WorkerPool(
        settings.workers, seconds=seconds, memory=memory, calls=calls, imports=READER_IMPORTS, started=started
    )


def reading_limits(settings: Settings) -> tuple[float, int, int]:
    """Return the limits of a worker: seconds a page, bytes of memory, pages before it is replaced."""
    reading = settings.reading
    return reading.page_seconds, reading.page_megabytes * MEGABYTE, reading.pages_per_worker


def max_page_bytes(settings: Settings) -> int:
    """Return the largest decompressed size of a page, in bytes."""
    return int(settings.network.max_page_megabytes * MEGABYTE)


class LedgerHosts:
    """Store the state of hosts and their robots.txt in the ledger, across restarts."""

    def __init__(self, reader: LedgerQueries, writer: LedgerWriter | None = None) -> None:
        """Use an archive.

        Args:
            reader: Reads the ledger.
            writer: Writes the ledger; None if nothing is to be saved.
        """
        self._reader = reader
        self._writer = writer

    def load_robots(self, origin: str) -> RobotsFacts | None:
        """Return the last fetched robots.txt of an origin."""
        facts = self._reader.robots(origin)
        return RobotsFacts(**asdict(facts)) if facts else None

    def save_robots(self, facts: RobotsFacts) -> None:
        """Save a robots.txt."""
        if self._writer:
            self._writer.save_robots(StoredRobots(**asdict(facts)))

    def load_host(self, host: str) -> HostState | None:
        """Return the state of a host."""
        return next((_state(facts) for facts in self._reader.hosts(host)), None)

    def save_host(self, state: HostState) -> None:
        """Save the state of a host."""
        if self._writer:
            self._writer.save_host(_facts(state))


def _state(facts: HostFacts) -> HostState:
    """Convert a ledger row to the state of a host."""
    reason = Reason(facts.reason) if facts.reason else None
    health = HostHealth(facts.failures, reason, facts.failed_at, open_until=facts.resting_until)
    return HostState(facts.host, facts.crawl_delay, facts.free_at, health)


def _facts(state: HostState) -> HostFacts:
    """Convert the state of a host to a ledger row."""
    health = state.health
    return HostFacts(
        state.host,
        state.delay,
        state.free_at,
        health.failures,
        health.reason or "",
        health.failed_at,
        health.open_until,
    )


@contextmanager
def stopping_on_interrupt(stop: asyncio.Event, report: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Set `stop` at the first Ctrl-C, and cancel the current task at the second one.

    Args:
        stop: Ends the run: requests in flight finish, and no new one starts.
        report: Called at the first Ctrl-C.

    Raises:
        KeyboardInterrupt: The task was cancelled by the second Ctrl-C.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    cancelled = []

    def interrupt() -> None:
        if stop.is_set():
            task.cancel()
            cancelled.append(task)
            return
        stop.set()
        report()

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        yield
    except asyncio.CancelledError:
        if cancelled:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
