"""The worker process of a Dask worker: it stays from task to task, is replaced when it breaks, and dies in the end."""

import asyncio
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from archive.errors import Failure, Reason
from schedules.lake.file_task import WorkerLimits
from schedules.lake.kept_pool import kept_pool, stop_idle_pools

pytestmark = pytest.mark.slow
LIMITS = WorkerLimits(20, 700_000_000, 5_000, 10_000_000)


def in_thread(function):
    """Run a function in a thread of its own, and wait until the thread has ended."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def process_of(pool):
    """The process that the next call of a pool gets."""
    return asyncio.run(pool.run(os.getpid))


def has_ended(process):
    """Whether a process ends within some seconds."""
    watched = Path(f"/proc/{process}/stat")
    for _ in range(300):
        if not watched.exists() or watched.read_text().rpartition(") ")[2].startswith("Z"):
            return True
        threading.Event().wait(0.05)
    return False


def test_tasks_share_a_process_that_dies_with_their_thread():
    """One process serves all tasks of a thread, other limits get another one, and none outlives the thread."""

    def tasks():
        return [process_of(kept_pool(limits)) for limits in (LIMITS, LIMITS, replace(LIMITS, memory=600_000_000))]

    first, second, other = in_thread(tasks)

    assert first == second != other
    assert has_ended(first)
    assert has_ended(other)
    asyncio.run(stop_idle_pools())


def test_idle_processes_are_stopped_and_the_next_task_starts_another():
    """After the last task no process is left; a thread that goes on gets a new one."""

    def tasks():
        first = process_of(kept_pool(LIMITS))
        asyncio.run(stop_idle_pools())
        ended = has_ended(first)
        second = process_of(kept_pool(LIMITS))
        asyncio.run(stop_idle_pools())
        return first, ended, second

    first, ended, second = in_thread(tasks)

    assert ended
    assert first != second


def test_a_process_that_breaks_is_replaced():
    """The call that killed the process fails alone, and the next task gets a new one."""

    def tasks():
        first = process_of(kept_pool(LIMITS))
        broken = asyncio.run(kept_pool(LIMITS).run(os.kill, first, signal.SIGKILL))
        second, third = process_of(kept_pool(LIMITS)), process_of(kept_pool(LIMITS))
        asyncio.run(stop_idle_pools())
        return first, broken, second, third

    first, broken, second, third = in_thread(tasks)

    assert isinstance(broken, Failure)
    assert Reason.CRASHED is broken.reason
    assert first != second == third
