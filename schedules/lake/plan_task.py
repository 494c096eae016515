"""Read a share of an outlet's captures again and save the readings: one task of any engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from archive.errors import Failure
from archive.record import Record
from archive.store.reader import ArchiveReader
from archive.store.reextraction_queue import QueuedCapture, ReextractionScope, queued_captures
from crawler.outlets.model import Outlet
from crawler.workers.pool import WorkerPool
from schedules.lake.file_task import WorkerLimits
from schedules.lake.kept_pool import kept_pool
from schedules.lake.reextraction_plan import PlanFolder, share_of
from schedules.lake.share import Share
from schedules.offline.reextraction import ReextractionContext, read_again


@dataclass(frozen=True, slots=True)
class PlanJob:
    """The settings that all tasks share.

    Attributes:
        archive: The archive; tasks only read it.
        captures: The folder of its captures.
        folder: The folder for the readings.
        limits: The limits of a worker process.
    """

    archive: Path
    captures: Path
    folder: Path
    limits: WorkerLimits


@dataclass(frozen=True, slots=True)
class PlanTask:
    """A share of an outlet's captures.

    Attributes:
        outlet: The outlet.
        scope: Selects its captures.
        share: The share.
    """

    outlet: Outlet
    scope: ReextractionScope
    share: Share

    def is_finished(self, job: PlanJob) -> bool:
        """Return whether today's rules have read the share."""
        return PlanFolder(job.folder).is_finished(self.scope, self.share)

    def __str__(self) -> str:
        return f"{self.outlet.id}, share {self.share.number}/{self.share.count}"


async def read_share(job: PlanJob, task: PlanTask, workers: WorkerPool) -> int:
    """Read a share of an outlet's captures again, and save the readings; return their number."""
    with ArchiveReader.open(job.archive) as archive:
        context = ReextractionContext(archive, job.captures, workers, job.limits.max_bytes, lambda _: None, writer=None)
        captures = share_of(queued_captures(archive, task.scope), task.share)
        readings: AsyncIterator[tuple[QueuedCapture, Record | Failure]] = workers.each(
            captures, partial(read_again, context, task.outlet)
        )
        return await PlanFolder(job.folder).save(task.scope, task.share, readings)


def read_share_alone(job: PlanJob, task: PlanTask) -> int:
    """Read a share as `read_share` in a Dask worker, whose worker process reads one share after another."""
    return asyncio.run(read_share(job, task, kept_pool(job.limits)))
