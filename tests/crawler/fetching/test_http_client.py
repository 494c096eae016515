"""One request, within bounds, whatever the server does."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from archive.errors import Failure, Reason, UsageError
from archive.record import Capture
from crawler.fetching.http_client import Client, Limits, failure_of
from crawler.fetching.transports import build_client, user_agent
from crawler.newsstand.raw_http import Answer, ByteServer, close, drip, endless, reply, reset, stall

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
QUICK = Limits(connect=5, read=0.6)


async def to_loopback(host: str, port: int) -> Sequence[str]:
    """Resolve every name to loopback."""
    return ["127.0.0.1"]


async def unknown(host: str, port: int) -> Sequence[str]:
    """Resolve no name, as on a machine whose proxy resolves names."""
    raise OSError("no such name")


def client(**settings: Any) -> Client:
    """A client that may connect to our own server, under any name."""
    return build_client(**{"agent": "khobao/test", "allow_private_addresses": True, "resolve": to_loopback, **settings})


async def get(asking: Client, url: str, **options: Any) -> Capture | Failure:
    """Send one request, with bounds that a test can wait for."""
    bounds = {"limits": QUICK, "limit": 100_000, "seconds": 1.5, "now": lambda: NOW}
    response = await asking.get(url, {"Accept": "*/*"}, **(bounds | options))
    return response if isinstance(response, Failure) else response.capture


def answer_to(answer: Answer, **options: Any) -> Capture | Failure:
    """Return the result of one response."""

    async def scenario() -> Capture | Failure:
        async with ByteServer({"/": answer}) as server, client() as asking:
            return await get(asking, server.url("/"), **options)

    return asyncio.run(scenario())


def every(error: type[Exception]) -> Iterator[type[Exception]]:
    """Yield an exception class and all its subclasses."""
    yield error
    for derived in error.__subclasses__():
        yield from every(derived)


def test_every_exception_of_the_transport_has_a_reason() -> None:
    """Each exception of httpx's transports has a reason; a new exception fails this test before it fails a crawl."""
    raised = {error for error in every(httpx.TransportError) if not error.__subclasses__()}

    assert raised
    assert all(isinstance(failure_of(error("told")).reason, Reason) for error in raised)
    assert {"told", "ReadError"} == {failure_of(httpx.ReadError(text)).detail for text in ("told", "")}


def test_a_capture_is_unchanged() -> None:
    """Header fields keep their order, case and repetition, the body its encoding, and the sent fields are stored."""
    body = "Tòa soạn".encode("utf-16")
    raw = reply(200, body, Set_COOKIE="a=b", X_Odd="caf\xe9", Content_Encoding="x-odd").replace(
        b"X-Odd", b"set-cookie: c=d\r\nX-Odd"
    )

    capture = answer_to(raw)

    assert isinstance(capture, Capture)
    assert (200, body, NOW, "HTTP/1.1") == (capture.status, capture.payload, capture.fetched_at, capture.http_version)
    assert (
        ("Content-Type", "text/html"),
        ("Content-Length", str(len(body))),
        ("Set-COOKIE", "a=b"),
        ("set-cookie", "c=d"),
        ("X-Odd", "caf\xe9"),
        ("Content-Encoding", "x-odd"),
    ) == capture.headers
    sent = dict(capture.request_headers)
    assert ("khobao/test", "gzip, deflate, br", "*/*") == (sent["User-Agent"], sent["Accept-Encoding"], sent["Accept"])


