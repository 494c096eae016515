"""Kills, full disks, read-only disks and a second program do not damage an archive."""

import asyncio
import os
import random
import subprocess

import pytest
from crash import Crash, kill_often
from disks import disk, mount

from archive.errors import ArchiveFull
from archive.maintenance.check import check
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
from schedules.config import load_settings
from schedules.pipeline.runtime import CrawlPlan, run_crawl

ARCHIVED = 49  # articles of the newsstand


@pytest.mark.timeout(300)
def test_no_kill_damages_the_archive(tmp_path):
    """After a kill -9 at any moment the archive is whole, and no acknowledged article is lost, repeated or refetched.

    `tests/bench/crash.py --crawls` kills more often.
    """
    with Crash(tmp_path, bulk=4) as crash:
        kill_often(crash, 8, random.Random())

    assert 8 == crash.kills


def test_a_full_disk_ends_the_crawl_and_costs_nothing(khobao, tmp_path):
    """A full disk ends the crawl with one line; with more space the crawl continues."""
    with disk(tmp_path / "disk", 1_500_000) as folder:
        full = khobao("demo", "--archive", "disk/a.db")
        checked = khobao("check", "--archive", "disk/a.db")
        subprocess.run(mount(folder, "remount,size=50m"), check=True)
        onward = khobao("demo", "--archive", "disk/a.db")
        again = khobao("check", "--archive", "disk/a.db")

    assert 3 == full.code
    assert "the disk is full; nothing that was archived is lost" in full.err.splitlines()[-1]
    assert "Traceback" not in full.err
    assert (0, 0, 0) == (checked.code, onward.code, again.code)
    assert f"{ARCHIVED} articles verified, 0 errors found" in again.out


def test_a_full_file_ends_the_crawl_and_costs_nothing(tmp_path, newsstand):
    """If the database cannot grow, the run fails, and all archived articles are kept."""
    settings = load_settings(
        None, {}, {"archive.path": tmp_path / "a.db", "archive.captures": False, "network.proxy": newsstand.proxy}
    )
    plan = CrawlPlan("crawl", outlets=tuple(newsstand.outlets.values()))
    told = []
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        pages = next(archive.reader.query("PRAGMA page_count"))["page_count"]
        archive.db.execute(f"PRAGMA max_page_count = {pages + 40}")
        with pytest.raises((ExceptionGroup, ArchiveFull)):
            asyncio.run(run_crawl(plan, settings, newsstand.outlets, archive, told.append))

    with ArchiveReader.open(tmp_path / "a.db") as archive:
        archived = {event.url for event in told if getattr(event, "outcome", "") == "archived"}

        assert archived
        assert all(archive.article(url) for url in archived)
        assert [] == list(check(archive, tmp_path / "captures"))


def test_a_read_only_disk_can_be_read(khobao, tmp_path, seeds):
    """Commands that read work on a read-only disk, and commands that write say so in one line."""
    with disk(tmp_path / "disk", "50m") as folder:
        khobao("import", seeds, "--archive", "disk/a.db")
        subprocess.run(mount(folder, "remount,ro"), check=True)
        found = khobao("search", "điện đàm", "--archive", "disk/a.db")
        status = khobao("status", "--archive", "disk/a.db")
        refused = khobao("crawl", "vnexpress", "--archive", "disk/a.db")

    assert (0, 0) == (found.code, status.code), found.err + status.err
    assert "điện đàm" in found.out
    assert 3 == refused.code
    assert "a.db" in refused.err
    assert 1 == len(refused.err.splitlines())


def test_two_programs_cannot_write_but_many_can_read(khobao, tmp_path, seeds):
    """A second khobao is refused in one line that names the writing process; readers still work."""
    khobao("import", seeds, "--archive", "a.db")
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as writing:
        refused = khobao("crawl", "vnexpress", "--archive", "a.db")
        found = khobao("search", "điện đàm", "--archive", "a.db")
        status = khobao("status", "--archive", "a.db")

    told = f"khobao: {writing.path}: another khobao (process {os.getpid()}) is writing to it; readers still work\n"
    assert (3, told) == (refused.code, refused.err)
    assert (0, 0) == (found.code, status.code)
    assert "điện đàm" in found.out
