"""Read files with our own worker processes, on this machine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from archive.lake.inputs import InputFile
from schedules.lake.file_task import BATCH, FileResult, ReadJob, read_file

_FILES_AT_ONCE = 2  # at least: while the pages of one file are located, those of another are read


async def read_files(
    job: ReadJob, files: Sequence[InputFile], workers: int, report: Callable[[FileResult], None], stop: asyncio.Event
) -> None:
    """Read files, and report each finished file.

    Each process reads a file alone while there are enough files; several share each of the last ones.

    Args:
        job: The settings that all tasks share.
        files: The files.
        workers: Number of worker processes.
        report: Called with the result of each file.
        stop: If this is set, no further file is started.
    """
    waiting = deque(files)

    async def read_some() -> None:
        while waiting and not stop.is_set():
            alone = len(waiting) >= workers
            report(await read_file(job, waiting.popleft(), pool, alone=alone))

    async with job.limits.pool(workers, pages=BATCH) as pool, asyncio.TaskGroup() as group:
        for _ in range(max(workers, _FILES_AT_ONCE)):
            group.create_task(read_some())
