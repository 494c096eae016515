"""Connections lead only to allowed addresses, and end in time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpcore
import pytest
import trustme

from crawler.fetching.guarded_network import AddressRefused, GuardedBackend, exchange, refuse_literal, system_resolve
from crawler.newsstand.raw_http import ByteServer, close, drip, endless, reply, reset, stall


def resolver(*answers: str | list[str]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """Return a resolver that returns these addresses, or one list after the other."""
    turns = iter(answers) if isinstance(answers[0], list) else None

    async def resolve(host: str, port: int) -> Sequence[str]:
        return next(turns) if turns else answers

    return resolve


def connect(backend: GuardedBackend, port: int = 80, host: str = "bao.example", **options: Any) -> Awaitable[Any]:
    """Open a connection."""
    return backend.connect_tcp(host, port, **options)


async def ask(port: int, backend: GuardedBackend | None = None, read: float = 5, **options: Any) -> bytes:
    """Request a server's home page over a bare connection, and read to the end."""
    stream = await connect(backend or GuardedBackend(resolver("127.0.0.1"), allow_private=True), port, timeout=5)
    try:
        await stream.write(b"GET / HTTP/1.1\r\n\r\n", timeout=5)
        answer = b""
        while chunk := await stream.read(65536, timeout=read):
            answer += chunk
        return answer
    finally:
        await stream.aclose()


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:7f00:1", "64:ff9b::7f00:1"]
)
def test_names_that_lead_to_special_addresses_are_refused(address: str) -> None:
    """A name that resolves to a special address is refused, and no connection is opened."""
    with pytest.raises(AddressRefused, match=r"bao\.example leads to"):
        asyncio.run(connect(GuardedBackend(resolver(address))))


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the addresses of connections; all are refused."""
    hosts: list[str] = []

    async def refuse(host: str, port: int, **_: Any) -> None:
        hosts.append(host)
        raise ConnectionRefusedError(host)

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    return hosts


def test_a_name_cannot_change_after_the_check(tried: list[str]) -> None:
    """The connection goes to the address that was vetted, and the next one is vetted again (DNS rebinding)."""
    backend = GuardedBackend(resolver(["1.1.1.1"], ["127.0.0.1"]))

    with pytest.raises(httpcore.ConnectError):
        asyncio.run(connect(backend))
    with pytest.raises(AddressRefused):
        asyncio.run(connect(backend))

    assert ["1.1.1.1"] == tried


def test_special_addresses_among_public_ones_are_left_out(tried: list[str]) -> None:
    """Of several addresses, only the public ones are tried, and only a few of them."""
    public = [f"1.1.1.{i}" for i in range(9)]

    with pytest.raises(httpcore.ConnectError):
        asyncio.run(connect(GuardedBackend(resolver("127.0.0.1", public[0], "10.0.0.1", *public[1:]))))

    assert public[:4] == tried


def test_the_next_address_is_tried() -> None:
    """If one address of a name refuses, the next one is tried."""

    async def scenario() -> bytes:
        async with ByteServer({"/": reply(200, b"here", Connection="close")}) as server:
            backend = GuardedBackend(resolver("127.0.0.9", "127.0.0.1"), allow_private=True)
            with exchange(2):
                return await ask_once(server, backend)

    async def ask_once(server: ByteServer, backend: GuardedBackend) -> bytes:
        stream = await connect(backend, server.port, timeout=5)
        await stream.write(b"GET / HTTP/1.1\r\n\r\n")
        answer = await stream.read(1000)
        assert not stream.get_extra_info("is_readable")
        assert "127.0.0.1" == stream.get_extra_info("peername")[0]
        await stream.aclose()
        return answer

    assert b"here" in asyncio.run(scenario())


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[fe80::1%25eth0]", "169.254.169.254."])
def test_literals_are_refused_in_every_spelling(host: str) -> None:
    """A host that spells a special address is refused without a look-up."""
    with pytest.raises(AddressRefused):
        refuse_literal(host)


@pytest.mark.parametrize("host", ["1.1.1.1", "bao.example", "localhost", "[2606:4700::1111]"])
def test_names_and_public_literals_pass(host: str) -> None:
    """Names are vetted later, by the addresses that they resolve to."""
    refuse_literal(host)


@pytest.mark.parametrize("host", ["no-such-name.invalid", "a" * 64 + ".example", "\udc80.example"])
def test_invalid_names_are_not_connected(host: str) -> None:
    """A name that does not exist, or cannot exist, gives no connection."""
    with pytest.raises(httpcore.ConnectError):
        asyncio.run(connect(GuardedBackend(), host=host, timeout=5))


def test_a_name_without_addresses() -> None:
    """A name without addresses gives no connection."""

    async def nothing(host: str, port: int) -> Sequence[str]:
        return []

    with pytest.raises(httpcore.ConnectError, match="no address"):
        asyncio.run(connect(GuardedBackend(nothing)))


def test_the_system_resolves() -> None:
    """The system's resolver returns each address once."""
    addresses = asyncio.run(system_resolve("localhost", 80))

    assert {"127.0.0.1", "::1"} & set(addresses)
    assert len(addresses) == len(set(addresses))


