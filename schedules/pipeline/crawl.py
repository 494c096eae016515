"""The whole way, once: source -> candidates -> fetch -> capture -> extract -> record -> store.

The stages meet here and nowhere else. Each function below is one leg of that way for one outlet; what fails on it is
a value that is settled in the ledger and told as an event, and the run goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import inf

from archive.errors import Failure, Reason
from archive.ledger.model import AddressState, SourceFacts, SourcePoll, SourceState, Visit
from archive.record import Candidate, Record, article_id
from crawler.discovery.autodiscovery import complete
from crawler.discovery.sources import read_source
from crawler.fetching.backoff import DAY, HOUR
from crawler.outlets.article_urls import article_key, canonical, is_own, sift
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet, Source
from crawler.page import Child, Fetched, Listing, NotModified, Page
from crawler.reading.pagination import Parted, read_first
from schedules.events import Asked, Polled
from schedules.pipeline.context import Answer, Kept, Stages, claimed, declare, notes_of
from schedules.pipeline.multipage import read_whole
from schedules.timing.date_range import Days
from schedules.timing.due_times import GONE, RESTLESS, after, next_check, next_poll, next_visit

PAGES_AT_ONCE = 8  # of one outlet, between being asked for and being stored
SWEPT = ("section", "sitemap", "listing")  # the kinds of sources that show what a feed no longer does
BATCH = 500  # addresses that are looked up at a time
CLAIM = 3600.0  # seconds after which what was asked for and never settled is due again


async def run_outlet(stages: Stages, outlet: Outlet, limit: int | None = None, *, due_only: bool = False) -> None:
    """Poll the sources of an outlet, then archive the pages that are due.

    Args:
        stages: The stages.
        outlet: Whose sources and pages.
        limit: How many pages to ask for at the most.
        due_only: Poll only the sources that are due, rather than every one.
    """
    declare(stages, outlet)
    resting = stages.archive.resting_sources(stages.now()) if due_only else frozenset[str]()
    for source in live_sources(outlet, stages.now()):
        if source.url not in resting and not stages.stop.is_set():
            await poll(stages, outlet, source)
    await archive_due(stages, outlet, limit)


def live_sources(outlet: Outlet, now: datetime) -> list[Source]:
    """The sources that show what is new, with the day filled into their addresses; archives show what is old."""
    today = now.astimezone(outlet.zone)
    facts = {"year": today.year, "month": today.month, "day": today.day, "page": 1}
    live = [source for source in outlet.sources if source.kind != "archive"]
    return [source.model_copy(update={"url": source.url.format(**facts)}) for source in live]


async def poll(stages: Stages, outlet: Outlet, source: Source, above: tuple[str, ...] = ()) -> None:
    """Ask a source what it lists and enter what is new into the ledger, with its next pages or its newest children.

    Only then is it settled: where the run ends in the middle, it is asked again as if it had not been.

    Args:
        stages: The stages.
        outlet: Whose source.
        source: The source.
        above: The indexes that led to it, none of which is asked again.
    """
    asked_at = stages.now()
    known = stages.archive.claim_source(SourceFacts(source.url, outlet.id, source.kind), after(asked_at, CLAIM))
    with claimed(lambda: stages.archive.give_back_source(source.url, asked_at)):
        answer = await stages.fetcher.fetch(
            source.url, outlet=outlet, accept="list", etag=known.etag, last_modified=known.last_modified
        )
        capture = stages.capture(answer) if source.kind != "section" else None
        listing = await _read_listing(stages, outlet, source, answer)
        event = _found(stages, outlet, source, known, answer, listing, asked_at)
        if isinstance(listing, Listing):
            await _poll_further(stages, outlet, source, known, listing, above)
    stages.archive.settle_source(
        _settlement(stages, outlet, source, known, answer, listing, event), stages.on_disk(capture)
    )
    stages.tell(event)
    if event.overran:
        stages.archive.hurry_sources(outlet.id, SWEPT, stages.now())


def _found(
    stages: Stages,
    outlet: Outlet,
    source: Source,
    known: SourceState,
    answer: Answer,
    listing: Listing | Failure | None,
    asked_at: datetime,
) -> Polled:
    """Enter what a source lists into the ledger; what is to be told of the poll."""
    notes = notes_of(answer, listing)
    event = Polled(outlet.id, source.url, source.kind, unchanged=isinstance(answer, NotModified), notes=notes)
    if not isinstance(listing, Listing):
        return replace(event, failure=listing)
    sifted = sift(outlet, listing.candidates)
    new = stages.archive.discover(outlet.id, source.url, sifted.kept, asked_at).new
    # A feed of which nothing was known may have shown more since it was last polled than it shows now.
    overran = source.kind == "feed" and known.polled_at is not None and 0 < new == len(sifted.kept)
    return replace(event, candidates=len(sifted.kept), new=new, dropped=sifted.dropped, overran=overran)


async def _read_listing(stages: Stages, outlet: Outlet, source: Source, answer: Answer) -> Listing | Failure | None:
    """What a source lists; None where nothing changed."""
    if not isinstance(answer, Fetched):
        return answer if isinstance(answer, Failure) else None
    return await stages.workers.run(read_source, answer.page, source, outlet, stages.now(), stages.bounds)


def _settlement(
    stages: Stages,
    outlet: Outlet,
    source: Source,
    known: SourceState,
    answer: Answer,
    listing: Listing | Failure | None,
    event: Polled,
) -> SourcePoll:
    """What a poll taught the ledger, and when the source is due again."""
    now = stages.now()
    waits = [getattr(answer, "fresh_for", None), listing.ttl if isinstance(listing, Listing) else None]
    asked = max((seconds for seconds in waits if seconds), default=None)
    interval, due = next_poll(source, known, event.new, now, stages.rhythm(outlet), asked)
    failures = 0
    if event.failure:
        failures, due = stages.again(event.failure, known.failures, (HOUR, DAY))
    capture = answer.capture if isinstance(answer, Fetched) else None
    return SourcePoll(
        url=source.url,
        polled_at=now,
        status=capture.status if capture else 304 if event.unchanged else None,
        failure=event.failure,
        notes=event.notes,
        etag=(capture.header("ETag") or "") if capture and not event.failure else known.etag,
        last_modified=(capture.header("Last-Modified") or "") if capture and not event.failure else known.last_modified,
        candidates=event.candidates,
        new=event.new,
        overran=event.overran,
        interval=interval,
        failures=failures,
        next_due_at=due,
    )


async def _poll_further(
    stages: Stages, outlet: Outlet, source: Source, known: SourceState, listing: Listing, above: tuple[str, ...]
) -> None:
    """The newest children of an index; the next page of a section that had news since it was last settled."""
    if len(above) < stages.bounds.depth:
        below = [child for child in listing.children if child.url not in above]
        for child in newest(below, stages.bounds.children):
            await poll(stages, outlet, Source(kind="sitemap", url=child.url), (*above, source.url))
    if listing.next_page and source.pages > 1 and stages.archive.brought_news(source.url, known.polled_at):
        following = source.model_copy(update={"url": listing.next_page, "pages": source.pages - 1})
        await poll(stages, outlet, following, above)


def newest(children: Sequence[Child], count: int) -> list[Child]:
    """The sitemaps of an index that changed last; where it does not say, the last ones it lists."""
    dated = [(child.modified_at, child) for child in children if child.modified_at]
    return [child for _, child in sorted(dated, key=lambda d: d[0])[-count:]] if dated else list(children[-count:])


async def archive_due(stages: Stages, outlet: Outlet, limit: int | None = None) -> None:
    """Archive the pages of an outlet that are due, new ones before those that are asked again."""
    began, left = stages.now(), limit
    while due := stages.archive.due_addresses(outlet.id, began, BATCH if left is None else min(left, BATCH)):
        left = None if left is None else left - len(due)
        await archive_pages(stages, outlet, due)
        if stages.stop.is_set():
            return


async def archive_pages(
    stages: Stages,
    outlet: Outlet,
    addresses: Sequence[AddressState],
    days: Days | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> None:
    """Archive pages in their order, a few at a time.

    Args:
        stages: The stages.
        outlet: Whose pages.
        addresses: Where they are.
        days: The days that are wanted; None for any.
        go_on: Whether the next one may be asked for.
    """
    slots = asyncio.Semaphore(PAGES_AT_ONCE)

    async def one(address: AddressState) -> None:
        try:
            await archive_page(stages, outlet, address, days)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        for address in addresses:
            await slots.acquire()
            if stages.stop.is_set() or not go_on():
                break
            group.create_task(one(address))


async def archive_page(stages: Stages, outlet: Outlet, address: AddressState, days: Days | None = None) -> None:
    """Fetch, capture, read and store one page; one that is archived already is asked whether it has changed.

    Args:
        stages: The stages.
        outlet: Whose page.
        address: Where it is.
        days: The days that are wanted, where it is not archived yet; None for any.
    """
    asked_at = stages.now()
    stages.archive.claim_address(address.url, asked_at, after(asked_at, CLAIM))
    # What gave no record is read anew, since the rules may have changed though the page has not.
    tag, modified = (address.etag, address.last_modified) if address.state == "archived" else ("", "")
    with claimed(lambda: stages.archive.give_back_address(address.url, asked_at)):
        answer = await stages.fetcher.fetch(address.url, outlet=outlet, accept="page", etag=tag, last_modified=modified)
        await archive_answer(stages, outlet, address, answer, asked_at, days)


async def archive_answer(
    stages: Stages,
    outlet: Outlet,
    address: AddressState,
    answer: Answer,
    asked_at: datetime,
    days: Days | None = None,
) -> None:
    """Capture, read and store what a page answered; whoever asked it, and where."""
    capture = stages.capture(answer)
    result: Record | Failure | None = answer if isinstance(answer, Failure) else None
    if isinstance(answer, Fetched):
        page = replace(answer.page, candidate=_candidate(address))
        result = _astray(outlet, answer) or await _read(stages, outlet, page, asked_at)
        if days and isinstance(result, Record) and address.state != "archived":
            result = days.objection(result.document.date) or result
    ages = stages.rechecks if outlet.recheck is None else outlet.recheck
    visit = _visit(stages, address, answer, result, asked_at, ages)
    aliases = answer.redirects if isinstance(answer, Fetched) else ()
    stages.tell(_settle(stages, outlet, visit, result, capture, aliases, ages))


def _astray(outlet: Outlet, answer: Fetched) -> Failure | None:
    """Why a page is not read: its address redirects away from the outlet, so that what is there is somebody else's."""
    if outlet.article and answer.redirects and not is_own(outlet, answer.page.url):
        return Failure(Reason.FOREIGN, f"redirects to {answer.page.url}, which is not {outlet.name}'s own")
    return None


