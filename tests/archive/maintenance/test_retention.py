"""Deleting old captures."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
import shelf

from archive.captures.store import Captures
from archive.ledger.model import OutletFacts
from archive.maintenance.check import check
from archive.maintenance.retention import Retention, delete_file, expired_files, find_expired
from archive.record import Capture
from archive.store.writer import ArchiveWriter

FILES = [(f"khobao-202602{day:02}-00000.warc", 100) for day in (4, 1, 2, 3)]
TODAY = date(2026, 2, 4)
NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "kept", "days"),
    [
        ("for ever", Retention(), []),
        ("two days", Retention(days=2), [1]),
        ("no day", Retention(days=0), [1, 2, 3]),
        ("as many bytes as there are", Retention(size=400), []),
        ("fewer", Retention(size=399), [1]),
        ("none", Retention(size=0), [1, 2, 3]),  # the last file is still being written
        ("both", Retention(days=2, size=200), [1, 2]),
    ],
)
def test_the_oldest_files_go_first(case, kept, days):
    """Files are deleted by age or total size; the last one and files of others stay."""
    files = [*FILES, ("other.warc", 10**9)]

    assert [f"khobao-202602{day:02}-00000.warc" for day in days] == expired_files(files, kept, TODAY), case


def delete_expired(archive, captures, folder, kept, today):
    """Delete all expired files; return their names."""
    found = find_expired(archive.reader, captures, folder, kept, today)
    for file in found:
        delete_file(archive, captures, file)
    return [file.name for file in found]


def answer(url: str, payload: bytes, moment: datetime) -> Capture:
    """Return the response of a page."""
    return Capture(url, moment, 200, (("Content-Type", "text/html"),), payload)


def test_deleted_captures_leave_no_rows_behind(tmp_path):
    """Rows are deleted with their files, and so are revisits of deleted payloads; the rest can still be read."""
    captures = Captures(tmp_path / "captures")
    with closing(captures), ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        archive.runs.begin_run("crawl", {}, NOON)
        archive.runs.declare([OutletFacts("vntin", "VnTin")])
        for number, (payload, day) in enumerate(((b"one", 0), (b"two", 2), (b"one", 2), (b"three", 2))):
            moment = NOON + timedelta(days=day)
            record = shelf.record(str(number))
            ref = captures.append(answer(record.url, payload, moment))
            captures.sync()
            shelf.keep(archive, record, moment, ref)
        gone = delete_expired(archive, captures, tmp_path / "captures", Retention(days=2), TODAY)
        later = captures.append(answer("https://vntin.example/again", b"one", NOON + timedelta(days=2)))
        captures.sync()
        rows = [row["file"] for row in archive.reader.query("SELECT file FROM captures ORDER BY id")]
        errors = [finding for finding in check(archive.reader, tmp_path / "captures") if finding.gravity == "error"]
        read = captures.read(later).payload
        again = delete_expired(archive, captures, tmp_path / "captures", Retention(days=2), TODAY)

    assert ["khobao-20260201-00000.warc"] == gone
    assert ["khobao-20260203-00000.warc"] * 2 == rows
    assert [] == errors
    assert b"one" == read
    assert [] == again


def test_an_archive_without_captures_deletes_nothing(tmp_path):
    """Without a captures folder nothing is deleted."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        assert [] == delete_expired(archive, Captures(tmp_path / "none"), tmp_path / "none", Retention(days=0), TODAY)


def test_many_expired_files_cost_one_search_for_their_revisits(tmp_path):
    """Retention reads the table of captures once, however many files expire, and finds the revisits of each."""
    captures, searches = Captures(tmp_path / "captures"), []
    with closing(captures), ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        archive.runs.begin_run("crawl", {}, NOON)
        archive.runs.declare([OutletFacts("vntin", "VnTin")])
        payloads = ((b"one", 0), (b"two", 1), (b"one", 5), (b"two", 5), (b"three", 5))
        for number, (payload, day) in enumerate(payloads):
            moment, record = NOON + timedelta(days=day), shelf.record(str(number))
            ref = captures.append(answer(record.url, payload, moment))
            captures.sync()
            shelf.keep(archive, record, moment, ref)
        archive.db.conn.set_trace_callback(lambda line: searches.append(line) if "later.digest" in line else None)
        gone = delete_expired(archive, captures, tmp_path / "captures", Retention(days=2), date(2026, 2, 6))
        left = [row["id"] for row in archive.reader.query("SELECT id FROM captures ORDER BY id")]

    assert (2, 1, [5]) == (len(gone), len(searches), left)