def test_each_step_has_its_time() -> None:
    """A silent server times out, and so does a name that does not resolve."""

    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    async def scenario() -> None:
        async with ByteServer({"/": stall()}) as server:
            with pytest.raises(httpcore.ReadTimeout, match=r"nothing came for 0\.05 s"):
                await ask(server.port, read=0.05)
        with pytest.raises(httpcore.ConnectTimeout):
            await connect(GuardedBackend(never), timeout=0.05)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "answer", [drip(reply(200, b"a" * 1000), 0.01), endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)]
)
def test_everything_ends_by_the_deadline(answer: Any) -> None:
    """A slow stream of bytes does not exceed the deadline."""

    async def scenario() -> float:
        async with ByteServer({"/": answer}) as server:
            began = asyncio.get_running_loop().time()
            with exchange(0.3), pytest.raises(httpcore.ReadTimeout, match="the whole response"):
                await ask(server.port)
            return asyncio.get_running_loop().time() - began

    assert 0.2 < asyncio.run(scenario()) < 3


def test_a_deadline_applies_to_one_task_only() -> None:
    """A deadline ends with its block, and does not apply to other tasks."""

    async def scenario() -> bytes:
        async with ByteServer({"/": reply(200, b"here", Connection="close") * 1}) as server:
            with exchange(-1), pytest.raises(httpcore.ConnectTimeout):
                await ask(server.port)
            with pytest.raises(httpcore.ReadTimeout):
                return await ask(server.port, read=0.2)
            return b"told"

    assert b"told" == asyncio.run(scenario())


async def tls(server: ByteServer, trust: trustme.CA | None, name: str) -> bytes:
    """Return a response over TLS."""
    context = ssl.create_default_context()
    if trust:
        trust.configure_trust(context)
    stream = await connect(GuardedBackend(resolver("127.0.0.1"), allow_private=True), server.port, timeout=5)
    secure = await stream.start_tls(context, name, timeout=2)
    await secure.write(b"GET / HTTP/1.1\r\n\r\n")
    answer = b""
    while len(answer) < 3_000_000 and (chunk := await secure.read(65536, timeout=5)):
        answer += chunk
    await secure.aclose()
    return answer


def serving(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Return the TLS context of a server with these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def test_tls_carries_large_bodies() -> None:
    """A body that is larger than every buffer arrives completely over TLS."""
    authority, body = trustme.CA(), bytes(3_000_000)

    async def scenario() -> bytes:
        async with ByteServer({"/": reply(200, body)}, serving(authority, "bao.example")) as server:
            return await tls(server, authority, "bao.example")

    assert asyncio.run(scenario()).endswith(body)


@pytest.mark.parametrize(
    ("trusted", "name", "told"),
    [
        (True, "other.example", "Hostname mismatch"),
        (False, "bao.example", "self.signed certificate|unable to get local issuer"),
        (True, ".bao.example", "not a name for TLS"),
        (True, "a" * 64 + ".example", "not a name for TLS"),
    ],
)
def test_tls_of_the_wrong_name(trusted: bool, name: str, told: str) -> None:
    """A certificate of another name, an untrusted one, and an impossible name give no connection."""
    authority = trustme.CA()

    async def scenario() -> None:
        async with ByteServer({}, serving(authority, "bao.example")) as server:
            with pytest.raises(httpcore.ConnectError, match=told):
                await tls(server, authority if trusted else None, name)

    asyncio.run(scenario())


def test_tls_with_a_server_that_speaks_none() -> None:
    """A server that answers a TLS handshake with text, or not at all, gives no connection."""

    async def scenario() -> None:
        async with ByteServer({}) as server:
            with pytest.raises(httpcore.ConnectTimeout):
                await tls(server, None, "bao.example")

        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(10)
            writer.write(b"HTTP/1.0 400 this is plain\r\n\r\n")
            writer.close()

        plain = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with plain:
            stream = await connect(
                GuardedBackend(resolver("127.0.0.1"), allow_private=True), plain.sockets[0].getsockname()[1]
            )
            with pytest.raises(httpcore.ConnectError):
                await stream.start_tls(ssl.create_default_context(), "bao.example", timeout=5)

    asyncio.run(scenario())


@pytest.mark.parametrize("leave", [close(reply()), reset(reply())])
def test_a_closed_connection_is_readable(leave: Any) -> None:
    """The pool asks before it reuses an idle connection, and learns that the other side closed it."""

    async def scenario() -> bool:
        async with ByteServer({"/": leave}) as server:
            stream = await connect(GuardedBackend(resolver("127.0.0.1"), allow_private=True), server.port)
            await stream.write(b"GET / HTTP/1.1\r\n\r\n")
            await stream.read(1000)
            await asyncio.sleep(0.2)
            gone = stream.get_extra_info("is_readable")
            await stream.aclose()
            return gone

    assert asyncio.run(scenario()) is True