async def _read(stages: Stages, outlet: Outlet, first: Page, asked_at: datetime) -> Record | Failure:
    """Read an article from its first page and the further ones that it links to, each fetched and captured."""

    async def get(url: str) -> Page | Failure | None:
        answer = await stages.fetcher.fetch(url, outlet=outlet, accept="page")
        if isinstance(answer, Fetched) and (kept := stages.on_disk(stages.capture(answer))):
            stages.archive.keep_part(url, answer.capture.status, kept)
        return answer if isinstance(answer, Failure) else answer.page if isinstance(answer, Fetched) else None

    async def read(further: Sequence[Page]) -> Record | Parted | Failure:
        return await stages.workers.run(read_first, first, outlet, asked_at, further)

    return await read_whole(read, get)


def _settle(
    stages: Stages,
    outlet: Outlet,
    visit: Visit,
    result: Record | Failure | None,
    capture: Kept | None,
    redirects: Sequence[str],
    ages: Sequence[float],
) -> Asked:
    """Store what came of a visit; an edit makes a page young again, and one that is gone is hardly asked any more."""
    event = Asked(outlet.id, visit.url, notes=visit.notes)
    if isinstance(result, Record):
        aliases = [url for url in map(canonical, redirects) if url]
        kept = stages.archive.keep(result, visit, stages.on_disk(capture), aliases)
        if kept.outcome == "revised" and kept.revision <= RESTLESS:
            stages.archive.call_again(visit.url, next_check(visit.answered_at, visit.answered_at, ages))
        return replace(event, outcome=kept.outcome, title=result.document.title)
    if isinstance(result, Failure):
        if stages.archive.settle(visit, stages.on_disk(capture)):
            stages.archive.call_again(visit.url, after(visit.answered_at, GONE))
        return replace(event, failure=result)
    stages.archive.confirm(visit)
    return replace(event, outcome="unchanged")


