"""Keep the worker process of a Dask worker from task to task: starting one takes a second of CPU.

The process dies with the thread that started it, and so with its Dask worker. A page that breaks it costs only a new
one, as in any pool.
"""

from __future__ import annotations

import threading

from crawler.workers.pool import WorkerPool
from schedules.lake.file_task import WorkerLimits

_kept: dict[tuple[int, WorkerLimits, int], WorkerPool] = {}


def kept_pool(limits: WorkerLimits, pages: int = 1) -> WorkerPool:
    """Return a pool of one process, the same for all tasks of this thread with the same limits.

    Each task may use it in an event loop of its own.

    Args:
        limits: The limits of the process.
        pages: Number of pages that one call reads.
    """
    key = (threading.get_ident(), limits, pages)
    if key not in _kept:
        _kept[key] = limits.pool(1, pages=pages)
    return _kept[key]


async def stop_idle_pools() -> None:
    """Stop the processes of this Dask worker that are not in use; the next task starts others."""
    for pool in [*_kept.values()]:
        await pool.rest(0)
