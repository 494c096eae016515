"""Problems of the service, and a system clock that is set back."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from livesite import HOST, OUTLET, PUBLISHED, page
from structlog.testing import capture_logs

from archive.ledger.model import ServiceStatus
from archive.store.writer import ArchiveWriter
from crawler.newsstand.press import Answer
from crawler.outlets.model import Source
from schedules.config import Settings
from schedules.monitoring.health import examine, service_health
from schedules.monitoring.metrics import Metrics
from schedules.pipeline.runtime import open_run_context
from schedules.service.housekeeping import Housekeeping
from schedules.service.outlet_watcher import ControlFlags, OutletWatcher, Setup
from schedules.service.probe import Probe
from schedules.service.problems import Problem, ServiceProblems, archive_problem
from schedules.service.systemd import Notifier

PATH = "/cau-moi-thong-xe-4954451.html"
WATCHED = OUTLET.model_copy(update={"sources": (Source(kind="feed", url=f"{HOST}/rss"),)})
FEED = f"<rss version='2.0'><channel><item><link>{HOST}{PATH}</link></item></channel></rss>".encode()


@pytest.fixture(autouse=True)
def said():
    """The log lines of the test, even if another test redirected the log."""
    with capture_logs() as lines:
        yield lines


def test_a_problem_and_its_end_are_logged_once(said):
    """A problem is logged once when it begins and once when it ends, even if its detail varies."""
    problems = ServiceProblems(Notifier({}))
    full = [Problem(f"{free} MB free", kind="low disk") for free in (499, 12)]
    for problem in (None, *full, Problem("the file is gone"), Problem("the file is gone"), None, None):
        problems.set("work", problem)
    problems.set("port", Problem("in use"))

    assert [
        ("problem", "499 MB free"),
        ("problem", "the file is gone"),
        ("recovered", "the file is gone"),
        ("problem", "in use"),
    ] == [(line["event"], line["detail"]) for line in said]
    assert ["in use"] == problems.lines


def test_reasons_not_to_write_to_an_archive(tmp_path):
    """If the archive is missing or replaced, or its disk full or missing, one line says what would be right."""
    archive = tmp_path / "disk" / "archive.db"
    archive.parent.mkdir()
    archive.write_bytes(b"")
    number = archive.stat().st_ino

    assert archive_problem(archive, number, 0) is None
    assert f"work resumes at {10**12} MB" in archive_problem(archive, number, 10**12).detail
    assert "another file is in its place" in archive_problem(archive, number + 1, 0).detail
    archive.unlink()
    assert f"{archive}: the file no longer exists; put it back" == archive_problem(archive, number, 0).detail
    archive.parent.rmdir()
    assert f"{archive}: No such file or directory; put it back" == archive_problem(archive, number, 0).detail


@pytest.mark.parametrize(
    ("state", "ago", "problems", "well", "told"),
    [
        ("running", 10, (), True, "running since 2026-02-03 12:25Z"),
        ("running", 10, ("the disk is full",), False, "the disk is full"),
        ("running", 3600, (), False, "no heartbeat since 2026-02-04 11:25Z; start it again with `khobao run`"),
        ("killed", 10, (), False, "no heartbeat since 2026-02-04 12:24Z; start it again with `khobao run`"),
        ("done", 10, (), True, "ended; the last heartbeat was at 2026-02-04 12:24Z"),
    ],
)
def test_the_health_of_the_service_is_one_line(state, ago, problems, well, told):
    """A silent, killed or failing service needs a person; one that was stopped does not."""
    served = ServiceStatus(state, PUBLISHED - timedelta(days=1), PUBLISHED - timedelta(seconds=ago), problems)

    assert (well, [told]) == service_health(served, PUBLISHED)


def test_no_work_starts_while_the_archive_cannot_be_written_to(watch, tmp_path, said):
    """If the disk is nearly full, or another program locks the archive, one line says so, and work resumes later."""

    async def scenario(site):
        site.put("/rss", page())
        metrics, problems = Metrics(tmp_path / "archive.db", site.context.now), ServiceProblems(Notifier({}))

        async def turn(least):
            settings = Settings.model_validate({"service": {"listen": "", "low_disk_megabytes": least}})
            setup = Setup(settings, {OUTLET.id: WATCHED}, (WATCHED,))
            one = OutletWatcher(site.context, setup, {}, problems, metrics, Housekeeping(Probe(metrics, ""), problems))
            await one.tick()
            await asyncio.gather(*one._working.values())
            await one.tick()
            return [line.split(";")[-1] for line in problems.lines], one

        assert [f" work resumes at {10**9} MB"] == (await turn(10**9))[0]
        assert [] == site.told
        site.archive.db.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(site.archive.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            lines, held = await turn(0)
            await held.record_heartbeat()
        assert [" try again when that is done"] == lines
        assert [] == site.told
        await held.record_heartbeat()
        assert [] == (await turn(0))[0]
        assert 1 == len(site.told)

    watch(scenario, WATCHED)
    assert ["problem", "recovered"] * 2 == [line["event"] for line in said]


def _unreachable(*_):
    raise ConnectionAbortedError


def _walled(*_):
    return Answer("text/html", lambda: b"<html><title>Just a moment...</title><script>_cf_chl_opt</script></html>")


@pytest.mark.parametrize(
    ("answer", "minutes", "states", "lines"),
    [
        (_unreachable, 6, {"ok", "retrying"}, ["no outlet can be reached; check the network and its DNS"]),
        (_walled, 120, {"blocked"}, []),
    ],
)
def test_a_network_outage_is_reported_and_ends_by_itself(
    newsstand, tmp_path, monkeypatch, answer, minutes, states, lines
):
    """A network outage is a problem of the service, walls are problems of outlets; both end by themselves."""
    clock = PUBLISHED
    told = {"archive": {"path": tmp_path / "a.db", "captures": False}, "network": {"proxy": newsstand.proxy, "gap": 0}}
    settings = Settings.model_validate({**told, "service": {"listen": "", "low_disk_megabytes": 0}})
    problems, metrics = ServiceProblems(Notifier({})), Metrics(tmp_path / "a.db", lambda: clock)
    outlets = newsstand.outlets

    async def scenario():
        nonlocal clock
        with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
            run = archive.runs.begin_run("run", {}, clock)
            async with open_run_context(settings, archive, lambda _: None, run, lambda: clock) as context:
                setup = Setup(settings, outlets, tuple(outlets.values()))
                watch = OutletWatcher(context, setup, {}, problems, metrics, Housekeeping(Probe(metrics, ""), problems))
                for turn in range(28):
                    if turn == 20:
                        monkeypatch.undo()
                    clock += timedelta(minutes=minutes if turn < 20 else 720)
                    await watch.tick()
                    await asyncio.gather(*watch._working.values())
                    await watch.record_heartbeat()
                    seen = {found.state for _, found in examine(archive.reader, clock).values()}
                    yielded.append((seen, problems.lines, service_health(archive.reader.service_status(), clock)[0]))

    yielded = []
    monkeypatch.setattr(newsstand, "answer", answer)
    asyncio.run(scenario())

    assert (states, lines, not lines) == yielded[19]
    assert ([], True) == yielded[-1][1:]
    assert not yielded[-1][0] & {"blocked", "failing"}


async def attend(site, metrics):
    """Watch the site until the due work is done, or a reload is requested; return whether it was."""
    site.put("/rss", b"HTTP/1.1 200 \r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(FEED) + FEED)
    problems = ServiceProblems(Notifier({}))
    settings = Settings.model_validate({"service": {"listen": "", "low_disk_megabytes": 0, "tick_seconds": 0.05}})
    housekeeping = Housekeeping(Probe(metrics, ""), problems)
    setup = Setup(settings, {OUTLET.id: WATCHED}, (WATCHED,))
    context = replace(site.context, stop=asyncio.Event())
    watch, flags = OutletWatcher(context, setup, {}, problems, metrics, housekeeping), ControlFlags()
    keeping = asyncio.create_task(watch.watch(flags))
    polls = len(site.told)
    for _ in range(400):
        await asyncio.sleep(0.02)
        if len(site.told) > polls or flags.changed.is_set():
            break
    again, flags.stop = flags.reload, True
    flags.changed.set()
    await keeping
    return again


def test_a_clock_set_back_by_a_year_loses_no_source(watch, tmp_path, monkeypatch):
    """A source that was due in an hour is still due in an hour, in a running and in a new service."""

    async def scenario(site):
        site.put(PATH, page())
        metrics = Metrics(tmp_path / "archive.db", site.context.now)
        await attend(site, metrics)
        before = site.archive.reader.source(f"{HOST}/rss").next_due_at - site.clock
        polls = len(site.told)
        site.clock -= timedelta(days=365)
        assert not await attend(site, metrics)
        after = site.archive.reader.source(f"{HOST}/rss").next_due_at - site.clock

        assert (before, polls) == (pytest.approx(after, abs=timedelta(seconds=1)), len(site.told))
        assert site.due_in(PATH) <= timedelta(minutes=15)

        site.clock += timedelta(hours=7)
        await attend(site, metrics)
        assert len(site.told) > polls

    monkeypatch.setattr("schedules.service.outlet_watcher.HEARTBEAT_SECONDS", 0.05)
    watch(scenario, WATCHED)


def test_a_service_notices_that_its_clock_is_set_back(watch, tmp_path, monkeypatch):
    """The service reloads immediately; otherwise the scheduler would wait for a year."""

    async def scenario(site):
        site.put(PATH, page())
        metrics = Metrics(tmp_path / "archive.db", site.context.now)
        await attend(site, metrics)
        site.archive.runs.record_heartbeat(site.context.run, {}, site.clock)
        first = site.clock
        setting = asyncio.get_running_loop().call_later(0.3, lambda: setattr(site, "clock", first - timedelta(365)))

        assert await attend(site, metrics)
        setting.cancel()

    monkeypatch.setattr("schedules.service.outlet_watcher.HEARTBEAT_SECONDS", 0.05)
    watch(scenario, WATCHED)


@pytest.mark.parametrize("jump", [timedelta(hours=7), timedelta(days=5 * 365)])
def test_a_clock_that_jumps_forth_and_back_loses_no_source(watch, tmp_path, monkeypatch, jump):
    """After a jump forth a source is polled once, and after the jump back it is due as soon as before."""

    async def scenario(site):
        site.put(PATH, page())
        metrics = Metrics(tmp_path / "archive.db", site.context.now)
        await attend(site, metrics)
        site.clock += jump
        assert not await attend(site, metrics)
        waits = site.archive.reader.source(f"{HOST}/rss").next_due_at - site.clock
        polls = len(site.told)
        site.clock -= jump
        await attend(site, metrics)
        after = site.archive.reader.source(f"{HOST}/rss").next_due_at - site.clock

        assert timedelta() < waits <= timedelta(days=1)
        assert (waits, polls) == (pytest.approx(after, abs=timedelta(seconds=1)), len(site.told))

        site.clock += timedelta(days=1)
        await attend(site, metrics)
        assert len(site.told) > polls

    monkeypatch.setattr("schedules.service.outlet_watcher.HEARTBEAT_SECONDS", 0.05)
    watch(scenario, WATCHED)
