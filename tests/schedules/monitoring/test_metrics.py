"""Metrics for Prometheus, and whether the service is alive."""

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
import shelf

from archive.errors import Failure, Reason
from schedules.events import PageEvent, PollEvent
from schedules.monitoring.metrics import Metrics
from schedules.service.probe import Probe

NOW = datetime(2026, 2, 4, 12, tzinfo=UTC)


@pytest.fixture
def metrics(tmp_path):
    """The metrics of a service on an archive with data of every kind."""
    shelf.fill(tmp_path / "archive.db")
    made = Metrics(tmp_path / "archive.db", lambda: NOW)
    for event in (
        PollEvent("vntin", "http://vntin.example/rss", "feed", candidates=3, new=3, overran=True),
        PollEvent("vntin", "http://vntin.example/rss", "feed", unchanged=True),
        PollEvent("vntin", "http://vntin.example/rss", "feed"),
        PageEvent("vntin", "http://vntin.example/1", outcome="archived"),
        PageEvent("vntin", "http://vntin.example/2", failure=Failure(Reason.GONE, "404")),
        PageEvent("vntin", "http://vntin.example/3", failure=Failure(Reason.TIMEOUT, "10 s")),
    ):
        made.count(event)
    return made


@pytest.fixture
def ask(metrics):
    """A function that sends requests to the endpoint."""
    probe = Probe(metrics, "127.0.0.1:0")
    assert not probe.start()
    assert not probe.start()  # it is already listening

    def get(path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{probe.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    yield get
    probe.stop()


@pytest.mark.parametrize(
    "line",
    [
        'khobao_polls_total{outcome="news",outlet="vntin"} 1.0',
        'khobao_polls_total{outcome="unchanged",outlet="vntin"} 1.0',
        'khobao_polls_total{outcome="none",outlet="vntin"} 1.0',
        'khobao_pages_total{outcome="archived",outlet="vntin"} 1.0',
        'khobao_pages_total{outcome="skipped",outlet="vntin"} 1.0',
        'khobao_pages_total{outcome="failed",outlet="vntin"} 1.0',
        'khobao_failures_total{outlet="vntin",reason="gone"} 1.0',
        'khobao_overruns_total{outlet="vntin"} 1.0',
        'khobao_articles_today{outlet="vntin"} 2.0',
        'khobao_seconds_since_article{outlet="vntin"} 25200.0',
        'khobao_pages_due{outlet="song"} 0.0',
        'khobao_articles_gone{outlet="vntin"} 0.0',
        "khobao_outlets_working 2.0",
        "khobao_worker_restarts_total 1.0",
    ],
)
def test_a_scrape_has_counts_and_the_state_of_the_archive(ask, metrics, line):
    """Event counts are by outlet, and gauges are read from the archive at each scrape."""
    metrics.beat(2, 1)
    status, body = ask("/metrics")

    assert 200 == status
    assert line in body.splitlines()


def test_alive_is_not_yet_ready(ask, metrics):
    """The process is alive from its start, and ready while there are heartbeats."""
    assert (200, "ok\n") == ask("/healthz")
    assert 503 == ask("/readyz")[0]
    metrics.beat(2, 0)
    assert (200, "ok\n") == ask("/readyz")
    metrics._now = lambda: NOW + timedelta(minutes=5)
    assert 503 == ask("/readyz")[0]
    assert 404 == ask("/")[0]


def test_a_scrape_survives_a_missing_archive(ask, metrics):
    """If the archive cannot be read, the counts are still served."""
    for file in metrics._path.parent.glob("archive.db*"):
        file.unlink()

    assert 'khobao_pages_total{outcome="archived",outlet="vntin"} 1.0' in ask("/metrics")[1]


def test_a_port_in_use_is_one_line(metrics):
    """If the port is in use, the reason and the setting are in one line; an empty setting switches the endpoint off."""
    first, second, none = Probe(metrics, "127.0.0.1:0"), None, Probe(metrics, "")
    first.start()
    second = Probe(metrics, f"127.0.0.1:{first.port}")

    assert "set service.listen to another port" in second.start()
    assert ("", 0) == (none.start(), none.port)
    first.stop()
    second.stop()
