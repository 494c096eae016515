"""Guard the network below the HTTP client: vet addresses, bound time, repair response heads.

Names are resolved here, and the connection goes to the same address that was vetted, so that a name cannot change
between the check and the connection (DNS rebinding). The deadline is enforced here, too: httpx bounds each read, but
neither a header that arrives byte by byte nor endless `100 Continue`. Cancelling its tasks instead would leak
connections (encode/httpcore#1093). Response heads that h11 would refuse are repaired before h11 parses them.
"""

from __future__ import annotations

import asyncio
import math
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import httpcore

from crawler.fetching.allowed_addresses import is_public, literal
from crawler.fetching.response_head import repair_head

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_BUFFER = 256 * 1024  # bytes that a connection may buffer before they are read
_TRIED = 4  # addresses of one name that are tried

_MOST_HEAD = 128 * 1024  # bytes that are searched for the end of a head; h11 refuses more than 100 KB
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01][ \t]+1(?!01)\d\d", re.IGNORECASE)


@dataclass(slots=True)
class Exchange:
    """The observations of the network layer about one request and its response.

    Attributes:
        ends_at: The deadline, in the event loop's time.
        reused: The request went over a connection that had served another request.
        answered: At least one byte of the response arrived.
        notes: What was repaired in the response head, one line each.
    """

    ends_at: float = math.inf
    reused: bool = False
    answered: bool = False
    notes: list[str] = field(default_factory=list)


_exchange: ContextVar[Exchange] = ContextVar("exchange")


class AddressRefused(httpcore.ConnectError):
    """The connection would go to a private or otherwise special address."""


@contextmanager
def exchange(seconds: float) -> Iterator[Exchange]:
    """Observe one request of this task, and end all its network calls after a number of seconds."""
    watched = Exchange(asyncio.get_running_loop().time() + seconds)
    token = _exchange.set(watched)
    try:
        yield watched
    finally:
        _exchange.reset(token)


def _current_exchange() -> Exchange:
    """Return the observed exchange of this task, or a new one if there is none."""
    return _exchange.get(None) or Exchange()


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, in the system's order.

    Raises:
        OSError: The name does not exist, or no resolver answers.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"not a name: {error}") from None
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def refuse_literal(host: str) -> None:
    """Refuse a host that spells a special IP address; this works behind a proxy, too.

    Raises:
        AddressRefused: The host spells such an address.
    """
    address = literal(host)
    if address is not None and not is_public(address):
        raise AddressRefused(f"{host} is a private or special address")


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connect to public addresses only, unless private ones are allowed."""

    def __init__(self, resolve: Resolve = system_resolve, *, allow_private: bool = False) -> None:
        self._resolve = resolve
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, vet and connect, all within the time limit."""
        async with _within(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            addresses = await self._vet_addresses(host, port)
            share = _time_left(timeout) / len(addresses)
            for address in addresses[:-1]:
                try:
                    async with asyncio.timeout(share):
                        return await _connect(address, port)
                except OSError:  # includes TimeoutError; try the next address
                    continue
            return await _connect(addresses[-1], port)

    async def _vet_addresses(self, host: str, port: int) -> Sequence[str]:
        addresses = await self._resolve(host, port)
        if not self._allow_private:
            public = [address for address in addresses if is_public(ip_address(address.partition("%")[0]))]
            if addresses and not public:
                raise AddressRefused(f"{host} leads to {addresses[0]}, a private or special address")
            addresses = public
        if not addresses:
            raise OSError(f"{host} has no address")
        return addresses[:_TRIED]


async def _connect(address: str, port: int) -> _Stream:
    return _Stream(*await asyncio.open_connection(address, port, limit=_BUFFER))


class _Stream(httpcore.AsyncNetworkStream):
    """End every network step by the deadline, and repair the heads of responses for h11.

    It uses asyncio's own streams, because they need a third less CPU per page than those of anyio.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._responses = 0  # number of responses that were read on this connection
        self._awaits_head = False
        self._pending = b""  # bytes after the head of an interim response

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        async with _within(timeout, httpcore.ReadTimeout, httpcore.ReadError):
            return await (self._read_head(max_bytes) if self._awaits_head else self._reader.read(max_bytes))

    async def _read_head(self, max_bytes: int) -> bytes:
        """Read up to the end of a response head, repair it, and keep the bytes after it."""
        came, self._pending = self._pending, b""
        while not _HEAD_END.search(came):
            more = await self._reader.read(max_bytes)
            _current_exchange().answered |= bool(more)
            came = (came + more).lstrip(b"\r\n")  # line breaks before a head are skipped (RFC 9112, 2.2)
            if not more or len(came) > _MOST_HEAD or not came[:5].upper().startswith(b"HTTP/"[: len(came)]):
                self._awaits_head = False  # not an HTTP/1 response, or without an end: h11 reports it
                return came
        return self._repair_heads(came)

    def _repair_heads(self, came: bytes) -> bytes:
        """Repair the heads of interim responses and of the response itself."""
        heads = b""
        while end := _HEAD_END.search(came):
            head, notes = repair_head(came[: end.end()])
            _current_exchange().notes += notes
            heads, came = heads + head, came[end.end() :]
            if not _INTERIM.match(head):
                self._awaits_head = False
                self._responses += 1
                return heads + came
        self._pending = came
        return heads

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self._awaits_head = True
        _current_exchange().reused |= self._responses > 0
        async with _within(timeout, httpcore.WriteTimeout, httpcore.WriteError):
            self._writer.write(buffer)
            await self._writer.drain()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        self._awaits_head, self._responses = False, 0  # the proxy's response before does not count as the site's
        try:
            async with _within(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except ValueError as error:
            await self.aclose()
            raise httpcore.ConnectError(f"not a name for TLS: {error}") from error
        except BaseException:
            await self.aclose()
            raise
        return self

    async def aclose(self) -> None:
        # Skip the TLS closing handshake: it would wait for the other side.
        self._writer.transport.abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # httpcore asks an idle connection whether the other side has closed it
            return self._reader.at_eof() or self._reader.exception() is not None
        return self._writer.get_extra_info(info)


def _time_left(timeout: float | None) -> float:
    return min(
        math.inf if timeout is None else timeout, _current_exchange().ends_at - asyncio.get_running_loop().time()
    )


@asynccontextmanager
async def _within(
    timeout: float | None,  # noqa: ASYNC109 - httpcore hands it down as a number
    late: type[httpcore.TimeoutException],
    broken: type[httpcore.NetworkError],
) -> AsyncIterator[None]:
    """Bound a step in time, and raise httpcore's exceptions if it fails."""
    allowed = _time_left(timeout)
    try:
        async with asyncio.timeout(None if allowed == math.inf else allowed):
            yield
    except TimeoutError as error:
        why = f"nothing came for {allowed:g} s" if allowed == timeout else "the time for the whole response is over"
        raise late(why) from error
    except OSError as error:  # includes ssl.SSLError
        raise broken(str(error)) from error
