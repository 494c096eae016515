"""Run `khobao reextract --plan`: read captures again without blocking the archive's writer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.atomic_files import require_writable_folder
from archive.errors import UsageError
from archive.store.reextraction_queue import ReextractionScope
from crawler.outlets.model import Outlet
from crawler.workers.process import READER_IMPORTS
from schedules.cli.session import Session
from schedules.lake.dask_engine import Cluster, require_dask, run_tasks
from schedules.lake.file_task import WorkerLimits
from schedules.lake.plan_task import PlanJob, PlanTask, read_share, read_share_alone
from schedules.lake.share import Share
from schedules.pipeline.runtime import max_page_bytes, reading_limits

_SHARES_A_WORKER = 4  # so that a worker that is done early takes over the shares of others


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The options of `khobao reextract --plan`.

    Attributes:
        folder: The folder for the readings.
        engine: `local` or `dask`.
        part: The share of the captures, such as `2/8`; empty for all.
        scheduler: The address of a running Dask scheduler; empty to start a cluster here.
        workers: Number of processes; None for the setting.
        as_json: Print one JSON object per outlet.
    """

    folder: Path
    engine: str = "local"
    part: str = ""
    scheduler: str = ""
    workers: int | None = None
    as_json: bool = False

    def check(self) -> None:
        """Refuse options that do not go together, and a folder that cannot be written to.

        Raises:
            UsageError: Two options exclude each other, or a library or the folder is missing.
        """
        if self.engine == "dask":
            require_dask()
            if self.part:
                raise UsageError("--part cannot be combined with --engine dask, whose tasks are shares already")
        elif self.scheduler:
            raise UsageError("--scheduler needs --engine dask")
        require_writable_folder(self.folder)


def plan_and_report(session: Session, scopes: Sequence[tuple[Outlet, ReextractionScope]], options: PlanOptions) -> int:
    """Read captures, save the readings, and print how many there are; return the exit code.

    Args:
        session: This call.
        scopes: The outlets, and which of their captures are read.
        options: What was asked.

    Raises:
        UsageError: The options do not go together, or the folder cannot be written to.
    """
    options.check()
    limits = WorkerLimits(*reading_limits(session.settings), max_page_bytes(session.settings), READER_IMPORTS)
    job = PlanJob(
        session.archive_path.resolve(), session.settings.captures_folder.resolve(), options.folder.resolve(), limits
    )
    counts, failed = Counter[str](), 0
    tasks = []
    for task in _tasks(session, scopes, options):
        if task.is_finished(job):
            session.note(f"{task.outlet.id}: planned already")
        else:
            tasks.append(task)
    for task, count, problem in _run(session, job, tasks, options):
        if problem:
            session.warn(f"{task}: {problem}")
            failed += 1
        counts[task.outlet.id] += count
    for outlet, count in counts.items():
        if options.as_json:
            session.print_json({"outlet": outlet, "readings": count})
        elif count:
            session.print(f"{outlet}: {count} captures read again")
    if (tasks or not scopes) and not failed and not counts.total() and not options.as_json:
        session.print("nothing to read again in these outlets")
    if scopes:
        session.note(f"nothing is stored yet; `khobao reextract --apply {options.folder}` stores it")
    return 1 if failed else 0


def _tasks(
    session: Session, scopes: Sequence[tuple[Outlet, ReextractionScope]], options: PlanOptions
) -> list[PlanTask]:
    """Return a task for each outlet and share."""
    if options.engine == "dask":
        count = _SHARES_A_WORKER * (options.workers or session.settings.workers)
        shares = [Share(number, count) for number in range(1, count + 1)]
    else:
        shares = [Share.parse(options.part) if options.part else Share()]
    return [PlanTask(outlet, scope, share) for outlet, scope in scopes for share in shares]


def _run(
    session: Session, job: PlanJob, tasks: Sequence[PlanTask], options: PlanOptions
) -> Iterator[tuple[PlanTask, int, str]]:
    """Run tasks with the engine; yield each with the number of its readings, or why it failed."""
    workers = options.workers or session.settings.workers
    if options.engine == "dask" and tasks:
        cluster = Cluster(options.scheduler, workers)
        for outcome in run_tasks(read_share_alone, job, tasks, cluster, session.note):
            yield outcome.task, outcome.result or 0, outcome.problem
        return
    pool = job.limits.pool(workers)
    with asyncio.Runner() as runner:
        try:
            for task in tasks:
                yield task, runner.run(read_share(job, task, pool)), ""
        finally:
            runner.run(pool.stop())
