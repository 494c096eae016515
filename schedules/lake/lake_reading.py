"""Read many WARC files into a lake: plan, read with an engine, and record failures."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from archive.lake.folder import LakeFolder
from archive.lake.inputs import InputFile
from archive.lake.layout import FAILED, Reading, ReadingFilters
from schedules.lake import dask_engine, local_engine
from schedules.lake.dask_engine import Cluster
from schedules.lake.file_task import FileResult, ReadJob
from schedules.lake.planning import ReadingPlan, outdated_readings, remove_reading
from schedules.pipeline.runtime import stopping_on_interrupt

_STOPPING = "stopping after the files that are being read; Ctrl-C again stops at once, and they are read again later"


@dataclass
class ReadingResult:
    """The result of reading many files.

    Attributes:
        read: Number of files that were read now.
        finished: Number of files that had been read before.
        articles: Number of articles in the files that were read now.
        reasons: Number of pages without an article in these files, by reason.
        failed: The reason why a file failed, by its address.
        damaged: Damaged places in the files that were read, one line each.
        stopped: A person stopped the reading before its end.
    """

    read: int = 0
    finished: int = 0
    articles: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    stopped: bool = False

    def add(self, result: FileResult) -> None:
        """Count the result of a file."""
        if result.reading is None:
            self.failed[result.path] = result.problem
            return
        self.read += 1
        self.articles += result.reading.rows
        self.reasons.update(result.reading.reasons)
        self.damaged += result.damaged

    def to_json(self) -> dict[str, object]:
        """Return the counts."""
        return asdict(self) | {"reasons": dict(sorted(self.reasons.items()))}


def read_into_lake(
    job: ReadJob,
    plan: ReadingPlan,
    engine: Cluster | int,
    report: Callable[[FileResult], None],
    note: Callable[[str], None],
) -> ReadingResult:
    """Read the files of a plan that are not read yet.

    Args:
        job: The settings that all tasks share.
        plan: The files.
        engine: A Dask cluster, or the number of our own worker processes.
        report: Called with the result of each file.
        note: Called with messages of the engine for the person who started it.
    """
    folder, result = LakeFolder(job.lake), ReadingResult(finished=len(plan.finished))
    readings: list[Reading] = []

    def add(done: FileResult) -> None:
        result.add(done)
        _record_outcome(folder, job, done)
        if done.reading:
            readings.append(done.reading)
        report(done)

    for problem in plan.problems:
        add(FileResult(problem.path, problem=problem.problem))
    if plan.waiting and isinstance(engine, Cluster):
        dask_engine.read_files(job, plan.waiting, engine, add, note)
    elif plan.waiting and isinstance(engine, int):
        result.stopped = asyncio.run(_read_locally(job, plan.waiting, engine, add, note))
    for outdated in outdated_readings(folder, readings) if readings else ():
        remove_reading(folder, outdated)
    return result


async def _read_locally(
    job: ReadJob,
    files: Sequence[InputFile],
    workers: int,
    report: Callable[[FileResult], None],
    note: Callable[[str], None],
) -> bool:
    """Read files with our own worker processes; return whether a person stopped it."""
    stop = asyncio.Event()
    with stopping_on_interrupt(stop, lambda: note(_STOPPING)):
        await local_engine.read_files(job, files, workers, report, stop)
    return stop.is_set()


def _record_outcome(folder: LakeFolder, job: ReadJob, done: FileResult) -> None:
    """Record why a file failed, for `khobao lake status`; delete the record after the file was read."""
    name = f"{FAILED}/{failure_name(done.path, job.reader, job.filters)}.json"
    if done.problem:
        folder.write_json(name, {"path": done.path, "reader": job.reader, "problem": done.problem})
    else:
        folder.remove(name)


def failure_name(path: str, reader: str, filters: ReadingFilters) -> str:
    """Return the name of the record of a failure."""
    told = json.dumps([path, reader, asdict(filters)], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
