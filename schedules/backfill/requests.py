"""Backfills as orders: what is asked of one, gone on with where it was, and done here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from archive.ledger.backfill_model import Backfill as Kept
from archive.ledger.backfill_model import Wanted
from archive.record import Candidate, article_id
from archive.store.runs import Runs
from archive.store.writer import Archive
from crawler.outlets.article_urls import article_key
from crawler.outlets.catalogue import bare_outlet, find_outlet
from crawler.outlets.model import Outlet
from schedules.backfill.outlet_backfill import Backfill
from schedules.backfill.wayback import Job
from schedules.config import BackfillSettings, Settings
from schedules.events import Event, Tally
from schedules.pipeline.context import Stages, facts_of, utc_now
from schedules.pipeline.runtime import assembled, stopping_on_interrupt
from schedules.timing.date_range import Days

_BEAT = 1.0  # seconds between two looks at how far it is

State = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a backfill.

    Attributes:
        outlets: Ids of the outlets.
        days: The days that are wanted.
        kind: backfill, or audit, for which pages are fetched only to fill gaps.
        pages: Whether pages are fetched, or only the lists are read.
        wayback: Whether what is gone from its site is sought in another archive.
        urls: A file of addresses that are wanted, in place of lists; empty for none.
    """

    outlets: tuple[str, ...]
    days: Days
    kind: Literal["backfill", "audit"] = "backfill"
    pages: bool = True
    wayback: bool = False
    urls: str = ""

    def arguments(self) -> dict[str, Any]:
        """The order as the ledger keeps it: what makes two of them the same."""
        return {
            "outlets": list(self.outlets),
            "since": self.days.since.isoformat(),
            "until": self.days.until.isoformat(),
            **({"fill": self.pages} if self.kind == "audit" else {}),
            **({"wayback": True} if self.wayback else {}),
            **({"urls": self.urls} if self.urls else {}),
        }

    @classmethod
    def of(cls, kept: Kept) -> Order:
        """The order of a run of the ledger."""
        asked = kept.arguments
        days = Days(date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"]))
        kind: Literal["backfill", "audit"] = "audit" if kept.kind == "audit" else "backfill"
        pages, wayback, urls = asked.get("fill", True), asked.get("wayback", False), asked.get("urls", "")
        return cls(tuple(asked["outlets"]), days, kind, pages, wayback, urls)


def begin(archive: Runs, order: Order, *, served: bool = False) -> int:
    """Enter an order into the ledger, or go on with the run that was asked the same and is not done; the run's id.

    Args:
        archive: Its ledger.
        order: What is asked.
        served: Whether it is left to the service.
    """
    known = archive.open_run(order.kind, order.arguments())
    if known and served and known.served and known.state in {"running", "waiting"}:
        return known.run
    run = known.run if known else archive.begin_run(order.kind, order.arguments(), utc_now(), state="stopped")
    if order.kind == "backfill":
        archive.plan_run(run, {"pages": order.pages})
    archive.set_run(run, "waiting" if served else "running", served=served)
    return run


def is_plan(archive: Runs, run: int) -> bool:
    """Whether a run only reads lists, and what they show is not fetched."""
    return not archive.plan_of(run).get("pages", True)


def parts_of(
    order: Order,
    run: int,
    stages: Stages,
    catalogue: Mapping[str, Outlet],
    wayback: BackfillSettings,
    *,
    patient: bool,
) -> Iterator[Backfill]:
    """Each outlet's part of an order, planned.

    Raises:
        UsageError: There is no such outlet any more.
    """
    servers = (wayback.cdx, wayback.replay) if order.wayback else None
    job = Job(run, order.days, order.pages, patient, servers)
    for name in order.outlets:
        home = stages.archive.home(name) if name not in catalogue and order.urls else ""
        part = Backfill(stages, bare_outlet(home) if home else find_outlet(catalogue, name), job)
        if not order.urls:
            part.plan()
        yield part


def enter_urls(archive: Runs, run: int, order: Order, wanted: Mapping[str, tuple[Outlet, Sequence[str]]]) -> None:
    """Enter the addresses of a file into the ledger, to be asked for.

    Args:
        archive: Its ledger.
        run: That asks for them.
        order: What is asked.
        wanted: By the id of its outlet, the outlet and its canonical addresses.
    """
    span = Wanted(run, order.days.since, order.days.until)
    for outlet, urls in wanted.values():
        archive.declare([facts_of(outlet)])
        entries = [(url, article_id(outlet.id, article_key(outlet, url)), Candidate(url)) for url in urls]
        archive.want(outlet.id, entries, span, utc_now())


def tallies_of(archive: Runs, run: int) -> dict[str, Tally]:
    """What a run came to before, by outlet."""
    kept = archive.backfill(run)
    return {name: Tally.of(counts) for name, counts in (kept.counts if kept else {}).items()}


def counts_of(tallies: Mapping[str, Tally]) -> dict[str, object]:
    """What a run came to, as the ledger keeps it."""
    return {name: tally.counts() for name, tally in tallies.items()}


async def carry_out(
    order: Order,
    settings: Settings,
    catalogue: Mapping[str, Outlet],
    archive: Archive,
    tell: Callable[[Event], None],
    watch: Callable[[Kept], None],
    enter: Callable[[Runs, int], None] = lambda _, __: None,
) -> int:
    """Carry out an order here, every outlet at its own hosts' pace, all side by side; the run's id.

    Args:
        order: What is asked.
        settings: How.
        catalogue: Every declared outlet, by id.
        archive: Open for writing.
        tell: What to call with each event.
        watch: What to call now and then with how far it is.
        enter: What to call first, with the archive and the run.

    Raises:
        KeyboardInterrupt: A person stopped it; the same order goes on from there.
    """
    run = begin(archive, order)
    enter(archive, run)
    tallies = tallies_of(archive, run)

    def count(event: Event) -> None:
        tallies.setdefault(event.outlet, Tally()).add(event)
        tell(event)

    state: State = "failed"
    try:
        async with assembled(settings, archive, count, run) as stages:
            with stopping_on_interrupt(stages.stop):
                looking = asyncio.create_task(_look(archive, run, tallies, watch))
                try:
                    done = await _side_by_side(
                        [*parts_of(order, run, stages, catalogue, settings.backfill, patient=True)]
                    )
                finally:
                    looking.cancel()
                    with suppress(asyncio.CancelledError):
                        await looking
            state = "done" if done and (order.pages or order.kind == "audit") else "stopped"
            stopped = stages.stop.is_set()
    finally:
        archive.end_run(run, state, counts_of(tallies), utc_now())
    if state == "done":
        archive.release(run)
    if stopped:
        raise KeyboardInterrupt
    return run


async def _side_by_side(parts: list[Backfill]) -> bool:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part.work()) for part in parts]
    return all(task.result() for task in tasks)


async def _look(archive: Archive, run: int, tallies: Mapping[str, Tally], watch: Callable[[Kept], None]) -> None:
    while True:
        archive.beat(run, counts_of(tallies), utc_now())
        if kept := archive.backfill(run):
            watch(kept)
        await asyncio.sleep(_BEAT)
