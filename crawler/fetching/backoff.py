"""Decide when to retry and which hosts to leave alone: backoff, freshness and circuit breaker. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from archive.errors import Reason, Severity

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
PATIENCE = 10.0  # seconds; a shorter Retry-After is waited for, after a longer one the host is left alone

# Seconds before the second try, and the longest wait; the wait doubles in between.
_BACKOFF: dict[Severity, tuple[float, float]] = {
    "soft": (5 * MINUTE, DAY),
    "temporary": (HOUR, DAY),
    "hard": (7 * DAY, 30 * DAY),
}
_SOONEST = MINUTE
_SPREAD = 0.25  # share of a hard failure's wait; it is only added, so the wait is at least the full week

_TOLERATED = 5  # failures of a host in a row before its circuit breaker opens
_OUTAGE_HOSTS = 3
_QUIET = 10.0  # seconds without a response from any host
_RECOVERY = 10 * MINUTE
_OUTAGE_WINDOW = _SOONEST + _RECOVERY + 4 * MINUTE  # longer than the pause in which no host is requested


def next_try(
    reason: Reason,
    failures: int,
    now: datetime,
    jitter: float,
    retry_after: float | None = None,
    *,
    most: tuple[float, float] = (math.inf, math.inf),
) -> datetime:
    """Return when to retry after a failure: exponential backoff with full jitter, without an end.

    Soft and temporary failures wait at most a day, hard ones a week and then a month. A page that may be broken only
    for a moment is retried after an hour.

    Args:
        reason: Why the request failed.
        failures: The number of failures in a row, this one included.
        now: The current time, UTC.
        jitter: A random number in [0, 1).
        retry_after: Seconds to wait that the server asked for; used up to a day.
        most: The longest wait in seconds for any reason: before the second try, and before later ones. For sources
            that worked before: a feed that answers 404 may be back when its site has been updated.
    """
    grave, nth = reason.traits.severity, max(failures - 1, 0)
    base, longest = map(min, _BACKOFF[grave], most)
    if reason.traits.second_look:
        base, nth = (base, nth - 1) if nth else (HOUR, 0)
    wait = min(base * 2.0 ** min(nth, 30), longest)
    wait = wait * (1 + _SPREAD * jitter) if grave == "hard" else wait * jitter
    wait = max(wait, _SOONEST, min(retry_after or 0.0, DAY))
    return now + timedelta(seconds=min(wait, most[1]))


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` field asks to wait, at most a day (RFC 9110, 10.2.3).

    Returns:
        None if the field is missing or unreadable, or if its time is over.
    """
    seconds = _seconds(value)
    if seconds is None and (until := _http_date(value)):
        seconds = (until - now).total_seconds()
    return None if seconds is None or seconds < 0 else min(seconds, DAY)


def fresh_for(cache_control: str | None, expires: str | None, age: str | None, now: datetime) -> float | None:
    """Return for how many seconds a response stays fresh (RFC 9111, 4.2.1).

    Args:
        cache_control: The `Cache-Control` field.
        expires: The `Expires` field, used if there is no `max-age`.
        age: The `Age` field: how long the response was in a cache on the way.
        now: The current time, UTC.

    Returns:
        None if the response does not say, 0 if it is stale already.
    """
    directives = dict(part.strip().lower().partition("=")[::2] for part in (cache_control or "").split(","))
    if "no-store" in directives or "no-cache" in directives:
        return None
    lifetime = _seconds(directives.get("max-age", "").strip('" '))
    if lifetime is None:
        until = _http_date(expires)
        return max((until - now).total_seconds(), 0.0) if until else None
    return max(lifetime - (_seconds(age) or 0.0), 0.0)


def _seconds(value: str | None) -> float | None:
    """Parse a whole number of seconds, at most 2**31 (RFC 9111, 1.2.2)."""
    text = (value or "").strip()
    return float(min(int(text[:12]), 2**31)) if text.isascii() and text.isdigit() else None


def _http_date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime((value or "")[:64])
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class HostHealth:
    """The state of a host's circuit breaker.

    Attributes:
        failures: Failures of the host itself in a row.
        reason: The reason of the last failure; None after a response.
        failed_at: When it last failed, UTC.
        answered_at: When it last responded, UTC.
        open_until: No request is sent before this time, UTC; after it, a single failure opens the circuit again.
    """

    failures: int = 0
    reason: Reason | None = None
    failed_at: datetime | None = None
    answered_at: datetime | None = None
    open_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether no request may be sent to the host now."""
        return self.open_until is not None and now < self.open_until


def after_request(
    health: HostHealth, reason: Reason | None, now: datetime, jitter: float, retry_after: float | None = None
) -> HostHealth:
    """Return the state of a host after a request.

    Args:
        health: The state before the request.
        reason: Why the request failed; None if it did not. A failure of a single address does not count.
        now: The current time, UTC.
        jitter: A random number in [0, 1).
        retry_after: Seconds to wait that the host asked for.
    """
    if reason is None or not reason.traits.blames_host:
        return HostHealth(answered_at=now)
    failures = health.failures + 1
    asked = retry_after > PATIENCE if retry_after is not None else reason is Reason.RATE_LIMITED
    tired = asked or failures >= _TOLERATED
    until = next_try(reason, failures - _TOLERATED + 1, now, jitter, retry_after) if tired else None
    return replace(health, failures=failures, reason=reason, failed_at=now, open_until=until)


def network_is_down(hosts: Iterable[HostHealth], now: datetime) -> bool:
    """Return whether the local network is down: several hosts failed lately, and none responded since."""
    seen = list(hosts)
    since = now - timedelta(seconds=_OUTAGE_WINDOW)
    if answered := max((health.answered_at for health in seen if health.answered_at), default=None):
        if (
            now - answered
        ).total_seconds() < _QUIET:  # one quiet moment is not enough: several of many hosts may fail at the same time
            return False
        since = max(since, answered)
    failed = [health.reason for health in seen if health.reason and health.failed_at and health.failed_at >= since]
    return sum(reason.traits.means_no_connection for reason in failed) >= _OUTAGE_HOSTS


def during_outage(health: HostHealth, reason: Reason, now: datetime, jitter: float) -> HostHealth:
    """Return a host's state after a failure during a local outage; the host is not blamed.

    Args:
        health: The state before the request.
        reason: Why the request failed.
        now: The current time, UTC.
        jitter: A random number in [0, 1).
    """
    return replace(health, reason=reason, failed_at=now, open_until=after_outage(now, jitter))


def after_outage(now: datetime, jitter: float) -> datetime:
    """Return when to retry after a local outage: within minutes, but not all at the same time."""
    return now + timedelta(seconds=_SOONEST + jitter * _RECOVERY)
