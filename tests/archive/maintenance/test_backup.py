"""A verified copy of the database, and a compacted database."""

import resource
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from keeping import Crawl, id_of

from archive.errors import ArchiveError, UsageError
from archive.maintenance.backup import backup
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter

pytestmark = pytest.mark.slow  # starts processes, or checks many cases


@pytest.fixture
def crawl(tmp_path):
    """An archive of one article, open for writing."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        crawl = Crawl(archive, tmp_path / "captures")
        crawl.see("1")
        yield crawl
        crawl.captures.close()


def test_a_backup_is_made_beside_a_writer(crawl, tmp_path):
    """While the archive is open for writing, its backup is one complete file that opens as an archive."""
    copy = tmp_path / "copy.db"

    assert 1 == backup(crawl.archive.path, copy)
    crawl.see("2")
    assert ["archive.db", "copy.db"] == sorted(p.name for p in tmp_path.glob("*.db*") if p.suffix == ".db")
    assert not copy.with_name("copy.db-wal").exists()
    with ArchiveReader.open(copy) as archive:
        assert archive.article(id_of("1"))
        assert archive.article(id_of("2")) is None


def test_a_backup_is_of_one_moment(crawl, tmp_path):
    """While others write, the copy has each article with its revision, or neither."""
    done = threading.Event()

    def copy_on():
        for n in range(5):
            backup(crawl.archive.path, tmp_path / f"copy{n}.db")
        done.set()

    copying = threading.Thread(target=copy_on)
    copying.start()
    number = 10
    while not done.is_set():
        crawl.see(str(number := number + 1))
    copying.join()

    for n in range(5):
        with closing(sqlite3.connect(tmp_path / f"copy{n}.db")) as copy:
            sides = [copy.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("articles", "revisions")]
        assert sides[0] == sides[1]


def test_a_newer_backup_takes_the_place_of_an_older_one(crawl, tmp_path):
    """A nightly backup may always use the same name."""
    copy = tmp_path / "copy.db"
    backup(crawl.archive.path, copy)
    crawl.see("2")

    assert 2 == backup(crawl.archive.path, copy)


def test_only_a_backup_is_replaced(crawl, tmp_path):
    """The archive itself, a folder, and a file that is not an archive are refused and unchanged."""
    (tmp_path / "notes.txt").write_text("Cầu dài 812 mét.")

    with pytest.raises(UsageError, match="the archive itself"):
        backup(crawl.archive.path, crawl.archive.path)
    with pytest.raises(UsageError, match="a folder"):
        backup(crawl.archive.path, tmp_path)
    with pytest.raises(UsageError, match=r"notes\.txt: another file, not a backup, and left as it is"):
        backup(crawl.archive.path, tmp_path / "notes.txt")
    with pytest.raises(UsageError, match="cannot be written: there is no folder"):
        backup(crawl.archive.path, tmp_path / "none" / "copy.db")
    with pytest.raises(ArchiveError, match="no archive there"):
        backup(tmp_path / "none.db", tmp_path / "copy.db")
    assert "Cầu dài 812 mét." == (tmp_path / "notes.txt").read_text()


def test_a_disk_that_fills_up_loses_nothing(crawl, tmp_path):
    """If the disk fills up, one line says so; the older backup and the archive stay."""
    copy = tmp_path / "copy.db"
    backup(crawl.archive.path, copy)
    before = copy.read_bytes()
    for number in range(2, 40):
        crawl.see(str(number), "Cầu dài 812 mét. " * 400)

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), len(before)))

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from schedules.cli.main import main; main()",
            "backup",
            copy,
            "--archive",
            tmp_path / "archive.db",
        ],
        capture_output=True,
        encoding="utf-8",
        preexec_fn=small_files,
        timeout=60,
        check=False,
    )

    assert (3, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
    assert "copy.db" in done.stderr
    assert before == copy.read_bytes()
    assert not list(tmp_path.glob(".copy.db.draft*"))


def test_a_damaged_archive_gives_no_backup(crawl, tmp_path):
    """A copy that fails the integrity check is deleted."""
    for number in range(2, 60):
        crawl.see(str(number), "Cầu dài 812 mét. " * 100)
    crawl.archive.db.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchall()
    crawl.archive.close()
    damaged = tmp_path / "archive.db"
    content = bytearray(damaged.read_bytes())
    for page in range(len(content) // 8192, len(content) // 4096, 2):
        content[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    damaged.write_bytes(content)

    with pytest.raises(ArchiveError, match=r"damaged|cannot be used"):
        backup(damaged, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_vacuum_gives_back_space(crawl):
    """After many deletions the file is smaller, and searches give the same results."""
    for number in range(2, 100):
        crawl.see(str(number), f"Cầu số {number} dài 812 mét. " * 100)
    archive = crawl.archive
    archive.db.execute("PRAGMA foreign_keys = OFF")
    for table in ("requests", "captures", "revisions", "addresses"):
        archive.db.execute(f"DELETE FROM {table} WHERE true")
    archive.db.execute("DELETE FROM articles WHERE number > 2")
    archive.db.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchall()
    before = archive.path.stat().st_size

    archive.vacuum()

    assert archive.path.stat().st_size < before / 2
    assert 2 == len(archive.reader.search("812").hits)