CHUNKED = {"Content_Length": None, "Transfer_Encoding": "chunked"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (stall(), Reason.TIMEOUT),
        (drip(reply(), 0.05), Reason.TIMEOUT),
        (stall(reply(200, Content_Length="10") + b"abc"), Reason.TIMEOUT),
        (drip(reply(200, b"a" * 100), 0.05), Reason.TIMEOUT),
        (endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 50), Reason.TIMEOUT),
        (reset(), Reason.UNREACHABLE),
        (reset(reply(200, Content_Length="10") + b"abc"), Reason.UNREACHABLE),
        (close(), Reason.UNREACHABLE),
        (close(reply(200, Content_Length="10") + b"abc"), Reason.TRUNCATED),
        (close(reply(200, **CHUNKED) + b"5\r\nab"), Reason.TRUNCATED),
        (reply(200, **CHUNKED) + b"zz\r\nab\r\n", Reason.PROTOCOL),
        (reply(200, **CHUNKED) + b"5\r\nabcdefgh\r\n", Reason.PROTOCOL),
        (reply(200, Content_Length="-1"), Reason.PROTOCOL),
        (reply(200, Content_Length="ten"), Reason.PROTOCOL),
        (reply(200, **CHUNKED) + b"f" * 200_000, Reason.TOO_LARGE),
        (b"220 mail.example ESMTP\r\n\r\n", Reason.PROTOCOL),
        (b"\x16\x03\x01\x00\x05hello", Reason.PROTOCOL),
        (b"HTTP/1.1 2 00\r\n\r\n", Reason.PROTOCOL),
        (reply(200, X="\0"), Reason.PROTOCOL),
        (reply(200, b"a" * 100_001), Reason.TOO_LARGE),
        (endless(b"a" * 10_000, reply(200, Content_Length=None)), Reason.TOO_LARGE),
        (endless(b"4000\r\n" + b"a" * 0x4000 + b"\r\n", reply(200, **CHUNKED)), Reason.TOO_LARGE),
        (stall(reply(200, Content_Length="9" * 19)), Reason.TOO_LARGE),
        (stall(reply(200, Content_Length="9" * 30)), Reason.PROTOCOL),
        (endless(b"X-A: b\r\n" * 100, b"HTTP/1.1 200 OK\r\n"), Reason.TOO_LARGE),
        (endless(b"a" * 1000, b"HTTP/1.1 200 OK\r\nX: "), Reason.TOO_LARGE),
        (endless(b"a" * 1000), Reason.TOO_LARGE),
        (reply(200, X="a" * 70_000), Reason.TOO_LARGE),
        (
            reply(200, **{f"Set_Cookie{i}": "a=b" for i in range(300)}).replace(b"Set-Cookie2", b"Set-Cookie"),
            Reason.TOO_LARGE,
        ),
    ],
    ids=[
        "silence",
        "slow headers",
        "stalled body",
        "slow body",
        "endless continue",
        "reset at once",
        "reset in the body",
        "closed at once",
        "length too long",
        "chunks cut off",
        "chunk size of letters",
        "chunk longer than told",
        "negative length",
        "length of letters",
        "endless chunk size",
        "another protocol",
        "tls to http",
        "bad status line",
        "null in a field",
        "one byte too many",
        "endless body",
        "endless chunks",
        "huge length",
        "absurd length",
        "header flood",
        "endless field",
        "endless status line",
        "large field",
        "cookie flood",
    ],
)
def test_faults(answer: Answer, reason: Reason) -> None:
    """Whatever a server does, the request ends in time as a failure with its reason."""
    failure = answer_to(answer)

    assert isinstance(failure, Failure)
    assert (reason, True) == (failure.reason, bool(failure.detail)), failure


def test_the_smallest_chunks_are_counted() -> None:
    """A body of endless tiny chunks ends long before it reaches its size limit."""
    failure = answer_to(endless(b"1\r\na\r\n" * 1000, reply(200, **CHUNKED)), limit=10_000_000, seconds=20)

    assert isinstance(failure, Failure)
    assert Reason.TOO_LARGE == failure.reason


def test_the_limit_itself_is_allowed() -> None:
    """A body as large as the limit comes whole, with a length, in chunks, or until the connection closes."""
    body = b"a" * 100_000
    for answer in (
        reply(200, body),
        reply(200, **CHUNKED) + b"186a0\r\n" + body + b"\r\n0\r\n\r\n",
        close(reply(200, body, Content_Length=None)),
    ):
        capture = answer_to(answer)
        assert isinstance(capture, Capture)
        assert body == capture.payload


@pytest.mark.parametrize(
    ("answer", "status", "size"),
    [
        (reply(404, b"a" * 200_000), 404, 65_536),
        (endless(b"a" * 10_000, reply(500, Content_Length=None)), 500, 65_536),
        (close(reply(410, Content_Length="10") + b"abc"), 410, 3),
        (stall(reply(403, Content_Length="10")), 403, 0),
        (endless(b"a" * 10_000, reply(200, Content_Type="Video/MP4", Content_Length=None)), 200, 65_536),
        (reply(304), 304, 0),
    ],
)
def test_unwanted_bodies_are_not_read_to_the_end(answer: Answer, status: int, size: int) -> None:
    """Of errors and media only the beginning is read, and errors in the rest do not matter."""
    capture = answer_to(answer)

    assert isinstance(capture, Capture)
    assert (status, size) == (capture.status, len(capture.payload))


def test_a_body_may_be_cut() -> None:
    """On request, a longer body is cut at the limit, even if it is endless or broken."""
    for answer in (reply(200, b"a" * 200_000), endless(b"a" * 1000, reply(200, Content_Length=None))):
        capture = answer_to(answer, cut=True, limit=5000)
        assert isinstance(capture, Capture)
        assert b"a" * 5000 == capture.payload


