"""The command `khobao status`: the outlets and the service at one glance."""

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
    """The output for two outlets, one of them blocked, and a service whose port is in use."""
    now = datetime.now(UTC)
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        run = archive.runs.begin_run("run", {}, now - timedelta(days=9))
        for outlet, failure in (("song", None), ("vntin", BLOCKED)):
            archive.runs.declare([OutletFacts(outlet, outlet, f"https://{outlet}.example/")])
            for day in range(28):
                at = now - timedelta(days=day, hours=2)
                shelf.keep(archive, shelf.record(f"{day}", outlet, date=at.date(), published_at=at), at)
            url, due = f"https://{outlet}.example/rss", now + timedelta(minutes=11, seconds=30)
            archive.ledger.claim_source(SourceFacts(url, outlet, "feed"), due)
            failures, polled_at = 5 if failure else 0, now - timedelta(minutes=4)
            archive.ledger.record_poll(
                SourcePoll(url=url, polled_at=polled_at, next_due_at=due, failure=failure, failures=failures)
            )
        archive.ledger.save_host(
            HostFacts("vntin.example", 0, None, 5, "blocked", now, now + timedelta(hours=3, minutes=5))
        )
        page = "https://song.example/tin-99.html"
        archive.ledger.discover("song", "", [ArticleLink(page, "0" * 16, Candidate(page))], now)
        archive.runs.record_heartbeat(run, {}, now, ["127.0.0.1:9471: Address already in use"])
        yield lambda *options: khobao("status", *options, "--archive", "archive.db", env={"COLUMNS": "80"})


def test_the_table_shows_every_outlet(told):
    """Health and its reason, all articles, those of today and the expected number, the newest, polls, failures."""
    ran = told()

    assert 1 == ran.code
    assert re.search(r"^song +ok +28 +[01]/1 +[0-9-]{10} +2h +4m +1[12]m +1$", ran.out, re.MULTILINE), ran.out
    assert re.search(r"^vntin +blocked +28 +[01]/1 +[0-9-]{10} +2h +4m +1[12]m +0$", ran.out, re.MULTILINE), ran.out
    assert "vntin: blocked: every source failed, 5 times in a row: blocked" in ran.out
    assert "vntin.example: next request in 3 h: blocked" in ran.out
    assert "service: 127.0.0.1:9471: Address already in use" in ran.out


def test_json_has_an_object_per_outlet(told):
    """With --json there is an object for each outlet, and one for the service."""
    song, vntin, service = map(json.loads, told("--json").out.splitlines())

    assert ("song", "ok", 0, 1) == tuple(song[name] for name in ("id", "health", "streak", "due"))
    assert ("vntin", "blocked", 5, 0) == tuple(vntin[name] for name in ("id", "health", "streak", "due"))
    assert {"service": "troubled", "why": "127.0.0.1:9471: Address already in use"} == service


def test_watch_ends_with_ctrl_c(told, tmp_path):
    """On a terminal --watch updates the table, and Ctrl-C ends it cleanly."""
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
    with suppress(OSError):  # the terminal raises this when its other side is closed
        while os.read(ours, 4096):
            pass

    assert 0 == watching.wait(60)
    os.close(ours)
