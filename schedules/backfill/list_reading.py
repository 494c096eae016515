"""Read one list of a backfill: fetch it, select links and the next page, record the result."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from archive.errors import Failure, Reason
from archive.ledger.backfill_model import ListFacts, ListRead, ListState
from archive.record import ArticleLink, Candidate, StoredCapture
from crawler.discovery.sources import sniff
from crawler.outlets.article_urls import ArticleSelection, select_articles
from crawler.outlets.model import Outlet, Source
from crawler.page import Fetched, Listing
from schedules.backfill.lists import MAX_INDEX_DEPTH, link_days, may_be_in, select_children
from schedules.backfill.model import MAX_ATTEMPTS, BackfillOptions
from schedules.backfill.paging import PageSummary, PageWalk, is_numbered, page_at
from schedules.events import PollEvent
from schedules.pipeline.archiving import archive_page
from schedules.pipeline.context import RunContext
from schedules.pipeline.source_reading import SourceResult, fetch_listing
from schedules.timing.date_range import DateRange

_CHUNK = 500  # links that are processed before other tasks get a turn
_NO_DAYS = "the list shows no dates; articles must be read to know how many of its pages are needed"


@dataclass
class ListReader:
    """Read the lists of one outlet for one run.

    Attributes:
        context: The run.
        outlet: The outlet.
        options: How the backfill works.
    """

    context: RunContext
    outlet: Outlet
    options: BackfillOptions
    _walks: dict[tuple[str, date | None], PageWalk] = field(default_factory=dict)  # by source, and first day of a list

    async def read(self, state: ListState) -> None:
        """Fetch a list; enter its wanted links and the lists that follow from it into the ledger."""
        facts, asked_at = state.facts, self.context.now()
        result = await self._fetch(facts)
        event = PollEvent(self.outlet.id, facts.url, facts.kind, notes=result.notes)
        wanted: Sequence[ArticleLink] = ()
        if isinstance(result.content, Listing):
            selection = await sift_in_chunks(self.outlet, result.content.candidates)
            page, list_dates = await self._summarize(facts, result.content, selection.links)
            if page is None:
                self.context.archive.runs.defer_list(state.id, len(selection.links), _NO_DAYS)
                return
            wanted = self._in_range(selection.links, list_dates)
            read = self._decide(facts, result, page, candidates=len(selection.links), wanted=len(wanted))
            dropped = dict(selection.dropped) | ({Reason.OUT_OF_RANGE: read.left_out} if read.left_out else {})
            event = replace(event, candidates=len(selection.links), dropped=dropped)
        else:
            failure = result.content or Failure(Reason.EMPTY, facts.url)
            read = self._decide_failed(state, failure)
            event = replace(event, failure=failure)
        read = replace(read, status=result.status, notes="; ".join(filter(None, (read.notes, result.notes))))
        new = await record_list(self.context, self.options, state, read, wanted, asked_at, result.capture)
        self.context.report(replace(event, new=new, notes=read.notes))

    async def _fetch(self, facts: ListFacts) -> SourceResult[Listing]:
        """Fetch a list and read its links by the rules of its declared source."""
        declared = self._source(facts)
        links, next_page = (declared.links, declared.next) if declared else ("", "")
        source = Source.model_construct(kind=facts.kind, url=facts.url, links=links, next=next_page)
        context = self.context
        return await fetch_listing(
            context.fetcher, context.workers, source, self.outlet, context.now, store=context.store_capture
        )

    def _source(self, facts: ListFacts) -> Source | None:
        """Return the declared source of a list; None if it is no longer declared."""
        return next((source for source in self.outlet.sources if source.url == facts.way), None)

    async def _summarize(
        self, facts: ListFacts, listing: Listing, links: Sequence[ArticleLink]
    ) -> tuple[PageSummary | None, DateRange]:
        """Summarize one page of a list.

        Returns:
            The summary, or None if the page shows no dates and no article may be read to learn them; and the dates that
            the page can contain.
        """
        list_dates = DateRange(facts.first_day, facts.last_day)
        urls = [link.url for link in links]
        if not self._has_pages(facts, listing):
            return PageSummary.of([], urls, len(urls)), list_dates
        seen = self._walk(facts).seen
        new = [link for link in links if link.url not in seen]
        days = link_days([link.candidate for link in new], self.outlet)
        if new and not any(days) and not facts.first_day:
            if not self.options.pages:
                return None, list_dates
            days = await self._read_days(facts, new)
            list_dates = self._dates_of(days)
        seen.update(urls)
        page = PageSummary.of(days, urls, len(new))
        return replace(page, is_end=not listing.candidates), list_dates

    def _has_pages(self, facts: ListFacts, listing: Listing) -> bool:
        """Return whether a list has more than one page."""
        source = self._source(facts)
        paged = source is not None and ("{page}" in source.url or bool(source.next))
        return facts.page > 1 or bool(listing.next_page) or paged

    def _dates_of(self, days: Sequence[date | None]) -> DateRange:
        """Return the range of dates of a page, judged by the days of its articles that were read."""
        known, since = [day for day in days if day], self.options.dates.since
        newest = max(known, default=None)
        # The newest article is read only if the others are old; only then is its day the last day of the page.
        last = newest if newest and since and newest < since else None
        return DateRange(min(known, default=None), last)

    async def _read_days(self, facts: ListFacts, links: Sequence[ArticleLink]) -> list[date | None]:
        """Read the days of a page without dates from its last, its middle, then its first article."""
        found: list[date] = []
        for link in dict.fromkeys((links[-1], links[len(links) // 2], links[0])):
            if link is links[0] and found and not self.options.dates.is_after(max(found)):
                break
            if day := await self._read_day(facts, link):
                found.insert(0, day)
        return [*found] or [None]

    async def _read_day(self, facts: ListFacts, link: ArticleLink) -> date | None:
        """Return the day of an article; archive the article first if it was not fetched yet."""
        context, archive = self.context, self.context.archive
        enter_links(context, self.options, facts.outlet, [link], context.now(), facts.url)
        address = archive.reader.address(link.url)
        if address and address.state == "due":
            await archive_page(context, self.outlet, address, self.options.dates)
        if article := archive.reader.article(link.url):
            return article.record.document.date
        address = archive.reader.address(link.url)
        return address.article_date if address else None

    def _in_range(self, links: Sequence[ArticleLink], list_dates: DateRange) -> list[ArticleLink]:
        """Select the links to articles that may be of the requested dates."""
        dates = self.options.dates
        return [link for link in links if may_be_in(dates, link.candidate, self.outlet, list_dates)]

    def _decide(
        self, facts: ListFacts, result: SourceResult[Listing], page: PageSummary, *, candidates: int, wanted: int
    ) -> ListRead:
        """Build the ledger's record of a list that was read, with the lists that follow from it."""
        assert isinstance(result.content, Listing)
        children, odd = select_children(self.outlet, result.content.children, self.options.dates, facts)
        if facts.depth >= MAX_INDEX_DEPTH and children:
            children, odd = [], f"sitemap indexes are nested more than {MAX_INDEX_DEPTH} deep; deeper ones are not read"
        read = ListRead(
            candidates=candidates,
            left_out=candidates - wanted,
            digest=page.digest,
            middle=page.median_day,
            following=tuple(children),
            notes=odd,
        )
        # A list that was JSON before stays JSON: a web page instead of it is an error page.
        response = result.response
        is_json = facts.kind == "archive" and isinstance(response, Fetched) and sniff(response.page) == "listing"
        facts = replace(facts, kind="listing") if is_json else facts
        return self._with_next_page(facts, page, result.content, read)

    def _decide_failed(self, state: ListState, failure: Failure) -> ListRead:
        """Build the ledger's record of an unreadable list; go on with the page after it if that may help."""
        read = failed_list(self.context, state, failure)
        if read.retry_at is None and is_numbered(self._source(state.facts)):
            return self._with_next_page(state.facts, PageSummary.failed(failure.reason), None, read)
        return read

    def _with_next_page(self, facts: ListFacts, page: PageSummary, listing: Listing | None, read: ListRead) -> ListRead:
        """Add the next page to read to the ledger's record of a page."""
        source = self._source(facts)
        if not (is_numbered(source) or (listing and listing.next_page)):
            return read
        walk = self._walk(facts)
        walk.add(facts.page, page)
        dated = facts.first_day is not None
        number, reason = walk.next_page(self.options.dates, numbered=self._can_skip(facts), dated=dated)
        return replace(
            read,
            page=page_at(source, facts, number, listing) if number else None,
            notes="; ".join(filter(None, (read.notes, reason))),
        )

    def _walk(self, facts: ListFacts) -> PageWalk:
        """Return the pages of a list that were read so far."""
        key = (facts.way, facts.first_day)
        if key not in self._walks:
            numbered = self._can_skip(facts)
            read = self.context.archive.reader.pages_read(self.options.run, facts.way) if numbered else {}
            self._walks[key] = PageWalk.resumed(facts.page, read, self.options.dates, numbered=numbered)
        return self._walks[key]

    def _can_skip(self, facts: ListFacts) -> bool:
        """Return whether pages of a list can be skipped: they are numbered, and cover several periods."""
        return is_numbered(self._source(facts)) and facts.first_day is None