@pytest.mark.parametrize(
    "url",
    [
        "http://xn--/",
        "http://[::1/",
        "http://bao.example:x/",
        "http://①②/",
        "http://a b/",
        "http://bao.example/\x00",
        "http:",
        "http://" + "é" * 80,
    ],
)
def test_bad_addresses(url: str) -> None:
    """Every address that httpx rejects is a bad address, whatever it raises."""

    async def scenario() -> Capture | Failure:
        async with client() as asking:
            return await get(asking, url)

    failure = asyncio.run(scenario())

    assert isinstance(failure, Failure)
    assert failure.reason in {Reason.BAD_ADDRESS, Reason.UNREACHABLE}


def test_connections_are_reused() -> None:
    """One connection serves complete responses, errors and 304s; after an unread body it is closed."""

    async def scenario() -> int:
        answers = {
            "/a": reply(200, b"abc"),
            "/b": reply(404, b"no"),
            "/c": reply(304),
            "/d": reply(200, b"a" * 9, Content_Type="image/png"),
        }
        async with ByteServer(answers) as server, client() as asking:
            for path in "abcdabcd":
                assert isinstance(await get(asking, server.url(f"/{path}")), Capture)
            return server.connections

    assert 1 == asyncio.run(scenario())


def test_cookies_are_not_kept() -> None:
    """Each request is independent."""

    async def scenario() -> list[bytes]:
        async with ByteServer({"/": reply(200, b"a", Set_Cookie="id=1; Path=/")}) as server, client() as asking:
            await get(asking, server.url("/"))
            await get(asking, server.url("/"))
            return server.asked

    first, second = asyncio.run(scenario())
    assert first == second
    assert b"cookie" not in second.lower()


@pytest.mark.parametrize(
    ("host", "allowed", "reason"),
    [
        ("bao.example", False, Reason.PRIVATE_ADDRESS),
        ("127.0.0.1", False, Reason.PRIVATE_ADDRESS),
        ("0x7f.1", False, Reason.PRIVATE_ADDRESS),
        ("127。0。0。1", False, Reason.PRIVATE_ADDRESS),
        ("bao.example", True, None),
        ("127.0.0.1", True, None),
    ],
)
def test_the_guard_is_on_unless_it_is_turned_off(host: str, allowed: bool, reason: Reason | None) -> None:
    """Names and literals that lead to loopback are refused before anything is sent, unless they are allowed."""

    async def scenario() -> tuple[Capture | Failure, int]:
        async with ByteServer({"/": reply()}) as server, client(allow_private_addresses=allowed) as asking:
            return await get(asking, server.url("/", host)), server.connections

    answer, connections = asyncio.run(scenario())

    assert reason == getattr(answer, "reason", None)
    assert (0 if reason else 1) == connections


def secure(*names: str) -> tuple[trustme.CA, ssl.SSLContext]:
    """Return an authority, and the TLS context of a server with these names."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return authority, context


@pytest.mark.parametrize(("name", "reason"), [("bao.example", None), ("khac.example", Reason.TLS)])
@pytest.mark.parametrize("by", ["settings", "environment"])
def test_certificates(
    name: str, reason: Reason | None, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bundle in the settings or in SSL_CERT_FILE is used, and a certificate of another name is refused."""
    authority, context = secure("bao.example")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    if by == "environment":
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    bundle = tmp_path / "ca.pem" if by == "settings" else None

    async def scenario() -> Capture | Failure:
        async with ByteServer({"/": reply()}, context) as server, client(ca_bundle=bundle) as asking:
            return await get(asking, server.url("/", name))

    assert reason == getattr(asyncio.run(scenario()), "reason", None)


