"""Poll a source: fetch it, enter its new links, and decide when it is due again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from archive.ledger.model import SourceFacts, SourcePoll, SourceState
from crawler.fetching.backoff import DAY, HOUR
from crawler.outlets.article_urls import select_articles
from crawler.outlets.model import Outlet, Source
from crawler.page import Child, Fetched, Listing, NotModified
from schedules.events import PollEvent
from schedules.pipeline.context import RunContext, releasing_if_cancelled
from schedules.pipeline.source_reading import SourceResult, fetch_listing
from schedules.timing.due_times import CLAIM_SECONDS, add_seconds, next_poll

SWEPT_KINDS = ("section", "sitemap", "listing")  # sources that still show what has dropped out of a feed


def live_sources(outlet: Outlet, now: datetime) -> list[Source]:
    """List an outlet's sources of new articles, with today's date filled into their addresses.

    A source of kind `archive` shows only old articles and is left to backfills.
    """
    today = now.astimezone(outlet.zone)
    values = {"year": today.year, "month": today.month, "day": today.day, "page": 1}
    live = [source for source in outlet.sources if source.kind != "archive"]
    return [source.model_copy(update={"url": source.url.format(**values)}) for source in live]


async def poll(context: RunContext, outlet: Outlet, source: Source, parents: tuple[str, ...] = ()) -> None:
    """Poll a source: enter its new links, and poll its next pages or newest child sitemaps.

    The poll is recorded last. A run that is killed before that polls the source again, as if it had not been polled.

    Args:
        context: The run.
        outlet: Whose source it is.
        source: The source.
        parents: The addresses of the sitemap indexes that led to it; none of them is fetched again.
    """
    asked_at = context.now()
    known = context.archive.claim_source(
        SourceFacts(source.url, outlet.id, source.kind), add_seconds(asked_at, CLAIM_SECONDS)
    )
    with releasing_if_cancelled(lambda: context.archive.release_source(source.url, asked_at)):
        result = await fetch_listing(
            context.fetcher,
            context.workers,
            source,
            outlet,
            context.now,
            bounds=context.bounds,
            etag=known.etag,
            last_modified=known.last_modified,
            store=context.store_capture,
        )
        event = _enter_links(context, outlet, source, known, result, asked_at)
        if isinstance(result.content, Listing):
            await _poll_linked(context, outlet, source, known, result.content, parents)
    outcome = _poll_outcome(context, outlet, source, known, result, event)
    context.archive.record_poll(outcome, context.synced(result.capture))
    context.report(event)
    if event.overran:
        context.archive.make_sources_due(outlet.id, SWEPT_KINDS, context.now())


def _enter_links(
    context: RunContext,
    outlet: Outlet,
    source: Source,
    known: SourceState,
    result: SourceResult[Listing],
    asked_at: datetime,
) -> PollEvent:
    """Enter the article links of a source into the ledger; return the event to report."""
    unchanged = isinstance(result.response, NotModified)
    event = PollEvent(outlet.id, source.url, source.kind, unchanged=unchanged, notes=result.notes)
    if not isinstance(result.content, Listing):
        return replace(event, failure=result.content)
    selection = select_articles(outlet, result.content.candidates, lists_articles=source.kind == "feed")
    new = context.archive.discover(outlet.id, source.url, selection.links, asked_at).new
    # Where every entry of a feed is new, older entries may have dropped out of it since the last poll.
    overran = source.kind == "feed" and known.polled_at is not None and 0 < new == len(selection.links)
    return replace(event, candidates=len(selection.links), new=new, dropped=selection.dropped, overran=overran)


def _poll_outcome(
    context: RunContext,
    outlet: Outlet,
    source: Source,
    known: SourceState,
    result: SourceResult[Listing],
    event: PollEvent,
) -> SourcePoll:
    """Return what the ledger records of a poll, with the time at which the source is due again."""
    now = context.now()
    waits = (getattr(result.response, "fresh_for", None), getattr(result.content, "ttl", None))
    requested_wait = max((seconds for seconds in waits if seconds), default=None)
    interval, due = next_poll(source, known, event.new, now, context.publishing_hours(outlet), requested_wait)
    failures = 0
    if event.failure:
        failures, due = context.retry_at(event.failure, known.failures, (HOUR, DAY))
    etag, last_modified = known.etag, known.last_modified
    if isinstance(result.response, Fetched) and not event.failure:
        etag, last_modified = (result.response.capture.header(name) or "" for name in ("ETag", "Last-Modified"))
    return SourcePoll(
        url=source.url,
        polled_at=now,
        status=result.status,
        failure=event.failure,
        notes=event.notes,
        etag=etag,
        last_modified=last_modified,
        candidates=event.candidates,
        new=event.new,
        overran=event.overran,
        interval=interval,
        failures=failures,
        next_due_at=due,
    )


async def _poll_linked(
    context: RunContext,
    outlet: Outlet,
    source: Source,
    known: SourceState,
    listing: Listing,
    parents: tuple[str, ...],
) -> None:
    """Poll the newest child sitemaps of an index, and the next page of a section that had new articles."""
    if len(parents) < context.bounds.depth:
        children = [child for child in listing.children if child.url not in parents]
        for child in newest(children, context.bounds.children):
            await poll(context, outlet, Source(kind="sitemap", url=child.url), (*parents, source.url))
    if listing.next_page and source.pages > 1 and context.archive.has_new_addresses(source.url, known.polled_at):
        next_page = source.model_copy(update={"url": listing.next_page, "pages": source.pages - 1})
        await poll(context, outlet, next_page, parents)


def newest(children: Sequence[Child], count: int) -> list[Child]:
    """Return the sitemaps of an index that changed last; without dates, those listed last."""
    dated = [(child.modified_at, child) for child in children if child.modified_at]
    return (
        [child for _, child in sorted(dated, key=lambda pair: pair[0])[-count:]] if dated else list(children[-count:])
    )
