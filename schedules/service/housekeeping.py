"""Do the service's regular tasks: examine health, alert, tidy, run saved searches, count words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.captures.store import Captures
from archive.errors import ArchiveError
from archive.maintenance.retention import ExpiredFile, delete_file, find_expired
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
from archive.terms.background import WeekToCount
from archive.terms.counting import TermCounts
from crawler.outlets.model import Outlet
from schedules.config import Settings
from schedules.logs import log
from schedules.monitoring.alerts import SentAlert, send, state_changes
from schedules.monitoring.health import examine
from schedules.monitoring.watches import WatchPost
from schedules.pipeline.context import RunContext
from schedules.service.probe import Probe
from schedules.service.problems import Problem, ServiceProblems
from schedules.timing.publishing_hours import PublishingHours

_LOG_IN_USE = (
    "the write-ahead log was not truncated, because a program reads the archive; if this repeats, the log grows: "
    "end the program that reads for so long"
)
_MAX_DELAY = timedelta(hours=6)  # after this time a service that is never idle is tidied anyway
_COUNT_AFTER = timedelta(hours=24)  # time between two counts of words
_COUNT_LATEST = timedelta(hours=30)  # after this time words are counted even if the service is busy
_WEEKS = 10  # weeks that are counted at once; a week of 2,000 articles takes about six seconds


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
        self._counted_at: datetime | None = None
        self._watch_post = WatchPost()

    def listen(self) -> None:
        """Start the HTTP endpoint; if its port is in use, the next call tries again."""
        refusal = self._probe.start()
        self._problems.set("port", Problem(refusal) if refusal else None)

    async def examine(self, context: RunContext, settings: Settings, catalogue: Mapping[str, Outlet]) -> None:
        """Examine every outlet's health, and send an alert for each change."""
        now = context.now()

        def hours(name: str) -> PublishingHours:
            return context.publishing_hours(catalogue[name]) if name in catalogue else PublishingHours(UTC)

        healths = {name: found for name, (_, found) in examine(context.archive.reader, now, hours).items()}
        alerts, self._alerted = state_changes(self._alerted, healths, now, settings.alerts.gap_minutes * 60)
        await send(alerts, settings)

    async def tidy(self, context: RunContext, settings: Settings, *, idle: bool) -> None:
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
            if not context.archive.optimize():
                log().warning("tidy", detail=_LOG_IN_USE)
            if context.captures:
                for file in await asyncio.to_thread(
                    _find_expired, context.archive.path, context.captures, settings, now
                ):
                    delete_file(context.archive, context.captures, file)
                    log().info("deleted_captures", file=file.name)
                    await asyncio.sleep(0)  # let other tasks run between two files
        except ArchiveError as error:
            log().error("tidy", detail=str(error))

    async def check_watches(self, context: RunContext, settings: Settings) -> None:
        """Search new articles for the saved searches, and send the messages that are due."""
        try:
            await self._watch_post.check(context.archive, settings, context.now())
        except ArchiveError as error:
            log().error("watch", detail=str(error))

    async def count_words(self, context: RunContext, *, idle: bool) -> None:
        """Count the words of new weeks and of weeks that have grown, once a day.

        Args:
            context: What the run of the service needs.
            idle: Nothing is being polled or fetched. Otherwise counting is postponed by a few hours at most.
        """
        now, last = context.now(), self._counted_at
        if last and last <= now < last + (_COUNT_AFTER if idle else _COUNT_LATEST):
            return
        self._counted_at = now
        try:
            counted = await count_weeks(context.archive, _WEEKS)
        except ArchiveError as error:
            log().error("count_words", detail=str(error))
            return
        if counted:
            log().info("counted_words", weeks=len(counted), articles=sum(counts.sampled for _, counts in counted))


def _find_expired(path: Path, captures: Captures, settings: Settings, now: datetime) -> list[ExpiredFile]:
    """Find the expired captures files by a connection of this thread."""
    with ArchiveReader.open(path) as archive:
        return find_expired(archive, captures, settings.captures_folder, settings.archive.keep_captures, now.date())


async def count_weeks(archive: ArchiveWriter, most: int) -> list[tuple[WeekToCount, TermCounts]]:
    """Count the words of the weeks that need it, in a thread.

    Args:
        archive: The archive.
        most: The largest number of weeks.

    Returns:
        The weeks and their counts.
    """
    counted = []
    for week in archive.terms.weeks_to_count(most):
        counts = TermCounts()
        for texts in archive.terms.sampled_texts(week):
            await asyncio.to_thread(counts.add_all, texts)
        archive.terms.save_week_counts(week, counts)
        counted.append((week, counts))
    return counted