def _candidate(address: AddressState) -> Candidate:
    return Candidate(address.url, address.title_hint, address.published_hint, address.published_raw)


def _visit(
    stages: Stages,
    address: AddressState,
    answer: Answer,
    result: Record | Failure | None,
    asked_at: datetime,
    ages: Sequence[float],
) -> Visit:
    """What a request for a page taught the ledger, and when the page is due again."""
    capture = answer.capture if isinstance(answer, Fetched) else None
    failure = result if isinstance(result, Failure) else None
    moved_to = answer.page.url if isinstance(answer, Fetched) and answer.redirects else ""
    known = stages.archive.article(address.article)
    most = (DAY, DAY) if known else (inf, inf)
    failures, again = stages.again(failure, address.failures, most) if failure else (0, None)
    now = stages.now()
    return Visit(
        url=address.url,
        run=stages.run,
        asked_at=asked_at,
        answered_at=stages.now(),
        status=capture.status if capture else 304 if isinstance(answer, NotModified) else None,
        size=len(capture.payload) if capture else 0,
        failure=failure,
        rejected=failure is not None and capture is not None,
        notes=notes_of(answer),
        failures=failures,
        next_due_at=next_visit(address, known, result, now, again, ages, moved_to),
        etag=(capture.header("ETag") or "") if capture else address.etag,
        last_modified=(capture.header("Last-Modified") or "") if capture else address.last_modified,
        moved_to=moved_to,
    )


