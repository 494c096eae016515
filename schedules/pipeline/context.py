"""What every step of a run works with: archive, captures, fetcher, worker processes and clock."""

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
from crawler.reading.stand_in import SeenTexts
from crawler.worker_pool import WorkerPool
from schedules.events import Event
from schedules.pipeline.source_reading import FetchResult
from schedules.timing.due_times import RECHECK_AGES
from schedules.timing.publishing_hours import PublishingHours


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RunContext:
    """What every step of one run works with.

    Attributes:
        archive: Where records and the ledger are kept.
        captures: Where responses are kept; None keeps none.
        fetcher: The only way to the network.
        workers: The processes that parse what was fetched.
        report: Called with each event.
        run: The id of the run in the ledger.
        now: The clock, UTC.
        jitter: Returns random numbers in [0, 1).
        publishing_hours: Returns when an outlet publishes.
        recheck_ages: Ages in seconds at which an archived page is fetched again, unless its outlet sets its own.
        bounds: How much of one source is read.
        seen_texts: The texts that were read lately, by which a wall is known.
        stop: Set to end the run: requests in flight are finished, and no new one is sent.
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
    seen_texts: SeenTexts = field(default_factory=SeenTexts)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def store_capture(self, response: FetchResult) -> StoredCapture | None:
        """Append a response to the captures before it is read; None if there is none to store."""
        if self.captures is None or not isinstance(response, Fetched):
            return None
        return StoredCapture(self.captures.append(response.capture), response.capture.fetched_at)

    def synced(self, capture: StoredCapture | None) -> StoredCapture | None:
        """Wait until a capture is on the disk, so that a row may refer to it, and return it.

        One wait covers every capture that was appended since the last one.
        """
        if capture and self.captures:
            self.captures.sync()
        return capture

    def retry_at(
        self, failure: Failure, failures: int, longest: tuple[float, float] = (inf, inf)
    ) -> tuple[int, datetime]:
        """Decide when to ask again after a failure; an outage of our own network is not counted as one.

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
    """Enter an outlet into the archive, or update what the archive knows of it."""
    context.archive.declare([outlet_facts(outlet)])


def outlet_facts(outlet: Outlet) -> OutletFacts:
    """Return an outlet in the form in which the archive keeps it."""
    return OutletFacts(outlet.id, outlet.name, outlet.home, outlet.language, outlet.timezone, outlet.unproven)
