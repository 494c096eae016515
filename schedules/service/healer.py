"""Heal an outlet after a redesign: draft rules, propose or apply them, and read its new pages again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from archive.statistics.reading_history import newest_readings
from archive.statistics.redesign_evidence import first_day_captured_since
from archive.store.reextraction_queue import ReextractionScope
from archive.store.writer import ArchiveWriter
from crawler.outlets.model import Outlet
from crawler.reading.extract import reader_of
from schedules.config import Settings
from schedules.drafting.healing import Healing, HealingTools, heal
from schedules.drafting.healing_report import write_healing
from schedules.logs import log
from schedules.monitoring.alerts import Alert, send
from schedules.monitoring.redesign import Redesign, find_redesign
from schedules.offline.reextraction import ReextractionContext, ReextractionTally, reextract
from schedules.pipeline.context import RunContext
from schedules.pipeline.recorded_run import recorded_run
from schedules.pipeline.runtime import max_page_bytes

_EVERY = timedelta(hours=1)  # between two checks of how the pages of all outlets are read
_MORE = 10  # further pages in the new design after which an unapplied draft is drafted again
State = Literal["in force", "proposed", "not drafted"]


@dataclass(frozen=True, slots=True)
class HealingTask:
    """The tools and facts that healing an outlet needs.

    Attributes:
        archive: The archive, open for writing.
        tools: What drafting needs; it reads the same archive.
        folder: The folder for the rules.
        apply: Put proven rules in force.
    """

    archive: ArchiveWriter
    tools: HealingTools
    folder: Path
    apply: bool


@dataclass(frozen=True, slots=True)
class HealingResult:
    """The result of healing an outlet.

    Attributes:
        outlet: The outlet, with the new rules if they are in force.
        state: in force, proposed or not drafted.
        detail: One sentence for a person.
        file: The declaration that was written; None for none.
        reread: The number of articles whose text changed when they were read again.
    """

    outlet: Outlet
    state: State
    detail: str
    file: Path | None = None
    reread: int = 0

    def __str__(self) -> str:
        return f"{self.outlet.id}: new rules {self.state}: {self.detail}"


def redesign_of(archive: ArchiveWriter, outlet: Outlet, now: datetime) -> Redesign | None:
    """Return a recent redesign of an outlet; None if there is none, or if the outlet has no rules."""
    return find_redesign(newest_readings(archive.reader, outlet.id, now)) if outlet.rules(None).body else None


async def heal_outlet(task: HealingTask, outlet: Outlet, redesign: Redesign) -> HealingResult:
    """Draft new rules for an outlet, and put them in force if requested and proven.

    Args:
        task: What healing needs.
        outlet: The outlet with the rules in force.
        redesign: The change, and its time.
    """
    arguments = {"outlet": outlet.id, "redesign": str(redesign)}
    with recorded_run(task.archive.runs, "heal", arguments, task.tools.now) as run:
        result = await _apply_healing(task, outlet, await heal(task.tools, outlet, redesign))
        run.counts = lambda: {outlet.id: {"state": result.state, "detail": result.detail, "reread": result.reread}}
    return result


async def _apply_healing(task: HealingTask, outlet: Outlet, healing: Healing | str) -> HealingResult:
    if isinstance(healing, str):
        return HealingResult(outlet, "not drafted", healing)
    apply = task.apply and healing.is_proven
    file = write_healing(healing, task.folder, task.tools.now().date(), apply=apply)
    if not apply:
        return HealingResult(outlet, "proposed", str(healing), file)
    return HealingResult(healing.outlet, "in force", str(healing), file, await _read_again(task, healing))


async def _read_again(task: HealingTask, healing: Healing) -> int:
    """Read the captures since the redesign with the new rules; save differences as revisions."""
    tally, outlet = ReextractionTally(), healing.outlet
    since = first_day_captured_since(task.archive.reader, outlet.id, healing.redesign.since)
    tools = task.tools
    context = ReextractionContext(
        task.archive.reader, tools.captures, tools.workers, tools.limit, tally.add, writer=task.archive, now=tools.now
    )
    await reextract(context, outlet, ReextractionScope(outlet.id, reader_of(outlet), since))
    return tally.changed["text"]


class Healer:
    """Heal the outlets of the service, one after the other."""

    def __init__(self) -> None:
        """Start without any record of healings."""
        self._looked_at: datetime | None = None
        self._tried: dict[str, int] = {}

    async def heal_outlets(
        self, context: RunContext, settings: Settings, outlets: Iterable[Outlet]
    ) -> list[HealingResult]:
        """Find redesigned outlets, and heal them according to the setting `outlets.heal`.

        Args:
            context: The run of the service.
            settings: Its settings.
            outlets: The watched outlets.

        Returns:
            The result of each healing.
        """
        now = context.now()
        if settings.outlets.heal == "off" or (self._looked_at and self._looked_at <= now < self._looked_at + _EVERY):
            return []
        self._looked_at = now
        results = []
        for outlet in outlets:
            await asyncio.sleep(0)  # let other tasks run between two queries
            redesign = redesign_of(context.archive, outlet, now)
            if redesign and redesign.pages >= self._tried.get(outlet.id, -_MORE) + _MORE:
                self._tried[outlet.id] = redesign.pages
                results.append(await self._heal(context, settings, outlet, redesign))
        return results

    async def _heal(self, context: RunContext, settings: Settings, outlet: Outlet, redesign: Redesign) -> HealingResult:
        task = HealingTask(
            archive=context.archive,
            tools=HealingTools(
                context.archive.reader,
                context.fetcher,
                context.workers,
                settings.captures_folder,
                max_page_bytes(settings),
                context.now,
            ),
            folder=settings.healed_folder,
            apply=settings.outlets.heal == "apply",
        )
        result = await heal_outlet(task, outlet, redesign)
        if result.state == "in force":
            self._tried.pop(outlet.id, None)
        where = f"; see {result.file}" if result.file else ""
        log().warning("heal", outlet=outlet.id, state=result.state, detail=result.detail)
        state = "ok" if result.state == "in force" else "drifting"
        why = f"{redesign}; new rules {result.state}: {result.detail}{where}"
        await send([Alert(outlet.id, state, "drifting", why, context.now().isoformat())], settings)
        return result
