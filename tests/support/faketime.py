"""A simulated clock."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any


@dataclass
class FakeTime:
    """A clock that jumps to the next sleeper's time when no task has anything else to do."""

    now: float = 0.0
    sleepers: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    order: count[int] = field(default_factory=count)

    def clock(self) -> float:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait for the clock."""
        waking = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleepers, (self.now + seconds, next(self.order), waking))
        await waking

    def run(self, *tasks: Callable[[], Awaitable[Any]]) -> list[Any]:
        """Run tasks concurrently until all are done."""

        async def scenario() -> list[Any]:
            running = asyncio.gather(*(task() for task in tasks))
            while not running.done():
                for _ in range(20):
                    await asyncio.sleep(0)
                if self.sleepers and not running.done():
                    self.now, _, waking = heapq.heappop(self.sleepers)
                    waking.set_result(None)
            return await running

        return asyncio.run(scenario())
