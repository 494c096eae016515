"""The HTTP endpoint of the service, with clients that hold connections open."""

import socket
import time
import urllib.request
from datetime import UTC, datetime

import pytest

from archive.store.writer import ArchiveWriter
from schedules.monitoring.metrics import Metrics
from schedules.service.probe import MAX_CONNECTIONS, Probe


@pytest.fixture
def metrics(tmp_path):
    """The metrics of a service on an empty archive."""
    ArchiveWriter.create_or_open(tmp_path / "archive.db").close()
    return Metrics(tmp_path / "archive.db", lambda: datetime(2026, 2, 4, 12, tzinfo=UTC))


def alive(port):
    """Return the service's response to a health check."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        return answer.read()


def closed_by_server(connection, seconds):
    """Return whether the server closes a connection within some seconds."""
    connection.settimeout(seconds)
    try:
        return b"" == connection.recv(1)
    except ConnectionError:
        return True


def drip(connection, until):
    """Send one byte at a time; return whether the server closes the connection before a given time."""
    while time.monotonic() < until:
        try:
            connection.sendall(b"X")
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("sent", [b"", b"GET /metrics HTTP/1.0\r\nX: "])
def test_a_silent_client_loses_its_connection(metrics, sent):
    """A client that sends nothing, or half a request, is disconnected, and others are answered meanwhile."""
    probe = Probe(metrics, "127.0.0.1:0", seconds=0.2)
    probe.start()
    with socket.create_connection(("127.0.0.1", probe.port)) as silent:
        silent.sendall(sent)
        meanwhile = alive(probe.port)

        assert closed_by_server(silent, 20)
    assert b"ok\n" == meanwhile
    probe.stop()


def test_a_slow_client_loses_its_connection(metrics):
    """The time limit is for the whole request, not for each byte."""
    probe = Probe(metrics, "127.0.0.1:0", seconds=0.5)
    probe.start()
    with socket.create_connection(("127.0.0.1", probe.port)) as dripping:
        assert drip(dripping, until=time.monotonic() + 20)
    probe.stop()


def test_connections_are_limited(metrics):
    """Beyond the limit, another connection is closed immediately; later clients are answered again."""
    probe = Probe(metrics, "127.0.0.1:0", seconds=60)
    probe.start()
    held = [socket.create_connection(("127.0.0.1", probe.port)) for _ in range(MAX_CONNECTIONS)]
    with socket.create_connection(("127.0.0.1", probe.port)) as crowded:
        assert closed_by_server(crowded, 20)
    for connection in held:
        connection.close()
    for _ in range(200):
        try:
            assert b"ok\n" == alive(probe.port)
            break
        except OSError:
            time.sleep(0.05)
    else:
        pytest.fail("no client is answered any more")
    probe.stop()


def test_an_ipv6_address_is_listened_on(metrics):
    """`service.listen` accepts [::1]:port."""
    probe = Probe(metrics, "[::1]:0")
    if problem := probe.start():
        pytest.skip(problem)
    with urllib.request.urlopen(f"http://[::1]:{probe.port}/healthz", timeout=10) as answer:
        assert b"ok\n" == answer.read()
    probe.stop()