async def sift_in_chunks(outlet: Outlet, candidates: Sequence[Candidate]) -> ArticleSelection:
    """Select the links to articles of the outlet; other tasks get a turn after every chunk."""
    links: dict[str, ArticleLink] = {}
    dropped: Counter[Reason] = Counter()
    for start in range(0, len(candidates), _CHUNK):
        chunk = select_articles(outlet, candidates[start : start + _CHUNK])
        for link in chunk.links:
            links.setdefault(link.url, link)
        dropped.update(chunk.dropped)
        await asyncio.sleep(0)
    return ArticleSelection(tuple(links.values()), dict(dropped))


def failed_list(context: RunContext, state: ListState, failure: Failure) -> ListRead:
    """Build the ledger's record of an unreadable list, with the time of the retry."""
    retry_at = None
    if failure.reason.traits.severity == "soft" and state.failures + 1 < MAX_ATTEMPTS:
        _, retry_at = context.retry_at(failure, state.failures)
    return ListRead(failure=failure, retry_at=retry_at)


def enter_links(
    context: RunContext,
    options: BackfillOptions,
    outlet: str,
    links: Sequence[ArticleLink],
    now: datetime,
    source: str = "",
) -> int:
    """Enter links for a backfill to fetch into the ledger; return how many became due."""
    dates = options.dates
    return context.archive.runs.enter_wanted(
        outlet, links, options.run, now, source, since=dates.since, until=dates.until
    )


async def record_list(
    context: RunContext,
    options: BackfillOptions,
    state: ListState,
    read: ListRead,
    links: Sequence[ArticleLink],
    asked_at: datetime,
    capture: StoredCapture | None = None,
) -> int:
    """Record a list that was read, with its links; other tasks get a turn after every chunk.

    Returns:
        How many pages became due.
    """
    facts, dates, entered = state.facts, options.dates, 0
    while len(links) > _CHUNK:
        chunk, links = links[:_CHUNK], links[_CHUNK:]
        entered += enter_links(context, options, facts.outlet, chunk, asked_at, facts.url)
        await asyncio.sleep(0)
    return entered + context.archive.runs.record_list(
        state,
        replace(read, entered=entered),
        links,
        asked_at,
        context.wait_until_synced(capture),
        since=dates.since,
        until=dates.until,
    )
