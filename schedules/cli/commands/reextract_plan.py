"""Run `khobao reextract --plan`: read captures again without blocking the archive's writer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

from archive.atomic_files import require_writable_folder
from archive.errors import Failure
from archive.record import Record
from archive.store.reader import ArchiveReader
from archive.store.reextraction_queue import QueuedCapture, ReextractionScope, queued_captures
from crawler.outlets.model import Outlet
from schedules.cli.session import Session
from schedules.lake.reextraction_plan import PlanFolder, share_of
from schedules.lake.share import Share
from schedules.offline.reextraction import ReextractionContext, read_again
from schedules.pipeline.runtime import make_workers, max_page_bytes


def plan_and_report(
    session: Session,
    archive: ArchiveReader,
    scopes: Sequence[tuple[Outlet, ReextractionScope]],
    folder: Path,
    share: Share,
    *,
    as_json: bool,
) -> int:
    """Read a share of the captures, save the readings, and print how many there are; return the exit code.

    Args:
        session: This call.
        archive: The archive, open for reading.
        scopes: The outlets, and which of their captures are read.
        folder: The folder for the readings.
        share: The share.
        as_json: Print one JSON object per outlet.

    Raises:
        UsageError: The folder cannot be made, or cannot be written to.
    """
    require_writable_folder(folder)
    plan = PlanFolder(folder)
    for outlet, scope in scopes:
        if plan.is_finished(scope, share):
            session.note(f"{outlet.id}: planned already")
            continue
        count = asyncio.run(_plan(session, archive, outlet, scope, plan, share))
        if as_json:
            session.print_json({"outlet": outlet.id, "readings": count})
        else:
            session.print(f"{outlet.id}: {count} captures read again")
    session.note(f"nothing is stored yet; `khobao reextract --apply {folder}` stores it")
    return 0


async def _plan(
    session: Session,
    archive: ArchiveReader,
    outlet: Outlet,
    scope: ReextractionScope,
    plan: PlanFolder,
    share: Share,
) -> int:
    settings = session.settings
    async with make_workers(settings) as workers:
        context = ReextractionContext(
            archive, settings.captures_folder, workers, max_page_bytes(settings), lambda _: None, writer=None
        )
        captures = share_of(queued_captures(archive, scope), share)
        readings: AsyncIterator[tuple[QueuedCapture, Record | Failure]] = workers.each(
            captures, partial(read_again, context, outlet)
        )
        return await plan.save(scope, share, readings)
