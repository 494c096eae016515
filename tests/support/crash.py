"""A crawl of the newsstand that is killed at random moments, and checks of its archive afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Self

from archive.maintenance.check import check
from archive.store.writer import ArchiveWriter
from crawler.newsstand import Newsstand
from crawler.newsstand.article_pages import address
from crawler.newsstand.press import stories
from crawler.outlets.article_urls import canonical

PROGRAM = "from schedules.cli.main import main; main()"
ARTICLES = {"article", "photo", "opinion", "moved"}


@dataclass
class Crash:
    """A newsstand, an archive of it, and the kills so far. Use it as a context manager.

    Attributes:
        folder: The folder of the archives: when one is complete, the next is begun.
        bulk: The number of generated stories per outlet, in addition to the hand-written ones.
        kills: How often the crawl was killed.
        archives: How many archives were begun.
        acknowledged: Articles of the current archive that the program reported as archived.
        settled: Pages of the current archive that were handled before the last crawl began.
        failed: For each page, how often it failed before.
        in_flight: Pages that were being fetched when a crawl was killed, over all kills.
        groups: The process groups of the crawls.
    """

    folder: Path
    bulk: int = 20
    kills: int = 0
    archives: int = 0
    acknowledged: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    failed: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    groups: list[int] = field(default_factory=list)

    def __enter__(self) -> Self:
        published = stories(self.bulk)
        self.stand = Newsstand(published).__enter__()
        self.pages = {canonical(address(story)) for story in published if story.kind in ARTICLES}
        self.outlets = self.folder / "outlets"
        shutil.copytree(resources.files("crawler") / "newsstand" / "outlets", self.outlets)
        self._begin_anew()
        return self

    def __exit__(self, *error: object) -> None:
        self.stand.__exit__(None, None, None)

    @property
    def archive(self) -> Path:
        """Return the current archive."""
        return self.folder / f"{self.archives}" / "archive.db"

    def _begin_anew(self) -> None:
        self.archives += 1
        self.archive.parent.mkdir()
        self.acknowledged.clear()
        self.settled.clear()
        self.failed.clear()
        self.stand.requests.clear()

    def crawl(self, kill_at: int | None = None, later: float = 0.0) -> int:
        """Crawl, and kill the crawl after a number of requests; return its exit code, -9 if it was killed.

        With None, the crawl runs to its end.
        """
        asked = len(self.stand.requests)
        before = set(threading.enumerate())
        told = self.archive.with_name("told.jsonl")
        with told.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, "crawl", *self.stand.outlets, "--archive", str(self.archive)],
                env=os.environ
                | {
                    "KHOBAO_OUTLETS__FOLDER": str(self.outlets),
                    "KHOBAO_NETWORK__PROXY": self.stand.proxy,
                    "KHOBAO_NETWORK__GAP": "0",
                    "KHOBAO_READING__WORKERS": "1",
                },
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
            if kill_at is not None:
                while len(self.stand.requests) < asked + kill_at and process.poll() is None:
                    time.sleep(0.005)
                time.sleep(later)
                process.kill()
            code = process.wait()
        # its last requests may still be unread, in a thread that has not started and cannot be joined yet
        deadline = time.monotonic() + 30
        while set(threading.enumerate()) - before and time.monotonic() < deadline:
            time.sleep(0.005)
        self.kills += code == -signal.SIGKILL
        self.groups.append(process.pid)
        self.acknowledged |= {line["url"] for line in _lines(told) if line.get("outcome") == "archived"}
        return code

    def verify(self, *, ended: bool = False) -> None:
        """Assert everything that must be true after a crawl; then let the claims of repeated kills expire.

        Args:
            ended: The crawl ran to its end, so pages that killed crawls missed must be archived too.
        """
        with ArchiveWriter.create_or_open(self.archive) as archive:
            assert [] == [
                found for found in check(archive.reader, self.archive.parent / "captures") if found.gravity == "error"
            ]
            kept = {row["url"]: row["state"] for row in archive.reader.query("SELECT url, state FROM addresses")}
            articles = [row["url"] for row in archive.reader.query("SELECT url FROM articles")]
            revisions = next(archive.reader.query("SELECT max(revision) AS most FROM revisions"))["most"] or 1
            requests = Counter(
                (row["url"], row["outcome"]) for row in archive.reader.query("SELECT url, outcome FROM requests")
            )
            archive.db.execute("UPDATE addresses SET next_due_at = asked_at WHERE claims > 1")
        lost = {url for url in self.acknowledged if kept.get(url) != "archived" or url not in articles}
        assert set() == lost, "acknowledged and lost"
        assert len(articles) == len(set(articles)), "stored twice"
        assert 1 == revisions, "an article that never changed has revisions"
        asked = Counter(f"http://{host}{path}" for host, path, _, _ in self.stand.requests)
        pages = self.pages & asked.keys()
        failed = Counter({url: count for (url, outcome), count in requests.items() if outcome == "failed"})
        # Requests that failed for lack of time may be repeated once each: a crawl on a busy machine takes long.
        twice = {url: asked[url] for url in pages if asked[url] > 1 + failed[url] - self.failed[url]}
        assert {} == twice, f"asked for twice in one run: {twice}, failed {[url for url in twice if failed[url]]}"
        settled = {url for url, outcome in requests if outcome != "failed"}
        assert set() == pages & self.settled, "asked for again though it was dealt with"
        assert all(count == 1 for (_, outcome), count in requests.items() if outcome != "failed"), "settled twice"
        self.in_flight += len(pages - settled - failed.keys())
        self.settled, self.failed = settled, failed
        self.stand.requests.clear()
        if ended:
            assert len(self.pages) == len(articles), "missed for good"
            self._begin_anew()


def _lines(file: Path) -> list[dict[str, str]]:
    """Return the whole lines of a log; a kill may have truncated the last one."""
    whole = file.read_text(encoding="utf-8").rpartition("\n")[0]
    return [json.loads(line) for line in whole.split("\n") if line.startswith("{")]


def outlived(group: int, seconds: float) -> bool:
    """Return whether a process group still exists after some seconds; end it in that case."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return True


def kill_often(crash: Crash, kills: int, chance: random.Random) -> None:
    """Crawl, kill and verify a number of times, each at a random moment."""
    while crash.kills < kills:
        code = crash.crawl(chance.randint(1, len(crash.pages)), chance.uniform(0, 0.3))
        crash.verify(ended=code != -signal.SIGKILL)
    left = [group for group in crash.groups if outlived(group, 30)]
    assert [] == left, "workers outlived their parent"
