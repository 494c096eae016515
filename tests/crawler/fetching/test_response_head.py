"""Response heads that h11 refuses are repaired as browsers read them."""

from __future__ import annotations

import asyncio

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching.fetcher import utc_now
from crawler.fetching.http_client import Limits, Response
from crawler.fetching.response_head import repair_head
from crawler.fetching.transports import build_client

OK = b"HTTP/1.1 200 OK\r\n"


def head(*lines: bytes) -> bytes:
    """Make the head of a response."""
    return OK + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


BROKEN = {
    "a slash in a name": (b"cache-rule/forum.php: no support", "an invalid header line was skipped"),
    "no colon": (b"no colon here", "an invalid header line was skipped"),
    "no name": (b": value", "an invalid header line was skipped"),
    "a blank before the colon": (b"X-Odd : a", "a header line with a blank before its colon"),
    "a form feed": (b"X-Odd: a\x0cb", "a header line held control characters"),
    "chunked twice": (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding was"),
    "chunked twice in one line": (b"Transfer-Encoding: chunked, chunked", "Transfer-Encoding was"),
    "identity": (b"Transfer-Encoding: identity", "Transfer-Encoding was"),
}


@pytest.mark.parametrize(("line", "note"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_repaired_and_noted(line: bytes, note: str) -> None:
    """The other fields stay, and the connection is not reused."""
    repaired, notes = repair_head(head(b"Server: a", line, b"Content-Type: text/html"))

    assert len(notes) == 1
    assert notes[0].startswith(note)
    fields = read_by_h11(repaired)
    assert {b"server", b"content-type"} <= set(fields)
    assert b"close" == fields[b"connection"]
    assert fields.get(b"transfer-encoding") in {None, b"chunked"}


def read_by_h11(raw: bytes) -> dict[bytes, bytes]:
    """Return the header fields that h11 parses."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.receive_data(raw)
    event = connection.next_event()
    assert isinstance(event, h11.Response)
    return dict(event.headers)


@pytest.mark.parametrize("status", [b"HTTP/1.1  200  OK", b"HTTP/2 200", b"http/1.1 200 OK", b"HTTP/1.1 200OK"])
def test_a_status_line_is_repaired(status: bytes) -> None:
    """An unknown version, and wrong blanks, do no harm."""
    repaired, notes = repair_head(status + b"\r\nServer: a\r\n\r\n")

    assert {b"server": b"a", b"connection": b"close"} == read_by_h11(repaired)
    assert notes[0].startswith("a status line was repaired: ")


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: 2", b"Server: a"),
        (b"Content-Length: 2", b"Content-Length: 3"),
        (b"Content-Length: two",),
        (b"X: a\x00b",),
        (b"X: caf\xe9", b"Folded: a", b" b"),
    ],
)
def test_valid_and_refused_heads_are_unchanged(lines: tuple[bytes, ...]) -> None:
    """h11 refuses two lengths, an invalid length and a NUL."""
    assert (head(*lines), ()) == repair_head(head(*lines))


@given(st.binary(max_size=200))
def test_no_head_raises(raw: bytes) -> None:
    """Any bytes give a head, and a repaired head needs no more repair."""
    repaired, notes = repair_head(OK + raw + b"\r\n\r\n")

    assert not notes or repair_head(repaired) == (repaired, ())


@pytest.mark.parametrize("pieces", [1, 7, 10_000])
def test_a_broken_response_is_read_over_the_network(pieces: int) -> None:
    """Over a real connection a repaired head works in any fragments, after an interim response, with its notes."""
    body = b"5\r\nhello\r\n0\r\n\r\n"
    raw = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + head(
        b"forum.php/x: y", b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        whole = raw + body
        for place in range(0, len(whole), pieces):
            writer.write(whole[place : place + pieces])
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    async def scenario() -> object:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        bounds = {"limits": Limits(), "limit": 1000, "seconds": 20.0, "now": utc_now}
        async with server, build_client(agent="khobao/test", allow_private_addresses=True) as client:
            return await client.get(url, {}, **bounds)  # type: ignore[arg-type]

    response = asyncio.run(scenario())

    assert isinstance(response, Response), response
    assert b"hello" == response.capture.payload
    assert [
        "an invalid header line was skipped: 'forum.php/x: y'",
        "Transfer-Encoding was 'chunked, chunked'",
    ] == list(response.notes)
