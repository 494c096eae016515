"""Query a web archive for pages that no list has, and for pages that their site has deleted."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime

from archive.errors import Failure, Reason
from archive.ledger.backfill_model import ListFacts, ListRead, ListState
from archive.record import Candidate
from crawler.discovery.wayback_cdx import query_of, read_captures, read_published, replay_of
from crawler.outlets.model import Outlet
from crawler.page import Fetched, Page
from schedules.backfill.list_reading import failed_list, record_list, sift_in_chunks
from schedules.backfill.lists import may_be_in, next_cdx_page
from schedules.backfill.model import BackfillOptions
from schedules.events import PollEvent
from schedules.pipeline.archiving import archive_response
from schedules.pipeline.context import RunContext
from schedules.pipeline.source_reading import fetch_and_read
from schedules.timing.date_range import DateRange


async def read_host_captures(context: RunContext, outlet: Outlet, options: BackfillOptions, state: ListState) -> None:
    """Enter the addresses of a host that a web archive has captured into the ledger.

    Args:
        context: The run.
        outlet: The outlet.
        options: How the backfill works.
        state: The query to the CDX server, as the ledger has it.
    """
    facts, asked_at = state.facts, context.now()

    def read_addresses(page: Page) -> Awaitable[tuple[list[Candidate], str] | Failure]:
        return context.workers.run(read_published, page)

    result = await fetch_and_read(context.fetcher, facts.url, outlet, read_addresses)
    event = PollEvent(outlet.id, facts.url, facts.kind)
    if isinstance(result.content, Failure) and not _knows_nothing(result.content):
        await record_list(context, options, state, failed_list(context, state, result.content), [], asked_at)
        context.report(replace(event, failure=result.content))
        return
    candidates, resume_key = result.content if isinstance(result.content, tuple) else ([], "")
    sifted = await sift_in_chunks(outlet, candidates)
    list_dates = DateRange(facts.first_day, facts.last_day)
    wanted = [link for link in sifted.links if may_be_in(options.dates, link.candidate, outlet, list_dates)]
    following, reason = next_cdx_page(facts, resume_key, len(candidates))
    read = ListRead(
        candidates=len(sifted.links), left_out=len(sifted.links) - len(wanted), following=following, notes=reason
    )
    new = await record_list(context, options, state, read, wanted, asked_at)
    context.report(replace(event, candidates=read.candidates, new=new, dropped=sifted.dropped, notes=reason))


def enter_gone_pages(context: RunContext, outlet: Outlet, options: BackfillOptions) -> int:
    """Enter a query to the CDX server for each page that its site deleted; return their number."""
    if options.wayback is None:
        return 0
    gone = context.archive.reader.missing_addresses(options.run, outlet.id, context.now())
    queries = [
        ListFacts(url=query_of(options.wayback.cdx, url, options.dates.since), outlet=outlet.id, kind="cdx", way=url)
        for url in gone
    ]
    context.archive.runs.enter_lists(options.run, queries)
    return len(queries)


async def archive_oldest_capture(
    context: RunContext, outlet: Outlet, options: BackfillOptions, state: ListState
) -> None:
    """Query when a page was captured, and archive its oldest capture of the requested dates.

    Args:
        context: The run.
        outlet: The outlet of the page.
        options: How the backfill works, with a web archive.
        state: The query for the captures of the page, as the ledger has it.
    """

    def read_times(page: Page) -> Awaitable[list[str] | Failure]:
        return context.workers.run(read_captures, page)

    asked_at = context.now()
    result = await fetch_and_read(context.fetcher, state.facts.url, outlet, read_times)
    times = result.content if isinstance(result.content, list) else []
    failure = result.content if isinstance(result.content, Failure) and not _knows_nothing(result.content) else None
    read = ListRead(notes="" if times or failure else "the web archive has no capture of this page")
    if times:
        failure = await _archive_capture(context, outlet, options, state, times[0], asked_at)
    if failure:
        read = failed_list(context, state, failure)
    await record_list(context, options, state, read, [], asked_at)
    context.report(PollEvent(outlet.id, state.facts.url, "cdx", failure=read.failure, notes=read.notes))


def _knows_nothing(failure: Failure) -> bool:
    """Return whether a CDX server sent an empty body, as some do if they have no capture."""
    return failure.reason is Reason.EMPTY


async def _archive_capture(
    context: RunContext,
    outlet: Outlet,
    options: BackfillOptions,
    state: ListState,
    time: str,
    asked_at: datetime,
) -> Failure | None:
    """Archive one capture of a page like a response of its own site; return why it could not be fetched."""
    assert options.wayback is not None
    address = context.archive.reader.address(state.facts.way)
    assert address is not None
    replay = replay_of(options.wayback.replay, time, address.url)
    response = await context.fetcher.fetch(replay, outlet=outlet, accept="page")
    if isinstance(response, Fetched):
        page = replace(response.page, url=address.url)
        response = replace(response, page=page, redirects=(), notes=(f"read from {replay}",))
        await archive_response(context, outlet, address, response, asked_at, options.dates)
    return response if isinstance(response, Failure) else None
