"""Fetching, politely and within bounds: the one way from an address to what it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

import httpx

from archive.errors import Failure
from crawler.client import Limits, build_client, user_agent
from crawler.outlet import Outlet
from crawler.pace import Pace
from crawler.page import Fetched, NotModified
from crawler.robots import RobotsRules, RobotsStore

__all__ = ["Fetcher", "Limits", "build_client", "user_agent"]


def utc_now() -> datetime:
    """The instant, in UTC."""
    return datetime.now(UTC)


class Fetcher:
    """Fetches for all tasks of the process; never raises for what the other side does."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        pace: Pace,
        *,
        limits: Limits | None = None,
        robots: RobotsStore | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._pace = pace
        self._limits = limits or Limits()
        self._robots = robots
        self._now = now

    async def fetch(
        self,
        url: str,
        *,
        outlet: Outlet,
        accept: Literal["page", "list"] = "page",
        etag: str = "",
        last_modified: str = "",
    ) -> Fetched | NotModified | Failure:
        """Ask for an address, if its host allows it, when its host's turn has come.

        Args:
            url: What to ask for.
            outlet: On whose behalf; its ports are allowed besides the usual ones.
            accept: `page` for HTML, `list` for feeds, sitemaps and other sources.
            etag: The `ETag` of the version we have; empty for none.
            last_modified: The `Last-Modified` of the version we have; empty for none.
        """
        raise NotImplementedError(url, outlet, accept, etag, last_modified)

    async def rules(self, url: str) -> RobotsRules | Failure:
        """What the robots.txt of the address's host asks for (its sitemaps, too); fetched once a day."""
        raise NotImplementedError(url)
