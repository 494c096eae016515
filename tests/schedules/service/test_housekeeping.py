"""What the service does besides its work."""

from datetime import timedelta

from schedules.config import Settings
from schedules.monitoring.metrics import Metrics
from schedules.service.housekeeping import Housekeeping
from schedules.service.probe import Probe
from schedules.service.problems import ServiceProblems
from schedules.service.systemd import Notifier


def test_a_service_that_is_never_idle_is_tidied_all_the_same(watch):
    """Whoever is at work at every look is tidied every six hours, and whoever is idle at each look."""

    async def scenario(site):
        housekeeping = Housekeeping(
            Probe(Metrics(site.archive.path, site.context.now), ""), ServiceProblems(Notifier({}))
        )
        log = site.archive.path.with_name("archive.db-wal")

        def tidied(hours, *, idle):
            """Whether the write-ahead log was cut, when so many hours had passed and something was written."""
            site.clock += timedelta(hours=hours)
            site.archive.record_heartbeat(site.context.run, {}, site.clock)
            assert log.stat().st_size
            housekeeping.tidy(site.context, Settings(), idle=idle)
            return not log.stat().st_size

        assert [False, False, True, False] == [tidied(hours, idle=False) for hours in (1, 5, 1, 5)]
        assert [True, True] == [tidied(hours, idle=True) for hours in (0, 0.25)]
        assert [False, True] == [tidied(hours, idle=False) for hours in (5.9, 0.2)]

    watch(scenario)
