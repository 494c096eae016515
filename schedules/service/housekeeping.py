"""What the service does besides its work: it keeps the archive tidy, examines its outlets' health, and tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from archive.errors import ArchiveError
from archive.maintenance.retention import delete_expired
from crawler.outlets.model import Outlet
from schedules.config import Settings
from schedules.logs import log
from schedules.monitoring.alerts import SentAlert, send, state_changes
from schedules.monitoring.health import examine
from schedules.pipeline.context import RunContext
from schedules.service.probe import Probe
from schedules.service.problems import Troubles

_LATEST = timedelta(hours=6)  # after which a service that is never idle is tidied all the same


class Upkeep:
    """The upkeep of one service."""

    def __init__(self, probe: Probe, troubles: Troubles) -> None:
        """Nothing was told yet.

        Args:
            probe: What answers Prometheus, once it can listen.
            troubles: Whom to tell where it cannot.
        """
        self._probe = probe
        self._troubles = troubles
        self._told: dict[str, SentAlert] = {}
        self._tidied_at: datetime | None = None

    def listen(self) -> None:
        """See that the probe listens; a port that is in use is tried again."""
        self._troubles.tell("port", self._probe.start())

    async def examine(self, context: RunContext, settings: Settings, catalogue: Mapping[str, Outlet]) -> None:
        """Examine every outlet's health, and tell what changed."""
        now = context.now()
        healths = {
            name: found
            for name, (_, found) in examine(context.archive, catalogue, now, context.publishing_hours).items()
        }
        alerts, self._told = state_changes(self._told, healths, now, settings.alerts.gap_minutes * 60)
        await send(alerts, settings)

    def tidy(self, context: RunContext, settings: Settings, *, idle: bool) -> None:
        """Tidy the database, and forget the captures that are kept no longer.

        Args:
            context: The run of the service.
            settings: Its settings.
            idle: Whether nothing is under way: else it is put off, for it takes the writer's time, but not for ever.
        """
        now = context.now()
        self._tidied_at = self._tidied_at or now
        if not idle and self._tidied_at <= now < self._tidied_at + _LATEST:
            return
        self._tidied_at = now
        try:
            context.archive.optimize()
            if context.captures:
                folder, kept = settings.captures_folder, settings.archive.keep_captures
                for name in delete_expired(context.archive, context.captures, folder, kept, now.date()):
                    log().info("forgot", captures=name)
        except ArchiveError as error:
            log().error("tidy", detail=str(error))
