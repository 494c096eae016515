"""Serve the hostile newsstand: a host for each fault, behind one proxy with the good outlets.

Its outlets are declared like any other, so that the whole program can crawl them: `khobao demo --hostile`.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from crawler.newsstand.fault_model import Fault, article, html, rss
from crawler.newsstand.network_faults import BEHIND_WALLS, IN_ENCODINGS, IN_REDIRECTS, IN_ROBOTS, IN_TLS, ON_THE_WIRE
from crawler.newsstand.page_faults import IN_PAGES, IN_SOURCES
from crawler.newsstand.raw_http import Answer, ByteServer, reply, say, target_of
from crawler.newsstand.server import Newsstand
from crawler.newsstand.small_faults import SMALL_FAULTS
from crawler.outlets.model import Outlet, Reading, Source

FAULTS: tuple[Fault, ...] = (
    *ON_THE_WIRE,
    *IN_ENCODINGS,
    *IN_REDIRECTS,
    *BEHIND_WALLS,
    *IN_TLS,
    *IN_ROBOTS,
    *IN_PAGES,
    *IN_SOURCES,
    *SMALL_FAULTS,
)
# Settings that make a crawl of all faults quick; each is a default of real crawls, reduced.
HASTE: Mapping[str, float] = {
    "network.gap": 0.0,
    "network.longest_gap": 0.05,
    "network.concurrency": 128,
    "network.connect_seconds": 4.0,
    "network.read_seconds": 4.0,
    "network.total_seconds": 15.0,
    "network.max_list_megabytes": 20,
    "reading.page_seconds": 6.0,
}


def outlet_of_fault(fault: Fault) -> Outlet:
    """Declare the outlet of a fault: its faulty source, if any, and a feed."""
    wrong = (Source(kind=fault.kind, url=fault.source),) if fault.at == "source" else ()
    return Outlet(
        id=fault.outlet,
        name=fault.told,
        home=f"{fault.site}/",
        article=(r"-(?P<key>\d{7})\.html",),
        language="vi",
        timezone="Asia/Ho_Chi_Minh",
        sources=(*wrong, Source(kind="feed", url=fault.feed)),
        reading=(Reading(body=("article",), strip=(fault.strip,)),) if fault.strip else (),
    )


class HostileNewsstand:
    """Serve the faults, and a newsstand of good outlets beside them. Use it as a context manager.

    Attributes:
        newsstand: The good outlets.
        outlets: The outlets of the faults, by id.
        requests: The requested addresses of the faults' hosts, in order.
    """

    def __init__(self, faults: Iterable[Fault] = FAULTS, tls: ssl.SSLContext | None = None) -> None:
        """Prepare the servers without listening.

        Args:
            faults: The faults to serve.
            tls: A TLS context with a certificate for another name; without it, such hosts do not speak TLS.
        """
        self.newsstand = Newsstand()
        self._faults = {fault.host: fault for fault in faults}
        self.outlets = {fault.outlet: outlet_of_fault(fault) for fault in self._faults.values()}
        self._server = _Front(self._faults, self.newsstand, tls)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def requests(self) -> list[str]:
        """The addresses requested so far."""
        return self._server.paths

    @property
    def proxy(self) -> str:
        """The address of the proxy in front of all hosts."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make the program use the proxy, except for local names."""
        return {"http_proxy": self.proxy, "https_proxy": self.proxy, "no_proxy": "localhost"}

    def __enter__(self) -> Self:
        self.newsstand.__enter__()
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._server.__aenter__(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._server.__aexit__(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.newsstand.__exit__(kind, error, trace)


class _Front(ByteServer):
    """A forward proxy that serves the faults and relays other requests to the newsstand."""

    def __init__(self, faults: Mapping[str, Fault], newsstand: Newsstand, tls: ssl.SSLContext | None) -> None:
        super().__init__()
        self._faults = faults
        self._answers = {fault.place: fault.answer() for fault in faults.values()}
        self._newsstand = newsstand
        self._certificate = tls

    async def respond(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to a request with the fault of its host, or relay it to the newsstand."""
        if head.startswith(b"CONNECT "):
            await self._begin_tls(target_of(head).partition(":")[0], reader, writer)
            return
        parts = urlsplit(target_of(head))
        if fault := self._faults.get(parts.netloc):
            await say(self._answers.get(f"{fault.site}{parts.path}") or _answer_of(fault, parts.path), writer)
        else:
            await self._lead_on(head, reader, writer)

    async def _begin_tls(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        if self._certificate and not host.startswith("no-tls"):
            await writer.start_tls(self._certificate)
        else:
            await reader.read(1)  # earlier bytes would be taken for the proxy's own
            writer.write(b"220 hostile.example ESMTP\r\n")

    async def _lead_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay the connection to the newsstand."""
        theirs, ours = await asyncio.open_connection("127.0.0.1", int(self._newsstand.proxy.rpartition(":")[2]))
        ours.write(head)
        try:
            await asyncio.gather(_pour(theirs, writer), _pour(reader, ours))
        finally:
            ours.close()


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.close()


def _answer_of(fault: Fault, path: str) -> Answer:
    """Return the good response of a path on a fault's host."""
    links = (fault.bad, fault.good) if fault.at == "page" else (fault.good,)
    good = {
        urlsplit(fault.feed).path: lambda: reply(200, rss(*links), Content_Type="application/rss+xml"),
        urlsplit(fault.good).path: lambda: reply(200, article()),
        "/": lambda: reply(200, html(body="<h1>Trang chủ</h1>")),
    }
    return good[path]() if path in good else reply(404)
