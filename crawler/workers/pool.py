"""Share worker processes among calls: start them when needed, replace them, and stop them.

lxml and selectolax can crash or hang on a hostile page, and trafilatura is not safe in threads (adbar/trafilatura#840).
So each call runs in a process with bounded time and memory, and a page that breaks its worker does no other harm. Each
call has an owner, the outlet whose page it reads, and owners share the workers fairly: see `shares`.
"""

from __future__ import annotations

import asyncio
import math
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from archive.errors import Failure, Reason
from crawler.workers.messages import Call, pack
from crawler.workers.process import LATE, MEGABYTE, Death, WorkerProcess
from crawler.workers.shares import Shares

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")

_AHEAD = 4  # items in flight for each worker: enough to keep all busy while a slow page delays the order


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
        started: WorkerProcess | None = None,
    ) -> None:
        """Set up the pool; it starts no process yet.

        Args:
            count: The largest number of processes.
            seconds: Time limit, and CPU limit, of one call; then its worker is killed.
            memory: Bytes that a worker may use in addition to what it starts with.
            calls: Calls after which a worker is replaced, so that leaks do no harm.
            imports: Modules that a worker imports before its first call, because importing them is slow.
            started: A process that was started ahead, for the first call.
        """
        self.count = count
        self.restarts = 0
        self._seconds = seconds
        self._memory = memory
        self._calls = calls
        self._imports = tuple(imports)
        self._shares = Shares(count)
        self._processes = [started] if started else []
        self._idle = [*self._processes]
        self._is_closed = False
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
        message = pack(Call(math.ceil(self._seconds) + 1, self._memory, function, args, kwargs))
        process = self._idle_process() or self._start()
        answer = None
        try:
            answer = await process.call(message, self._seconds)
        finally:
            if answer is None or not 0 < process.calls < self._calls:  # cancelled, not prepared, or worn
                process.kill()
            if process.is_alive:
                self._idle.append(process)
        if isinstance(answer, Death):
            self.restarts += 1
            return self._failure(answer)
        if answer.kind == "error":
            raise answer.value
        if answer.kind == "memory":
            return Failure(Reason.MEMORY, f"more than {self._memory // MEGABYTE} MB")
        result: T = answer.value
        return result

    def _failure(self, death: Death) -> Failure:
        """Return why a page has no result whose worker ended."""
        if death.cause == LATE:
            return Failure(Reason.HUNG, f"not read after {self._seconds:g} s")
        if death.exit_code == -signal.SIGXCPU:
            return Failure(Reason.HUNG, f"not read after {self._seconds:g} s of CPU")
        return Failure(Reason.CRASHED, death.cause or f"killed its worker (exit code {death.exit_code})")

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

    def _idle_process(self) -> WorkerProcess | None:
        """Take a started process; one that ended while it was idle is passed over."""
        while self._idle:
            process = self._idle.pop()
            if process.is_alive:
                return process
        return None

    def _start(self) -> WorkerProcess:
        if self._is_closed:
            raise asyncio.CancelledError
        self._processes = [process for process in self._processes if not process.has_ended]
        process = WorkerProcess(self._imports)
        self._processes.append(process)
        return process

    async def rest(self, seconds: float) -> None:
        """Stop the processes after a number of seconds without a call."""
        if not self._calls_now and asyncio.get_running_loop().time() - self._called_at >= seconds:
            await self.stop()

    async def stop(self) -> None:
        """Kill the processes, and cancel all calls; the next call starts other processes."""
        self._shares.cancel_waiting()
        processes, self._processes, self._idle = self._processes, [], []
        for process in processes:
            process.abandon()
        for process in processes:
            await process.wait()

    async def __aenter__(self) -> Self:
        self._is_closed = False
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closed = True  # a call that was about to begin starts no process that nobody would stop
        await self.stop()
