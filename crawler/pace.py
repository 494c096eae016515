"""One request at a time to each host, and a gap between two: the one clock that every task of the process shares."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_REMEMBERED = 1000  # hosts; beyond that, those that owe nobody a pause are forgotten


@dataclass(slots=True)
class _Host:
    """One host's turn: who holds it, and when the next may begin."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    next_at: float = 0.0
    rests_until: float = 0.0


class Pace:
    """Hands out turns.

    A host waits for its own turn first and takes one of the process's slots only when that has come, so a waiting host
    holds nothing that another host could use.

    Attributes:
        gap: Seconds between the end of one request to a host and the beginning of the next.
        cap: The most seconds that a host's robots.txt may ask for instead.
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
        self.gap = gap
        self.cap = cap
        self._slots = asyncio.Semaphore(concurrency)
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, delay: float | None = None) -> AsyncIterator[None]:
        """Hold the host's turn: no other request of this process goes to it meanwhile.

        Args:
            host: Whose turn.
            delay: Seconds its robots.txt asks for between two requests; bounded by `cap`, never below `gap`.
        """
        state = self._host(host)
        state.waiting += 1
        try:
            async with state.lock:
                await self._wait(state)
                async with self._slots:
                    try:
                        yield
                    finally:
                        state.next_at = self._clock() + max(self.gap, min(delay or 0.0, self.cap))
        finally:
            state.waiting -= 1

    def rest(self, host: str, seconds: float) -> None:
        """Let nobody ask the host for so many seconds, as it asked with `Retry-After`."""
        state = self._host(host)
        state.rests_until = max(state.rests_until, self._clock() + seconds)

    def rests_for(self, host: str) -> float:
        """Seconds for which the host has asked to be left alone; 0 for none."""
        state = self._hosts.get(host)
        return max(0.0, state.rests_until - self._clock()) if state else 0.0

    async def _wait(self, state: _Host) -> None:
        while (pause := max(state.next_at, state.rests_until) - self._clock()) > 0:
            await self._sleep(pause)

    def _host(self, host: str) -> _Host:
        if host not in self._hosts and len(self._hosts) >= _REMEMBERED:
            now = self._clock()
            self._hosts = {
                name: kept
                for name, kept in self._hosts.items()
                if kept.waiting or max(kept.next_at, kept.rests_until) > now
            }
        return self._hosts.setdefault(host, _Host())
