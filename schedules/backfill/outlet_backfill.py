"""Backfill one outlet: read the due lists and fetch their pages until nothing is left.

The ledger holds the remaining work: lists that are due, and addresses that wait for the run. So a backfill can be
stopped at any time and continues from there, and nothing is fetched twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.ledger.backfill_model import ListState
from crawler.fetching.allowed_addresses import host_of
from crawler.outlets.model import Outlet
from schedules.backfill.list_reading import ListReader
from schedules.backfill.lists import cdx_lists, initial_lists
from schedules.backfill.model import MAX_ATTEMPTS, BackfillOptions
from schedules.backfill.wayback import archive_oldest_capture, enter_gone_pages, read_host_captures
from schedules.pipeline.archiving import archive_pages
from schedules.pipeline.context import RunContext, declare

_BATCH = 64  # pages that are fetched before the ledger is queried again for due pages
_LONGEST_WAIT = timedelta(minutes=15)  # for a host that must be left alone, or for the retry of a failed request


@dataclass
class OutletBackfill:
    """Run one outlet's part of a backfill.

    Attributes:
        context: The run.
        outlet: The outlet.
        options: How the backfill works.
        may_continue: Returns whether the next list or page may be fetched now.
    """

    context: RunContext
    outlet: Outlet
    options: BackfillOptions
    may_continue: Callable[[], bool] = lambda: True
    _lists: ListReader = field(init=False)

    def __post_init__(self) -> None:
        self._lists = ListReader(self.context, self.outlet, self.options)

    def enter_initial_lists(self) -> None:
        """Enter the first lists of the backfill into the ledger."""
        declare(self.context, self.outlet)
        lists = initial_lists(self.outlet, self.options.dates)
        if self.options.wayback:
            lists += cdx_lists(self.outlet, self.options.dates, self.options.wayback.cdx)
        self.context.archive.runs.enter_lists(self.options.run, lists)

    async def work(self) -> bool:
        """Read lists and fetch pages while that may continue; return whether nothing is left to do."""
        archive, run, outlet = self.context.archive, self.options.run, self.outlet.id
        while self._may_continue():
            await self._read_lists()
            if not self.options.pages:
                return self._may_continue()
            await self._fetch_pages()
            if enter_gone_pages(self.context, self.outlet, self.options):
                continue
            due = archive.reader.next_retry_at(run, outlet, MAX_ATTEMPTS)
            if due is None or due > self.context.now() + _LONGEST_WAIT:
                return self._may_continue() and not archive.reader.has_work_left(run, outlet)
            if not await self._wait_until(due):
                return False
        return False

    async def _read_lists(self) -> None:
        """Read every due list; postpone a list while its host must be left alone."""
        archive, options, after = self.context.archive, self.options, 0
        while self._may_continue():
            state = archive.reader.next_list(options.run, self.outlet.id, self.context.now(), after)
            if state is None:
                return
            if resting_until := await self._resting_until(host_of(state.facts.url)):
                archive.runs.postpone_list(state.id, resting_until)
            else:
                await self._read_list(state)
            after = 0 if options.pages else state.id

    async def _read_list(self, state: ListState) -> None:
        """Read one list by its kind."""
        match state.facts.kind:
            case "cdx":
                await archive_oldest_capture(self.context, self.outlet, self.options, state)
            case "captured":
                await read_host_captures(self.context, self.outlet, self.options, state)
            case _:
                await self._lists.read(state)

    async def _fetch_pages(self) -> None:
        """Fetch every due page; postpone a page while its host must be left alone."""
        archive, options = self.context.archive, self.options
        while self._may_continue():
            due = archive.reader.wanted_addresses(options.run, self.outlet.id, self.context.now(), _BATCH, MAX_ATTEMPTS)
            if not due:
                return
            hosts = {host_of(address.url) for address in due}
            resting = {host: until for host in hosts if (until := await self._resting_until(host))}
            for address in due:
                if until := resting.get(host_of(address.url)):
                    archive.runs.postpone_address(address.url, until)
            ready = [address for address in due if host_of(address.url) not in resting]
            await archive_pages(self.context, self.outlet, ready, options.dates, self._may_continue)

    def _may_continue(self) -> bool:
        """Return whether the run was neither stopped nor cancelled, and its turn is not over."""
        stopped = self.context.stop.is_set() or self.context.archive.reader.run_state(self.options.run) == "cancelled"
        return not stopped and self.may_continue()

    async def _resting_until(self, host: str) -> datetime | None:
        """Wait until a host may be requested again; return that time instead if the wait is too long."""
        known = next(iter(self.context.archive.reader.hosts(host)), None)
        until = known.resting_until if known else None
        return None if until is None or await self._wait_until(until) else until

    async def _wait_until(self, time: datetime) -> bool:
        """Wait for a time; return False if that takes too long, or when the run is stopped."""
        wait = time - self.context.now()
        if wait <= timedelta(0):
            return True
        if not self.options.patient or wait > _LONGEST_WAIT:
            return False
        try:
            await asyncio.wait_for(self.context.stop.wait(), wait.total_seconds())
        except TimeoutError:
            return True
        return False
