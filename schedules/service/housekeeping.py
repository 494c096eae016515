"""Do what the service does beside its work: tidy the archive, examine health, send alerts."""

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
from schedules.service.problems import ServiceProblems

_MAX_DELAY = timedelta(hours=6)  # after which a service that is never idle is tidied all the same


class Housekeeping:
    """The housekeeping of one service."""

    def __init__(self, probe: Probe, problems: ServiceProblems) -> None:
        """Begin with nothing alerted.

        Args:
            probe: The HTTP endpoint, which is started as soon as its port is free.
            problems: Where a port in use is recorded.
        """
        self._probe = probe
        self._problems = problems
        self._alerted: dict[str, SentAlert] = {}
        self._tidied_at: datetime | None = None

    def listen(self) -> None:
        """Make the HTTP endpoint listen; a port that is in use is tried again at the next call."""
        self._problems.set("port", self._probe.start())

    async def examine(self, context: RunContext, settings: Settings, catalogue: Mapping[str, Outlet]) -> None:
        """Examine every outlet's health, and send an alert for each change."""
        now = context.now()
        healths = {
            name: found
            for name, (_, found) in examine(context.archive, catalogue, now, context.publishing_hours).items()
        }
        alerts, self._alerted = state_changes(self._alerted, healths, now, settings.alerts.gap_minutes * 60)
        await send(alerts, settings)

    def tidy(self, context: RunContext, settings: Settings, *, idle: bool) -> None:
        """Tidy the database, and delete expired captures.

        Args:
            context: What the run of the service works with.
            settings: The settings of the service.
            idle: Whether nothing is at work. If something is, tidying is put off, but not for ever: it takes the
                writer's time.
        """
        now = context.now()
        self._tidied_at = self._tidied_at or now
        if not idle and self._tidied_at <= now < self._tidied_at + _MAX_DELAY:
            return
        self._tidied_at = now
        try:
            context.archive.optimize()
            if context.captures:
                folder, kept = settings.captures_folder, settings.archive.keep_captures
                for name in delete_expired(context.archive, context.captures, folder, kept, now.date()):
                    log().info("deleted_captures", file=name)
        except ArchiveError as error:
            log().error("tidy", detail=str(error))
