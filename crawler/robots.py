"""What a host's robots.txt asks for: pure reading of an answer, in protego's dialect (RFC 9309)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: what a crawler reads at least, and what this one reads at most


@dataclass(frozen=True, slots=True)
class RobotsFacts:
    """An answer for robots.txt, as it is kept over a restart.

    Attributes:
        origin: `https://host` or `https://host:port`.
        status: The HTTP status of the answer.
        text: The body, decoded and cut to `MAX_BYTES`; empty unless the status is 2xx.
        fetched_at: When, UTC.
        expires_at: Until when it is believed, UTC.
    """

    origin: str
    status: int
    text: str
    fetched_at: datetime
    expires_at: datetime


class RobotsStore(Protocol):
    """Where answers for robots.txt outlive the process."""

    def load_robots(self, origin: str) -> RobotsFacts | None:
        """What is known of an origin."""

    def save_robots(self, facts: RobotsFacts) -> None:
        """Keep what was learned."""


class RobotsRules:
    """What one robots.txt asks of us.

    Attributes:
        delay: Seconds between two requests; 0 where it asks for none.
        sitemaps: Addresses of the sitemaps it names.
    """

    delay: float
    sitemaps: tuple[str, ...]

    def allows(self, url: str) -> bool:
        """Whether the address may be asked for."""
        raise NotImplementedError(url)


def parse_robots(status: int, body: bytes) -> RobotsRules | None:
    """The rules of an answer; None where it settles nothing and we have to wait (5xx, 429)."""
    raise NotImplementedError(status, body)
