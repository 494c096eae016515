"""Worker processes: the only place where what strangers wrote is parsed.

lxml and selectolax can crash or hang on a hostile page, and trafilatura is not safe in threads (adbar/trafilatura#840).
So each call runs in a spawned process with bounded time and memory; a page that breaks its worker costs only itself.
"""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
import resource
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import asynccontextmanager
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from archive.errors import Failure, Reason

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")

MEGABYTE = 1_000_000  # bytes; the one definition, for limits and for messages
_AHEAD = 4  # items in flight for each worker: enough that none waits while a slow page holds up the order


class Workers:
    """A pool of processes that starts with the first call and can be stopped when it is idle.

    Attributes:
        count: How many processes there are at the most.
        restarts: How often a call broke its process, and another had to take its place.
    """

    def __init__(
        self,
        count: int,
        *,
        seconds: float = 20.0,
        memory: int = 1024 * MEGABYTE,
        calls: int = 500,
        imports: Sequence[str] = (),
    ) -> None:
        """Describe the pool.

        Args:
            count: How many processes.
            seconds: For one call; then its worker is killed.
            memory: Bytes that a worker may take on top of what it starts with.
            calls: How many calls a worker serves before it is replaced, so that leaks never matter.
            imports: Modules that a worker imports before its first call, because they are slow to.
        """
        self.count = count
        self.restarts = 0
        self._seconds = seconds
        self._memory = memory
        self._calls = calls
        self._imports = tuple(imports)
        self._slots = asyncio.Semaphore(count * 2)  # one at work and one at hand for each worker
        self._pool: ProcessPool | None = None
        self._calls_now = 0
        self._called_at = 0.0  # of the loop's clock

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Failure:
        """Call a function in a worker process.

        Args:
            function: A function of a module, which a worker can import.
            args: What to call it with; values that can be pickled.
            kwargs: Likewise.

        Returns:
            What it returns; HUNG, CRASHED or MEMORY where it broke its worker.

        Raises:
            Exception: What the function raises: a bug of ours, and loud.
        """
        async with self._slots, self._counted():
            future = self._started().schedule(function, args=args, kwargs=kwargs, timeout=self._seconds)
            try:
                return await asyncio.wrap_future(future)
            except TookTooLong:
                self.restarts += 1
                return Failure(Reason.HUNG, f"not read after {self._seconds:g} s")
            except MemoryError:
                return Failure(Reason.MEMORY, f"more than {self._memory // MEGABYTE} MB")
            except ProcessExpired as error:
                self.restarts += 1
                return Failure(Reason.CRASHED, f"killed its worker (exit code {error.exitcode})")

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self._calls_now += 1
        try:
            yield
        finally:
            self._calls_now -= 1
            self._called_at = asyncio.get_running_loop().time()

    async def each(self, items: Iterable[A], call: Callable[[A], Awaitable[T]]) -> AsyncIterator[tuple[A, T]]:
        """What a call, which leads to `run`, makes of each item, in their order.

        Args:
            items: Taken a few ahead, as workers come free, so that their number does not matter.
            call: What to do with each.

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

    def _started(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self.count,
                max_tasks=self._calls,
                initializer=_prepare,
                initargs=(self._memory, self._imports),
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool

    async def rest(self, seconds: float) -> None:
        """Let the processes go if there was no call for so many seconds."""
        if not self._calls_now and asyncio.get_running_loop().time() - self._called_at >= seconds:
            await self.stop()

    async def stop(self) -> None:
        """Let the processes go; the next call starts them again. Calls in flight are given up."""
        pool, self._pool = self._pool, None
        if pool:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble forgot to annotate it
            await asyncio.to_thread(pool.join)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _prepare(memory: int, imports: Sequence[str]) -> None:
    """Make a new process ready: our parent decides about Ctrl-C, slow imports are done, memory is bounded."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in imports:
        importlib.import_module(name)
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (taken + memory, resource.RLIM_INFINITY))
