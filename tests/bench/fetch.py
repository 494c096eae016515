"""Compare CPU milliseconds per request: the fetcher with all its checks, and bare httpx, in one run.

    python tests/bench/fetch.py [REQUESTS]

A server in another process sends one gzipped page over loopback. The ways take turns, so that a busy machine affects
all of them; the fastest round counts.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx

from archive.errors import Failure
from crawler.fetching.fetcher import Fetcher, build_client
from crawler.fetching.rate_limit import RateLimiter
from crawler.outlets.model import Outlet

HOSTS = 20
AT_ONCE = 20
ROUNDS = 5


def page() -> bytes:
    """Return a page of 250 KB that compresses to about 55 KB, as newspaper pages do."""
    chance = random.Random(1)
    words = ["".join(chance.choices("aăâbcdđeêghi", k=chance.randint(2, 6))) for _ in range(300)]
    line = '<div class="box-category-item"><a href="/{0}.html" title="{0}">{0}</a></div>\n'
    return "".join(line.format(" ".join(chance.choices(words, k=6))) for _ in range(1800)).encode()


async def serve() -> None:
    """Respond to everything with the page, except robots.txt, which is missing."""
    body = gzip.compress(page())
    fields = 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nETag: "1"\r\n'
    answer = f"{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                robots = head.startswith(b"GET /robots.txt")
                writer.write(b"HTTP/1.1 404 -\r\nContent-Length: 0\r\n\r\n" if robots else answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def to_loopback(host: str, port: int) -> Sequence[str]:
    """Resolve every name to loopback."""
    return ["127.0.0.1"]


async def timed(ask: Callable[[int], Awaitable[Any]], requests: int) -> float:
    """Return CPU milliseconds per request, with several requests in flight."""
    waiting = list(range(requests))

    async def asking() -> None:
        while waiting:
            await ask(waiting.pop())

    await asyncio.gather(*(ask(host) for host in range(HOSTS)))
    began = time.process_time()
    await asyncio.gather(*(asking() for _ in range(AT_ONCE)))
    return (time.process_time() - began) / requests * 1000


async def measure(port: int, requests: int) -> dict[str, float]:
    """Return the fewest milliseconds of each way."""
    outlet = Outlet(id="bench", name="Bench", home="http://0.example/", ports=(port,))
    client = build_client(agent="bench", allow_private_addresses=True, resolve=to_loopback)
    best: dict[str, float] = {}
    async with client, httpx.AsyncClient() as bare:
        fetcher = Fetcher(client, RateLimiter(0))

        async def by_httpx(n: int) -> None:
            (await bare.get(f"http://127.0.0.1:{port}/{n}")).raise_for_status()

        async def by_fetcher(n: int) -> None:
            answer = await fetcher.fetch(f"http://{n % HOSTS}.example:{port}/{n}", outlet=outlet)
            assert not isinstance(answer, Failure), answer

        def inflating() -> float:
            body, began = gzip.compress(page()), time.process_time()
            for _ in range(50):
                gzip.decompress(body)
            return (time.process_time() - began) * 20

        for _ in range(ROUNDS):
            for name, ask in (("httpx", by_httpx), ("khobao", by_fetcher)):
                best[name] = min(best.get(name, 1e9), await timed(ask, requests))
            best["inflating alone"] = min(best.get("inflating alone", 1e9), inflating())
    return best


def main() -> None:
    """Print a table."""
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    requests = int(sys.argv[1]) if sys.argv[1:] else 300
    body = page()
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            best = asyncio.run(measure(int(server.stdout.readline()), requests))
        finally:
            server.kill()
    print(f"a page of {len(body) // 1000} KB, {len(gzip.compress(body)) // 1000} KB gzipped; CPU ms a request:")
    for name, milliseconds in best.items():
        print(f"  {name:16} {milliseconds:6.2f}")


if __name__ == "__main__":
    main()
