"""Hold what every step of a run needs: archive, captures, fetcher, worker processes and clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf

from archive.captures.store import Captures
from archive.errors import Failure
from archive.ledger.model import OutletFacts
from archive.record import StoredCapture
from archive.store.writer import ArchiveWriter
from crawler.discovery.entries import BOUNDS, Bounds
from crawler.fetching.backoff import after_outage, next_try
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.model import Outlet
from crawler.page import Fetched
from crawler.workers.pool import WorkerPool
from schedules.events import Event
from schedules.pipeline.source_reading import FetchResult
from schedules.timing.due_times import RECHECK_AGES
from schedules.timing.publishing_hours import PublishingHours


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RunContext:
    """The tools and the state that every step of one run shares.

    Attributes:
        archive: Stores records and the ledger.
        captures: Stores responses; None to store none.
        fetcher: The only access to the network.
        workers: The processes that parse responses.
        report: Called with each event.
        run: The id of the run in the ledger.
        now: The clock, UTC.
        jitter: Returns random numbers in [0, 1).
        publishing_hours: Returns the hours in which an outlet publishes.
        recheck_ages: Ages in seconds at which an archived page is fetched again, unless its outlet sets its own.
        bounds: Limits on how much of one source is read.
        stop: Set to end the run: requests in flight finish, and no new one starts.
        in_flight: The tasks that fetch, read and store a page, of all outlets.
    """

    archive: ArchiveWriter
    captures: Captures | None
    fetcher: Fetcher
    workers: WorkerPool
    report: Callable[[Event], None]
    run: int
    now: Callable[[], datetime] = utc_now
    jitter: Callable[[], float] = random.random
    publishing_hours: Callable[[Outlet], PublishingHours] = lambda outlet: PublishingHours(outlet.zone)
    recheck_ages: Sequence[float] = RECHECK_AGES
    bounds: Bounds = BOUNDS
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    in_flight: set[asyncio.Task[None]] = field(default_factory=set)

    def store_capture(self, response: FetchResult) -> StoredCapture | None:
        """Append a response to the captures before it is read; return None if captures are off."""
        if self.captures is None or not isinstance(response, Fetched):
            return None
        return StoredCapture(self.captures.append(response.capture), response.capture.fetched_at)

    def wait_until_synced(self, capture: StoredCapture | None) -> StoredCapture | None:
        """Wait until a capture is synced to disk, so that a row may refer to it, and return it.

        One wait covers every capture that was appended since the previous wait.
        """
        if capture and self.captures:
            self.captures.sync()
        return capture

    def retry_at(
        self, failure: Failure, failures: int, longest: tuple[float, float] = (inf, inf)
    ) -> tuple[int, datetime]:
        """Decide when to retry after a failure; an outage of our own network does not count.

        Args:
            failure: Why the request failed.
            failures: How many requests in a row failed before this one.
            longest: The longest wait in seconds before the second attempt, and before any later one.

        Returns:
            The number of failures in a row, this one included, and the time of the next attempt, UTC.
        """
        now, jitter = self.now(), self.jitter()
        if failure.reason.traits.excused_offline and self.fetcher.network_down():
            return failures, after_outage(now, jitter)
        return failures + 1, next_try(failure.reason, failures + 1, now, jitter, failure.retry_after, most=longest)


@contextmanager
def releasing_if_cancelled(release: Callable[[], None]) -> Iterator[None]:
    """Call `release` if the task is cancelled in the block, so that no claim outlives it."""
    try:
        yield
    except asyncio.CancelledError:
        release()
        raise


def join_notes(*results: object) -> str:
    """Join the notes of a response and of its content into one line."""
    return "; ".join(note for result in results for note in getattr(result, "notes", ()))


def declare(context: RunContext, outlet: Outlet) -> None:
    """Insert or update an outlet in the archive."""
    context.archive.runs.declare([outlet_facts(outlet)])


def outlet_facts(outlet: Outlet) -> OutletFacts:
    """Convert an outlet to the form in which the archive stores it."""
    return OutletFacts(outlet.id, outlet.name, outlet.home, outlet.language, outlet.timezone, outlet.unproven)
