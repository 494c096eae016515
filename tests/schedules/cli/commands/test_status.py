"""`khobao status`: all that a person wants to know of the outlets and of the service, at one look."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import shelf

from archive.errors import Failure, Reason
from archive.ledger.model import HostFacts, OutletFacts, SourceFacts, SourcePoll
from archive.record import ArticleLink, Candidate
from archive.store.writer import ArchiveWriter

BLOCKED = Failure(Reason.BLOCKED, "Cloudflare")


@pytest.fixture
def told(khobao, tmp_path):
    """What is told of two outlets, of which one is blocked, and of a service whose port is in use."""
    now = datetime.now(UTC)
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        run = archive.begin_run("run", {}, now - timedelta(days=9))
        for outlet, failure in (("song", None), ("vntin", BLOCKED)):
            archive.declare([OutletFacts(outlet, outlet, f"https://{outlet}.example/")])
            for day in range(28):
                at = now - timedelta(days=day, hours=0 if day else 2)
                shelf.keep(archive, shelf.record(f"{day}", outlet, date=at.date(), published_at=at), at)
            url, due = f"https://{outlet}.example/rss", now + timedelta(minutes=11, seconds=30)
            archive.claim_source(SourceFacts(url, outlet, "feed"), due)
            failures, polled_at = 5 if failure else 0, now - timedelta(minutes=4)
            archive.record_poll(
                SourcePoll(url=url, polled_at=polled_at, next_due_at=due, failure=failure, failures=failures)
            )
        archive.save_host(HostFacts("vntin.example", 0, None, 5, "blocked", now, now + timedelta(hours=3, minutes=5)))
        page = "https://song.example/tin-99.html"
        archive.discover("song", "", [ArticleLink(page, "0" * 16, Candidate(page))], now)
        archive.record_heartbeat(run, {}, now, ["127.0.0.1:9471: Address already in use"])
        yield lambda *options: khobao("status", *options, "--archive", "archive.db", env={"COLUMNS": "80"})


def test_a_look_tells_all_of_the_outlets(told):
    """Health and why, articles in all, of today and as expected, the newest, the last and the next poll, failures."""
    ran = told()

    assert 1 == ran.code
    assert re.search(r"^song +ok +28 +[01]/1 +[0-9-]{10} +2h +4m +1[12]m +1$", ran.out, re.MULTILINE), ran.out
    assert re.search(r"^vntin +blocked +28 +[01]/1 +[0-9-]{10} +2h +4m +1[12]m +0$", ran.out, re.MULTILINE), ran.out
    assert "vntin: blocked: every source failed, 5 times in a row: blocked" in ran.out
    assert "vntin.example: next request in 3 h: blocked" in ran.out
    assert "service: 127.0.0.1:9471: Address already in use" in ran.out


def test_a_look_for_programs(told):
    """As JSON there is an object for each outlet, and one for the service."""
    song, vntin, service = map(json.loads, told("--json").out.splitlines())

    assert ("song", "ok", 0, 1) == tuple(song[name] for name in ("id", "health", "streak", "due"))
    assert ("vntin", "blocked", 5, 0) == tuple(vntin[name] for name in ("id", "health", "streak", "due"))
    assert {"service": "troubled", "why": "127.0.0.1:9471: Address already in use"} == service


def test_a_look_that_goes_on_ends_with_ctrl_c(told, tmp_path):
    """On a terminal the look is live, and Ctrl-C ends it as it should."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-c", "from schedules.cli.main import main; main()", "status", "--watch"]
    watching = subprocess.Popen(
        [*program, "--archive", "archive.db"], cwd=tmp_path, stdout=theirs, env=os.environ | {"TERM": "xterm"}
    )
    os.close(theirs)
    seen = b""
    while b"vntin.example" not in seen:
        seen += os.read(ours, 4096)
    watching.send_signal(signal.SIGINT)
    with suppress(OSError):  # which a terminal says whose other side is gone
        while os.read(ours, 4096):
            pass

    assert 0 == watching.wait(60)
    os.close(ours)