async def crawl_site(stages: Stages, address: str, catalogue: Mapping[str, Outlet], limit: int | None = None) -> None:
    """Crawl an address: as one more source of the outlet whose it is, or as a site with sources of its own.

    Args:
        stages: The stages.
        address: Of a source, or of a site.
        catalogue: Every declared outlet, by id.
        limit: How many pages to ask for at the most.
    """
    declared = outlet_for(catalogue, address)
    if declared:
        one_more = Source(kind="unknown", url=canonical(address) or address)
        await run_outlet(stages, declared.model_copy(update={"sources": (one_more,)}), limit)
        return
    outlet = await explore(stages, bare_outlet(address), address)
    if isinstance(outlet, Outlet):
        await run_outlet(stages, outlet, limit)
    else:
        stages.tell(Polled(bare_outlet(address).id, address, "site", failure=outlet))


async def explore(stages: Stages, outlet: Outlet, address: str) -> Outlet | Failure:
    """A site that nobody declared, with the sources that its front page and robots.txt name."""
    front = await stages.fetcher.fetch(address, outlet=outlet)
    if not isinstance(front, Fetched):
        return front if isinstance(front, Failure) else Failure(Reason.EMPTY, address)
    rules = await stages.fetcher.rules(front.page.url, outlet=outlet)
    sitemaps = () if isinstance(rules, Failure) else rules.sitemaps
    return await stages.workers.run(complete, bare_outlet(front.page.url), front.page, sitemaps)


async def add_page(stages: Stages, address: str, catalogue: Mapping[str, Outlet]) -> None:
    """Archive the page of an address now, whatever the ledger thinks of it."""
    url = canonical(address)
    if url is None:
        stages.tell(
            Asked("-", address, failure=Failure(Reason.BAD_ADDRESS, "write an address like https://example.vn/a.html"))
        )
        return
    outlet = outlet_for(catalogue, url) or bare_outlet(url)
    declare(stages, outlet)
    entry = (url, article_id(outlet.id, article_key(outlet, url)), Candidate(url))
    stages.archive.discover(outlet.id, "", [entry], stages.now())
    known = stages.archive.address(url)
    assert known is not None
    await archive_page(stages, outlet, known)
