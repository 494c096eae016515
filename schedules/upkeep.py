"""What the service does besides its work: it keeps the archive tidy, examines its outlets' health, and tells of it."""

from __future__ import annotations

from collections.abc import Mapping

from archive.errors import ArchiveError
from archive.retention import forget
from crawler.outlet import Outlet
from schedules.alerts import Told, changes, send
from schedules.config import Settings
from schedules.health import examine
from schedules.logs import log
from schedules.metrics import Probe
from schedules.stages import Stages
from schedules.troubles import Troubles


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
        self._told: dict[str, Told] = {}

    def listen(self) -> None:
        """See that the probe listens; a port that is in use is tried again."""
        self._troubles.tell("port", self._probe.start())

    async def examine(self, stages: Stages, settings: Settings, catalogue: Mapping[str, Outlet]) -> None:
        """Examine every outlet's health, and tell what changed."""
        now = stages.now()
        healths = {name: found for name, (_, found) in examine(stages.archive, catalogue, now, stages.rhythm).items()}
        alerts, self._told = changes(self._told, healths, now, settings.alerts.gap_minutes * 60)
        await send(alerts, settings.alerts)

    def tidy(self, stages: Stages, settings: Settings) -> None:
        """Tidy the database, and forget the captures that are kept no longer."""
        try:
            stages.archive.tidy()
            if stages.captures:
                today = stages.now().date()
                for name in forget(
                    stages.archive, stages.captures, settings.captures_folder, settings.archive.keep_captures, today
                ):
                    log().info("forgot", captures=name)
        except ArchiveError as error:
            log().error("tidy", detail=str(error))
