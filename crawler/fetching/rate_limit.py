"""Limit the rate of requests: one at a time to each host, with a gap, for the whole process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_REMEMBERED = 1000  # hosts; beyond that number, hosts whose pause is over are forgotten


@dataclass(slots=True)
class _Host:
    """Hold a host's lock, the number of tasks that wait for it, and when the next request may start."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    tasks: int = 0
    next_at: float = 0.0


class RateLimiter:
    """Let tasks send requests to each host in turn.

    A task first waits for its host's turn, and only then takes one of the process's slots. So a waiting host holds no
    slot that another host could use.

    Attributes:
        gap: Seconds between the end of one request to a host and the start of the next.
        cap: The longest gap in seconds that a robots.txt may ask for.
    """

    def __init__(
        self,
        gap: float = 1.0,
        cap: float = 60.0,
        concurrency: int = 32,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Start without any host.

        Args:
            gap: Seconds between two requests to a host.
            cap: The longest gap in seconds that a robots.txt may ask for.
            concurrency: How many hosts may be requested at the same time.
            clock: Returns seconds that never go back.
            sleep: Waits for a number of seconds of that clock.
        """
        self.gap = gap
        self.cap = cap
        self._slots = asyncio.Semaphore(concurrency)
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, delay: float = 0.0) -> AsyncIterator[None]:
        """Hold a host's turn: no other request of this process goes to that host meanwhile.

        Args:
            host: The host.
            delay: Seconds between two requests that its robots.txt asks for: used up to `cap`, never less than `gap`.
        """
        state = self._of(host)
        state.tasks += 1
        try:
            async with state.lock:
                while (pause := state.next_at - self._clock()) > 0:  # the pause may be extended meanwhile
                    await self._sleep(pause)
                async with self._slots:
                    try:
                        yield
                    finally:
                        state.next_at = max(state.next_at, self._clock() + self.pause(delay))
        finally:
            state.tasks -= 1

    def pause(self, delay: float) -> float:
        """Return the gap in seconds for a host whose robots.txt asks for a delay."""
        return max(self.gap, min(delay, self.cap))

    def rest(self, host: str, seconds: float) -> None:
        """Delay the next request to a host, as its `Retry-After` asks."""
        state = self._of(host)
        state.next_at = max(state.next_at, self._clock() + seconds)

    def _of(self, host: str) -> _Host:
        if host not in self._hosts and len(self._hosts) >= _REMEMBERED:
            now = self._clock()
            self._hosts = {name: state for name, state in self._hosts.items() if state.tasks or state.next_at > now}
        return self._hosts.setdefault(host, _Host())
