"""How hosts are treated: each in its turn, a short wait waited out, and who is in trouble left alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from archive.errors import Failure
from crawler.pace import Pace
from crawler.policy import PATIENCE, HostHealth, after_request, network_is_down

T = TypeVar("T")

_TRIES = 3  # in one go, where the host asks for short waits
_REMEMBERED = 1000


class Hosts:
    """The hosts we asked lately, and how they are."""

    def __init__(self, pace: Pace, now: Callable[[], datetime], chance: Callable[[], float]) -> None:
        """Nobody was asked yet.

        Args:
            pace: Whose turns are kept.
            now: The clock, UTC.
            chance: Numbers in [0, 1) for jitter.
        """
        self._pace = pace
        self._now = now
        self._chance = chance
        self._health: dict[str, HostHealth] = {}

    async def ask(self, host: str, delay: float, exchange: Callable[[], Awaitable[T | Failure]]) -> T | Failure:
        """Make an exchange in the host's turn, and again where the host asks for a short wait.

        Args:
            host: Whom it disturbs.
            delay: Seconds its robots.txt asks for between two requests.
            exchange: One request; what it returns is told, and counts for the host's health.
        """
        tries = 0
        while True:
            async with self._pace.turn(host, delay):
                if alone := self._left_alone(host):
                    return alone
                answer = await exchange()
                tries += 1
                failure = answer if isinstance(answer, Failure) else None
                wait = failure.retry_after if failure else None
                if wait is None or wait > PATIENCE or tries == _TRIES:
                    self._remember(host, failure)
                    return answer
                self._pace.rest(host, wait)

    def network_down(self) -> bool:
        """Whether it seems to be our own network that is down: then failures say nothing of those who were asked."""
        return network_is_down(self._health.values(), self._now())

    def _left_alone(self, host: str) -> Failure | None:
        health, now = self._health.get(host, HostHealth()), self._now()
        if health.open_until is None or health.reason is None or not health.is_open(now):
            return None
        seconds = (health.open_until - now).total_seconds()
        return Failure(health.reason, f"{host} failed {health.failures} times and is left alone", seconds)

    def _remember(self, host: str, failure: Failure | None) -> None:
        now = self._now()
        if host not in self._health and len(self._health) >= _REMEMBERED:
            self._health = {name: health for name, health in self._health.items() if health.is_open(now)}
        reason, asked = (failure.reason, failure.retry_after) if failure else (None, None)
        self._health[host] = after_request(self._health.get(host, HostHealth()), reason, now, self._chance(), asked)