def test_tls_that_breaks_later_is_reported() -> None:
    """Garbage in the middle of a TLS connection is a broken connection, and raises nothing."""
    authority, context = secure("bao.example")

    async def garble(writer: asyncio.StreamWriter) -> None:
        writer.write(reply(200, Content_Length="100") + b"abc")
        await writer.drain()
        raw = writer.transport.get_extra_info("socket")
        raw._sock.send(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        await asyncio.sleep(0.2)

    async def scenario(bundle: Path) -> Capture | Failure:
        async with ByteServer({"/": garble}, context) as server, client(ca_bundle=bundle) as asking:
            return await get(asking, server.url("/"))

    with authority.cert_pem.tempfile() as bundle:
        failure = asyncio.run(scenario(Path(bundle)))

    assert isinstance(failure, Failure)
    assert failure.reason in {Reason.TLS, Reason.UNREACHABLE}


@pytest.mark.parametrize("text", ["", "no certificates"])
def test_an_unusable_bundle_is_reported(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle that is missing or contains no certificates is reported in one line, with its name."""
    bundle = tmp_path / "ca.pem"
    if text:
        bundle.write_text(text)

    with pytest.raises(UsageError, match=r"ca\.pem: no usable certificates.*PEM"):
        client(ca_bundle=bundle)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with pytest.raises(UsageError, match="SSL_CERT_FILE: no usable certificates"):
        client()


@pytest.mark.parametrize(
    ("settings", "variables", "proxied"),
    [
        ("http://127.0.0.1:{}", {}, True),
        ("http://127.0.0.1:{}", {"NO_PROXY": "*"}, True),
        ("", {"HTTP_PROXY": "http://127.0.0.1:{}"}, True),
        ("", {"http_proxy": "127.0.0.1:{}"}, True),
        ("", {"ALL_PROXY": "http://127.0.0.1:{}"}, True),
        ("", {"HTTPS_PROXY": "http://127.0.0.1:{}"}, False),
        ("", {"HTTP_PROXY": "http://127.0.0.1:{}", "NO_PROXY": "example"}, False),
        ("", {"HTTP_PROXY": "http://127.0.0.1:{}", "NO_PROXY": "khac.vn,.bao.example"}, False),
        ("", {"HTTP_PROXY": "http://127.0.0.1:{}", "NO_PROXY": "khac.vn"}, True),
        ("", {}, False),
    ],
)
def test_proxies(settings: str, variables: dict[str, str], proxied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the settings gets every request; one in the environment gets those outside NO_PROXY."""

    async def scenario() -> tuple[Capture | Failure, list[str]]:
        async with ByteServer({"http://bao.example/": reply(200, b"by proxy")}) as proxy:
            for name, value in variables.items():
                monkeypatch.setenv(name, value.format(proxy.port))
            names = unknown if proxied else to_loopback
            options = {"proxy": settings.format(proxy.port), "allow_private_addresses": False, "resolve": names}
            async with client(**options) as asking:
                return await get(asking, "http://bao.example/"), proxy.paths

    answer, paths = asyncio.run(scenario())

    assert (["http://bao.example/"] if proxied else []) == paths
    assert (None if proxied else Reason.PRIVATE_ADDRESS) == getattr(answer, "reason", None)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "169.254.169.254"])
def test_literals_are_refused_behind_a_proxy(host: str) -> None:
    """A proxy gets no request for a special address, in any spelling."""

    async def scenario() -> tuple[Capture | Failure, list[str]]:
        async with (
            ByteServer() as proxy,
            client(proxy=f"http://127.0.0.1:{proxy.port}", allow_private_addresses=False) as asking,
        ):
            return await get(asking, f"http://{host}/"), proxy.paths

    failure, paths = asyncio.run(scenario())

    assert [] == paths
    assert isinstance(failure, Failure)
    assert Reason.PRIVATE_ADDRESS == failure.reason


def test_a_proxy_that_refuses() -> None:
    """If the proxy opens no tunnel, or does not exist, there is no connection."""

    async def scenario() -> list[Capture | Failure]:
        async with (
            ByteServer({"bao.example:443": reply(502)}) as proxy,
            client(proxy=f"http://127.0.0.1:{proxy.port}") as asking,
            client(proxy="http://127.0.0.1:9") as nowhere,
        ):
            return [await get(asking, "https://bao.example/"), await get(nowhere, "https://bao.example/")]

    assert [Reason.UNREACHABLE] * 2 == [getattr(answer, "reason", None) for answer in asyncio.run(scenario())]


