"""What follows from an answer: pure decisions on when to ask again, whom to leave alone, and what a header promises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.errors import Reason

Severity = Literal["soft", "temporary", "hard"]

DAY = 86400.0


def severity(reason: Reason) -> Severity:
    """How grave a failure is."""
    raise NotImplementedError(reason)


def next_try(
    reason: Reason,
    failures: int,
    now: datetime,
    jitter: float,
    retry_after: float | None = None,
    *,
    ceiling: float | None = None,
) -> datetime:
    """When to ask again after a failure.

    Args:
        reason: Why it failed.
        failures: How often in a row, this one included.
        now: The instant, UTC.
        jitter: A random number in [0, 1).
        retry_after: Seconds the other side asked to wait.
        ceiling: Seconds to wait at most, whatever the reason; a source passes `DAY`, since a feed that is gone comes back.
    """
    raise NotImplementedError(reason, failures, now, jitter, retry_after, ceiling)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` field asks to wait (RFC 9110, 10.2.3); None where it asks nothing that can be read."""
    raise NotImplementedError(value, now)


def fresh_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which an answer says it stays fresh (RFC 9111, 4.2.1); None where it says nothing."""
    raise NotImplementedError(headers, now)


@dataclass(frozen=True, slots=True)
class HostHealth:
    """How a host has answered lately: the state of its circuit breaker.

    Attributes:
        failures: Failures of the host itself in a row.
        reason: The last of them.
        failed_at: When that was, UTC.
        answered_at: When it last answered at all, UTC.
        open_until: Nothing is asked before this; then one request tries.
    """

    failures: int = 0
    reason: Reason | None = None
    failed_at: datetime | None = None
    answered_at: datetime | None = None
    open_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the host is left alone now."""
        return self.open_until is not None and now < self.open_until


def after_answer(health: HostHealth, reason: Reason | None, now: datetime, jitter: float) -> HostHealth:
    """The state after a request: `reason` is None where it went well."""
    raise NotImplementedError(health, reason, now, jitter)


def network_is_down(hosts: Iterable[HostHealth], now: datetime) -> bool:
    """Whether it is our own network that is down: several hosts became unreachable and none has answered since."""
    raise NotImplementedError(hosts, now)


def after_outage(now: datetime, jitter: float) -> datetime:
    """When to ask again what failed while our own network was down: soon, but not all at once."""
    raise NotImplementedError(now, jitter)
