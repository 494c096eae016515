"""Send requests to hosts in turn, with a circuit breaker that leaves a failing host alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from archive.errors import Failure
from crawler.fetching.backoff import PATIENCE, HostHealth, after_request, during_outage, network_is_down
from crawler.fetching.rate_limit import RateLimiter

T = TypeVar("T")

_TRIES = 3  # requests in a row, if the host asks for short waits
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class HostState:
    """The state of a host, which is stored across restarts.

    Attributes:
        host: `host` or `host:port`.
        delay: Seconds between two requests that its robots.txt asks for.
        free_at: When the next request is allowed, UTC.
        health: The state of its circuit breaker.
    """

    host: str
    delay: float = 0.0
    free_at: datetime | None = None
    health: HostHealth = field(default_factory=HostHealth)


class HostStore(Protocol):
    """Store the state of hosts across restarts."""

    def load_host(self, host: str) -> HostState | None:
        """Return the stored state of a host, or None."""

    def save_host(self, state: HostState) -> None:
        """Store the state of a host."""


class Hosts:
    """Hold the hosts that were requested lately, and the state of each."""

    def __init__(
        self,
        pace: RateLimiter,
        now: Callable[[], datetime],
        chance: Callable[[], float],
        store: HostStore | None = None,
    ) -> None:
        """Start with the hosts in the store.

        Args:
            pace: Limits the rate of requests.
            now: The clock, UTC.
            chance: Returns random numbers in [0, 1) for jitter.
            store: Stores the state across restarts; None stores nothing.
        """
        self._pace = pace
        self._now = now
        self._chance = chance
        self._store = store
        self._known: dict[str, HostState] = {}

    async def ask(self, host: str, delay: float, exchange: Callable[[], Awaitable[T | Failure]]) -> T | Failure:
        """Send a request in the host's turn, and again if the host asks for a short wait.

        Args:
            host: The host, with its port if that is not the default.
            delay: Seconds between two requests that its robots.txt asks for.
            exchange: Sends one request; its result counts for the host's health.
        """
        self._recall(host)
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
                    self._remember(host, delay, failure)
                    return answer
                self._pace.rest(host, wait)

    def network_down(self) -> bool:
        """Return whether the local network seems to be down; failures then say nothing about the hosts."""
        return network_is_down((state.health for state in self._known.values()), self._now())

    def _recall(self, host: str) -> None:
        """Load the state of a host from the store, and resume its remaining pause."""
        if host in self._known:
            return
        now = self._now()
        if len(self._known) >= _REMEMBERED:
            self._known = {name: state for name, state in self._known.items() if state.health.is_open(now)}
        kept = None if self._store is None else self._store.load_host(host)
        self._known[host] = kept or HostState(host)
        if free_at := self._known[host].free_at:
            longest = max(self._pace.gap, self._pace.cap)  # bounds the pause, even if the clock was set back
            self._pace.rest(host, min((free_at - now).total_seconds(), longest))

    def _left_alone(self, host: str) -> Failure | None:
        health, now = self._health(host), self._now()
        if health.open_until is None or health.reason is None or not health.is_open(now):
            return None
        why = f"failed {health.failures} times" if health.failures else "cannot be reached, nor can others,"
        return Failure(health.reason, f"{host} {why} and is left alone", (health.open_until - now).total_seconds())

    def _health(self, host: str) -> HostHealth:
        return self._known[host].health if host in self._known else HostHealth()

    def _remember(self, host: str, delay: float, failure: Failure | None) -> None:
        now, before, pause = self._now(), self._known.get(host, HostState(host)), self._pace.pause(delay)
        reason, asked = (failure.reason, failure.retry_after) if failure else (None, None)
        health = after_request(before.health, reason, now, self._chance(), asked)
        self._known[host] = HostState(host, delay, now + timedelta(seconds=pause), health)
        if reason and reason.traits.excused_offline and self.network_down():
            spared = during_outage(before.health, reason, now, self._chance())
            self._known[host] = HostState(host, delay, now + timedelta(seconds=pause), spared)
        worth_it = pause > 0 or failure or before.health.failures or before.delay != delay
        if self._store is not None and worth_it:
            self._store.save_host(self._known[host])
