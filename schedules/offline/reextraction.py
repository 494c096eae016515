"""Read stored captures again with today's rules, and store differences as new revisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Literal, Protocol

from archive.errors import Failure, Reason
from archive.record import Candidate, CaptureRef, Record
from archive.store.reader import ArchiveReader
from archive.store.reextraction_queue import QueuedCapture, ReextractionScope, find_part_capture, queued_captures
from archive.store.writer import ArchiveWriter
from crawler.outlets.model import Outlet
from crawler.reading.pagination import MultipageArticle, read_first_page
from crawler.workers.pool import WorkerPool
from schedules.pipeline.captured_page import captured_page
from schedules.pipeline.context import utc_now
from schedules.pipeline.multipage import read_all_pages

Outcome = Literal["same", "amended", "found", "refused", "another", "none", "failed"]
_STORED = frozenset({"same", "amended", "found"})
_DOCUMENT_FIELDS = ("date", "title", "text")
# These fields describe the reading, not the article; the document is compared field by field.
_NOT_COMPARED = frozenset({"reader", "rules", "doubts", "document"})


@dataclass(frozen=True, slots=True)
class Reextracted:
    """The result of reading a capture again with today's rules.

    Attributes:
        outlet: The outlet's id.
        url: The address that was fetched.
        outcome: `same`; `amended` if fields differ; `found` if a rejected page is now an article; `refused` if today's
            rules reject an archived article, which stays; `another` if it would have another id, or if that article is
            already archived from another address, and nothing is stored; `none` if a rejected page is still rejected;
            `failed` if the capture cannot be read.
        before: The article as archived; None if the page was rejected.
        after: The article as read today; None if there is none.
        changed: The fields that differ: date, title, text, and those of `Record`.
        failure: Why there is no article today; None if there is one.
    """

    outlet: str
    url: str
    outcome: Outcome
    before: Record | None = None
    after: Record | None = None
    changed: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass
class ReextractionTally:
    """Count the captures of one outlet that were read again.

    Attributes:
        outcomes: Captures by outcome.
        changed: Captures by the field that differs.
        reasons: Refused or failed captures, by reason.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)

    def add(self, event: Reextracted) -> None:
        """Count one capture."""
        self.outcomes[event.outcome] += 1
        self.changed.update(event.changed)
        if event.failure and event.outcome in {"refused", "failed"}:
            self.reasons[event.failure.reason] += 1

    def counts(self) -> dict[str, int | dict[str, int]]:
        """Return the counts as the ledger stores them."""
        by_reason = {reason.value: count for reason, count in sorted(self.reasons.items())}
        outcomes = {str(outcome): count for outcome, count in self.outcomes.items()}
        return {**outcomes, "changed": dict(self.changed), "reasons": by_reason}


class Planned(Protocol):
    """Readings that were made before; see `schedules.lake.reextraction_plan`."""

    def __contains__(self, capture: QueuedCapture, /) -> bool:
        """Return whether a capture was read."""
        ...

    async def read(self, capture: QueuedCapture) -> Record | Failure:
        """Return the reading of a capture."""
        ...


@dataclass(frozen=True, slots=True)
class ReextractionContext:
    """The tools and the state of a re-extraction.

    Attributes:
        archive: The archive.
        folder: The folder of its captures.
        workers: The worker processes.
        max_bytes: The largest decompressed size of a page, in bytes.
        report: Called with the result of each capture.
        writer: The archive, open for writing, which stores the results; None for a dry run.
        now: The clock, UTC.
        is_stopped: Returns whether to stop before the next capture.
    """

    archive: ArchiveReader
    folder: Path
    workers: WorkerPool
    max_bytes: int
    report: Callable[[Reextracted], None]
    writer: ArchiveWriter | None
    now: Callable[[], datetime] = utc_now
    is_stopped: Callable[[], bool] = lambda: False


