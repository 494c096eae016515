"""Regular tasks of the service."""

from datetime import timedelta

from factories import make_plain_record

from schedules.config import Settings
from schedules.monitoring.metrics import Metrics
from schedules.service.housekeeping import Housekeeping
from schedules.service.probe import Probe
from schedules.service.problems import ServiceProblems
from schedules.service.systemd import Notifier


def test_a_busy_service_is_tidied_too(watch):
    """A busy service is tidied every six hours, and an idle one at every check."""

    async def scenario(site):
        housekeeping = Housekeeping(
            Probe(Metrics(site.archive.path, site.context.now), ""), ServiceProblems(Notifier({}))
        )
        log = site.archive.path.with_name("archive.db-wal")

        async def tidied(hours, *, idle):
            """Return whether the write-ahead log was truncated after some hours and a write."""
            site.clock += timedelta(hours=hours)
            site.archive.runs.record_heartbeat(site.context.run, {}, site.clock)
            assert log.stat().st_size
            await housekeeping.tidy(site.context, Settings(), idle=idle)
            return not log.stat().st_size

        assert [False, False, True, False] == [await tidied(hours, idle=False) for hours in (1, 5, 1, 5)]
        assert [True, True] == [await tidied(hours, idle=True) for hours in (0, 0.25)]
        assert [False, True] == [await tidied(hours, idle=False) for hours in (5.9, 0.2)]

    watch(scenario)


def test_the_service_counts_words_once_a_day(watch):
    """Words are counted at the start and a day later; a busy service puts it off by some hours, not for ever."""

    async def scenario(site):
        housekeeping = Housekeeping(
            Probe(Metrics(site.archive.path, site.context.now), ""), ServiceProblems(Notifier({}))
        )

        async def counts(hours, *, idle=True):
            """Whether words are counted after so many hours, when a new article is there."""
            site.clock += timedelta(hours=hours)
            number = next(numbers)
            site.archive.save_document(make_plain_record(f"{number}", title="Tin", text="giá vàng"), site.clock)
            before = site.archive.db.execute("SELECT sum(sampled) FROM weeks").fetchone()
            await housekeeping.count_words(site.context, idle=idle)
            return before != site.archive.db.execute("SELECT sum(sampled) FROM weeks").fetchone()

        numbers = iter(range(1000, 2000))
        assert [True, False, True] == [await counts(0), await counts(12), await counts(12)]
        assert [False, True] == [await counts(24, idle=False), await counts(6, idle=False)]

    watch(scenario)
