"""Run worker processes, the only place where content from strangers is parsed.

lxml and selectolax can crash or hang on a hostile page, and trafilatura is not safe in threads (adbar/trafilatura#840).
So each call runs in a spawned process with bounded time and memory, and a page that breaks its worker does no other
harm. Each call has an owner, the outlet whose page it reads, and owners share the workers fairly: see
`worker_shares`.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import math
import multiprocessing
import os
import resource
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import TimeoutError as CallTimeout
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from archive.errors import Failure, Reason
from crawler.worker_shares import Shares

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")

MEGABYTE = 1_000_000
_AHEAD = 4  # items in flight for each worker: enough to keep all busy while a slow page delays the order
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


class WorkerPool:
    """Manage worker processes: start them one by one as calls need them, and stop them when idle.

    Attributes:
        count: The largest number of processes.
        restarts: How often a call broke its process, so that a new one was needed.
    """

    def __init__(
        self,
        count: int,
        *,
        seconds: float = 20.0,
        memory: int = 1024 * MEGABYTE,
        calls: int = 5_000,
        imports: Sequence[str] = (),
    ) -> None:
        """Set up the pool; no process is started yet.

        Args:
            count: The largest number of processes.
            seconds: Time limit, and CPU limit, of one call; then its worker is killed.
            memory: Bytes that a worker may use in addition to what it starts with.
            calls: Calls after which a worker is replaced, so that leaks do no harm.
            imports: Modules that a worker imports before its first call, because importing them is slow.
        """
        self.count = count
        self.restarts = 0
        self._seconds = seconds
        self._memory = memory
        self._calls = calls
        self._imports = tuple(imports)
        self._shares = Shares(count)
        self._pools: list[ProcessPool] = []  # one process each, so that only as many are started as needed
        self._idle: list[ProcessPool] = []
        self._calls_now = 0
        self._called_at = 0.0  # in the event loop's time

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Failure:
        """Call a function in a worker process without an owner; otherwise like `run_for`."""
        return await self.run_for("", function, *args, **kwargs)

    async def run_for(self, owner: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Failure:
        """Call a function in a worker process.

        Args:
            owner: The id of the outlet whose page is read.
            function: A function of a module that a worker can import.
            args: Its arguments; values that can be pickled.
            kwargs: Its keyword arguments; values that can be pickled.

        Returns:
            Its result; HUNG, CRASHED or MEMORY if it broke its worker.

        Raises:
            Exception: Any exception of the function; it is a bug in khobao.
        """
        clock = asyncio.get_running_loop().time
        self._calls_now += 1
        try:
            async with self._shares.held_by(owner):
                began = clock()
                result = await self._call(function, args, kwargs)
                broke = isinstance(result, Failure) and result.reason.traits.breaks_worker
                slow = clock() - began > self._seconds / 2
                self._shares.record(owner, clock(), strained=broke or slow)
                return result
        finally:
            self._calls_now -= 1
            self._called_at = clock()

    def single_worker(self, seconds: float) -> WorkerPool:
        """Create a pool of one process with the same memory limit and another time limit, for long calls."""
        return WorkerPool(1, seconds=seconds, memory=self._memory)

    def is_resting(self, owner: str) -> bool:
        """Return whether an outlet must pause, because its pages broke or delayed workers repeatedly."""
        return self._shares.is_resting(owner, asyncio.get_running_loop().time())

    async def _call(self, function: Callable[..., T], args: Sequence[Any], kwargs: Mapping[str, Any]) -> T | Failure:
        pool = self._idle.pop() if self._idle else self._start_pool()
        bounded = (math.ceil(self._seconds) + 1, function, args, kwargs)
        future = pool.schedule(_call_with_cpu_limit, args=bounded, timeout=self._seconds)
        try:
            return await asyncio.wrap_future(future)
        except CallTimeout:
            self.restarts += 1
            return Failure(Reason.HUNG, f"not read after {self._seconds:g} s")
        except MemoryError:
            return Failure(Reason.MEMORY, f"more than {self._memory // MEGABYTE} MB")
        except ProcessExpired as error:
            self.restarts += 1
            if error.exitcode == -signal.SIGXCPU:
                return Failure(Reason.HUNG, f"not read after {self._seconds:g} s of CPU")
            return Failure(Reason.CRASHED, f"killed its worker (exit code {error.exitcode})")
        finally:
            if pool in self._pools:
                self._idle.append(pool)

    async def each(self, items: Iterable[A], call: Callable[[A], Awaitable[T]]) -> AsyncIterator[tuple[A, T]]:
        """Call a function for each item, and yield the results in the order of the items.

        Args:
            items: The items; a few are taken ahead as workers become free, so there may be any number.
            call: The function, which calls `run`.

        Yields:
            Each item and its result.
        """
        ahead: deque[tuple[A, asyncio.Future[T]]] = deque()
        try:
            for item in items:
                ahead.append((item, asyncio.ensure_future(call(item))))
                if len(ahead) >= self.count * _AHEAD:
                    first, future = ahead.popleft()
                    yield first, await future
            while ahead:
                first, future = ahead.popleft()
                yield first, await future
        finally:
            for _, future in ahead:
                future.cancel()

    def _start_pool(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=1,
            max_tasks=self._calls,
            initializer=_prepare,
            initargs=(os.getpid(), self._memory, self._imports),
            context=multiprocessing.get_context("spawn"),
        )
        self._pools.append(pool)
        return pool

    async def rest(self, seconds: float) -> None:
        """Stop the processes after a number of seconds without a call."""
        if not self._calls_now and asyncio.get_running_loop().time() - self._called_at >= seconds:
            await self.stop()

    async def stop(self) -> None:
        """Stop the processes; the next call starts them again. Calls in flight are abandoned."""
        pools, self._pools, self._idle = self._pools, [], []
        for pool in pools:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble forgot to annotate it
        for pool in pools:
            await asyncio.to_thread(pool.join)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _prepare(parent: int, memory: int, imports: Sequence[str]) -> None:
    """Prepare a new process: it dies with its parent, ignores Ctrl-C, and has bounded memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    for name in imports:
        importlib.import_module(name)
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (taken + memory, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a killed worker writes no core dump


def _die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent dies, even if it is busy.

    Only Linux supports this. Elsewhere a call ends by its CPU limit, and an idle process by its closed pipe.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died before this call
        os._exit(1)


def _call_with_cpu_limit(seconds: int, function: Callable[..., T], args: Sequence[Any], kwargs: Mapping[str, Any]) -> T:
    """Call a function; the kernel kills this process after a limit of CPU seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(usage.ru_utime + usage.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    return function(*args, **kwargs)
