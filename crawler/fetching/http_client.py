"""The client of the process: one bounded exchange over httpx, which is at home here and in `network.py`.

Ours is a client over httpx's transports, not httpx's own: that one parses every cookie, builds a request from every
`Location` (and raises what nobody maps: `http://xn--/` is an IDNAError) and takes a tenth more CPU.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self, cast

import httpx

from archive.errors import Failure, Reason
from archive.record import Capture
from crawler.fetching.guarded_network import AddressRefused, deadline
from crawler.fetching.responses import MEDIA
from crawler.parsing.decompression import ACCEPTED

_PART, _NO_MORE = 206, 416
_PIECES = 20_000  # of one body: each chunk costs some 15 µs, and there could be one for each byte
_GLANCE = 65_536  # bytes that are read of an answer that is not wanted, so that its connection can be used again


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch.

    Attributes:
        connect: Seconds to resolve, connect and shake hands.
        read: Seconds between two pieces of an answer.
        total: Seconds for one fetch, redirects included, waiting for the host's turn not.
        max_page: Bytes of one page, before as well as after decompression.
        max_list: Bytes of one feed, sitemap or listing, likewise.
        max_redirects: How many redirects are followed.
        max_header_bytes: Bytes of all header fields of an answer.
        max_header_fields: How many header fields an answer may have.
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
    """One way to ask, for all tasks of the process.

    Attributes:
        transport: What carries a request: one method wide, so `httpx.MockTransport` can stand in for it.
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
    ) -> Capture | Failure:
        """Ask once, following nothing and deciding nothing.

        Args:
            url: What to ask for.
            headers: Fields besides User-Agent and Accept-Encoding.
            limits: Bounds of each step and of the header.
            limit: Bytes of the body, as transferred.
            seconds: Until the end of the answer.
            now: The clock, UTC.
            cut: Whether a longer body is cut to the limit rather than refused.

        Returns:
            The answer, whatever its status; bodies other than of a 2xx, and media, are cut short. Or why there is none.
        """
        fields = {"User-Agent": self.agent, "Accept-Encoding": ACCEPTED, **headers}
        timeout = httpx.Timeout(limits.read, connect=limits.connect, pool=None).as_dict()
        try:
            request = httpx.Request("GET", url, headers=fields, extensions={"timeout": timeout})
        except (httpx.InvalidURL, ValueError) as error:  # idna.IDNAError is a ValueError
            return Failure(Reason.BAD_ADDRESS, f"not an address: {error}")
        try:
            with deadline(seconds):
                response = await self.transport.handle_async_request(request)
                try:
                    return await _read(request, response, limits, limit, now(), cut=cut)
                finally:
                    await response.aclose()
        except httpx.TransportError as error:
            return explain(error)

    async def save(self, url: str, path: Path, limits: Limits) -> Failure | None:
        """Load a file, piece by piece, behind what of it is there already.

        Args:
            url: Its address.
            path: Where it goes.
            limits: Bounds of each step; there is none for the whole.

        Returns:
            Why it is not whole, if it is not; what came of it stays.
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
                    return Failure(Reason.GONE, f"{url}: {response.status_code}")
                with path.open("ab" if response.status_code == _PART else "wb") as file:
                    async for chunk in cast(httpx.AsyncByteStream, response.stream):
                        file.write(chunk)
            finally:
                await response.aclose()
        except (httpx.InvalidURL, ValueError) as error:
            return Failure(Reason.BAD_ADDRESS, f"not an address: {error}")
        except httpx.TransportError as error:
            return explain(error)
        return None


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


def _text(fields: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)


async def _whole(response: httpx.Response, limit: int) -> bytes | Failure:
    """The body as transferred, all of it or none."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        return Failure(Reason.TOO_LARGE, f"{announced[:20]} bytes announced, {limit} allowed")
    body = bytearray()
    if await _pour(response, limit, body):
        return bytes(body)
    return Failure(Reason.TOO_LARGE, f"more than {limit} bytes, or {_PIECES} pieces")


async def _start(response: httpx.Response, limit: int) -> bytes:
    """The body as far as it is wanted and comes; the status has said enough."""
    body = bytearray()
    with suppress(httpx.TransportError):
        await _pour(response, limit, body)
    return bytes(body[:limit])


async def _pour(response: httpx.Response, limit: int, body: bytearray) -> bool:
    """Fill a body until it is whole, or beyond its bounds, and say which."""
    # The stream itself: `aiter_raw` costs more, and refuses the answers of a `MockTransport`.
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


# What has no type of its own.
_WORDS = {
    "without sending complete message body": Reason.TRUNCATED,  # h11's
    "Server disconnected without sending a response": Reason.UNREACHABLE,  # httpcore's
}


def explain(error: httpx.TransportError) -> Failure:
    """What an exception of the transport means; the most telling of its causes decides."""
    reason = next((told for cause in _causes(error) if (told := _telling(cause))), _REASONS[type(error)])
    return Failure(reason, str(error)[:200] or type(error).__name__)


def _telling(cause: BaseException) -> Reason | None:
    if isinstance(cause, AddressRefused):
        return Reason.PRIVATE_ADDRESS
    if isinstance(cause, ssl.SSLError):
        return Reason.TLS
    if getattr(cause, "error_status_hint", None) == httpx.codes.REQUEST_HEADER_FIELDS_TOO_LARGE:  # what h11 hints
        return Reason.TOO_LARGE
    return next((reason for words, reason in _WORDS.items() if words in str(cause)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
