"""Read files with our own worker processes, on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from archive.lake.inputs import InputFile
from schedules.lake.file_task import FileResult, ReadJob, read_file

_FILES_AT_ONCE = 2  # while the pages of one are being found, those of the other are read


async def read_files(
    job: ReadJob, files: Sequence[InputFile], workers: int, report: Callable[[FileResult], None], stop: asyncio.Event
) -> None:
    """Read files, and report each as it is done.

    Args:
        job: What all tasks have in common.
        files: The files.
        workers: How many processes parse.
        report: Called with what each file came to.
        stop: When it is set, no further file is begun.
    """
    waiting = iter(files)

    async def read_some() -> None:
        for file in waiting:
            if stop.is_set():
                return
            report(await read_file(job, file, pool))

    async with job.limits.pool(workers) as pool, asyncio.TaskGroup() as group:
        for _ in range(min(_FILES_AT_ONCE, len(files))):
            group.create_task(read_some())