@pytest.mark.parametrize("proxy", ["gopher://bao.example:1", "http://user:secret@bao.example:x", "http://[::1"])
def test_an_unusable_proxy_is_reported(proxy: str) -> None:
    """An unusable proxy is reported in one line without credentials."""
    with pytest.raises(UsageError, match="write a proxy as") as told:
        client(proxy=proxy)

    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("contact", "agent"),
    [
        ("", "khobao/0.1.0 (+https://github.com/khobao/khobao)"),
        ("me@bao.example", "khobao/0.1.0 (+https://github.com/khobao/khobao; me@bao.example)"),
        (" https://bao.example/bot ", "khobao/0.1.0 (+https://github.com/khobao/khobao; https://bao.example/bot)"),
    ],
)
def test_user_agent(contact: str, agent: str) -> None:
    """The User-Agent has our name, version, project address and contact."""
    assert agent == user_agent("0.1.0", contact)


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("rebound.example", "leads to 10.0.0.1"),
        ("intranet", "is a name of a local network"),
        ("printer.local", "is a name of a local network"),
        ("wiki.corp.internal.", "is a name of a local network"),
    ],
)
def test_private_names_are_refused_behind_a_proxy(host: str, why: str) -> None:
    """A feed cannot make the proxy fetch from a private network, because names are vetted first."""

    async def private(name: str, port: int) -> Sequence[str]:
        return ["10.0.0.1"]

    async def scenario() -> tuple[Capture | Failure, list[str]]:
        async with ByteServer() as proxy:
            options = {"proxy": f"http://127.0.0.1:{proxy.port}", "allow_private_addresses": False, "resolve": private}
            async with client(**options) as asking:
                return await get(asking, f"http://{host}/"), proxy.paths

    failure, paths = asyncio.run(scenario())

    assert [] == paths
    assert isinstance(failure, Failure)
    assert Reason.PRIVATE_ADDRESS == failure.reason
    assert why in failure.detail


class OneRequest:
    """A server that answers one request on each connection and then closes or resets it."""

    def __init__(self, *, resets: bool, first: bool = False) -> None:
        self.resets = resets
        self.first = first  # even the first request is not answered
        self.connections = 0
        self.conversations: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, and end before the test does."""
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self.conversations.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not self.first:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await reader.readuntil(b"\r\n\r\n")
        if self.resets:
            writer.transport.abort()


async def ask_one_request(server: OneRequest, times: int) -> list[Capture | Failure]:
    """Send several requests to a server over one client."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        async with client() as asking:
            responses = [await get(asking, f"http://bao.example:{port}/") for _ in range(times)]
        await asyncio.gather(*server.conversations)
    return responses


@pytest.mark.parametrize("resets", [False, True])
def test_a_closed_idle_connection_is_replaced(resets: bool) -> None:
    """The request is sent once more on a new connection (RFC 9112, 9.3.1), so that no page is lost."""
    server = OneRequest(resets=resets)

    responses = asyncio.run(ask_one_request(server, 4))

    assert [b"ok"] * 4 == [response.payload for response in responses if isinstance(response, Capture)]
    assert 4 == server.connections


class LongerThanSaid(OneRequest):
    """A server whose bodies are longer than their lengths say; it keeps its connections."""

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and more")


def test_a_body_beyond_its_length_costs_no_other_page() -> None:
    """Its rest would be taken for the next response on the connection, so that is requested on a new one."""
    responses = asyncio.run(ask_one_request(LongerThanSaid(resets=False), 4))

    assert [b"ok"] * 4 == [response.payload for response in responses if isinstance(response, Capture)]


def test_a_new_connection_that_is_closed_is_a_failure() -> None:
    """A server that never answers gets each request once, not twice."""
    server = OneRequest(resets=False, first=True)

    (failure,) = asyncio.run(ask_one_request(server, 1))

    assert isinstance(failure, Failure)
    assert Reason.UNREACHABLE == failure.reason
    assert 1 == server.connections


def test_a_download_with_a_wrong_range_starts_again(tmp_path: Path) -> None:
    """A 206 of another range than requested is not appended; the file is downloaded from its beginning."""
    whole = bytes(range(100))
    path = tmp_path / "file"
    path.write_bytes(whole[:40])
    wrong = reply(206, whole[10:], Content_Range="bytes 10-99/100")

    async def scenario() -> Failure | None:
        server = ByteServer()

        async def answer(writer: asyncio.StreamWriter) -> None:
            resumes = b"range:" in server.asked[-1].lower()
            writer.write(wrong if resumes else reply(200, whole))

        server.answers = {"/": answer}
        async with server, client() as asking:
            return await asking.save(server.url("/"), path, QUICK)

    assert asyncio.run(scenario()) is None
    assert whole == path.read_bytes()


@pytest.mark.parametrize(
    ("status", "reason"), [(404, Reason.GONE), (429, Reason.RATE_LIMITED), (503, Reason.SERVER_ERROR)]
)
def test_a_refused_download_says_why(tmp_path: Path, status: int, reason: Reason) -> None:
    """Only a file that is not there is gone; one that a busy server refuses may be downloaded later."""

    async def scenario() -> Failure | None:
        server = ByteServer()
        server.answers = {"/": reply(status)}
        async with server, client() as asking:
            return await asking.save(server.url("/"), tmp_path / "file", QUICK)

    failure = asyncio.run(scenario())

    assert failure is not None
    assert reason is failure.reason
