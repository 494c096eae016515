"""Poll a source: fetch it, enter its new links, and decide when it is due again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime

from archive.errors import Failure
from archive.ledger.model import SourceFacts, SourcePoll, SourceState
from archive.statistics.outlet_activity import DISTRUST
from crawler.discovery.sitemap_index import choose_children
from crawler.discovery.sources import SourceLinks, read_links
from crawler.fetching.backoff import DAY, HOUR
from crawler.fetching.validators import Validators, believed
from crawler.outlets.model import Outlet, Source
from crawler.page import Fetched, NotModified, Page
from schedules.events import PollEvent
from schedules.pipeline.context import RunContext, releasing_if_cancelled
from schedules.pipeline.source_reading import SourceResult, fetch_and_read
from schedules.timing.due_times import CLAIM_SECONDS, add_seconds, next_poll

LINKS_AT_ONCE = 250  # addresses that are entered in one transaction, which blocks the event loop for some 20 ms
SWEPT_KINDS = ("section", "sitemap", "listing")  # kinds of sources that still list articles that a feed no longer lists


def live_sources(outlet: Outlet, now: datetime) -> list[Source]:
    """List an outlet's sources of new articles, with today's date filled into their addresses.

    A source of kind `archive` lists only old articles and is left to backfills.
    """
    today = now.astimezone(outlet.zone)
    values = {"year": today.year, "month": today.month, "day": today.day, "page": 1}
    live = [source for source in outlet.sources if source.kind != "archive"]
    return [source.model_copy(update={"url": source.url.format(**values)}) for source in live]


async def poll(context: RunContext, outlet: Outlet, source: Source, parents: tuple[str, ...] = ()) -> None:
    """Poll a source: enter its new links, and poll its next pages or newest child sitemaps.

    The poll is recorded last. If the run is killed before that, the source is polled again.

    Args:
        context: The run.
        outlet: The outlet of the source.
        source: The source.
        parents: The addresses of the sitemap indexes that led to it; they are not fetched again.
    """
    asked_at = context.now()
    known = context.archive.ledger.claim_source(
        SourceFacts(source.url, outlet.id, source.kind), add_seconds(asked_at, CLAIM_SECONDS)
    )
    with releasing_if_cancelled(lambda: context.archive.ledger.release_source(source.url, asked_at)):
        result = await _fetch_links(context, outlet, source, known)
        event = await _enter_links(context, outlet, source, known, result, asked_at)
        if isinstance(result.content, SourceLinks):
            note = await _poll_linked(context, outlet, source, known, result.content, parents)
            event = replace(event, notes="; ".join(filter(None, (event.notes, note))))
        elif isinstance(result.response, NotModified) and not parents:
            await _poll_known_children(context, outlet, source, asked_at)
    outcome = _poll_outcome(context, outlet, source, known, result, event)
    context.archive.ledger.record_poll(outcome, context.wait_until_synced(result.capture))
    context.report(event)
    if event.overran:
        context.archive.ledger.make_sources_due(outlet.id, SWEPT_KINDS, context.now())


async def _fetch_links(
    context: RunContext, outlet: Outlet, source: Source, known: SourceState
) -> SourceResult[SourceLinks]:
    """Fetch a source and read its links.

    The first poll of a day sends no conditions: some servers answer 304 for ever, even after new articles.
    """

    def read(page: Page) -> Awaitable[SourceLinks | Failure]:
        return context.workers.run_for(outlet.id, read_links, page, source, outlet, context.now(), context.bounds)

    asked_today = known.polled_at is not None and known.polled_at.date() == context.now().date()
    return await fetch_and_read(
        context.fetcher,
        source.url,
        outlet,
        read,
        etag=known.etag if asked_today else "",
        last_modified=known.last_modified if asked_today else "",
        store=None if source.kind == "section" else context.store_capture,
    )


async def _enter_links(
    context: RunContext,
    outlet: Outlet,
    source: Source,
    known: SourceState,
    result: SourceResult[SourceLinks],
    asked_at: datetime,
) -> PollEvent:
    """Enter the article links of a source into the ledger; return the event to report."""
    unchanged = isinstance(result.response, NotModified)
    event = PollEvent(outlet.id, source.url, source.kind, unchanged=unchanged, notes=result.notes)
    if not isinstance(result.content, SourceLinks):
        return replace(event, failure=result.content)
    selection = result.content.selection
    new = 0
    for place in range(0, len(selection.links), LINKS_AT_ONCE):
        links = selection.links[place : place + LINKS_AT_ONCE]
        new += context.archive.ledger.discover(outlet.id, source.url, links, asked_at).new
        await asyncio.sleep(0)  # let other tasks run while a large sitemap is entered
    # If every entry of a feed is new, older entries may have dropped out of it since the last poll.
    overran = source.kind == "feed" and known.polled_at is not None and 0 < new == len(selection.links)
    return replace(event, candidates=len(selection.links), new=new, dropped=selection.dropped, overran=overran)


def _poll_outcome(
    context: RunContext,
    outlet: Outlet,
    source: Source,
    known: SourceState,
    result: SourceResult[SourceLinks],
    event: PollEvent,
) -> SourcePoll:
    """Build the ledger's record of a poll, with the time at which the source is due again."""
    now = context.now()
    waits = (getattr(result.response, "fresh_for", None), getattr(result.content, "ttl", None))
    requested_wait = max((seconds for seconds in waits if seconds), default=None)
    interval, due = next_poll(source, known, event.new, now, context.publishing_hours(outlet), requested_wait)
    failures = 0
    if event.failure:
        failures, due = context.retry_at(event.failure, known.failures, (HOUR, DAY))
    validators, doubt = _validators(known, result, event, now)
    return SourcePoll(
        url=source.url,
        polled_at=now,
        status=result.status,
        failure=event.failure,
        notes="; ".join(filter(None, (event.notes, doubt))),
        etag=validators.etag,
        last_modified=validators.last_modified,
        candidates=event.candidates,
        new=event.new,
        overran=event.overran,
        disproved=bool(doubt),
        interval=interval,
        failures=failures,
        next_due_at=due,
    )


