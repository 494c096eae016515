"""Going back: lists of old articles -> addresses in the ledger -> pages, for one outlet, as far as one run asks for it.

What is still to do stands in the ledger (`archive.store.runs`): lists that are due, and addresses that wait for the
run. So it can be stopped anywhere and goes on there, and what was had is not asked again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from archive.errors import Failure, Reason
from archive.ledger.backfill_model import ListFacts, ListRead, ListState
from archive.record import Candidate
from crawler.discovery.sources import read_source, sniff
from crawler.discovery.wayback_cdx import read_published
from crawler.fetching.allowed_addresses import host_of
from crawler.outlets.article_urls import Sifted, sift
from crawler.outlets.model import Outlet, Source
from crawler.page import Fetched, Listing
from schedules.backfill.lists import (
    DEEPEST,
    captured_after,
    captured_lists,
    children_wanted,
    days_of,
    first_lists,
    is_wanted,
)
from schedules.backfill.paging import Turn, Walk, is_numbered, page_at
from schedules.backfill.wayback import TRIES, Job, failed_read, seek, seek_gone
from schedules.events import Polled
from schedules.pipeline.context import Answer, Kept, Stages, declare, notes_of
from schedules.pipeline.crawl import archive_page, archive_pages

_CHUNK = 500  # addresses that are dealt with before others of the process have a turn
_BATCH = 64  # pages between two looks at what else is wanted
_PATIENCE = timedelta(minutes=15)  # that a run waits for a host, or for what may be had after all

_UNTOLD = "tells no days: how many of its pages are wanted shows when articles are read"

Found = list[tuple[str, str, Candidate]]


@dataclass
class Backfill:
    """One outlet's part of a run.

    Attributes:
        stages: The stages.
        outlet: Whose lists and pages.
        job: What is asked for.
        go_on: Whether the next list or page may be asked for now.
    """

    stages: Stages
    outlet: Outlet
    job: Job
    go_on: Callable[[], bool] = lambda: True
    _walks: dict[tuple[str, date | None], Walk] = field(default_factory=dict)  # by the way that has pages, and its day

    def plan(self) -> None:
        """Enter the lists to begin with."""
        declare(self.stages, self.outlet)
        lists = first_lists(self.outlet, self.job.days)
        if self.job.wayback:
            lists += captured_lists(self.outlet, self.job.days, self.job.wayback[0])
        self.stages.archive.enter_lists(self.job.run, lists)

    async def work(self) -> bool:
        """Read lists and ask for pages while that may go on; whether nothing is left to do."""
        while self._may_go_on():
            await self._read_lists()
            if not self.job.pages:
                return self._may_go_on()
            await self._ask_pages()
            if seek_gone(self.stages, self.outlet, self.job):
                continue
            due = self.stages.archive.due_again(self.job.run, self.outlet.id, TRIES)
            if due is None or due > self.stages.now() + _PATIENCE:
                return self._may_go_on() and not self.stages.archive.is_left(self.job.run, self.outlet.id)
            if not await self._wait(due):
                return False
        return False

    def _may_go_on(self) -> bool:
        stopped = self.stages.stop.is_set() or self.stages.archive.state_of(self.job.run) == "cancelled"
        return not stopped and self.go_on()

    async def _wait(self, until: datetime) -> bool:
        """Wait, unless that takes too long or nobody waits; whether the time has come."""
        seconds = (until - self.stages.now()).total_seconds()
        if seconds <= 0:
            return True
        if not self.job.patient or seconds > _PATIENCE.total_seconds():
            return False
        try:
            await asyncio.wait_for(self.stages.stop.wait(), seconds)
        except TimeoutError:
            return True
        return False

    async def _rests_until(self, host: str) -> datetime | None:
        """Wait for a host that is left alone; or until when it is, where that is too long."""
        known = next(iter(self.stages.archive.hosts(host)), None)
        until = known.resting_until if known else None
        return None if until is None or await self._wait(until) else until

    # Lists.

    async def _read_lists(self) -> None:
        after = 0
        while self._may_go_on():
            one = self.stages.archive.next_list(self.job.run, self.outlet.id, self.stages.now(), after)
            if one is None:
                return
            if until := await self._rests_until(host_of(one.facts.url)):
                self.stages.archive.postpone_list(one.id, until)
            elif one.facts.kind == "cdx":
                await seek(self.stages, self.outlet, self.job, one)
            elif one.facts.kind == "captured":
                await self._read_captured(one)
            else:
                await self._read_list(one)
            after = 0 if self.job.pages else one.id

    async def _read_list(self, one: ListState) -> None:
        """Ask for a list, and enter what it holds of the days wanted and what it leads to."""
        stages, facts, asked_at = self.stages, one.facts, self.stages.now()
        answer = await stages.fetcher.fetch(facts.url, outlet=self.outlet, accept="list")
        capture = stages.capture(answer) if facts.kind != "section" else None
        listing = await self._listing(facts, answer)
        notes = notes_of(answer, listing)
        event = Polled(self.outlet.id, facts.url, facts.kind, notes=notes)
        if isinstance(listing, Failure):
            read, found = failed_read(self.stages, one, listing), list[tuple[str, str, Candidate]]()
            event = replace(event, failure=listing)
            if read.retry_at is None and is_numbered(self._way(facts)):
                read = self._turn(facts, Turn.failed(listing.reason), None, read)
        else:
            sifted = await self._sifted(listing.candidates)
            turned, kept = await self._turned(facts, listing, sifted)
            if turned is None:  # how far to turn is told by its articles: that is left to when these are fetched
                stages.archive.leave_list(one.id, len(sifted.kept), _UNTOLD)
                return
            read, found = self._judged(facts, turned, listing, sifted, kept, _kind_of(facts, answer))
            dropped = dict(sifted.dropped) | ({Reason.OUT_OF_RANGE: read.left_out} if read.left_out else {})
            event = replace(event, candidates=len(sifted.kept), dropped=dropped)
        read = replace(
            read,
            status=answer.capture.status if isinstance(answer, Fetched) else None,
            notes="; ".join(part for part in (read.notes, notes) if part),
        )
        new = await self._enter(one, read, found, asked_at, stages.on_disk(capture))
        stages.tell(replace(event, new=new, notes=read.notes))

    async def _enter(
        self, one: ListState, read: ListRead, found: Found, asked_at: datetime, capture: Kept | None = None
    ) -> int:
        """Write down what a list came to; where it holds much, others have a turn meanwhile."""
        archive, new = self.stages.archive, 0
        while len(found) > _CHUNK:
            some, found = found[:_CHUNK], found[_CHUNK:]
            new += archive.want(self.outlet.id, some, self.job.wanted, asked_at, one.facts.url)
            await asyncio.sleep(0)
        return new + archive.settle_list(one, replace(read, entered=new), found, self.job.wanted, asked_at, capture)

    async def _sifted(self, candidates: Sequence[Candidate]) -> Sifted:
        """The outlet's articles among the candidates of a list; where these are many, others have a turn meanwhile."""
        kept: dict[str, tuple[str, str, Candidate]] = {}
        dropped: Counter[Reason] = Counter()
        for start in range(0, len(candidates), _CHUNK):
            some = sift(self.outlet, candidates[start : start + _CHUNK])
            for entry in some.kept:
                kept.setdefault(entry[0], entry)
            dropped.update(some.dropped)
            await asyncio.sleep(0)
        return Sifted(tuple(kept.values()), dict(dropped))

    async def _listing(self, facts: ListFacts, answer: Answer) -> Listing | Failure:
        if not isinstance(answer, Fetched):
            return answer if isinstance(answer, Failure) else Failure(Reason.EMPTY, facts.url)
        declared = self._way(facts)
        links, following = (declared.links, declared.next) if declared else ("", "")
        source = Source.model_construct(kind=facts.kind, url=facts.url, links=links, next=following)
        return await self.stages.workers.run(read_source, answer.page, source, self.outlet, self.stages.now())

    def _way(self, facts: ListFacts) -> Source | None:
        return next((source for source in self.outlet.sources if source.url == facts.way), None)

    def _walk(self, facts: ListFacts) -> Walk:
        """The pages of a list as far as they are read."""
        key = (facts.way, facts.first_day)
        if key not in self._walks:
            archive, numbered = self.stages.archive, self._leaps(facts)
            read = archive.pages_read(self.job.run, facts.way) if numbered else {}
            self._walks[key] = Walk.resumed(facts.page, read, self.job.days, numbered=numbered)
        return self._walks[key]

    def _leaps(self, facts: ListFacts) -> bool:
        """Whether any page of a list may be asked for, and some need not be."""
        return is_numbered(self._way(facts)) and facts.first_day is None

    async def _turned(self, facts: ListFacts, listing: Listing, sifted: Sifted) -> tuple[Turn | None, ListFacts]:
        """What a page comes to; and the list with the days that it turns out to hold.

        None for a page of many that tells none of its days, while no article is read.
        """
        candidates = [candidate for _, _, candidate in sifted.kept]
        urls = [url for url, _, _ in sifted.kept]
        if not _has_pages(facts, listing, self._way(facts)):
            return Turn.of([], urls, len(urls)), facts
        seen = self._walk(facts).seen
        fresh = [candidate for url, candidate in zip(urls, candidates, strict=True) if url not in seen]
        days = days_of(fresh, self.outlet)
        if fresh and not any(days) and not facts.first_day:
            if not self.job.pages:
                return None, facts
            days = await self._probed(facts, sifted, fresh)
            told = [day for day in days if day]
            newest = max(told, default=None)
            last = newest if newest and newest < self.job.days.since else None  # its very newest, which was read too
            facts = replace(facts, first_day=min(told, default=None), last_day=last)
        seen.update(urls)
        turn = Turn.of(days, urls, len(fresh))
        return replace(turn, ends=not listing.candidates), facts

    async def _probed(self, facts: ListFacts, sifted: Sifted, fresh: Sequence[Candidate]) -> list[date | None]:
        """The days of a page that tells none: of its first article where the others are old, a middle one, its last."""
        entries = {candidate.url: (url, article, candidate) for url, article, candidate in sifted.kept}
        found: list[date | None] = []
        for candidate in dict.fromkeys((fresh[-1], fresh[len(fresh) // 2], fresh[0])):
            told = [day for day in found if day]
            if candidate is fresh[0] and told and max(told) >= self.job.days.since:
                break
            found.insert(0, await self._read_day(entries[candidate.url], facts))
        return [day for day in found if day] or [None]

    async def _read_day(self, entry: tuple[str, str, Candidate], facts: ListFacts) -> date | None:
        """The day of an article, which is read for it if it was not yet."""
        url, archive = entry[0], self.stages.archive
        archive.want(self.outlet.id, [entry], self.job.wanted, self.stages.now(), facts.url)
        address = archive.address(url)
        if address and address.state == "due":
            await archive_page(self.stages, self.outlet, address, self.job.days)
        return self._known_day(url)

    def _known_day(self, url: str) -> date | None:
        """The day of an article that was read, whether it was kept or is of another day."""
        article = self.stages.archive.article(url)
        address = self.stages.archive.address(url)
        if article:
            return article.record.document.date
        left_out = address is not None and address.reason == Reason.OUT_OF_RANGE
        return date.fromisoformat(address.detail[:10]) if address and left_out else None

    def _judged(
        self, facts: ListFacts, turned: Turn, listing: Listing, sifted: Sifted, held: ListFacts, kind: str
    ) -> tuple[ListRead, Found]:
        """What a list comes to, and which of its articles may be of the days wanted."""
        days = self.job.days
        wanted = [entry for entry in sifted.kept if is_wanted(entry[2], self.outlet, days, held)]
        children, odd = children_wanted(self.outlet, listing.children, days, facts)
        if facts.depth >= DEEPEST and children:
            children, odd = [], f"indexes are nested more than {DEEPEST} deep; nothing behind it is read"
        read = ListRead(
            candidates=len(sifted.kept),
            left_out=len(sifted.kept) - len(wanted),
            digest=turned.digest,
            middle=turned.middle,
            following=tuple(children),
            notes=odd,
        )
        return self._turn(replace(facts, kind=kind), turned, listing, read), wanted

    def _turn(self, facts: ListFacts, turned: Turn, listing: Listing | None, read: ListRead) -> ListRead:
        """What a page came to, with the page that is read next."""
        source = self._way(facts)
        if not (is_numbered(source) or (listing and listing.next_page)):
            return read
        walk = self._walk(facts)
        walk.take(facts.page, turned)
        number, why = walk.next_number(self.job.days, numbered=self._leaps(facts), dated=facts.first_day is not None)
        return replace(
            read,
            page=page_at(source, facts, number, listing) if number else None,
            notes="; ".join(part for part in (read.notes, why) if part),
        )

    # Pages.

    async def _ask_pages(self) -> None:
        while self._may_go_on():
            some = self.stages.archive.wanted_addresses(self.job.run, self.outlet.id, self.stages.now(), _BATCH, TRIES)
            if not some:
                return
            hosts = {host_of(address.url) for address in some}
            rests = {host: until for host in hosts if (until := await self._rests_until(host))}
            for address in some:
                if until := rests.get(host_of(address.url)):
                    self.stages.archive.postpone_address(address.url, until)
            ready = [address for address in some if host_of(address.url) not in rests]
            await archive_pages(self.stages, self.outlet, ready, self.job.days, go_on=self._may_go_on)

    # What others captured.

    async def _read_captured(self, one: ListState) -> None:
        """Enter what was captured elsewhere of the outlet, and go on where the answer broke off."""
        stages, facts, asked_at = self.stages, one.facts, self.stages.now()
        answer = await stages.fetcher.fetch(facts.url, outlet=self.outlet, accept="list")
        told = await stages.workers.run(read_published, answer.page) if isinstance(answer, Fetched) else answer
        event = Polled(self.outlet.id, facts.url, facts.kind)
        if not isinstance(told, tuple):
            failure = told if isinstance(told, Failure) else Failure(Reason.EMPTY, facts.url)
            stages.archive.settle_list(one, failed_read(self.stages, one, failure), [], self.job.wanted, asked_at)
            stages.tell(replace(event, failure=failure))
            return
        candidates, resume = told
        sifted = await self._sifted(candidates)
        wanted = [entry for entry in sifted.kept if is_wanted(entry[2], self.outlet, self.job.days, facts)]
        following, why = captured_after(facts, resume, len(candidates))
        left_out = len(sifted.kept) - len(wanted)
        read = ListRead(candidates=len(sifted.kept), left_out=left_out, following=following, notes=why)
        new = await self._enter(one, read, wanted, asked_at)
        stages.tell(replace(event, candidates=len(sifted.kept), new=new, dropped=sifted.dropped, notes=why))


def _has_pages(facts: ListFacts, listing: Listing, way: Source | None) -> bool:
    return facts.page > 1 or bool(listing.next_page) or (way is not None and ("{page}" in way.url or bool(way.next)))


def _kind_of(facts: ListFacts, answer: Answer) -> str:
    """What the next page of a list is read as: once it was JSON, a web page in its place is none of it."""
    told = sniff(answer.page) if isinstance(answer, Fetched) and facts.kind == "archive" else facts.kind
    return "listing" if told == "listing" else facts.kind
