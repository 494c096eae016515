"""Run tasks with Dask distributed: on a cluster on this machine, or on a running one.

Dask has no login, so a scheduler must be in a private network or use TLS (see docs/lake.md). Its workers never parse
pages: each has a worker process for that. A page that crashes or hangs stops only this process.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from archive.errors import KhobaoError, UsageError, one_line
from archive.lake.extras import needs_extra
from archive.lake.inputs import InputFile
from schedules.lake.file_task import BATCH, FileResult, ReadJob, read_file
from schedules.lake.kept_pool import kept_pool, stop_idle_pools

Job = TypeVar("Job")
Task = TypeVar("Task")
Result = TypeVar("Result")

_RETRIES = 2  # retries of a task that failed
_MEMORY = "2GB"  # memory limit of a Dask worker; its worker process has a limit of its own
_CONNECT_SECONDS = 10
_WORKER_SECONDS = 30  # until a running cluster has a worker
_ALONE_SECONDS = 60.0  # without workers while tasks wait, after which the driver gives up
_POLL_SECONDS = 0.05  # between two looks at the tasks; Dask itself looks every tenth of a second
_LONGEST_ERROR = 300  # characters of an error that are shown
_LOST = "the connection to the scheduler was lost; run the same command again to continue"
_CONFIG = {
    # A daemonic process cannot start others, but the first task starts the process that parses.
    "distributed.worker.daemon": False,
    "distributed.comm.timeouts.connect": f"{_CONNECT_SECONDS}s",
    "distributed.diagnostics.nvml": False,
    "distributed.worker.profile.enabled": False,  # it would look at every thread a hundred times a second
    "distributed.admin.tick.interval": "500ms",  # how often each process checks that its event loop is not blocked
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """The Dask cluster that reads the files.

    Attributes:
        scheduler: The address of a running scheduler, such as `tcp://10.0.0.5:8786`; empty to start a cluster here.
        workers: Number of workers to start here.
        dashboard: The address of the dashboard of a cluster that is started here, such as `127.0.0.1:8787`.
    """

    scheduler: str = ""
    workers: int = 1
    dashboard: str = "127.0.0.1:0"


def require_dask() -> tuple[Any, Any]:
    """Import distributed and dask.

    Raises:
        UsageError: Dask is not installed.
    """
    with needs_extra("cluster"):
        import dask
        import distributed
    return distributed, dask


@dataclass(frozen=True, slots=True)
class TaskOutcome(Generic[Task, Result]):
    """The outcome of a task.

    Attributes:
        task: The task.
        result: Its result; None if it failed.
        problem: The reason why Dask gave up, in one line; empty if it did not.
    """

    task: Task
    result: Result | None = None
    problem: str = ""


def run_tasks(
    function: Callable[[Job, Task], Result],
    job: Job,
    tasks: Sequence[Task],
    cluster: Cluster,
    note: Callable[[str], None],
) -> Iterator[TaskOutcome[Task, Result]]:
    """Run tasks on a cluster, and yield the outcome of each when it is finished.

    Args:
        function: Runs a task in a Dask worker; a function of a module of khobao.
        job: The settings that all tasks share.
        tasks: The tasks.
        cluster: The cluster.
        note: Called with the address of the dashboard.

    Raises:
        UsageError: Dask is not installed, no scheduler answers, or a task raised it.
        KhobaoError: The connection to the scheduler was lost, or all its workers were.
    """
    distributed, dask = require_dask()
    with dask.config.set(_CONFIG), _reporting_lost_scheduler(), ExitStack() as resources:
        opened = ExitStack()
        resources.callback(_interrupts_held()(opened.close))
        with _interrupts_held():
            client = _connect(distributed, cluster, opened)
        note(f"dashboard: {client.dashboard_link}")
        shared = client.submit(_give, job, pure=False)  # as a task, so that Dask computes it again if it is lost
        running = {
            client.submit(_run_task, function, shared, task, retries=_RETRIES, pure=False): task for task in tasks
        }
        for future in _finished(distributed, client, running):
            yield _outcome(future, running[future])
            future.release()
        client.run(stop_idle_pools, on_error="ignore")


def read_files(
    job: ReadJob,
    files: Sequence[InputFile],
    cluster: Cluster,
    report: Callable[[FileResult], None],
    note: Callable[[str], None],
) -> None:
    """Read files on a cluster, one task for each file, and report each finished file; see `run_tasks`."""
    for outcome in run_tasks(_read_file, job, files, cluster, note):
        report(outcome.result or FileResult(outcome.task.path, problem=outcome.problem))


@contextmanager
def _reporting_lost_scheduler() -> Iterator[None]:
    """Turn every error of a broken connection into one line that says how to go on.

    Raises:
        KhobaoError: The connection to the scheduler was lost.
    """
    try:
        yield
    except (OSError, asyncio.CancelledError, CancelledError) as error:
        raise KhobaoError(_LOST) from error


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back until the block ends, because Dask cannot be interrupted while it starts or stops.

    Threads and processes that start in the block ignore Ctrl-C, and so do their own children: the driver stops them.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a process that is started keeps ignoring it
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def _connect(distributed: Any, cluster: Cluster, resources: ExitStack) -> Any:
    """Connect to a cluster, or start one that ends with the resources."""
    if cluster.scheduler:
        return _join(distributed, cluster.scheduler, resources)
    try:
        started = distributed.LocalCluster(
            n_workers=cluster.workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=_MEMORY,
            dashboard_address=cluster.dashboard,
            host="127.0.0.1",
            silence_logs="ERROR",
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(
            f"no cluster can be started here with --dashboard {cluster.dashboard}: {one_line(error, _LONGEST_ERROR)}"
        ) from None
    return resources.enter_context(distributed.Client(resources.enter_context(started)))


def _join(distributed: Any, scheduler: str, resources: ExitStack) -> Any:
    """Connect to a running scheduler.

    Raises:
        UsageError: No scheduler answers, or it has no workers.
    """

    async def try_to_connect() -> None:
        arguments = distributed.Security().get_connection_args("client")
        (await asyncio.wait_for(distributed.comm.connect(scheduler, **arguments), _CONNECT_SECONDS)).abort()

    try:
        asyncio.run(try_to_connect())  # `Client` waits for ever where something else listens
        client = resources.enter_context(distributed.Client(scheduler, timeout=_CONNECT_SECONDS))
    except (OSError, TimeoutError, ValueError) as error:
        detail = one_line(error, _LONGEST_ERROR) if str(error) else f"no answer after {_CONNECT_SECONDS} s"
        raise UsageError(f"--scheduler {scheduler}: no scheduler answers there: {detail}") from None
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError:
        start = f"`dask worker {scheduler} --nthreads 1` starts one"
        raise UsageError(f"--scheduler {scheduler}: it has no workers; {start}") from None
    return client


def _finished(distributed: Any, client: Any, futures: Iterable[Any]) -> Iterator[Any]:
    """Yield futures as they finish.

    Raises:
        KhobaoError: The cluster has had no workers for too long; Dask itself would wait for ever.
    """
    completed = distributed.as_completed(futures)
    seen = looked = time.monotonic()  # when there was a worker, and when this was looked up
    while not completed.is_empty():
        if completed.has_ready():
            yield next(completed)
            continue
        time.sleep(_POLL_SECONDS)
        now = time.monotonic()
        if now - looked > _ALONE_SECONDS / 10:
            looked = now
            seen = now if client.nthreads() else seen
            if now - seen > _ALONE_SECONDS:
                raise KhobaoError(
                    f"{client.scheduler.address}: no workers since {_ALONE_SECONDS:g} s; start some, and run the same"
                    " command again to continue"
                )


def _read_file(job: ReadJob, file: InputFile) -> FileResult:
    """Read a file in a Dask worker, whose worker process reads one file after another."""
    return asyncio.run(read_file(job, file, kept_pool(job.limits, BATCH), alone=True))


@dataclass(frozen=True, slots=True)
class _TaskFailure:
    """An expected error of a task.

    Dask would run the task again and log a traceback, and not every exception survives the way to another process.

    Attributes:
        problem: The error in one line.
        is_usage: It is a `UsageError`, which ends the command.
    """

    problem: str
    is_usage: bool


def _give(job: Job) -> Job:
    """Return the settings of a job; Dask sends them to each worker that needs them."""
    return job


def _run_task(function: Callable[[Job, Task], Result], job: Job, task: Task) -> Result | _TaskFailure:
    """Run a task in a Dask worker; return an expected error as a value."""
    try:
        return function(job, task)
    except (KhobaoError, OSError) as error:
        return _TaskFailure(one_line(error, _LONGEST_ERROR), isinstance(error, UsageError))


def _outcome(future: Any, task: Task) -> TaskOutcome[Task, Any]:
    """Return the result of a task, or the error for which Dask gave up.

    Raises:
        KhobaoError: The connection to the scheduler was lost, or the task raised a `UsageError`.
    """
    if future.status == "finished":
        result = future.result()
        if not isinstance(result, _TaskFailure):
            return TaskOutcome(task, result)
        if result.is_usage:
            raise UsageError(result.problem)
        return TaskOutcome(task, problem=result.problem)
    if future.status in {"cancelled", "lost"}:
        raise KhobaoError(_LOST)
    error = future.exception()
    problem = f"given up after {_RETRIES} retries: {type(error).__name__}: {one_line(error, _LONGEST_ERROR)}"
    return TaskOutcome(task, problem=problem)
