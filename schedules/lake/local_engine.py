"""Read files with our own worker processes, on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from archive.lake.inputs import InputFile
from schedules.lake.file_task import BATCH, FileResult, ReadJob, read_file

_FILES_AT_ONCE = 2  # while the pages of one file are located, those of another are read


async def read_files(
    job: ReadJob, files: Sequence[InputFile], workers: int, report: Callable[[FileResult], None], stop: asyncio.Event
) -> None:
    """Read files, and report each finished file.

    Args:
        job: The settings that all tasks share.
        files: The files.
        workers: Number of worker processes.
        report: Called with the result of each file.
        stop: If this is set, no further file is started.
    """
    waiting = iter(files)

    async def read_some() -> None:
        for file in waiting:
            if stop.is_set():
                return
            report(await read_file(job, file, pool))

    async with job.limits.pool(workers, pages=BATCH) as pool, asyncio.TaskGroup() as group:
        for _ in range(min(_FILES_AT_ONCE, len(files))):
            group.create_task(read_some())
