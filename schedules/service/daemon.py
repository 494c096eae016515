"""Run the service: watch outlets until a signal stops it, and reload settings on request."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from archive.errors import UsageError
from archive.store.writer import ArchiveWriter
from crawler.outlets.model import Outlet
from schedules.events import Event, Tally
from schedules.logs import log
from schedules.monitoring.health import learned_hours
from schedules.monitoring.metrics import Metrics
from schedules.pipeline.context import utc_now
from schedules.pipeline.recorded_run import recorded_run
from schedules.pipeline.runtime import open_run_context
from schedules.service.housekeeping import Housekeeping
from schedules.service.outlet_watcher import ControlFlags, OutletWatcher, Setup
from schedules.service.probe import Probe
from schedules.service.problems import Problem, ServiceProblems
from schedules.service.snapshot import ServiceSnapshot
from schedules.service.systemd import Notifier
from schedules.timing.publishing_hours import PublishingHours

_RELEARN_AFTER = timedelta(hours=6)


async def serve(
    load: Callable[[], Setup],
    archive: ArchiveWriter,
    report: Callable[[Event], None],
    show: Callable[[ServiceSnapshot], None] | None = None,
    notifier: Notifier | None = None,
) -> dict[str, Tally]:
    """Watch outlets until SIGTERM or SIGINT; a second signal stops immediately, SIGHUP reloads.

    Args:
        load: Loads settings and outlets. If it raises UsageError on a reload, the old ones stay in force.
        archive: The archive, open for writing.
        report: Called with each event.
        show: Called every second with the state of the service; None for no display.
        notifier: The service manager; None to use the one in the environment.

    Returns:
        The counts of the service, by outlet.

    Raises:
        UsageError: The settings are wrong at the start.
    """
    notifier = notifier or Notifier()
    setup, flags, problems = load(), ControlFlags(), ServiceProblems(notifier)
    metrics = Metrics(archive.path, utc_now)
    probe = Probe(metrics, setup.settings.service.listen)
    housekeeping = Housekeeping(probe, problems)

    def measure_and_report(event: Event) -> None:
        metrics.count(event)
        report(event)

    arguments = {"outlets": [outlet.id for outlet in setup.outlets]}
    with recorded_run(archive.runs, "run", arguments) as run, _handling_signals(flags):
        while not flags.stop:
            flags.reload = False
            flags.changed.clear()
            async with open_run_context(setup.settings, archive, run.counting(measure_and_report), run.id) as context:
                learning = replace(context, publishing_hours=LearnedHours(archive, context.now))
                watcher = OutletWatcher(learning, setup, run.tallies, problems, metrics, housekeeping, show)
                await watcher.watch(flags)
            setup = _reload(load, setup, archive, problems) if flags.reload else setup
        notifier.send("STOPPING=1")
        probe.stop()
    return run.tallies


@contextmanager
def _handling_signals(flags: ControlFlags) -> Iterator[None]:
    """Turn SIGTERM, SIGINT and SIGHUP into flags; a second SIGTERM or SIGINT cancels the service."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if flags.stop:
            task.cancel()
        flags.stop = True
        flags.changed.set()

    handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: flags.request_reload}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


def _reload(load: Callable[[], Setup], setup: Setup, archive: ArchiveWriter, problems: ServiceProblems) -> Setup:
    """Reload settings and outlets; keep the old ones if the new ones are wrong or name another archive."""
    problems.notifier.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
    try:
        fresh = load()
        _require_same_archive(fresh, archive)
    except UsageError as error:
        problems.set("settings", Problem(f"the old settings stay in force: {error}"))
        return setup
    problems.set("settings")
    log().info("reload", outlets=len(fresh.outlets))
    return fresh


def _require_same_archive(setup: Setup, archive: ArchiveWriter) -> None:
    """Refuse settings that name another archive: its captures would be separated from their rows.

    Raises:
        UsageError: They name another archive.
    """
    path = setup.settings.archive.path
    if os.path.realpath(path) != os.path.realpath(archive.path):
        raise UsageError(
            f"archive.path is now {path}, but this service writes to {archive.path}; stop khobao to change the archive"
        )


class LearnedHours:
    """When outlets publish, learned from the archive every few hours."""

    def __init__(self, archive: ArchiveWriter, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._now = now
        self._known: dict[str, tuple[datetime, PublishingHours]] = {}

    def __call__(self, outlet: Outlet) -> PublishingHours:
        """Return the hours in which an outlet publishes."""
        now = self._now()
        learned_at, hours = self._known.get(outlet.id, (None, None))
        if learned_at is None or hours is None or not learned_at <= now < learned_at + _RELEARN_AFTER:
            hours = learned_hours(self._archive.reader, outlet.id, outlet.zone, now)
            self._known[outlet.id] = (now, hours)
        return hours
