"""The stages of a run, ready to work, and what the legs of the pipeline have in common."""

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
from archive.record import CaptureRef
from archive.store.writer import Archive
from crawler.discovery.entries import BOUNDS, Bounds
from crawler.fetching.backoff import after_outage, next_try
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.model import Outlet
from crawler.page import Fetched, NotModified
from crawler.worker_pool import Workers
from schedules.events import Event
from schedules.timing.due_times import RECHECKS
from schedules.timing.publishing_hours import Rhythm

Answer = Fetched | NotModified | Failure
Kept = tuple[CaptureRef, datetime]  # where an answer is kept, and when it began


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
        rhythm: When an outlet publishes.
        rechecks: Ages in seconds at which archived pages are asked again, where their outlet does not say it.
        bounds: How much of one source is read.
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
    rhythm: Callable[[Outlet], Rhythm] = lambda outlet: Rhythm(outlet.zone)
    rechecks: Sequence[float] = RECHECKS
    bounds: Bounds = BOUNDS
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def capture(self, answer: Answer) -> Kept | None:
        """Keep an answer before anything is made of it."""
        if self.captures is None or not isinstance(answer, Fetched):
            return None
        return self.captures.append(answer.capture), answer.capture.fetched_at

    def on_disk(self, kept: Kept | None) -> Kept | None:
        """Wait until an answer is on the disk before a row refers to it; one wait serves all since the last."""
        if kept and self.captures:
            self.captures.sync()
        return kept

    def again(self, failure: Failure, failures: int, most: tuple[float, float] = (inf, inf)) -> tuple[int, datetime]:
        """How many failures in a row that makes, and when to ask again; our own network's outage counts for none.

        Args:
            failure: What came of asking.
            failures: In a row, before this one.
            most: Seconds to wait at most before the second try, and before any other.
        """
        now, chance = self.now(), self.chance()
        if failure.reason.traits.excused_offline and self.fetcher.network_down():
            return failures, after_outage(now, chance)
        again = next_try(failure.reason, failures + 1, now, chance, failure.retry_after, most=most)
        return failures + 1, again


@contextmanager
def claimed(give_back: Callable[[], None]) -> Iterator[None]:
    """Give back what was claimed where the run is ended before it was had."""
    try:
        yield
    except asyncio.CancelledError:
        give_back()
        raise


def notes_of(*came: object) -> str:
    """What was odd about an answer and about what it lists, in one line."""
    return "; ".join(note for thing in came for note in getattr(thing, "notes", ()))


def declare(stages: Stages, outlet: Outlet) -> None:
    """Make an outlet known to the archive."""
    stages.archive.declare([facts_of(outlet)])


def facts_of(outlet: Outlet) -> OutletFacts:
    """An outlet as the archive knows it."""
    names = ("id", "name", "home", "language", "timezone", "unproven")
    return OutletFacts(*(getattr(outlet, name) for name in names))
