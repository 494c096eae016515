"""Fetching, politely and within bounds: the one way from an address to what it answers.

    address -> its form -> robots.txt -> the host's turn -> one exchange -> judgement -> the next hop, or what came

Everything the other side does is a value here: `Fetched`, `NotModified` or a `Failure`.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from archive.errors import Failure, Reason
from archive.record import Capture
from crawler.fetching.allowed_addresses import host_of, origin_of, vet_address
from crawler.fetching.backoff import fresh_for
from crawler.fetching.hosts import Hosts, HostState, HostStore
from crawler.fetching.http_client import Client, Limits
from crawler.fetching.rate_limit import Pace
from crawler.fetching.responses import ACCEPT, Kind, next_hop, refusal, wall, wrong_type
from crawler.fetching.robots import MAX_BYTES, Robots, RobotsRules, RobotsStore, settles
from crawler.fetching.transports import build_client, user_agent
from crawler.outlets.model import Outlet
from crawler.page import Fetched, NotModified, Page
from crawler.parsing.decompression import inflate

__all__ = ["Client", "Fetcher", "HostState", "HostStore", "Limits", "build_client", "user_agent"]

_NOT_MODIFIED = 304


def utc_now() -> datetime:
    """The instant, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class _Errand:
    """What one fetch carries along from hop to hop.

    Attributes:
        url: The address asked first.
        kind: What is expected; None for a robots.txt, which needs no leave to be asked for.
        ports: That are allowed besides the usual ones.
        limit: Bytes of the body.
        seconds: That are left for exchanges.
        conditions: Fields that make the request conditional.
        passed: The addresses that redirected us.
        notes: What was odd.
    """

    url: str
    kind: Kind | None
    ports: tuple[int, ...]
    limit: int
    seconds: float
    conditions: dict[str, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def headers(self, url: str) -> dict[str, str]:
        """The fields of a request; conditions hold for the resource asked first, on whatever host, and for no other."""
        if self.kind is None:
            return {"Accept": "text/plain, */*;q=0.1", "Accept-Encoding": "identity"}  # so that it can be cut
        same = urlsplit(url)[2:4] == urlsplit(self.url)[2:4]
        return {"Accept": ACCEPT[self.kind], **(self.conditions if same else {})}


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that is no failure, and its content."""

    capture: Capture
    content: bytes = b""


class Fetcher:
    """Fetches for all tasks of the process; never raises for what the other side does."""

    def __init__(
        self,
        client: Client,
        pace: Pace,
        *,
        limits: Limits | None = None,
        robots: RobotsStore | None = None,
        hosts: HostStore | None = None,
        now: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is asked yet.

        Args:
            client: What carries the requests; closed by whoever made it.
            pace: Whose turns are kept.
            limits: Bounds of one fetch.
            robots: Where robots.txt outlives the process; None keeps it for the process alone.
            hosts: Where it outlives the process how hosts fare; likewise.
            now: The clock, UTC.
            chance: Numbers in [0, 1) for jitter.
        """
        self._client = client
        self._pace = pace
        self._limits = limits or Limits()
        self._robots = Robots(self._ask_robots, robots, now)
        self._hosts = Hosts(pace, now, chance, hosts)
        self._now = now

    async def fetch(
        self, url: str, *, outlet: Outlet, accept: Kind = "page", etag: str = "", last_modified: str = ""
    ) -> Fetched | NotModified | Failure:
        """Ask for an address, if its host allows it, when its host's turn has come.

        Args:
            url: What to ask for.
            outlet: On whose behalf; its ports are allowed besides the usual ones.
            accept: `page` for HTML, `list` for feeds, sitemaps and other sources.
            etag: The `ETag` of the version we have; empty for none.
            last_modified: The `Last-Modified` of the version we have; empty for none.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        errand = _Errand(
            url=url,
            kind=accept,
            ports=outlet.ports,
            limit=self._limits.max_page if accept == "page" else self._limits.max_list,
            seconds=self._limits.total,
            conditions={name: value for name, value in conditions.items() if value},
        )
        answer = await self._run(errand)
        return answer if isinstance(answer, Failure) else _settle(answer, errand)

    async def rules(self, url: str, outlet: Outlet) -> RobotsRules | Failure:
        """What the robots.txt of an address's host asks for, its sitemaps among it; asked for once a day."""
        return vet_address(url, outlet.ports) or await self._robots.rules(origin_of(url))

    async def save(self, url: str, path: Path) -> Failure | None:
        """Load a file that a person named, of any size; see `Client.save`."""
        return vet_address(url, ()) or await self._client.save(url, path, self._limits)

    def network_down(self) -> bool:
        """Whether it seems to be our own network that is down: then failures say nothing of those who were asked."""
        return self._hosts.network_down()

    async def _run(self, errand: _Errand) -> _Answer | Failure:
        """Follow an errand to where it leads: each hop is vetted as the first one was."""
        url = errand.url
        while True:
            answer = await self._visit(url, errand)
            if isinstance(answer, Failure):
                return (
                    replace(answer, detail=f"redirected to {_bare(url)}: {answer.detail}") if errand.passed else answer
                )
            onward = next_hop(answer.capture)
            if onward is None or isinstance(onward, Failure):
                return onward or answer
            errand.passed.append(url)
            if astray := self._astray(onward, answer.capture, errand):
                return astray
            if url.startswith("https:") and onward.startswith("http:"):
                errand.notes.append(f"redirected from https to {_bare(onward)}")
            url = onward

    def _astray(self, onward: str, answer: Capture, errand: _Errand) -> Failure | None:
        """Why the next hop is not taken."""
        if onward == answer.url and answer.header("Set-Cookie"):
            return Failure(Reason.BLOCKED, "redirects to itself until it gets its cookie back")
        if onward in errand.passed:
            return Failure(Reason.REDIRECTS, f"a loop, back to {_bare(onward)}")
        if len(errand.passed) > self._limits.max_redirects:
            return Failure(Reason.REDIRECTS, f"more than {self._limits.max_redirects}")
        return None

    async def _visit(self, url: str, errand: _Errand) -> _Answer | Failure:
        """Ask one address, if its form and its host's robots.txt allow it, in the host's turn."""
        if bad := vet_address(url, errand.ports):
            return bad
        url, host, delay = urldefrag(url).url, host_of(url), 0.0
        if errand.kind is not None:
            rules = await self._robots.rules(origin_of(url))
            if isinstance(rules, Failure):
                return rules
            if not rules.allows(url):
                return Failure(Reason.ROBOTS, f"robots.txt of {host} asks not to")
            if (delay := rules.delay) > self._pace.cap:
                errand.notes.append(f"{host} asks for {delay:g} s between requests; {self._pace.cap:g} s are kept")
        return await self._hosts.ask(host, delay, lambda: self._exchange(url, errand))

    async def _exchange(self, url: str, errand: _Errand) -> _Answer | Failure:
        """Ask once, in what time is left."""
        clock = asyncio.get_running_loop().time
        began = clock()
        answer = await self._client.get(
            url,
            errand.headers(url),
            limits=self._limits,
            limit=errand.limit,
            seconds=errand.seconds,
            now=self._now,
            cut=errand.kind is None,
        )
        errand.seconds -= clock() - began
        return answer if isinstance(answer, Failure) else _judge(answer, errand)

    async def _ask_robots(self, url: str) -> tuple[int, bytes] | Failure:
        ports = (
            (port,) if (port := urlsplit(url).port) else ()
        )  # that it may be asked was found when its page was vetted
        answer = await self._run(_Errand(url, None, ports, MAX_BYTES, self._limits.total))
        return answer if isinstance(answer, Failure) else (answer.capture.status, answer.content)


def _judge(answer: Capture, errand: _Errand) -> _Answer | Failure:
    """What one answer is: a failure, a redirect, or content of the kind expected."""
    onward = next_hop(answer)
    if onward is not None:
        return onward if isinstance(onward, Failure) else _Answer(answer)
    if answer.status == _NOT_MODIFIED and errand.conditions:
        return _Answer(answer)
    inflated = inflate(answer.payload, answer.header("Content-Encoding") or "", errand.limit)
    content = inflated if isinstance(inflated, Failure) else inflated.content
    errand.notes += () if isinstance(inflated, Failure) else inflated.notes
    if errand.kind is None and settles(answer.status):
        return content if isinstance(content, Failure) else _Answer(answer, content)
    if refused := refusal(answer):
        return (refused.reason.traits.may_be_wall and isinstance(content, bytes) and wall(content)) or refused
    if isinstance(content, Failure):
        return content
    called = answer.header("Content-Type") or ""
    return wrong_type(errand.kind or "page", called, content) or wall(content) or _Answer(answer, content)


def _settle(answer: _Answer, errand: _Errand) -> Fetched | NotModified:
    capture = answer.capture
    cache_control, expires, age = (capture.header(name) for name in ("Cache-Control", "Expires", "Age"))
    fresh = fresh_for(cache_control, expires, age, capture.fetched_at)
    if capture.status == _NOT_MODIFIED:
        return NotModified(errand.url, capture.fetched_at, fresh)
    called, robots = (capture.header(name) or "" for name in ("Content-Type", "X-Robots-Tag"))
    page = Page(capture.url, answer.content, called, robots=robots)
    return Fetched(page, capture, tuple(errand.passed), fresh, tuple(errand.notes))


def _bare(url: str) -> str:
    """An address fit to be told: no credentials, no monsters."""
    return re.sub(r"//[^/?#]*@", "//", url)[:200]
