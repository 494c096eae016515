"""Send one bounded HTTP request with httpx; only this module and `transports` use httpx.

It uses httpx's transports instead of its client. The client parses every cookie, builds a request from every
`Location`, raises unmapped exceptions (`http://xn--/` is an IDNAError), and needs a tenth more CPU.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self, cast

import httpx

from archive.errors import Failure, Reason
from archive.record import Capture
from crawler.fetching.guarded_network import AddressRefused, Exchange, exchange
from crawler.fetching.responses import MEDIA, named_status, reason_of_status
from crawler.parsing.decompression import ACCEPTED

_PART, _NO_MORE = 206, 416
_RANGE = re.compile(r"bytes\s+(\d{1,18})-", re.IGNORECASE)
_PIECES = 20_000  # chunks of one body: each costs some 15 µs, and there could be one for each byte
_GLANCE = 65_536  # bytes that are read of an unwanted response, so that its connection can be reused


class Response(NamedTuple):
    """Hold a response as received.

    Attributes:
        capture: The request and its response, to be stored.
        notes: What was repaired in the response head, one line each.
    """

    capture: Capture
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch.

    Attributes:
        connect: Seconds to resolve, connect and complete the TLS handshake.
        read: Seconds between two chunks of a response.
        total: Seconds for one fetch, with its redirects but without the waits for the hosts' turns.
        max_page: Bytes of one page, before and after decompression.
        max_list: Bytes of one feed, sitemap or listing, before and after decompression.
        max_redirects: How many redirects are followed.
        max_header_bytes: Bytes of all header fields of a response.
        max_header_fields: How many header fields a response may have.
    """

    connect: float = 10.0
    read: float = 20.0
    total: float = 60.0
    max_page: int = 10_000_000
    max_list: int = 50_000_000
    max_redirects: int = 5
    max_header_bytes: int = 65_536
    max_header_fields: int = 200


class Client:
    """Send all requests; the tasks of the process share it.

    Attributes:
        transport: Sends a request; it has one method, so `httpx.MockTransport` can replace it.
        agent: The User-Agent of every request.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, agent: str) -> None:
        self.transport = transport
        self.agent = agent

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.transport.aclose()

    async def get(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        limits: Limits,
        limit: int,
        seconds: float,
        now: Callable[[], datetime],
        cut: bool = False,
    ) -> Response | Failure:
        """Send one GET request; follow no redirect and judge no status.

        If the server has closed an idle connection meanwhile, that is not its fault: the request is sent once more, on
        a new connection (RFC 9112, 9.3.1). The same applies if what comes on a reused connection is no response.

        Args:
            url: The address.
            headers: Further header fields; they may replace User-Agent and Accept-Encoding.
            limits: Bounds of each step and of the response header.
            limit: The largest body as transferred, in bytes.
            seconds: The time limit up to the end of the response.
            now: The clock, UTC.
            cut: Truncate a longer body to the limit instead of refusing it.

        Returns:
            The response, whatever its status, or why there is none. The bodies of media, and of statuses other than
            2xx, are truncated.
        """
        fields = {"User-Agent": self.agent, "Accept-Encoding": ACCEPTED, **headers}
        timeout = httpx.Timeout(limits.read, connect=limits.connect, pool=None).as_dict()
        try:
            request = httpx.Request("GET", url, headers=fields, extensions={"timeout": timeout})
        except (httpx.InvalidURL, ValueError) as error:  # includes idna.IDNAError
            return Failure(Reason.BAD_ADDRESS, f"not an address: {error}")
        try:
            with exchange(seconds) as watched:
                response = await self._send(request, watched)
                try:
                    capture = await _read(request, response, limits, limit, now(), cut=cut)
                finally:
                    await response.aclose()
                return capture if isinstance(capture, Failure) else Response(capture, tuple(watched.notes))
        except httpx.TransportError as error:
            return failure_of(error)

    async def _send(self, request: httpx.Request, watched: Exchange) -> httpx.Response:
        try:
            return await self.transport.handle_async_request(request)
        except httpx.RemoteProtocolError:
            # Bytes that an earlier response had beyond its length would be taken for the beginning of this one.
            if not watched.reused:
                raise
        except httpx.NetworkError:
            if not watched.reused or watched.answered:
                raise
        watched.reused = False
        watched.notes.clear()
        return await self.transport.handle_async_request(request)

    async def save(self, url: str, path: Path, limits: Limits) -> Failure | None:
        """Download a file in chunks; a partial file is completed.

        Args:
            url: The address.
            path: The file to write.
            limits: Bounds of each step; the whole download has no time limit.

        Returns:
            Why the file is incomplete, or None; a partial file stays.
        """
        had = os.path.getsize(path) if os.path.exists(path) else 0  # noqa: ASYNC240, PTH110, PTH202 - once a file
        timeout = httpx.Timeout(limits.read, connect=limits.connect, pool=None).as_dict()
        fields = {"User-Agent": self.agent, "Accept-Encoding": "identity"} | ({"Range": f"bytes={had}-"} if had else {})
        try:
            request = httpx.Request("GET", url, headers=fields, extensions={"timeout": timeout})
            response = await self.transport.handle_async_request(request)
            try:
                if response.status_code == _NO_MORE and had:
                    return None
                if not response.is_success:
                    status = response.status_code
                    return Failure(reason_of_status(status), f"{url}: {named_status(status)}")
                resumed = response.status_code == _PART
                if resumed and _range_start(response) != had:
                    return await self._save_anew(url, path, limits, had)
                with path.open("ab" if resumed else "wb") as file:
                    async for chunk in cast(httpx.AsyncByteStream, response.stream):
                        file.write(chunk)
            finally:
                await response.aclose()
        except (httpx.InvalidURL, ValueError) as error:
            return Failure(Reason.BAD_ADDRESS, f"not an address: {error}")
        except httpx.TransportError as error:
            return failure_of(error)
        return None

    async def _save_anew(self, url: str, path: Path, limits: Limits, had: int) -> Failure | None:
        """Download a file from its beginning, because the server sent another range than requested."""
        if not had:
            return Failure(
                Reason.PROTOCOL, f"{url}: the server sent a part of the file although all of it was requested"
            )
        path.unlink()  # noqa: ASYNC240 - once a file
        return await self.save(url, path, limits)


async def _read(
    request: httpx.Request, response: httpx.Response, limits: Limits, limit: int, now: datetime, *, cut: bool
) -> Capture | Failure:
    fields = response.headers.raw
    if len(fields) > limits.max_header_fields or sum(len(n) + len(v) for n, v in fields) > limits.max_header_bytes:
        return Failure(Reason.TOO_LARGE, f"{len(fields)} header fields")
    wanted = response.is_success and not response.headers.get("Content-Type", "").lower().startswith(MEDIA)
    payload = await (_whole(response, limit) if wanted and not cut else _start(response, limit if wanted else _GLANCE))
    if isinstance(payload, Failure):
        return payload
    return Capture(
        url=str(request.url).partition("#")[0],
        fetched_at=now,
        status=response.status_code,
        headers=_text(fields),
        payload=payload,
        request_headers=_text(request.headers.raw),
        http_version=response.http_version,
    )


def _range_start(response: httpx.Response) -> int | None:
    """Return the first byte position of a 206 response (RFC 9110, 14.4); None if it is missing."""
    found = _RANGE.match(response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _text(fields: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)


async def _whole(response: httpx.Response, limit: int) -> bytes | Failure:
    """Read the whole body as transferred, or return a failure."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        return Failure(Reason.TOO_LARGE, f"{announced[:20]} bytes announced, {limit} allowed")
    body = bytearray()
    if await _pour(response, limit, body):
        return bytes(body)
    return Failure(Reason.TOO_LARGE, f"more than {limit} bytes, or {_PIECES} pieces")