async def reextract(
    context: ReextractionContext, outlet: Outlet, scope: ReextractionScope, planned: Planned | None = None
) -> None:
    """Read the captures of an outlet again in all worker processes, and store what differs.

    Each capture is recorded when it is read, so a stopped run continues from there.

    Args:
        context: What the re-extraction needs.
        outlet: The outlet.
        scope: Selects its captures.
        planned: The readings that were made before; only their captures are stored. None to read now.
    """
    text_changed = False
    queued = (one for one in queued_captures(context.archive, scope) if planned is None or one in planned)
    remaining = takewhile(lambda _: not context.is_stopped(), queued)
    read = partial(read_again, context, outlet) if planned is None else planned.read
    async for capture, result in context.workers.each(remaining, read):
        event = compare_readings(outlet.id, capture, result)
        if event.outcome == "found" and event.after and context.archive.article(event.after.id):
            event = replace(event, outcome="another")  # the article is already archived from another address
        if context.writer and event.outcome != "failed":
            record = event.after if event.outcome in _STORED else None
            context.writer.save_reextracted(capture.capture, scope.reader, record, context.now())
            text_changed = text_changed or "text" in event.changed
        context.report(event)
    if context.writer and text_changed:
        context.writer.forget_recurring_lines(outlet.id)


async def read_again(context: ReextractionContext, outlet: Outlet, capture: QueuedCapture) -> Record | Failure:
    """Read the article of a capture, with its further pages as last captured."""

    async def get_page(url: str) -> CaptureRef | None:
        return find_part_capture(context.archive, url)

    async def read(further: Sequence[CaptureRef]) -> Record | MultipageArticle | Failure:
        return await context.workers.run(
            read_capture, context.folder, capture.ref, capture.candidate, outlet, context.max_bytes, further
        )

    return await read_all_pages(read, get_page)


def read_capture(
    folder: Path,
    ref: CaptureRef,
    candidate: Candidate,
    outlet: Outlet,
    max_bytes: int,
    further: Sequence[CaptureRef] = (),
) -> Record | MultipageArticle | Failure:
    """Read the page of a capture by today's rules, as of its fetch time; runs in a worker.

    Args:
        folder: The folder of the captures.
        ref: The capture.
        candidate: The link to its address, as a source lists it.
        outlet: The outlet of the page.
        max_bytes: The largest decompressed size of each page, in bytes.
        further: The captures of the further pages, in order; unreadable ones are left out.
    """
    first = captured_page(folder, ref, max_bytes)
    if isinstance(first, Failure):
        return first
    page, fetched_at = first
    others = [captured_page(folder, other, max_bytes) for other in further]
    pages = [other[0] for other in others if not isinstance(other, Failure)]
    return read_first_page(replace(page, candidate=candidate), outlet, fetched_at, pages)


def compare_readings(outlet: str, capture: QueuedCapture, result: Record | Failure) -> Reextracted:
    """Compare the archived record of a capture with today's reading.

    Args:
        outlet: The outlet's id.
        capture: The capture, with its archived record.
        result: The result of reading it today.
    """
    before = capture.record
    if isinstance(result, Failure):
        outcome: Outcome = "failed" if result.reason.traits.reading_failed else "refused" if before else "none"
        return Reextracted(outlet, capture.url, outcome, before, failure=result)
    if before is None:
        return Reextracted(outlet, capture.url, "found", after=result)
    if before.id != result.id:
        return Reextracted(outlet, capture.url, "another", before, result)
    changed = tuple(_changed_fields(before, result))
    return Reextracted(outlet, capture.url, "amended" if changed else "same", before, result, changed)


def _changed_fields(before: Record, after: Record) -> Iterator[str]:
    """Yield the names of the fields that differ."""
    for name in _DOCUMENT_FIELDS:
        if getattr(before.document, name) != getattr(after.document, name):
            yield name
    for name in (each.name for each in fields(Record) if each.name not in _NOT_COMPARED):
        if getattr(before, name) != getattr(after, name):
            yield name
