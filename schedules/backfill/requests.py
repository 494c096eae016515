"""Start and run a backfill: the same request continues a stopped run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from archive.ledger.backfill_model import BackfillRun
from archive.store.run_queries import RunQueries
from archive.store.runs import RunStore
from archive.store.writer import ArchiveWriter
from crawler.outlets.article_urls import article_link
from crawler.outlets.catalogue import bare_outlet, find_outlet
from crawler.outlets.model import Outlet
from schedules.backfill.model import BackfillOptions, BackfillRequest, WaybackServers
from schedules.backfill.outlet_backfill import OutletBackfill
from schedules.config import BackfillSettings, Settings
from schedules.events import Event, Tally
from schedules.pipeline.context import RunContext, outlet_facts, utc_now
from schedules.pipeline.recorded_run import RecordedRun, ending_run
from schedules.pipeline.runtime import open_run_context, stopping_on_interrupt

_PROGRESS_SECONDS = 1.0  # seconds between two reports of progress


def start_or_resume(runs: RunStore, request: BackfillRequest, *, served: bool = False) -> int:
    """Enter a request into the ledger, or resume its unfinished run; return the run's id.

    Args:
        runs: The runs of the archive.
        request: What is requested.
        served: Whether the service does the work.
    """
    known = runs.resumable_run(request.kind, request.arguments())
    if known and served and known.served and known.state in {"running", "waiting"}:
        return known.run
    run = known.run if known else runs.begin_run(request.kind, request.arguments(), utc_now(), state="stopped")
    if request.kind == "backfill":
        runs.save_plan(run, {"pages": request.pages})
    runs.set_run_state(run, "waiting" if served else "running", served=served)
    return run


def reads_lists_only(runs: RunQueries, run: int) -> bool:
    """Return whether a run only reads lists and fetches no page."""
    return not runs.load_plan(run).get("pages", True)


def outlet_backfills(
    request: BackfillRequest,
    run: int,
    context: RunContext,
    catalogue: Mapping[str, Outlet],
    servers: BackfillSettings,
    *,
    patient: bool,
) -> Iterator[OutletBackfill]:
    """Build the part of each outlet in a request, and enter its first lists into the ledger.

    Raises:
        UsageError: An outlet of the request is no longer declared.
    """
    wayback = WaybackServers(servers.cdx, servers.replay) if request.wayback else None
    options = BackfillOptions(run, request.dates, request.pages, patient, wayback)
    for name in request.outlets:
        home = context.archive.reader.home_page(name) if name not in catalogue and request.urls else ""
        part = OutletBackfill(context, bare_outlet(home) if home else find_outlet(catalogue, name), options)
        if not request.urls:
            part.enter_initial_lists()
        yield part


def enter_urls(
    runs: RunStore, run: int, request: BackfillRequest, urls: Mapping[str, tuple[Outlet, Sequence[str]]]
) -> None:
    """Enter the addresses of a file into the ledger, for a run to fetch.

    Args:
        runs: The runs of the archive.
        run: The id of the run.
        request: What is requested.
        urls: For each outlet id: the outlet and its canonical addresses.
    """
    dates = request.dates
    for outlet, addresses in urls.values():
        runs.declare([outlet_facts(outlet)])
        links = [article_link(outlet, url) for url in addresses]
        runs.enter_wanted(outlet.id, links, run, utc_now(), since=dates.since, until=dates.until)


def earlier_tallies(runs: RunStore, run: int) -> dict[str, Tally]:
    """Return the counts of a run before it was stopped, by outlet."""
    known = runs.backfill(run)
    return {name: Tally.of(counts) for name, counts in (known.counts if known else {}).items()}


async def run_backfill(
    request: BackfillRequest,
    settings: Settings,
    catalogue: Mapping[str, Outlet],
    archive: ArchiveWriter,
    report: Callable[[Event], None],
    show_progress: Callable[[BackfillRun], None],
    prepare: Callable[[RunStore, int], None] = lambda _runs, _run: None,
) -> int:
    """Run a backfill in this process: all outlets concurrently, each at the rate of its hosts.

    Args:
        request: What is requested.
        settings: The settings.
        catalogue: Every declared outlet, by id.
        archive: The archive, open for writing.
        report: Called with each event.
        show_progress: Called regularly with the state of the run.
        prepare: Called first, with the runs of the archive and the id of this run.

    Returns:
        The id of the run.

    Raises:
        KeyboardInterrupt: A person stopped it; the same request continues from there.
    """
    run = RecordedRun(start_or_resume(archive.runs, request))
    prepare(archive.runs, run.id)
    run.tallies = earlier_tallies(archive.runs, run.id)
    with ending_run(archive.runs, run):
        async with open_run_context(settings, archive, run.counting(report), run.id) as context:
            with stopping_on_interrupt(context.stop):
                async with _reporting_progress(archive, run, show_progress):
                    parts = outlet_backfills(request, run.id, context, catalogue, settings.backfill, patient=True)
                    complete = await _work_side_by_side([*parts])
            run.state = "done" if complete and (request.pages or request.kind == "audit") else "stopped"
    if run.state == "done":
        archive.runs.release_addresses(run.id)
    if context.stop.is_set():
        raise KeyboardInterrupt
    return run.id


async def _work_side_by_side(parts: Sequence[OutletBackfill]) -> bool:
    """Work on all parts concurrently; return whether no part has anything left to do."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part.work()) for part in parts]
    return all(task.result() for task in tasks)


@asynccontextmanager
async def _reporting_progress(
    archive: ArchiveWriter, run: RecordedRun, show: Callable[[BackfillRun], None]
) -> AsyncIterator[None]:
    """Record that a run is alive and show its progress, every second until the block ends."""

    async def report_forever() -> None:
        while True:
            archive.runs.record_heartbeat(run.id, run.current_counts(), utc_now())
            if state := archive.reader.backfill(run.id):
                show(state)
            await asyncio.sleep(_PROGRESS_SECONDS)

    task = asyncio.create_task(report_forever())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
