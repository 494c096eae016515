"""How hosts are treated: each in its turn, a short wait waited out, and who is in trouble left alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from archive.errors import Failure
from crawler.fetching.backoff import PATIENCE, HostHealth, after_request, during_outage, network_is_down
from crawler.fetching.rate_limit import Pace

T = TypeVar("T")

_TRIES = 3  # in one go, where the host asks for short waits
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class HostState:
    """What is known of a host, as it is kept over a restart.

    Attributes:
        host: `host` or `host:port`.
        delay: Seconds between two requests that its robots.txt asks for.
        free_at: When its next turn begins, UTC.
        health: How it fares.
    """

    host: str
    delay: float = 0.0
    free_at: datetime | None = None
    health: HostHealth = field(default_factory=HostHealth)


class HostStore(Protocol):
    """Where the state of hosts outlives the process."""

    def load_host(self, host: str) -> HostState | None:
        """What is known of a host."""

    def save_host(self, state: HostState) -> None:
        """Keep what was learned."""


class Hosts:
    """The hosts we asked lately, and how they are."""

    def __init__(
        self, pace: Pace, now: Callable[[], datetime], chance: Callable[[], float], store: HostStore | None = None
    ) -> None:
        """Nobody was asked yet, but by an earlier process.

        Args:
            pace: Whose turns are kept.
            now: The clock, UTC.
            chance: Numbers in [0, 1) for jitter.
            store: What outlives the process; None keeps nothing.
        """
        self._pace = pace
        self._now = now
        self._chance = chance
        self._store = store
        self._known: dict[str, HostState] = {}

    async def ask(self, host: str, delay: float, exchange: Callable[[], Awaitable[T | Failure]]) -> T | Failure:
        """Make an exchange in the host's turn, and again where the host asks for a short wait.

        Args:
            host: Whom it disturbs.
            delay: Seconds its robots.txt asks for between two requests.
            exchange: One request; what it returns is told, and counts for the host's health.
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
        """Whether it seems to be our own network that is down: then failures say nothing of those who were asked."""
        return network_is_down((state.health for state in self._known.values()), self._now())

    def _recall(self, host: str) -> None:
        """Know a host as the process before knew it, and let it have the pause that it is owed."""
        if host in self._known:
            return
        now = self._now()
        if len(self._known) >= _REMEMBERED:
            self._known = {name: state for name, state in self._known.items() if state.health.is_open(now)}
        kept = None if self._store is None else self._store.load_host(host)
        self._known[host] = kept or HostState(host)
        if free_at := self._known[host].free_at:
            longest = max(self._pace.gap, self._pace.cap)  # a clock that was set back owes nobody a year
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
