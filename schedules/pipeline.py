"""The whole way, once: source -> candidates -> fetch -> capture -> extract -> record -> store.

The stages meet here and nowhere else. Each function below is one leg of that way for one outlet; what fails on it is
a value that is settled in the ledger and told as an event, and the run goes on.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from archive.captures import Captures
from archive.errors import Failure, Reason
from archive.ledger import AddressState, OutletFacts, SourceFacts, SourcePoll, SourceState, Visit
from archive.record import Candidate, CaptureRef, Record, article_id
from archive.store import Archive
from crawler.autodiscovery import complete
from crawler.catalogue import bare_outlet, outlet_for
from crawler.fetch import Fetcher
from crawler.outlet import Outlet, Source
from crawler.page import Child, Fetched, Listing, NotModified, Page
from crawler.parts import Parted, read_first
from crawler.policy import DAY, after_outage, excused, next_try
from crawler.sources import read_source
from crawler.urls import article_key, canonical, sift
from crawler.workers import Workers
from schedules.cadence import GONE, RECHECKS, RESTLESS, after, next_check, next_interval, next_visit
from schedules.report import Asked, Event, Polled
from schedules.whole import read_whole

PAGES_AT_ONCE = 8  # of one outlet, between being asked for and being stored
CHILDREN = 3  # sitemaps of an index that one live poll reads: the newest
INDEX_DEPTH = 2
CLAIM = 3600.0  # seconds after which what was asked for and never settled is due again

Answer = Fetched | NotModified | Failure


def utc_now() -> datetime:
    """The instant, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one run, ready to work.

    Attributes:
        archive: Where records and the ledger are kept.
        captures: Where answers are kept; None keeps none.
        fetcher: The one way to the network.
        workers: The processes that read.
        tell: What to call with each event.
        run: The run's id in the ledger.
        now: The clock.
        chance: Numbers in [0, 1) for jitter.
        rechecks: Ages in seconds at which archived pages are asked again, where their outlet does not say it.
        stop: Set when the run should come to an end: what is in flight is finished, nothing new is begun.
    """

    archive: Archive
    captures: Captures | None
    fetcher: Fetcher
    workers: Workers
    tell: Callable[[Event], None]
    run: int
    now: Callable[[], datetime] = utc_now
    chance: Callable[[], float] = random.random
    rechecks: Sequence[float] = RECHECKS
    stop: asyncio.Event = field(default_factory=asyncio.Event)


async def run_outlet(stages: Stages, outlet: Outlet, limit: int | None = None) -> None:
    """Poll every source of an outlet, then archive the pages that are due.

    Args:
        stages: The stages.
        outlet: Whose sources and pages.
        limit: How many pages to ask for at the most.
    """
    _declare(stages, outlet)
    for source in live_sources(outlet, stages.now()):
        if not stages.stop.is_set():
            await poll(stages, outlet, source)
    await archive_due(stages, outlet, limit)


def live_sources(outlet: Outlet, now: datetime) -> list[Source]:
    """The sources that show what is new, with the day filled into their addresses; archives show what is old."""
    today = now.astimezone(outlet.zone)
    facts = {"year": today.year, "month": today.month, "day": today.day, "page": 1}
    live = [source for source in outlet.sources if source.kind != "archive"]
    return [source.model_copy(update={"url": source.url.format(**facts)}) for source in live]


async def poll(stages: Stages, outlet: Outlet, source: Source, above: tuple[str, ...] = ()) -> None:
    """Ask a source what it lists and enter what is new into the ledger; then its next pages, or its newest children.

    Args:
        stages: The stages.
        outlet: Whose source.
        source: The source.
        above: The indexes that led to it, none of which is asked again.
    """
    asked_at = stages.now()
    known = stages.archive.claim_source(SourceFacts(source.url, outlet.id, source.kind), after(asked_at, CLAIM))
    answer = await stages.fetcher.fetch(
        source.url, outlet=outlet, accept="list", etag=known.etag, last_modified=known.last_modified
    )
    capture = _capture(stages, answer) if source.kind != "section" else None
    listing = await _read_listing(stages, outlet, source, answer)
    notes = _notes(answer, listing)
    event = Polled(outlet.id, source.url, source.kind, unchanged=isinstance(answer, NotModified), notes=notes)
    if isinstance(listing, Failure):
        event = replace(event, failure=listing)
    elif listing:
        sifted = sift(outlet, listing.candidates)
        new = stages.archive.discover(outlet.id, source.url, sifted.kept, asked_at).new
        event = replace(event, candidates=len(sifted.kept), new=new, dropped=sifted.dropped)
    stages.archive.settle_source(_settlement(stages, source, known, answer, listing, event), _on_disk(stages, capture))
    stages.tell(event)
    if isinstance(listing, Listing) and not stages.stop.is_set():
        await _poll_further(stages, outlet, source, listing, event.new, above)


async def _read_listing(stages: Stages, outlet: Outlet, source: Source, answer: Answer) -> Listing | Failure | None:
    """What a source lists; None where nothing changed."""
    if not isinstance(answer, Fetched):
        return answer if isinstance(answer, Failure) else None
    return await stages.workers.run(read_source, answer.page, source, outlet, stages.now())


def _settlement(
    stages: Stages, source: Source, known: SourceState, answer: Answer, listing: Listing | Failure | None, event: Polled
) -> SourcePoll:
    """What a poll taught the ledger, and when the source is due again."""
    now = stages.now()
    waits = [getattr(answer, "fresh_for", None), listing.ttl if isinstance(listing, Listing) else None]
    interval = next_interval(known.interval, event.new, source.every, max((s for s in waits if s), default=None))
    failures, due = 0, after(now, interval)
    if event.failure:
        failures, due = _again(stages, event.failure, known.failures, ceiling=DAY)
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
        interval=interval,
        failures=failures,
        next_due_at=due,
    )


async def _poll_further(
    stages: Stages, outlet: Outlet, source: Source, listing: Listing, new: int, above: tuple[str, ...]
) -> None:
    if len(above) < INDEX_DEPTH:
        below = [child for child in listing.children if child.url not in above]
        for child in newest(below, CHILDREN):
            await poll(stages, outlet, Source(kind="sitemap", url=child.url), (*above, source.url))
    if new and listing.next_page and source.pages > 1:
        following = source.model_copy(update={"url": listing.next_page, "pages": source.pages - 1})
        await poll(stages, outlet, following, above)


def newest(children: Sequence[Child], count: int) -> list[Child]:
    """The sitemaps of an index that changed last; where it does not say, the last ones it lists."""
    dated = [(child.modified_at, child) for child in children if child.modified_at]
    return [child for _, child in sorted(dated, key=lambda d: d[0])[-count:]] if dated else list(children[-count:])


async def archive_due(stages: Stages, outlet: Outlet, limit: int | None = None) -> None:
    """Archive the pages of an outlet that are due, new ones before those that are asked again; a few at a time."""
    slots = asyncio.Semaphore(PAGES_AT_ONCE)

    async def one(address: AddressState) -> None:
        try:
            await archive_page(stages, outlet, address)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        for address in stages.archive.due_addresses(outlet.id, stages.now(), limit):
            await slots.acquire()
            if stages.stop.is_set():
                break
            group.create_task(one(address))


async def archive_page(stages: Stages, outlet: Outlet, address: AddressState) -> None:
    """Fetch, capture, read and store one page; one that is archived already is asked whether it has changed."""
    asked_at = stages.now()
    stages.archive.claim_address(address.url, asked_at, after(asked_at, CLAIM))
    # What gave no record is read anew, since the rules may have changed though the page has not.
    tag, modified = (address.etag, address.last_modified) if address.state == "archived" else ("", "")
    answer = await stages.fetcher.fetch(address.url, outlet=outlet, accept="page", etag=tag, last_modified=modified)
    capture = _capture(stages, answer)
    result: Record | Failure | None = answer if isinstance(answer, Failure) else None
    if isinstance(answer, Fetched):
        page = replace(answer.page, candidate=_candidate(address))
        result = await _read(stages, outlet, page, asked_at)
    ages = stages.rechecks if outlet.recheck is None else outlet.recheck
    visit = _visit(stages, address, answer, result, asked_at, ages)
    aliases = answer.redirects if isinstance(answer, Fetched) else ()
    stages.tell(_settle(stages, outlet, visit, result, capture, aliases, ages))


async def _read(stages: Stages, outlet: Outlet, first: Page, asked_at: datetime) -> Record | Failure:
    """Read an article from its first page and the further ones that it links to, each fetched and captured."""

    async def get(url: str) -> Page | Failure | None:
        answer = await stages.fetcher.fetch(url, outlet=outlet, accept="page")
        if isinstance(answer, Fetched) and (kept := _on_disk(stages, _capture(stages, answer))):
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
    capture: tuple[CaptureRef, datetime] | None,
    redirects: Sequence[str],
    ages: Sequence[float],
) -> Asked:
    """Store what came of a visit; an edit makes a page young again, and one that is gone is hardly asked any more."""
    event = Asked(outlet.id, visit.url, notes=visit.notes)
    if isinstance(result, Record):
        aliases = [url for url in map(canonical, redirects) if url]
        kept = stages.archive.keep(result, visit, _on_disk(stages, capture), aliases)
        if kept.outcome == "revised" and kept.revision <= RESTLESS:
            stages.archive.call_again(visit.url, next_check(visit.answered_at, visit.answered_at, ages))
        return replace(event, outcome=kept.outcome, title=result.document.title)
    if isinstance(result, Failure):
        if stages.archive.settle(visit, _on_disk(stages, capture)):
            stages.archive.call_again(visit.url, after(visit.answered_at, GONE))
        return replace(event, failure=result)
    stages.archive.confirm(visit)
    return replace(event, outcome="unchanged")


def _capture(stages: Stages, answer: Answer) -> tuple[CaptureRef, datetime] | None:
    """Keep an answer before anything is made of it; where it is, and when it began."""
    if stages.captures is None or not isinstance(answer, Fetched):
        return None
    return stages.captures.append(answer.capture), answer.capture.fetched_at


def _on_disk(stages: Stages, capture: tuple[CaptureRef, datetime] | None) -> tuple[CaptureRef, datetime] | None:
    """Wait until an answer is on the disk before a row refers to it; one wait serves all that came since the last."""
    if capture and stages.captures:
        stages.captures.sync()
    return capture


def _candidate(address: AddressState) -> Candidate:
    return Candidate(address.url, address.title_hint, address.published_hint, address.published_raw)


def _again(stages: Stages, failure: Failure, failures: int, *, ceiling: float | None = None) -> tuple[int, datetime]:
    """How many failures in a row that makes, and when to ask again; an outage of our own network counts for none."""
    now, chance = stages.now(), stages.chance()
    if excused(failure.reason) and stages.fetcher.network_down():
        return failures, after_outage(now, chance)
    again = next_try(failure.reason, failures + 1, now, chance, failure.retry_after, ceiling=ceiling)
    return failures + 1, again


def _notes(*came: object) -> str:
    """What was odd about an answer and about what it lists, in one line."""
    return "; ".join(note for thing in came for note in getattr(thing, "notes", ()))


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
    failures, again = (
        _again(stages, failure, address.failures, ceiling=DAY if known else None) if failure else (0, None)
    )
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
        notes=_notes(answer),
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
    _declare(stages, outlet)
    entry = (url, article_id(outlet.id, article_key(outlet, url)), Candidate(url))
    stages.archive.discover(outlet.id, "", [entry], stages.now())
    known = stages.archive.address(url)
    assert known is not None
    await archive_page(stages, outlet, known)


def _declare(stages: Stages, outlet: Outlet) -> None:
    names = ("id", "name", "home", "language", "timezone", "unproven")
    stages.archive.declare([OutletFacts(*(getattr(outlet, name) for name in names))])
