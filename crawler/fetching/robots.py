"""Parse robots.txt (RFC 9309) with protego, and cache it.

This module sends no requests: the caller passes the function that fetches.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from protego import Protego

from archive.errors import Failure, Reason

MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: the part that must be parsed; the rest is ignored
TOKEN = "khobao"  # noqa: S105 - RFC 9309 calls it the product token

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_BELIEVED = timedelta(days=1)  # until it is fetched again, RFC 9309, 2.4
_STALE = timedelta(days=1)  # how long an old copy is used if fetching fails
_RETRY = timedelta(minutes=1)
_REMEMBERED = 1000  # origins
_MAX_SITEMAPS = 500
_AGENT = re.compile(r"^[^\S\n]*user[- ]?agent\b[^\S\n]*:?([^#\n]*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RobotsFacts:
    """A response for robots.txt, as stored across restarts.

    Attributes:
        origin: `https://host` or `https://host:port`.
        status: The HTTP status of the response.
        text: The body, decoded and truncated to `MAX_BYTES`; empty unless the status is 2xx.
        fetched_at: When, UTC.
        expires_at: Until when it is used, UTC.
    """

    origin: str
    status: int
    text: str
    fetched_at: datetime
    expires_at: datetime


class RobotsStore(Protocol):
    """Store the robots.txt of every origin across restarts."""

    def load_robots(self, origin: str) -> RobotsFacts | None:
        """Return the stored robots.txt of an origin, or None."""

    def save_robots(self, facts: RobotsFacts) -> None:
        """Store the robots.txt of an origin."""


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one robots.txt.

    Attributes:
        delay: Seconds between two requests; 0 for none.
        sitemaps: Addresses of the sitemaps it names.
        parsed: The rules, parsed by protego.
    """

    delay: float
    sitemaps: tuple[str, ...]
    parsed: Protego = field(repr=False, compare=False)

    def allows(self, url: str) -> bool:
        """Return whether an address may be fetched."""
        return bool(self.parsed.can_fetch(url, TOKEN))


def is_conclusive(status: int) -> bool:
    """Return whether the status of a robots.txt settles the rules (RFC 9309, 2.3.1).

    A 2xx does, and so does a 4xx: there is no robots.txt, and everything is allowed. A 5xx means an outage, during
    which nothing is fetched; Google treats 429 so, too.
    """
    return 200 <= status < 300 or (400 <= status < 500 and status != 429)  # noqa: PLR2004 - classes of status


def facts_of(origin: str, status: int, body: bytes, now: datetime) -> RobotsFacts:
    """Build the facts of a conclusive response.

    Args:
        origin: The origin that answered.
        status: The HTTP status.
        body: The content, used only with a 2xx.
        now: The current time, UTC.
    """
    text = _text(body) if 200 <= status < 300 else ""  # noqa: PLR2004
    return RobotsFacts(origin, status, text, now, now + _BELIEVED)


def _text(body: bytes) -> str:
    """Decode a robots.txt, without invalid bytes, nulls, and a truncated last line."""
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES].rpartition(b"\n")[0]
    return body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="ignore").replace("\0", "")


def parse_robots(text: str) -> RobotsRules:
    """Parse the rules of any robots.txt, valid or not."""
    # protego stores every rule once for every agent of its group. A response of 500 KB with twenty thousand agents and
    # ten thousand rules would use up the memory of the machine. So all other agents are merged into one.
    lines = "\n".join(text.splitlines())  # protego splits lines in the same way
    parsed = Protego.parse(_AGENT.sub(_own_or_other, lines))
    rate = parsed.request_rate(TOKEN)
    paced = rate.seconds / rate.requests if rate and rate.requests > 0 else 0.0
    delay = max(0.0, parsed.crawl_delay(TOKEN) or 0.0, paced)
    sitemaps = dict.fromkeys(address for address in parsed.sitemaps if len(address) <= 2000)  # noqa: PLR2004
    return RobotsRules(delay, tuple(sitemaps)[:_MAX_SITEMAPS], parsed)


def _own_or_other(match: re.Match[str]) -> str:
    agent = match[1].strip().lower().partition("/")[0]
    return f"User-agent: {agent if agent in {'*', TOKEN} else 'other'}"


@dataclass(slots=True)
class _Known:
    """The known rules of one origin."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: RobotsRules | None = None
    expires_at: datetime = _LONG_AGO
    failure: Failure | None = None
    retry_at: datetime = _LONG_AGO


class Robots:
    """Hold the rules of every origin, fetched once a day by one task at a time, across restarts."""

    def __init__(
        self,
        ask: Callable[[str], Awaitable[tuple[int, bytes] | Failure]],
        store: RobotsStore | None,
        now: Callable[[], datetime],
    ) -> None:
        """Set up; nothing is fetched yet.

        Args:
            ask: Fetches an address, following redirects; returns a conclusive status and the content, or a failure.
            store: Stores the rules across restarts; None stores nothing.
            now: The clock, UTC.
        """
        self._ask = ask
        self._store = store
        self._now = now
        self._known: dict[str, _Known] = {}

    async def rules(self, origin: str) -> RobotsRules | Failure:
        """Return the rules of an origin, or why nothing may be fetched from it now."""
        known = self._of(origin)
        async with known.lock:
            if known.rules is None and self._store and (facts := self._store.load_robots(origin)):
                known.rules, known.expires_at = parse_robots(facts.text), facts.expires_at
            if self._now() >= max(known.expires_at, known.retry_at):
                await self._renew(origin, known)
            if known.rules and self._now() < known.expires_at + _STALE:
                return known.rules
            return known.failure or Failure(Reason.ROBOTS_UNAVAILABLE)

    async def _renew(self, origin: str, known: _Known) -> None:
        answer = await self._ask(f"{origin}/robots.txt")
        now = self._now()
        if isinstance(answer, Failure) and answer.reason is Reason.REDIRECTS:
            answer = (404, b"")  # RFC 9309, 2.3.1.2: treat it as missing
        if isinstance(answer, Failure):
            reason = answer.reason if answer.reason.traits.outranks_robots else Reason.ROBOTS_UNAVAILABLE
            known.failure = Failure(reason, f"robots.txt: {answer}", answer.retry_after)
            known.retry_at = now + _RETRY
            return
        facts = facts_of(origin, *answer, now)
        known.rules, known.expires_at, known.failure = parse_robots(facts.text), facts.expires_at, None
        if self._store:
            self._store.save_robots(facts)

    def _of(self, origin: str) -> _Known:
        if origin not in self._known and len(self._known) >= _REMEMBERED:
            self._known = {name: known for name, known in self._known.items() if known.lock.locked()}
        return self._known.setdefault(origin, _Known())
