"""Serve raw bytes on loopback, and simulate broken servers."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class ByteServer:
    """A server that answers each path with given bytes, or with a function on the connection.

    Attributes:
        answers: The responses by path. A missing path is a 404, so robots.txt is missing unless it is given.
        tls: The TLS context; None for plain HTTP.
        asked: The raw heads of requests, in order.
        connections: How many connections were opened.
        port: The port that it listens on.
        tasks: The tasks of open connections, which end with the server.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        del error  # end the connections whatever the error was
        self._server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for _ in range(3):  # closed connections disappear after a few rounds of the event loop
            await asyncio.sleep(0)

    def url(self, path: str, host: str = "bao.example") -> str:
        """Return the address of a path on this server."""
        return f"http{'s' if self.tls else ''}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """The requested paths, in order."""
        return [target_of(head) for head in self.asked]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked.append(head)
                await self.respond(head, reader, writer)
                await writer.drain()
        except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.tasks.discard(task)
            writer.close()

    async def respond(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        del reader  # subclasses may read more of the request
        await say(self.answers.get(target_of(head), reply(404)), writer)


def target_of(head: bytes) -> str:
    """Return the target of a request: a path, or a whole address for a proxy."""
    return head.split(b" ")[1].decode("latin-1")


async def say(answer: Answer, writer: asyncio.StreamWriter) -> None:
    """Send a response: its bytes, or those that its function writes."""
    if callable(answer):
        await answer(writer)
    else:
        writer.write(answer)


def reply(status: int = 200, body: bytes = b"", **fields: str | None) -> bytes:
    """Build a valid response; `_` in field names means `-`, and None omits a default field."""
    header: dict[str, str | None] = {"Content-Type": "text/html", "Content-Length": str(len(body))}
    header |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}\r\n" for name, value in header.items() if value is not None]
    return f"HTTP/1.1 {status} \r\n{''.join(lines)}\r\n".encode("latin-1") + body


def drip(data: bytes, pause: float) -> Answer:
    """Make a responder that sends byte after byte, slowly."""

    async def dripping(writer: asyncio.StreamWriter) -> None:
        for i in range(len(data)):
            writer.write(data[i : i + 1])
            await writer.drain()
            await asyncio.sleep(pause)

    return dripping


def stall(data: bytes = b"") -> Answer:
    """Make a responder that sends some bytes and then stalls."""

    async def stalling(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.Event().wait()

    return stalling


def reset(data: bytes = b"") -> Answer:
    """Make a responder that sends some bytes and then resets the connection."""

    async def resetting(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0.05)  # otherwise the data would be lost with the connection
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return resetting


def close(data: bytes = b"") -> Answer:
    """Make a responder that sends some bytes and then closes."""

    async def closing(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return closing


def endless(data: bytes, start: bytes = b"") -> Answer:
    """Make a responder that repeats some bytes without end."""

    async def flooding(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(data)
            await writer.drain()

    return flooding