def _validators(
    known: SourceState, result: SourceResult[SourceLinks], event: PollEvent, now: datetime
) -> tuple[Validators, str]:
    """Return the validators for the next poll, and why some of the response are not believed."""
    stored = Validators(known.etag, known.last_modified)
    if not isinstance(result.response, Fetched) or not isinstance(result.content, SourceLinks):
        return stored, ""
    sent = Validators(*(result.response.capture.header(name) or "" for name in ("ETag", "Last-Modified")))
    times = [link.candidate.published_at for link in result.content.selection.links]
    newest = max((time for time in times if time), default=None)
    trusted, doubt = believed(sent, stored, newest, has_news=event.new > 0)
    disproved_lately = known.disproved_at and now - known.disproved_at < DISTRUST
    if disproved_lately and not doubt and not any(stored):
        trusted = stored  # the same server would answer 304 again
    return trusted, doubt


async def _poll_linked(
    context: RunContext,
    outlet: Outlet,
    source: Source,
    known: SourceState,
    links: SourceLinks,
    parents: tuple[str, ...],
) -> str:
    """Poll an index's child sitemaps, and the next page of a section that had new articles."""
    note = ""
    if links.children and len(parents) < context.bounds.depth:
        children = [child for child in links.children if child.url not in parents]
        read, fruitful = _read_before(context, outlet)
        choice = choose_children(children, context.bounds.children, read, fruitful)
        note = choice.note
        for url in choice.urls:
            await poll(context, outlet, Source(kind="sitemap", url=url), (*parents, source.url))
    if links.next_page and source.pages > 1 and context.archive.reader.has_new_addresses(source.url, known.polled_at):
        next_page = source.model_copy(update={"url": links.next_page, "pages": source.pages - 1})
        await poll(context, outlet, next_page, parents)
    return note


def _read_before(context: RunContext, outlet: Outlet) -> tuple[frozenset[str], list[str]]:
    """Return the polled sources of an outlet, and those that listed articles, latest first."""
    polled = [state for state in context.archive.reader.sources(outlet.id) if state.polled_at]
    fruitful = sorted((state for state in polled if state.news_at), key=lambda state: str(state.news_at), reverse=True)
    return frozenset(state.url for state in polled), [state.url for state in fruitful]


async def _poll_known_children(context: RunContext, outlet: Outlet, index: Source, since: datetime) -> None:
    """Poll known child sitemaps: an unchanged index says nothing about their content.

    Args:
        context: The run.
        outlet: The outlet of the source.
        index: The sitemap that answered 304; it has no children if it is not an index.
        since: Children that were polled after this time are left out: another index led to them.
    """
    declared = {source.url for source in outlet.sources} | {index.url}
    states = [state for state in context.archive.reader.sources(outlet.id) if state.kind == "sitemap"]
    before = [state for state in states if state.polled_at and state.polled_at < since]
    children = [state for state in before if state.url not in declared]
    latest = sorted(children, key=lambda state: str(state.news_at or state.polled_at), reverse=True)
    for state in latest[: context.bounds.children] if index.kind in {"sitemap", "unknown"} else ():
        await poll(context, outlet, Source(kind="sitemap", url=state.url), (index.url,))
