"""Re-reading: captures -> today's rules -> what differs -> revisions `reread`. No outlet is asked for anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Literal

from archive.captures.store import Captures
from archive.errors import ArchiveError, Failure, Reason
from archive.record import Candidate, CaptureRef, Record
from archive.store.reextraction_queue import Held, Span, held, part_capture
from archive.store.writer import Archive
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.parsing.decompression import inflate
from crawler.reading.pagination import Parted, read_first
from crawler.worker_pool import Workers
from schedules.pipeline.context import utc_now
from schedules.pipeline.multipage import read_whole

Outcome = Literal["same", "amended", "found", "refused", "another", "none", "failed"]
_TAKEN = frozenset({"same", "amended", "found"})
_UNCOMPARED = frozenset({"reader", "document"})


@dataclass(frozen=True, slots=True)
class Reread:
    """What today's rules make of a capture.

    Attributes:
        outlet: The outlet's id.
        url: The address that was asked.
        outcome: same; amended where fields differ; found where a rejected page is an article now; refused where an
            article is none by today's rules, and stays as it is; another where it would have another id, and stays;
            none where a rejected page still is none; failed where the capture cannot be read.
        before: The article as it is archived.
        after: The article as it is read today.
        changed: The fields that differ: date, title, text, and those of `Record`.
        failure: Why there is no article, where there is none.
    """

    outlet: str
    url: str
    outcome: Outcome
    before: Record | None = None
    after: Record | None = None
    changed: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass
class Count:
    """What the re-reading of one outlet came to."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)

    def add(self, event: Reread) -> None:
        """Count one capture."""
        self.outcomes[event.outcome] += 1
        self.changed.update(event.changed)
        if event.failure and event.outcome in {"refused", "failed"}:
            self.reasons[event.failure.reason] += 1

    def counts(self) -> dict[str, int | dict[str, int]]:
        """The counts as a ledger row keeps them."""
        by_reason = {reason.value: count for reason, count in sorted(self.reasons.items())}
        outcomes = {str(outcome): count for outcome, count in self.outcomes.items()}
        return {**outcomes, "changed": dict(self.changed), "reasons": by_reason}


@dataclass(frozen=True, slots=True)
class Rereading:
    """What re-reading needs.

    Attributes:
        archive: The archive; open to write, unless nothing is to be kept.
        folder: Where its captures are.
        workers: The processes that read.
        limit: Bytes that a page may inflate to.
        tell: What to call with each capture's outcome.
        keep: Whether what is read is taken in.
        now: The clock.
        stopped: Whether nothing new is to be begun.
    """

    archive: Archive
    folder: Path
    workers: Workers
    limit: int
    tell: Callable[[Reread], None]
    keep: bool
    now: Callable[[], datetime] = utc_now
    stopped: Callable[[], bool] = lambda: False


async def reread(tools: Rereading, outlet: Outlet, span: Span) -> None:
    """Read the captures of an outlet again in all workers, tell what each comes to, and take in what differs.

    What was read is written down capture by capture, so a run that was stopped goes on where it ended.
    """
    amended = False
    todo = takewhile(lambda _: not tools.stopped(), held(tools.archive, span))
    async for one, result in tools.workers.each(todo, partial(_read_again, tools, outlet)):
        event = compared(outlet.id, one, result)
        if event.outcome == "found" and event.after and tools.archive.article(event.after.id):
            event = replace(event, outcome="another")  # it is here already, from another address
        if tools.keep and event.outcome != "failed":
            taken = event.after if event.outcome in _TAKEN else None
            tools.archive.reread(one.capture, span.reader, taken, tools.now())
            amended = amended or "text" in event.changed
        tools.tell(event)
    if amended:
        tools.archive.forget_lines(outlet.id)


async def _read_again(tools: Rereading, outlet: Outlet, one: Held) -> Record | Failure:
    async def get(url: str) -> CaptureRef | None:
        return part_capture(tools.archive, url)

    async def read(further: Sequence[CaptureRef]) -> Record | Parted | Failure:
        where = (tools.folder, one.ref, one.candidate)
        return await tools.workers.run(read_capture, *where, outlet, tools.limit, further)

    return await read_whole(read, get)


def read_capture(
    folder: Path,
    ref: CaptureRef,
    candidate: Candidate,
    outlet: Outlet,
    limit: int,
    further: Sequence[CaptureRef] = (),
) -> Record | Parted | Failure:
    """Read the page of a capture by today's rules, as it was read when it came; in a worker process.

    Args:
        folder: Where the captures are.
        ref: Which one.
        candidate: What a source said of its address.
        outlet: Whose page it is.
        limit: Bytes that each may inflate to.
        further: The captures of the article's further pages, in order; one that cannot be read is left out.
    """
    first = _page_in(folder, ref, limit)
    if isinstance(first, Failure):
        return first
    page, fetched_at = first
    others = [_page_in(folder, other, limit) for other in further]
    pages = [other[0] for other in others if not isinstance(other, Failure)]
    return read_first(replace(page, candidate=candidate), outlet, fetched_at, pages)


def _page_in(folder: Path, ref: CaptureRef, limit: int) -> tuple[Page, datetime] | Failure:
    """The page of a capture, and when it was fetched."""
    try:
        capture = Captures(folder).read(ref)
    except ArchiveError as error:
        return Failure(Reason.UNREACHABLE, str(error))
    content = inflate(capture.payload, capture.header("Content-Encoding") or "", limit)
    if isinstance(content, Failure):
        return content
    called, robots = (capture.header(name) or "" for name in ("Content-Type", "X-Robots-Tag"))
    return Page(capture.url, content, called, robots=robots), capture.fetched_at


def compared(outlet: str, one: Held, result: Record | Failure) -> Reread:
    """What a capture comes to: what is archived against what is read today.

    Args:
        outlet: The outlet's id.
        one: The capture, and what the archive has of it.
        result: What is read from it today.
    """
    before = one.record
    if isinstance(result, Failure):
        outcome: Outcome = "failed" if result.reason.traits.reading_failed else "refused" if before else "none"
        return Reread(outlet, one.url, outcome, before, failure=result)
    if before is None:
        return Reread(outlet, one.url, "found", after=result)
    if before.id != result.id:
        return Reread(outlet, one.url, "another", before, result)
    changed = tuple(_differing(before, result))
    return Reread(outlet, one.url, "amended" if changed else "same", before, result, changed)


def _differing(before: Record, after: Record) -> Iterator[str]:
    for part in ("date", "title", "text"):
        if getattr(before.document, part) != getattr(after.document, part):
            yield part
    for name in (each.name for each in fields(Record) if each.name not in _UNCOMPARED):
        if getattr(before, name) != getattr(after, name):
            yield name
