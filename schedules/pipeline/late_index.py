"""Let the new articles of a run enter the search index together, at the latest after a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from archive.errors import ArchiveError
from archive.store.writer import ArchiveWriter
from schedules.events import Event, PageEvent

_LONGEST_WAIT = 1.0  # seconds


@contextmanager
def indexing_late(archive: ArchiveWriter, report: Callable[[Event], None]) -> Iterator[Callable[[Event], None]]:
    """Let new articles enter the search index together; it is complete when the block ends.

    Args:
        archive: The archive, open for writing.
        report: Called with each event.

    Yields:
        A function to be called instead of `report`: it calls that, and indexes an archived page a second later.
    """
    timer: asyncio.TimerHandle | None = None

    def index() -> None:
        nonlocal timer
        timer = None
        with suppress(ArchiveError):  # the articles wait on; the next write reports the error
            archive.index_waiting()

    def report_and_index(event: Event) -> None:
        nonlocal timer
        report(event)
        if timer is None and isinstance(event, PageEvent) and event.outcome == "archived":
            timer = asyncio.get_running_loop().call_later(_LONGEST_WAIT, index)

    with archive.indexing_late():
        try:
            yield report_and_index
        finally:
            if timer:
                timer.cancel()
