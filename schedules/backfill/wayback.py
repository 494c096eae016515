"""What is gone from its site, sought in another archive; and what a run asks for, which is the same there and here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archive.errors import Failure
from archive.ledger.backfill_model import ListFacts, ListRead, ListState, Wanted
from crawler.discovery.wayback_cdx import query_of, read_captures, replay_of
from crawler.outlets.model import Outlet
from crawler.page import Fetched
from schedules.events import Polled
from schedules.pipeline.context import Stages
from schedules.pipeline.crawl import archive_answer
from schedules.timing.date_range import Days

TRIES = 3  # of a list or a page that fails, in one run


@dataclass(frozen=True, slots=True)
class Job:
    """What a run asks for.

    Attributes:
        run: Its id.
        days: The days that are wanted.
        pages: Whether pages are fetched, or only the lists are read.
        patient: Whether it waits for hosts that rest; the service has other things to do.
        wayback: The CDX server, and where captures are, that are asked for what is gone; None for nobody.
    """

    run: int
    days: Days
    pages: bool = True
    patient: bool = True
    wayback: tuple[str, str] | None = None

    @property
    def wanted(self) -> Wanted:
        """What it asks for, as the ledger has it."""
        return Wanted(self.run, self.days.since, self.days.until)


def failed_read(stages: Stages, one: ListState, failure: Failure) -> ListRead:
    """What a list came to that could not be read: it is tried again where that may help."""
    retry = None
    if failure.reason.traits.severity == "soft" and one.failures + 1 < TRIES:
        _, retry = stages.again(failure, one.failures)
    return ListRead(failure=failure, retry_at=retry)


def seek_gone(stages: Stages, outlet: Outlet, job: Job) -> int:
    """Enter a question for each page that is gone from its site; how many."""
    if job.wayback is None:
        return 0
    gone = stages.archive.gone_addresses(job.run, outlet.id, stages.now())
    questions = [
        ListFacts(url=query_of(job.wayback[0], url, job.days.since), outlet=outlet.id, kind="cdx", way=url)
        for url in gone
    ]
    stages.archive.enter_lists(job.run, questions)
    return len(questions)


async def seek(stages: Stages, outlet: Outlet, job: Job, one: ListState) -> None:
    """Ask when a page was captured elsewhere, and archive the oldest capture that can be read."""
    asked_at = stages.now()
    address = stages.archive.address(one.facts.way)
    assert address is not None
    assert job.wayback is not None
    answer = await stages.fetcher.fetch(one.facts.url, outlet=outlet, accept="list")
    told = (
        await stages.workers.run(read_captures, answer.page)
        if isinstance(answer, Fetched)
        else answer
        if isinstance(answer, Failure)
        else []
    )
    read = ListRead(notes="" if told else "no capture")
    if isinstance(told, list) and told:
        place = replay_of(job.wayback[1], told[0], address.url)
        there = await stages.fetcher.fetch(place, outlet=outlet, accept="page")
        if isinstance(there, Fetched):
            page = replace(there.page, url=address.url)
            there = replace(there, page=page, redirects=(), notes=(f"read from {place}",))
            await archive_answer(stages, outlet, address, there, asked_at, job.days)
        told = there if isinstance(there, Failure) else told
    if isinstance(told, Failure):
        read = failed_read(stages, one, told)
    stages.archive.settle_list(one, read, [], job.wanted, asked_at)
    stages.tell(Polled(outlet.id, one.facts.url, "cdx", failure=read.failure, notes=read.notes))
