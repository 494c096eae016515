"""Limit the rate of requests: one at a time to each host, with a gap, for the whole process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_REMEMBERED = 1000  # hosts; beyond that, those whose pause is over are forgotten


@dataclass(slots=True)
class _Host:
    """The turn of one host: its lock, how many tasks want it, and when the next request may begin."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    tasks: int = 0
    next_at: float = 0.0


class RateLimiter:
    """Hand out turns.

    A task waits for its host's turn first and takes one of the process's slots only then, so that a host that waits
    holds no slot that another host could use.

    Attributes:
        gap: Seconds between the end of one request to a host and the beginning of the next.
        cap: The most seconds that a robots.txt may ask for instead.
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
            gap: Seconds.
            cap: Seconds.
            concurrency: How many hosts are asked at once.
            clock: Seconds that never go back.
            sleep: Waits for so many seconds of that clock.
        """
        self.gap = gap
        self.cap = cap
        self._slots = asyncio.Semaphore(concurrency)
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, delay: float = 0.0) -> AsyncIterator[None]:
        """Hold a host's turn: meanwhile no other request of this process goes to it.

        Args:
            host: Whose turn.
            delay: Seconds its robots.txt asks for between two requests: kept up to `cap`, and never less than `gap`.
        """
        state = self._of(host)
        state.tasks += 1
        try:
            async with state.lock:
                while (pause := state.next_at - self._clock()) > 0:  # a rest may be asked for meanwhile
                    await self._sleep(pause)
                async with self._slots:
                    try:
                        yield
                    finally:
                        state.next_at = max(state.next_at, self._clock() + self.pause(delay))
        finally:
            state.tasks -= 1

    def pause(self, delay: float) -> float:
        """Return the seconds between two requests to a host whose robots.txt asks for a delay."""
        return max(self.gap, min(delay, self.cap))

    def rest(self, host: str, seconds: float) -> None:
        """Delay the next request to a host by some seconds, as it asked with `Retry-After`."""
        state = self._of(host)
        state.next_at = max(state.next_at, self._clock() + seconds)

    def _of(self, host: str) -> _Host:
        if host not in self._hosts and len(self._hosts) >= _REMEMBERED:
            now = self._clock()
            self._hosts = {name: state for name, state in self._hosts.items() if state.tasks or state.next_at > now}
        return self._hosts.setdefault(host, _Host())
