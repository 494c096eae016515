"""What Prometheus is told: counts of what happened, and how the archive stands when it asks."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from archive.errors import ArchiveError
from archive.statistics.outlet_activity import pulses
from archive.store.writer import Archive
from schedules.events import Event, Polled, is_skip

_STALE = 120.0  # seconds without a beat after which the service is not ready


class Metrics:
    """The counts of one process, and the archive's state at each scrape."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        """Nothing has happened yet.

        Args:
            path: The archive.
            now: The clock, UTC.
        """
        self.registry = CollectorRegistry()
        self._path = path
        self._now = now
        self._beat_at: datetime | None = None
        self._working = self._restarts = 0
        self._polls = self._counter("polls", "Sources asked.", "outlet", "outcome")
        self._pages = self._counter("pages", "Pages asked for.", "outlet", "outcome")
        self._failures = self._counter("failures", "Requests that failed, or brought no article.", "outlet", "reason")
        self._overruns = self._counter("overruns", "Polls in which nothing was known.", "outlet")
        self.registry.register(self)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, namespace="khobao", registry=self.registry)

    def count(self, event: Event) -> None:
        """Count one event."""
        if isinstance(event, Polled):
            outcome = "failed" if event.failure else "unchanged" if event.unchanged else "news" if event.new else "none"
            self._polls.labels(event.outlet, outcome).inc()
            if event.overran:
                self._overruns.labels(event.outlet).inc()
        else:
            outcome = event.outcome or ("skipped" if is_skip(event) else "failed")
            self._pages.labels(event.outlet, outcome).inc()
        if event.failure:
            self._failures.labels(event.outlet, event.failure.reason.value).inc()

    def beat(self, working: int, restarts: int) -> None:
        """Take in a sign of life.

        Args:
            working: How many outlets are at work.
            restarts: How many worker processes had to be replaced, since the settings were last read.
        """
        self._beat_at, self._working, self._restarts = self._now(), working, restarts

    def is_ready(self) -> bool:
        """Whether the service was alive a moment ago."""
        return self._beat_at is not None and (self._now() - self._beat_at).total_seconds() < _STALE

    def collect(self) -> Iterator[Metric]:
        """How the archive stands."""
        yield GaugeMetricFamily("khobao_outlets_working", "Outlets at work.", self._working)
        yield CounterMetricFamily("khobao_worker_restarts", "Workers that a page broke.", self._restarts)
        wal = self._path.with_name(self._path.name + "-wal")
        yield GaugeMetricFamily("khobao_wal_bytes", "The write-ahead log.", wal.stat().st_size if wal.exists() else 0)
        if self._path.parent.exists():
            free = shutil.disk_usage(self._path.parent).free
            yield GaugeMetricFamily("khobao_disk_free_bytes", "Left on the archive's disk.", free)
        try:
            with Archive.open(self._path) as archive:
                yield from _of_outlets(archive, self._now())
        except ArchiveError:
            return


def _of_outlets(archive: Archive, now: datetime) -> Iterator[Metric]:
    since = GaugeMetricFamily("khobao_seconds_since_article", "Since its newest article came.", labels=["outlet"])
    today = GaugeMetricFamily("khobao_articles_today", "Of the outlet's day that are here.", labels=["outlet"])
    due = GaugeMetricFamily("khobao_pages_due", "Pages that wait to be asked for.", labels=["outlet"])
    gone = GaugeMetricFamily("khobao_articles_gone", "Articles that were taken down.", labels=["outlet"])
    failing = GaugeMetricFamily("khobao_sources_failing", "That failed when last asked.", labels=["outlet"])
    for pulse in pulses(archive, now):
        if pulse.article_at:
            since.add_metric([pulse.outlet], (now - pulse.article_at).total_seconds())
        today.add_metric([pulse.outlet], pulse.today)
        failing.add_metric([pulse.outlet], pulse.failing)
        due.add_metric([pulse.outlet], pulse.due)
        gone.add_metric([pulse.outlet], pulse.gone)
    yield from (since, today, failing, due, gone)


class Probe:
    """An HTTP server for `/metrics`, `/healthz` (the process lives) and `/readyz` (it works)."""

    def __init__(self, metrics: Metrics, listen: str) -> None:
        """Nothing is listened to yet.

        Args:
            metrics: What is told.
            listen: `host:port`; empty for nowhere.
        """
        host, _, port = listen.rpartition(":")
        self._address = (host, int(port)) if port else None
        self._metrics = metrics
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> str:
        """Begin to listen, if that is wished and not so already; what is in the way, in one line."""
        if self._address is None or self._server:
            return ""
        metrics = self._metrics

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest(metrics.registry))
                elif self.path in {"/healthz", "/readyz"}:
                    well = self.path == "/healthz" or metrics.is_ready()
                    self._answer(200 if well else 503, "text/plain", b"ok\n" if well else b"not ready\n")
                else:
                    self._answer(404, "text/plain", b"/metrics, /healthz or /readyz\n")

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Scrapes are no news."""

        try:
            self._server = ThreadingHTTPServer(self._address, Handler)
        except OSError as error:
            return f"{self._address[0]}:{self._address[1]}: {error.strerror}; set service.listen to another port"
        threading.Thread(target=self._server.serve_forever, name="probe", daemon=True).start()
        return ""

    @property
    def port(self) -> int:
        """The port that is listened to; 0 for none."""
        return int(self._server.server_address[1]) if self._server else 0

    def stop(self) -> None:
        """Listen no more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
