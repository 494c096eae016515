"""Expose metrics to Prometheus: event counts, and the state of the archive at each scrape."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from archive.errors import ArchiveError
from archive.statistics.outlet_activity import outlet_activities
from archive.store.reader import ArchiveReader
from schedules.events import Event, PollEvent, is_rejection

_STALE = 120.0  # seconds without a heartbeat after which the service is not ready


class Metrics:
    """The metrics of one process and its archive."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        """Start with empty counts.

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
        self._pages = self._counter("pages", "Pages that were fetched.", "outlet", "outcome")
        self._failures = self._counter("failures", "Requests that failed or gave no article.", "outlet", "reason")
        self._overruns = self._counter("overruns", "Polls in which every link was unknown.", "outlet")
        self.registry.register(self)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, namespace="khobao", registry=self.registry)

    def count(self, event: Event) -> None:
        """Count one event."""
        if isinstance(event, PollEvent):
            outcome = "failed" if event.failure else "unchanged" if event.unchanged else "news" if event.new else "none"
            self._polls.labels(event.outlet, outcome).inc()
            if event.overran:
                self._overruns.labels(event.outlet).inc()
        else:
            outcome = event.outcome or ("skipped" if is_rejection(event) else "failed")
            self._pages.labels(event.outlet, outcome).inc()
        if event.failure:
            self._failures.labels(event.outlet, event.failure.reason.value).inc()

    def beat(self, working: int, restarts: int) -> None:
        """Record a heartbeat.

        Args:
            working: The number of outlets that are being polled or fetched.
            restarts: How many worker processes were replaced since the settings were last loaded.
        """
        self._beat_at, self._working, self._restarts = self._now(), working, restarts

    def is_ready(self) -> bool:
        """Return whether there was a heartbeat recently."""
        return self._beat_at is not None and (self._now() - self._beat_at).total_seconds() < _STALE

    def render(self) -> tuple[str, bytes]:
        """Return the content type and the body for a scrape."""
        return CONTENT_TYPE_LATEST, generate_latest(self.registry)

    def collect(self) -> Iterator[Metric]:
        """Collect the archive's state."""
        yield GaugeMetricFamily("khobao_outlets_working", "Outlets that are being polled or fetched.", self._working)
        yield CounterMetricFamily(
            "khobao_worker_restarts", "Worker processes that were replaced after a page broke them.", self._restarts
        )
        wal = self._path.with_name(self._path.name + "-wal")
        yield GaugeMetricFamily(
            "khobao_wal_bytes", "Size of the write-ahead log.", wal.stat().st_size if wal.exists() else 0
        )
        if self._path.parent.exists():
            free = shutil.disk_usage(self._path.parent).free
            yield GaugeMetricFamily("khobao_disk_free_bytes", "Free space on the archive's disk.", free)
        try:
            with ArchiveReader.open(self._path) as archive:
                yield from _of_outlets(archive, self._now())
        except ArchiveError:
            return


def _of_outlets(archive: ArchiveReader, now: datetime) -> Iterator[Metric]:
    since = GaugeMetricFamily(
        "khobao_seconds_since_article", "Seconds since the newest article was archived.", labels=["outlet"]
    )
    today = GaugeMetricFamily(
        "khobao_articles_today", "Archived articles of today in the outlet's timezone.", labels=["outlet"]
    )
    due = GaugeMetricFamily("khobao_pages_due", "Pages that wait to be fetched.", labels=["outlet"])
    gone = GaugeMetricFamily("khobao_articles_gone", "Articles that the outlet deleted.", labels=["outlet"])
    failing = GaugeMetricFamily("khobao_sources_failing", "Sources that failed at the last poll.", labels=["outlet"])
    for activity in outlet_activities(archive.query, now):
        if activity.article_at:
            since.add_metric([activity.outlet], (now - activity.article_at).total_seconds())
        today.add_metric([activity.outlet], activity.today)
        failing.add_metric([activity.outlet], activity.failing)
        due.add_metric([activity.outlet], activity.due)
        gone.add_metric([activity.outlet], activity.gone)
    yield from (since, today, failing, due, gone)
