"""Fetch politely and within bounds: the only way from an address to its response.

      address -> its form -> robots.txt -> wait for the host's turn -> one request -> judgement -> next hop or content

Whatever the server does is returned as a value: `Fetched`, `NotModified` or a `Failure`.
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
from crawler.fetching.cookies import FetchCookies
from crawler.fetching.hosts import Hosts, HostState, HostStore
from crawler.fetching.http_client import Client, Limits
from crawler.fetching.meta_refresh import refresh_target
from crawler.fetching.rate_limit import RateLimiter
from crawler.fetching.responses import ACCEPT, Kind, find_wall, named_status, next_hop, status_failure, type_failure
from crawler.fetching.robots import MAX_BYTES, Robots, RobotsRules, RobotsStore, is_conclusive
from crawler.fetching.transports import build_client, user_agent
from crawler.outlets.model import Outlet
from crawler.page import Fetched, NotModified, Page
from crawler.parsing.decompression import inflate

__all__ = ["Client", "Fetcher", "HostState", "HostStore", "Limits", "build_client", "user_agent"]

_NOT_MODIFIED = 304


def utc_now() -> datetime:
    """Return the current time, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class _Fetch:
    """Hold the state of one fetch across its redirects.

    Attributes:
        url: The requested address.
        kind: The expected kind of content; None for a robots.txt, which may always be fetched.
        ports: Ports that are allowed besides the usual ones.
        limit: The largest body, in bytes.
        seconds: The seconds that are left for requests.
        conditions: Header fields that make the request conditional.
        passed: The addresses that redirected, in order.
        asked: Each requested address, with the cookies that were sent.
        cookies: The cookies that were set during this fetch.
        notes: What was unusual, one line each.
    """

    url: str
    kind: Kind | None
    ports: tuple[int, ...]
    limit: int
    seconds: float
    conditions: dict[str, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    asked: set[tuple[str, str]] = field(default_factory=set)
    cookies: FetchCookies = field(default_factory=FetchCookies)
    notes: list[str] = field(default_factory=list)

    def headers(self, url: str) -> dict[str, str]:
        """Return the header fields of a request; conditions apply to the original path, on any host."""
        if self.kind is None:
            fields = {
                "Accept": "text/plain, */*;q=0.1",
                "Accept-Encoding": "identity",
            }  # uncompressed, so that it can be truncated
        else:
            same = urlsplit(url)[2:4] == urlsplit(self.url)[2:4]
            fields = {"Accept": ACCEPT[self.kind], **(self.conditions if same else {})}
        cookie = self.cookies.field(url)
        return fields | ({"Cookie": cookie} if cookie else {})

    def redirects(self, end: str) -> tuple[str, ...]:
        """Return the addresses that redirected; none if a site only wanted its cookie back."""
        return () if end == urldefrag(self.url).url else tuple(url for url in dict.fromkeys(self.passed) if url != end)


@dataclass(frozen=True, slots=True)
class _Answer:
    """Hold a response that is not a failure.

    Attributes:
        capture: The request and its response.
        content: The body, content-decoded.
        onward: The address that it redirects to; empty for no redirect.
    """

    capture: Capture
    content: bytes = b""
    onward: str = ""


class Fetcher:
    """Fetch addresses for all tasks of the process; no exception is raised for what a server does."""

    def __init__(
        self,
        client: Client,
        pace: RateLimiter,
        *,
        limits: Limits | None = None,
        robots: RobotsStore | None = None,
        hosts: HostStore | None = None,
        now: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Set up the fetcher; nothing is requested yet.

        Args:
            client: The HTTP client; the caller closes it.
            pace: Limits the rate of requests to each host.
            limits: Bounds of one fetch.
            robots: Stores robots.txt across restarts; None stores it for this process only.
            hosts: Stores the state of hosts across restarts; None stores it for this process only.
            now: The clock, UTC.
            chance: Returns random numbers in [0, 1) for jitter.
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
        """Fetch an address, if its host allows it, when it is the host's turn.

        Args:
            url: The address.
            outlet: The outlet that the address belongs to; its declared ports are allowed too.
            accept: `page` for HTML, `list` for feeds, sitemaps and other sources, `site` for either.
            etag: The `ETag` of the stored version; empty for none.
            last_modified: The `Last-Modified` of the stored version; empty for none.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        fetch = _Fetch(
            url=url,
            kind=accept,
            ports=outlet.ports,
            limit=self._limits.max_page if accept == "page" else self._limits.max_list,
            seconds=self._limits.total,
            conditions={name: value for name, value in conditions.items() if value},
        )
        answer = await self._run(fetch)
        return answer if isinstance(answer, Failure) else _outcome(answer, fetch)

    async def rules(self, url: str, outlet: Outlet) -> RobotsRules | Failure:
        """Return the robots.txt rules and sitemaps of an address's host, fetched once a day."""
        return vet_address(url, outlet.ports) or await self._robots.rules(origin_of(url))

    async def save(self, url: str, path: Path) -> Failure | None:
        """Download a file that a person named, of any size; see `Client.save`."""
        return vet_address(url, ()) or await self._client.save(url, path, self._limits)

    def network_down(self) -> bool:
        """Return whether the local network seems to be down; failures then say nothing about the hosts."""
        return self._hosts.network_down()

    async def _run(self, fetch: _Fetch) -> _Answer | Failure:
        """Follow redirects to the end; check each hop like the first address."""
        url = fetch.url
        while True:
            fetch.asked.add((url, fetch.cookies.field(url)))
            answer = await self._visit(url, fetch)
            if isinstance(answer, Failure):
                return (
                    replace(answer, detail=f"redirected to {_bare(url)}: {answer.detail}") if fetch.passed else answer
                )
            if _is_of_another_version(answer.capture, fetch):
                fetch.conditions.clear()
                fetch.notes.append("it answered 304 for another version than the stored one; fetched again in full")
                continue
            if not answer.onward:
                return answer
            fetch.passed.append(url)
            fetch.cookies.learn(answer.capture)
            if stop := self._stop_reason(answer.onward, fetch):
                return stop
            if url.startswith("https:") and answer.onward.startswith("http:"):
                fetch.notes.append(f"redirected from https to {_bare(answer.onward)}")
            url = answer.onward

    def _stop_reason(self, onward: str, fetch: _Fetch) -> Failure | None:
        """Return why the next redirect is not followed; None if it is."""
        cookie = fetch.cookies.field(onward)
        many = len(fetch.passed) > self._limits.max_redirects
        if (onward, cookie) in fetch.asked or (cookie and many and onward in fetch.passed):
            if cookie:
                return Failure(
                    Reason.BLOCKED, f"redirects in a loop, back to {_bare(onward)}, with and without cookies"
                )
            return Failure(Reason.REDIRECTS, f"a loop, back to {_bare(onward)}")
        if many:
            return Failure(Reason.REDIRECTS, f"more than {self._limits.max_redirects}")
        return None

    async def _visit(self, url: str, fetch: _Fetch) -> _Answer | Failure:
        """Request one address in its host's turn, if its form and robots.txt allow it."""
        if bad := vet_address(url, fetch.ports):
            return bad
        url, host, delay = urldefrag(url).url, host_of(url), 0.0
        if fetch.kind is not None:
            rules = await self._robots.rules(origin_of(url))
            if isinstance(rules, Failure):
                return rules
            if not rules.allows(url):
                return Failure(Reason.ROBOTS, f"robots.txt of {host} disallows it")
            if (delay := rules.delay) > self._pace.cap:
                fetch.notes.append(f"{host} asks for {delay:g} s between requests; {self._pace.cap:g} s are kept")
        return await self._hosts.ask(host, delay, lambda: self._exchange(url, fetch))

    async def _exchange(self, url: str, fetch: _Fetch) -> _Answer | Failure:
        """Send one request within the remaining time."""
        clock = asyncio.get_running_loop().time
        began = clock()
        response = await self._client.get(
            url,
            fetch.headers(url),
            limits=self._limits,
            limit=fetch.limit,
            seconds=fetch.seconds,
            now=self._now,
            cut=fetch.kind is None,
        )
        fetch.seconds -= clock() - began
        if isinstance(response, Failure):
            return response
        fetch.notes += response.notes
        return _judge(response.capture, fetch)

    async def _ask_robots(self, url: str) -> tuple[int, bytes] | Failure:
        port = urlsplit(url).port  # this port was allowed when the page's address was checked
        answer = await self._run(_Fetch(url, None, (port,) if port else (), MAX_BYTES, self._limits.total))
        return answer if isinstance(answer, Failure) else (answer.capture.status, answer.content)


def _is_of_another_version(response: Capture, fetch: _Fetch) -> bool:
    """Return whether a 304 names another ETag than the one that was sent (RFC 9111, 4.3.4)."""
    ours, theirs = fetch.conditions.get("If-None-Match", ""), response.header("ETag") or ""
    both = bool(ours and theirs and response.status == _NOT_MODIFIED)
    return both and ours.removeprefix("W/") != theirs.removeprefix("W/")


def _judge(response: Capture, fetch: _Fetch) -> _Answer | Failure:
    """Judge one response: a failure, a redirect, or content of the expected kind."""
    onward = next_hop(response)
    if onward is not None:
        return onward if isinstance(onward, Failure) else _Answer(response, onward=onward)
    if response.status == _NOT_MODIFIED and fetch.conditions:
        return _Answer(response)
    inflated = inflate(response.payload, response.header("Content-Encoding") or "", fetch.limit)
    content = inflated if isinstance(inflated, Failure) else inflated.content
    fetch.notes += () if isinstance(inflated, Failure) else inflated.notes
    if fetch.kind is None and is_conclusive(response.status):
        return content if isinstance(content, Failure) else _Answer(response, content)
    if refused := status_failure(response):
        return (refused.reason.traits.may_be_wall and isinstance(content, bytes) and find_wall(content)) or refused
    if isinstance(content, Failure):
        return content
    return _judge_content(response, content, fetch)


def _judge_content(response: Capture, content: bytes, fetch: _Fetch) -> _Answer | Failure:
    if not content.strip():
        return Failure(Reason.EMPTY, f"{named_status(response.status)} with an empty body")
    declared = response.header("Content-Type") or ""
    if wrong := type_failure(fetch.kind or "page", declared, content) or find_wall(content):
        return wrong
    onward = refresh_target(content, response.url, response.header("Refresh") or "")
    if onward:
        fetch.notes.append(f"a meta refresh to {_bare(onward)}")
    return _Answer(response, content, onward)


def _outcome(answer: _Answer, fetch: _Fetch) -> Fetched | NotModified:
    capture = answer.capture
    cache_control, expires, age = (capture.header(name) for name in ("Cache-Control", "Expires", "Age"))
    fresh = fresh_for(cache_control, expires, age, capture.fetched_at)
    if capture.status == _NOT_MODIFIED:
        return NotModified(fetch.url, capture.fetched_at, fresh, tuple(fetch.notes))
    declared, robots = (capture.header(name) or "" for name in ("Content-Type", "X-Robots-Tag"))
    page = Page(capture.url, answer.content, declared, robots=robots)
    return Fetched(page, capture, fetch.redirects(capture.url), fresh, tuple(fetch.notes))


def _bare(url: str) -> str:
    """Return an address that is safe to show: without credentials, and truncated."""
    return re.sub(r"//[^/?#]*@", "//", url)[:200]
