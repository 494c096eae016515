"""Archive a page: fetch, capture, read, store, and decide when it is due again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from urllib.parse import urlsplit

from archive.articles.model import Article
from archive.errors import Failure, Reason
from archive.ledger.model import AddressState, Visit
from archive.record import Candidate, Record, article_id
from archive.store.identity import find_same_article
from crawler.fetching.backoff import DAY
from crawler.outlets.article_urls import article_key, canonical, former_forms, is_own
from crawler.outlets.model import Outlet
from crawler.page import Fetched, NotModified, Page
from crawler.reading.pagination import MultipageArticle, read_first_page
from crawler.reading.stand_in import WALL_ADDRESSES, Expectation, suspect, text_digest
from schedules.events import PageEvent
from schedules.pipeline.context import RunContext, join_notes, releasing_if_cancelled
from schedules.pipeline.multipage import read_all_pages
from schedules.pipeline.source_reading import FetchResult
from schedules.timing.date_range import DateRange
from schedules.timing.due_times import (
    CLAIM_SECONDS,
    GONE_RECHECK_SECONDS,
    MAX_RECHECK_RESTARTS,
    add_seconds,
    next_check,
    next_visit,
)

BATCH = 500  # addresses that are read from the ledger at a time
_IN_FLIGHT = 4  # pages in flight for each worker, over all outlets; each outlet may have one in any case

Result = Record | Failure | None  # None if the page has not changed


@dataclass(frozen=True, slots=True)
class Visited:
    """A page that was fetched and read.

    Attributes:
        address: The state of its address before the visit.
        article: The archived article that this address leads to; None if there is none.
        response: The response.
        result: The record, or why there is none; None if the page has not changed.
        asked_at: When it was requested, UTC.
        digest: The digest of the host and the text that was read; empty if none was.
    """

    address: AddressState
    article: Article | None
    response: FetchResult
    result: Result
    asked_at: datetime
    digest: str

    @property
    def moved_to(self) -> str:
        """The address that it redirected to; empty if it did not redirect."""
        return self.response.page.url if isinstance(self.response, Fetched) and self.response.redirects else ""


async def archive_due(context: RunContext, outlet: Outlet, limit: int | None = None) -> None:
    """Archive the pages of an outlet that are due: new ones first, then rechecks.

    An outlet pauses if its pages break or delay the workers repeatedly; its due pages stay due.

    Args:
        context: The run.
        outlet: The outlet.
        limit: The largest number of pages to fetch; None for all.
    """
    started_at, remaining = context.now(), limit
    while due := context.archive.reader.due_addresses(
        outlet.id, started_at, BATCH if remaining is None else min(remaining, BATCH)
    ):
        remaining = None if remaining is None else remaining - len(due)
        await archive_pages(context, outlet, due)
        if context.stop.is_set() or context.workers.is_resting(outlet.id):
            return


async def archive_pages(
    context: RunContext,
    outlet: Outlet,
    addresses: Sequence[AddressState],
    dates: DateRange | None = None,
    may_continue: Callable[[], bool] = lambda: True,
) -> None:
    """Archive pages in order, so that few wait in memory.

    An outlet has at most one page more in flight than there are workers, so that one is fetched while each worker
    reads another. It has only one while all outlets together have `_IN_FLIGHT` pages for each worker.

    Args:
        context: The run.
        outlet: The outlet.
        addresses: The pages.
        dates: The dates to archive; None for any.
        may_continue: Returns whether the next page may be fetched.
    """
    workers, own = context.workers, set[asyncio.Task[None]]()
    async with asyncio.TaskGroup() as group:
        for address in addresses:
            while own and (len(own) > workers.count or len(context.in_flight) >= _IN_FLIGHT * workers.count):
                _, own = await asyncio.wait(own, return_when=asyncio.FIRST_COMPLETED)
            if context.stop.is_set() or not may_continue() or workers.is_resting(outlet.id):
                break
            page = group.create_task(archive_page(context, outlet, address, dates))
            own.add(page)
            context.in_flight.add(page)
            page.add_done_callback(context.in_flight.discard)


async def archive_page(
    context: RunContext, outlet: Outlet, address: AddressState, dates: DateRange | None = None
) -> None:
    """Fetch, capture, read and store one page; if it is archived, request it only if it changed.

    Args:
        context: The run.
        outlet: The outlet of the page.
        address: The page.
        dates: The dates to archive; None for any. An archived article is updated whatever its date.
    """
    asked_at = context.now()
    context.archive.ledger.claim_address(address.url, asked_at, add_seconds(asked_at, CLAIM_SECONDS))
    # A page that gave no record is fetched in full: the rules may have changed even if the page has not.
    etag, last_modified = (address.etag, address.last_modified) if address.state == "archived" else ("", "")
    with releasing_if_cancelled(lambda: context.archive.ledger.release_address(address.url, asked_at)):
        response = await context.fetcher.fetch(
            address.url, outlet=outlet, accept="page", etag=etag, last_modified=last_modified
        )
        await archive_response(context, outlet, address, response, asked_at, dates)


async def archive_response(
    context: RunContext,
    outlet: Outlet,
    address: AddressState,
    response: FetchResult,
    asked_at: datetime,
    dates: DateRange | None = None,
) -> None:
    """Capture, read and store the response for a page, whichever server sent it.

    Args:
        context: The run.
        outlet: The outlet of the page.
        address: The page.
        response: The response.
        asked_at: When it was requested, UTC.
        dates: As in `archive_page`.
    """
    capture = context.store_capture(response)
    result, article, digest = await _read_response(context, outlet, address, response, asked_at), None, ""
    if isinstance(result, Record):
        result, article = await _identify(context, outlet, address, result)
        digest = text_digest(urlsplit(result.url or address.url).netloc, result.document)
        result = suspect(result, _expectation(context, address, result, article, digest)) or result
    if article is None or article.record.id != address.article:
        article = context.archive.reader.article(address.article)
    if dates and isinstance(result, Record) and address.state != "archived":
        result = dates.reject(result.document.date) or result
    visited = Visited(address, article, response, result, asked_at, digest)
    ages = context.recheck_ages if outlet.recheck is None else outlet.recheck
    visit = _visit(context, visited, ages)
    synced = context.wait_until_synced(capture)
    event = PageEvent(outlet.id, visit.url, notes=visit.notes)
    if isinstance(result, Record):
        saved = context.archive.save_record(result, visit, synced, _aliases(response))
        if saved.outcome == "revised" and saved.revision <= MAX_RECHECK_RESTARTS:  # an edit restarts the schedule
            context.archive.ledger.reschedule(visit.url, next_check(visit.answered_at, visit.answered_at, ages))
        event = replace(event, outcome=saved.outcome, title=result.document.title)
    elif isinstance(result, Failure):
        if context.archive.record_outcome(visit, synced):
            context.archive.ledger.reschedule(visit.url, add_seconds(visit.answered_at, GONE_RECHECK_SECONDS))
        event = replace(event, failure=result)
    else:
        context.archive.confirm_unchanged(visit)
        event = replace(event, outcome="unchanged")
    context.report(event)


async def _identify(
    context: RunContext, outlet: Outlet, address: AddressState, record: Record
) -> tuple[Record, Article | None]:
    """Find the archived article of a record, even if its address, number or key pattern has changed.

    Returns:
        The record, with the id of that article; and the article, None if there is none.
    """
    archive = context.archive
    if article := archive.reader.article(record.id):
        return record, article
    known = archive.reader.article(address.article) if address.state == "archived" else None
    if known and record.published_at and known.record.published_at == record.published_at:
        return replace(record, id=known.record.id), known
    for form in former_forms(record.url or ""):
        if former := archive.reader.article(article_id(outlet.id, article_key(outlet, form))):
            return replace(record, id=former.record.id), former
    name = find_same_article(archive.reader, record)
    same = archive.reader.article(name) if name else None
    if same is None:
        return record, None
    # A number identifies the article, unless a redesign gave out new ones: then the old address redirects to the new.
    # An address without a number, or a part of one, may be another form of a known article's address.
    has_number = not outlet.article or record.url is None or article_key(outlet, record.url).isdigit()
    if has_number and not await _leads_to(context, outlet, same.record.url, record.url):
        return record, None
    return replace(record, id=same.record.id), same


async def _leads_to(context: RunContext, outlet: Outlet, old: str | None, new: str | None) -> bool:
    """Return whether the address of an archived article is another address, or redirects to it when asked."""
    if not old or not new or old == new:
        return old == new
    response = await context.fetcher.fetch(old, outlet=outlet, accept="page")
    return isinstance(response, Fetched) and bool(response.redirects) and canonical(response.page.url) == canonical(new)


def _expectation(
    context: RunContext, address: AddressState, record: Record, article: Article | None, digest: str
) -> Expectation:
    """Collect what the ledger and the archive know about the article of an address."""
    return Expectation(
        address.title_hint,
        article.record.document if article else None,
        address.url,
        context.archive.reader.count_articles_with_text(digest, record.id, WALL_ADDRESSES),
        address.failures if address.text_digest == digest else 0,
    )


async def _read_response(
    context: RunContext, outlet: Outlet, address: AddressState, response: FetchResult, asked_at: datetime
) -> Result:
    """Read the article of a response; return None if the page has not changed."""
    if not isinstance(response, Fetched):
        return response if isinstance(response, Failure) else None
    # The outlet's rules and its name apply only to its own pages.
    if outlet.article and response.redirects and not is_own(outlet, response.page.url):
        return Failure(Reason.FOREIGN, f"redirects to {response.page.url}, which is not {outlet.name}'s own")
    hints = Candidate(address.url, address.title_hint, address.published_hint, address.published_raw)
    return await _read_article(context, outlet, replace(response.page, candidate=hints), asked_at)


async def _read_article(context: RunContext, outlet: Outlet, first: Page, asked_at: datetime) -> Record | Failure:
    """Read an article from all its pages; fetch and capture each further page."""

    async def get_page(url: str) -> Page | Failure | None:
        response = await context.fetcher.fetch(url, outlet=outlet, accept="page")
        if not isinstance(response, Fetched):
            return response if isinstance(response, Failure) else None
        if capture := context.wait_until_synced(context.store_capture(response)):
            context.archive.save_part_capture(url, response.capture.status, capture)
        return response.page

    async def read(further: Sequence[Page]) -> Record | MultipageArticle | Failure:
        return await context.workers.run_for(outlet.id, read_first_page, first, outlet, asked_at, further)

    return await read_all_pages(read, get_page)


def _aliases(response: FetchResult) -> list[str]:
    """List the addresses that redirected to the page."""
    redirects = response.redirects if isinstance(response, Fetched) else ()
    return [url for url in map(canonical, redirects) if url]


def _visit(context: RunContext, visited: Visited, ages: Sequence[float]) -> Visit:
    """Build the ledger's record of a visit, with the time at which the page is due again."""
    address, response, result = visited.address, visited.response, visited.result
    capture = response.capture if isinstance(response, Fetched) else None
    failure = result if isinstance(result, Failure) else None
    longest = (DAY, DAY) if visited.article else (inf, inf)
    failures, retry_at = context.retry_at(failure, address.failures, longest) if failure else (0, None)
    now = context.now()
    return Visit(
        url=address.url,
        run=context.run,
        asked_at=visited.asked_at,
        answered_at=context.now(),
        status=capture.status if capture else 304 if isinstance(response, NotModified) else None,
        size=len(capture.payload) if capture else 0,
        failure=failure,
        rejected=failure is not None and capture is not None,
        notes=join_notes(response),
        failures=failures,
        next_due_at=next_visit(address, visited.article, result, now, retry_at, ages, visited.moved_to),
        etag=(capture.header("ETag") or "") if capture else address.etag,
        last_modified=(capture.header("Last-Modified") or "") if capture else address.last_modified,
        moved_to=visited.moved_to,
        text_digest=visited.digest,
    )
