"""Run `khobao outlets --heal`: draft new rules for a redesigned outlet, or undo that."""

from __future__ import annotations

import asyncio

from archive.errors import UsageError
from archive.store.writer import ArchiveWriter
from crawler.outlets.catalogue import find_outlet
from crawler.outlets.model import Outlet
from schedules.cli.session import Session
from schedules.drafting.healing import HealingTools
from schedules.drafting.healing_report import undo_healing
from schedules.monitoring.redesign import Redesign
from schedules.pipeline.context import utc_now
from schedules.pipeline.runtime import LedgerHosts, make_workers, max_page_bytes, open_fetcher
from schedules.service.healer import HealingResult, HealingTask, heal_outlet, redesign_of


def heal_command(session: Session, name: str, *, undo: bool, as_json: bool) -> int:
    """Draft new rules for an outlet and put them in force if they are proven, or take them out of force.

    Args:
        session: The session of this command.
        name: The outlet's id.
        undo: Take applied rules out of force.
        as_json: Print the result as JSON.

    Returns:
        The exit code: 1 if rules could not be drafted, or were not proven.

    Raises:
        UsageError: There is no such outlet, or it has no applied rules to undo.
    """
    outlet = find_outlet(session.catalogue, name)
    if undo:
        return _undo(session, name)
    with session.writer() as archive:
        redesign = redesign_of(archive, outlet, utc_now())
        if redesign is None:
            session.note(f"{name}: its pages are read as before; nothing to heal")
            return 0
        session.note(f"{name}: {redesign}")
        result = asyncio.run(_heal(session, archive, outlet, redesign))
    _tell(session, result, as_json)
    return 0 if result.state == "in force" else 1


def _undo(session: Session, name: str) -> int:
    file = undo_healing(session.settings.healed_folder, name)
    if file is None:
        raise UsageError(f"{name}: no healed rules are in force; `khobao outlets --heal {name}` drafts some")
    session.note(f"{name}: the previous rules are in force again; the healed rules are in {file}")
    session.note(f"read its pages again with `khobao reextract --outlet {name}`, and reload the service with SIGHUP")
    return 0


async def _heal(session: Session, archive: ArchiveWriter, outlet: Outlet, redesign: Redesign) -> HealingResult:
    settings = session.settings
    async with (
        open_fetcher(settings, LedgerHosts(archive.reader, archive.ledger)) as fetcher,
        make_workers(settings) as workers,
    ):
        task = HealingTask(
            archive=archive,
            tools=HealingTools(
                archive.reader, fetcher, workers, settings.captures_folder, max_page_bytes(settings), utc_now
            ),
            folder=settings.healed_folder,
            apply=True,
        )
        return await heal_outlet(task, outlet, redesign)


def _tell(session: Session, result: HealingResult, as_json: bool) -> None:
    if as_json:
        facts = {"outlet": result.outlet.id, "state": result.state, "detail": result.detail}
        session.print_json(facts | {"file": str(result.file) if result.file else None, "reread": result.reread})
        return
    session.print(str(result))
    if result.file:
        session.print(f"{result.file}")
    if result.state == "in force":
        session.note(f"{result.reread} articles were read again; undo this with --heal {result.outlet.id} --undo")
