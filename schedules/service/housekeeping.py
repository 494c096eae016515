"""Do the service's regular tasks: tidy the archive, examine health, send alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

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
from schedules.timing.publishing_hours import PublishingHours

_MAX_DELAY = timedelta(hours=6)  # after which a service that is never idle is tidied anyway


class Housekeeping:
    """Run the regular tasks of one service."""

    def __init__(self, probe: Probe, problems: ServiceProblems) -> None:
        """Start without any sent alert.

        Args:
            probe: The HTTP endpoint; it starts as soon as its port is free.
            problems: Records that its port is in use.
        """
        self._probe = probe
        self._problems = problems
        self._alerted: dict[str, SentAlert] = {}
        self._tidied_at: datetime | None = None

    def listen(self) -> None:
        """Start the HTTP endpoint; if its port is in use, the next call tries again."""
        self._problems.set("port", self._probe.start())

    async def examine(self, context: RunContext, settings: Settings, catalogue: Mapping[str, Outlet]) -> None:
        """Examine every outlet's health, and send an alert for each change."""
        now = context.now()

        def hours(name: str) -> PublishingHours:
            return context.publishing_hours(catalogue[name]) if name in catalogue else PublishingHours(UTC)

        healths = {name: found for name, (_, found) in examine(context.archive, now, hours).items()}
        alerts, self._alerted = state_changes(self._alerted, healths, now, settings.alerts.gap_minutes * 60)
        await send(alerts, settings)

    def tidy(self, context: RunContext, settings: Settings, *, idle: bool) -> None:
        """Tidy the database, and delete expired captures.

        Args:
            context: What the run of the service needs.
            settings: The settings of the service.
            idle: Nothing is being polled or fetched. Otherwise tidying is postponed for a while, because it blocks the
                writer.
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
