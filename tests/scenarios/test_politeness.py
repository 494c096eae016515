"""The stored state of hosts, and the effect of a local outage."""

import asyncio
import socket
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archive.errors import Failure, Reason
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
from crawler.fetching.backoff import HostHealth
from crawler.fetching.fetcher import HostState
from crawler.fetching.robots import RobotsFacts
from schedules.cli.progress import MAX_FAILURES, RunDisplay
from schedules.config import load_settings
from schedules.events import PageEvent
from schedules.pipeline.runtime import CrawlPlan, LedgerHosts, run_crawl

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
STATES = (
    HostState("a.vn", 90.0, LATER),
    HostState("b.vn:8080", 0.0, None, HostHealth(5, Reason.TIMEOUT, NOW, open_until=LATER)),
)


def test_the_ledger_remembers_hosts(tmp_path):
    """The state of a host is available to the next process; the newest state is used."""
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        memory = LedgerHosts(archive.reader, archive.ledger)
        for state in STATES:
            memory.save_host(replace(state, delay=1.0))
            memory.save_host(state)
        memory.save_robots(RobotsFacts("https://a.vn", 200, "Disallow:", NOW, LATER))

    with ArchiveReader.open(tmp_path / "a.db") as archive:
        memory = LedgerHosts(archive)
        memory.save_host(HostState("c.vn"))
        memory.save_robots(RobotsFacts("https://c.vn", 200, "", NOW, LATER))

        assert [*STATES, None] == [memory.load_host(host) for host in ("a.vn", "b.vn:8080", "c.vn")]
        assert RobotsFacts("https://a.vn", 200, "Disallow:", NOW, LATER) == memory.load_robots("https://a.vn")
        assert memory.load_robots("https://c.vn") is None


def test_a_local_outage_is_blamed_on_no_host(tmp_path, newsstand):
    """If no host can be reached, everything is due again within minutes, and no failure is counted."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    flags = {"archive.path": tmp_path / "a.db", "network.proxy": proxy, "network.gap": 0}
    plan = CrawlPlan("crawl", outlets=tuple(newsstand.outlets.values()))
    began = datetime.now(UTC)
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        asyncio.run(run_crawl(plan, load_settings(None, {}, flags), newsstand.outlets, archive, lambda event: None))
        sources = [source for outlet in newsstand.outlets for source in archive.reader.sources(outlet)]

    assert {"unreachable"} == {source.reason for source in sources}
    assert 0 in {source.failures for source in sources}
    assert all(source.next_due_at <= began + timedelta(minutes=12) for source in sources)
    assert len({source.next_due_at for source in sources}) > 2


def test_few_failures_are_printed_and_all_are_counted():
    """The printed failures of a run are limited, and all failures are counted."""
    show = RunDisplay()
    show.add(PageEvent("a", "http://a.vn/", failure=Failure(Reason.GONE)))
    for n in range(MAX_FAILURES + 5):
        show.add(PageEvent("a", f"http://a.vn/{n}", failure=Failure(Reason.TIMEOUT)))

    assert (MAX_FAILURES, MAX_FAILURES + 5, 1) == (len(show.failures), show.failed, show.exit_code)


def test_many_due_pages_are_looked_up_a_few_at_a_time(tmp_path, newsstand, monkeypatch):
    """Of any number of due pages, only a few are in memory, and each is fetched once."""
    monkeypatch.setattr("schedules.pipeline.archiving.BATCH", 3)
    flags = {"archive.path": tmp_path / "a.db", "network.proxy": newsstand.proxy, "network.gap": 0}
    settings = load_settings(None, {}, flags | {"archive.captures": False})
    plan = CrawlPlan("crawl", outlets=(newsstand.outlets["vntin"],))
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        asyncio.run(run_crawl(plan, settings, newsstand.outlets, archive, lambda event: None))
        archived = len(list(archive.reader.records()))
    asked = Counter(path for _, path, _, _ in newsstand.requests)

    assert 10 == archived
    assert {1} == set(asked.values())


def test_hosts_with_long_pauses_are_listed(khobao, tmp_path):
    """Below the table, `khobao outlets` lists hosts that ask for longer pauses, and hosts that are left alone."""
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        LedgerHosts(archive.reader, archive.ledger).save_host(HostState("vnexpress.net", 300.0))
        health = HostHealth(9, Reason.SERVER_ERROR, NOW, open_until=datetime(2999, 1, 1, tzinfo=UTC))
        LedgerHosts(archive.reader, archive.ledger).save_host(HostState("www.vnexpress.net", 0.0, None, health))

    told = khobao("outlets", "vnexpress", "--archive", "a.db").out

    assert "vnexpress.net asks for 300 s between requests and gets 60 s" in told
    assert "www.vnexpress.net is not requested until 2999-01-01 00:00Z (server error)" in told
