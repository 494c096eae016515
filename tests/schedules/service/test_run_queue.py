"""Queued runs are completed despite a locked archive, a bug, or the end of the service."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from livesite import HOST, PUBLISHED, page
from structlog.testing import capture_logs

from schedules.config import BackfillSettings
from schedules.service.problems import ServiceProblems
from schedules.service.run_queue import RunQueue
from schedules.service.systemd import Notifier

FIRST, SECOND = "/mot-4954451.html", "/hai-4954452.html"


@pytest.fixture(autouse=True)
def said():
    """The log lines of the test."""
    with capture_logs() as lines:
        yield lines


def hand(site, *paths):
    """Add pages as `khobao add` does beside a service; return the run's id."""
    pages = {"pages": [HOST + path for path in paths]}
    return site.archive.runs.begin_run("add", pages, PUBLISHED, state="waiting", served=True)


def taking(context):
    """The run queue of a service, and its problems."""
    problems = ServiceProblems(Notifier({}))
    return RunQueue(context, {}, BackfillSettings(), problems), problems


async def turn(queue):
    """Run one tick, and wait for the work that it started."""
    queue.tick(lambda outlet: False)
    await asyncio.gather(*queue.tasks, return_exceptions=True)


def test_a_run_waits_for_a_locked_archive(watch, said):
    """While another program locks the archive, a run waits and the problem is reported; then the run continues."""

    async def scenario(site):
        site.put(FIRST, page())
        site.put(SECOND, page())
        run = hand(site, FIRST, SECOND)
        queue, problems = taking(site.context)
        site.archive.db.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(site.archive.path, isolation_level=None)) as other:
            queue.tick(lambda outlet: False)
            other.execute("BEGIN IMMEDIATE")
            await asyncio.gather(*queue.tasks)
        held = (site.archive.reader.run_state(run), [*problems.lines])
        await turn(queue)
        queue.tick(lambda outlet: False)

        assert ("running", 1) == (held[0], len(held[1]))
        assert "done" == site.archive.reader.run_state(run)
        assert site.article(FIRST)
        assert site.article(SECOND)
        assert [] == queue.tasks

    watch(scenario)
    assert ["problem"] == [line["event"] for line in said]


def test_a_bug_in_one_run_ends_only_that_run(watch, said):
    """That run is recorded as failed, not as done, and other runs continue."""

    async def scenario(site):
        site.put(FIRST, page())
        site.put(SECOND, page())

        def tell(event):
            if event.url == HOST + FIRST:
                raise LookupError(event.url)

        runs = [hand(site, FIRST), hand(site, SECOND)]
        queue, _ = taking(replace(site.context, report=tell))
        await turn(queue)
        queue.tick(lambda outlet: False)

        assert ["failed", "done"] == [site.archive.reader.run_state(run) for run in runs]

    watch(scenario)
    assert ["bug"] == [line["event"] for line in said]


def test_the_next_service_continues_unfinished_runs(watch):
    """Work in flight when the service ends is done by the next service."""

    async def scenario(site):
        site.put(FIRST, page())
        run = hand(site, FIRST)
        ending, _ = taking(site.context)
        ending.tick(lambda outlet: False)
        await asyncio.sleep(0)
        for task in ending.tasks:
            task.cancel()
        await asyncio.gather(*ending.tasks, return_exceptions=True)
        ending.hand_back()
        left = site.archive.reader.run_state(run)
        following, _ = taking(site.context)
        await turn(following)
        following.hand_back()

        assert ("waiting", "done") == (left, site.archive.reader.run_state(run))
        assert site.article(FIRST)

    watch(scenario)