async def _start(response: httpx.Response, limit: int) -> bytes:
    """Read the beginning of a body whose status already decides the result."""
    body = bytearray()
    with suppress(httpx.TransportError):
        await _pour(response, limit, body)
    return bytes(body[:limit])


async def _pour(response: httpx.Response, limit: int, body: bytearray) -> bool:
    """Append to a body; return False if it exceeds its bounds."""
    # Read the stream itself: `aiter_raw` costs more, and refuses the responses of a `MockTransport`.
    stream = aiter(cast(httpx.AsyncByteStream, response.stream))
    pieces = 0
    async with aclosing(cast(AsyncGenerator[bytes], stream)) as chunks:
        async for chunk in chunks:
            body += chunk
            pieces += 1
            if len(body) > limit or pieces > _PIECES:
                return False
    return True


_REASONS: Mapping[type[httpx.TransportError], Reason] = {
    httpx.ConnectTimeout: Reason.TIMEOUT,
    httpx.ReadTimeout: Reason.TIMEOUT,
    httpx.WriteTimeout: Reason.TIMEOUT,
    httpx.PoolTimeout: Reason.TIMEOUT,
    httpx.ConnectError: Reason.UNREACHABLE,
    httpx.ReadError: Reason.UNREACHABLE,
    httpx.WriteError: Reason.UNREACHABLE,
    httpx.CloseError: Reason.UNREACHABLE,
    httpx.ProxyError: Reason.UNREACHABLE,
    httpx.LocalProtocolError: Reason.PROTOCOL,
    httpx.RemoteProtocolError: Reason.PROTOCOL,
    httpx.UnsupportedProtocol: Reason.BAD_ADDRESS,
}


# Errors that have no exception class of their own, by their message.
_WORDS = {
    "without sending complete message body": Reason.TRUNCATED,  # h11's
    "Server disconnected without sending a response": Reason.UNREACHABLE,  # httpcore's
}


def failure_of(error: httpx.TransportError) -> Failure:
    """Convert an exception of the transport into a failure; its most specific cause decides."""
    reason = next((found for cause in _causes(error) if (found := _reason_of(cause))), _REASONS[type(error)])
    return Failure(reason, str(error)[:200] or type(error).__name__)


def _reason_of(cause: BaseException) -> Reason | None:
    if isinstance(cause, AddressRefused):
        return Reason.PRIVATE_ADDRESS
    if isinstance(cause, ssl.SSLError):
        return Reason.TLS
    if (
        getattr(cause, "error_status_hint", None) == httpx.codes.REQUEST_HEADER_FIELDS_TOO_LARGE
    ):  # h11 reports too large headers by this hint
        return Reason.TOO_LARGE
    return next((reason for words, reason in _WORDS.items() if words in str(cause)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
