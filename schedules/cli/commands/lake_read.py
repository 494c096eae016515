"""`khobao lake read`: read WARC files into a lake, with our own processes or with Dask."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.errors import UsageError
from archive.lake.inputs import expand_inputs, find_inputs
from archive.lake.layout import ReadingFilters, add_reader, open_lake
from archive.lake.schema import pyarrow_module
from crawler.outlets.catalogue import find_outlet
from crawler.workers.process import READER_IMPORTS
from schedules.cli.params import Day, Name, check_days
from schedules.cli.session import Session, command, is_terminal
from schedules.lake.dask_engine import Cluster, require_dask
from schedules.lake.file_task import FileResult, ReadJob, WorkerLimits
from schedules.lake.lake_reading import ReadingResult, read_into_lake
from schedules.lake.planning import ReadingPlan, plan_reading, reader_of_catalogue, save_plan
from schedules.lake.share import Share
from schedules.pipeline.runtime import max_page_bytes, reading_limits


@command(name="read")
@click.argument("files", nargs=-1, required=True, metavar="FILE|URL|@LIST...")
@click.option("--to", "lake", required=True, metavar="LAKE", help="The lake: a folder, or an address such as s3://….")
@click.option("--engine", type=Name(["local", "dask"]), default="local", show_default=True, help="What reads.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="With dask: the running scheduler, tcp://host:8786.")
@click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="Number of processes; by default reading.workers."
)
@click.option("--dashboard", default="", metavar="ADDRESS", help="With dask: the address of its dashboard.")
@click.option("--part", default="", metavar="I/N", help="Read only this share of the files, such as 2/8.")
@click.option("--outlet", "outlets", multiple=True, metavar="ID", help="Only pages of this outlet; repeatable.")
@click.option("--since", type=Day(), help="Only articles from this day on.")
@click.option("--until", type=Day(), help="Only articles up to this day.")
@click.option("--dry-run", is_flag=True, help="Print what would be read, and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def read_command(
    session: Session,
    files: tuple[str, ...],
    lake: str,
    engine: str,
    scheduler: str,
    workers: int | None,
    dashboard: str,
    part: str,
    outlets: tuple[str, ...],
    since: date | None,
    until: date | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Read WARC and ARC files into a lake, one task for each file.

    \b
    FILE    a file on this machine
    URL     https://… or s3://…; the file is downloaded before it is read
    @LIST   a file that lists files or URLs, one per line

    Files that are read already are skipped, so the same command continues after a stop. If the rules of an outlet or
    the version of khobao change, every file is read again. With --part, the tasks of an array share the files.
    """
    check_days(since, until)
    cluster = _cluster(engine, scheduler, dashboard, workers or session.settings.workers)
    pyarrow_module()
    share = Share.parse(part) if part else Share()
    filters = ReadingFilters(
        tuple(sorted({find_outlet(session.catalogue, name).id for name in outlets})),
        since.isoformat() if since else "",
        until.isoformat() if until else "",
    )
    paths = expand_inputs(files)
    chosen = share.of(paths)
    folder = open_lake(lake, create=True, dry_run=dry_run)
    job = ReadJob(
        str(folder.address), reader_of_catalogue(session.catalogue), session.catalogue, filters, _limits(session)
    )
    plan = plan_reading(folder, find_inputs(chosen), job.reader, filters)
    if dry_run:
        return _print_plan(session, plan, as_json=as_json)
    add_reader(folder, job.reader)
    save_plan(folder, paths, job.reader, filters)
    with _Display(session, len(plan.waiting) + len(plan.problems)) as display:
        result = read_into_lake(job, plan, cluster, display.add, session.note)
    return _conclude(session, result, as_json=as_json)


def _cluster(engine: str, scheduler: str, dashboard: str, workers: int) -> Cluster | int:
    """Return the engine: a Dask cluster, or the number of our own processes."""
    if engine == "dask":
        require_dask()
        cluster = Cluster(scheduler, workers)
        return replace(cluster, dashboard=dashboard) if dashboard else cluster
    for option, value in (("--scheduler", scheduler), ("--dashboard", dashboard)):
        if value:
            raise UsageError(f"{option} needs --engine dask")
    return workers


def _limits(session: Session) -> WorkerLimits:
    seconds, memory, calls = reading_limits(session.settings)
    return WorkerLimits(seconds, memory, calls, max_page_bytes(session.settings), READER_IMPORTS)


def _print_plan(session: Session, plan: ReadingPlan, *, as_json: bool) -> int:
    """Print what would be read; return the exit code, which is 1 if a file cannot be read."""
    size = sum(file.size for file in plan.waiting)
    for problem in plan.problems:
        session.warn(f"{problem.path}: {problem.problem}")
    if as_json:
        files = [{"path": file.path, "size": file.size} for file in plan.waiting]
        failed = {problem.path: problem.problem for problem in plan.problems}
        session.print_json({"files": files, "finished": len(plan.finished), "failed": failed})
    else:
        for file in plan.waiting:
            session.print(f"{file.size:>14,}  {file.path}")
        session.print(f"{len(plan.waiting)} files ({size:,} bytes) to read, {len(plan.finished)} already read")
    return 1 if plan.problems else 0


class _Display:
    """Show a progress bar on a terminal, and one line per file elsewhere."""

    def __init__(self, session: Session, total: int) -> None:
        self._session = session
        self._total = total
        self._done = 0
        self._bars: Progress | None = None
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        if is_terminal() and self._session.verbosity == 0:
            columns = (TextColumn("reading files"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bars = self._resources.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
            self._bars.add_task("files", total=self._total)
        return self

    def __exit__(self, *error: object) -> None:
        self._resources.close()

    def add(self, result: FileResult) -> None:
        """Show the result of a file."""
        self._done += 1
        if result.problem:
            self._session.warn(f"{result.path}: {result.problem}")
        for line in result.damaged:
            self._session.warn(line)
        if self._bars:
            self._bars.advance(self._bars.task_ids[0])
        elif result.reading:
            rows, pages = result.reading.rows, result.reading.pages
            self._session.note(f"{self._done}/{self._total} {result.path}: {rows} articles of {pages} pages")


def _conclude(session: Session, result: ReadingResult, *, as_json: bool) -> int:
    if as_json:
        session.print_json(result.to_json())
    else:
        session.print(_summary(result))
    if result.stopped:
        raise KeyboardInterrupt
    return 1 if result.failed or result.damaged else 0


def _summary(result: ReadingResult) -> str:
    told: Sequence[str] = [
        f"{result.read} files read, {result.finished} read already",
        f"{result.articles} articles",
        *(f"{count} no article: {reason}" for reason, count in sorted(result.reasons.items())),
        *([f"{len(result.failed)} files failed"] if result.failed else []),
    ]
    return ", ".join(told)
