"""No crash and no full disk damages stored captures."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from factories import FIRST, NOW, make_capture, record_types, store_captures

from archive.captures.store import Captures
from archive.captures.warc import iterate_records
from archive.errors import ArchiveError, ArchiveFull

pytestmark = pytest.mark.slow  # starts processes, or checks many cases


@pytest.fixture
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip syncing: these tests check the state after a crash, not whether the data reached the disk."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setattr("os.fdatasync", lambda descriptor: None)


@pytest.mark.usefixtures("without_waiting")
def test_a_torn_tail_is_truncated_wherever_the_crash_was(folder: Path) -> None:
    """Wherever a crash tears the last capture, the file is whole after the next append, on the same day or the next."""
    first, second = store_captures(folder, make_capture(b"a"), make_capture(b"b"))
    file = folder / FIRST
    content = file.read_bytes()
    for cut in range(second.offset, len(content)):
        for path in folder.iterdir():
            path.unlink()
        file.write_bytes(content[:cut])
        (third,) = store_captures(folder, make_capture(b"c", fetched_at=NOW + timedelta(days=cut % 2)))
        kept = Captures(folder)

        assert [b"a", b"c"] == [kept.read(ref).payload for ref in (first, third)]
        assert file.stat().st_size == sum(place.length for place in iterate_records(file)), cut
        survived = cut >= second.offset + second.length
        assert survived == (b"\r\n\r\nb\r\n\r\n" in file.read_bytes()), cut


def test_a_file_torn_in_its_first_record_is_begun_anew(folder: Path) -> None:
    """If a crash tears the first record of a file, the file can be used again."""
    folder.mkdir()
    (folder / FIRST).write_bytes(b"WARC/1.1\r\nWARC-Ty")
    (ref,) = store_captures(folder, make_capture())

    assert ["warcinfo", "response", "request"] == record_types(folder / FIRST)
    assert make_capture().payload == Captures(folder).read(ref).payload


def test_a_torn_page_that_looks_like_a_record_is_truncated(folder: Path) -> None:
    """A page may contain the beginning of a record; if its own record is torn, it is truncated like any other."""
    (first,) = store_captures(folder, make_capture(b"a"))
    _, second = store_captures(
        folder, make_capture(b"b"), make_capture(b"\r\n\r\nWARC/1.1\r\nContent-Length: 9\r\n\r\n" * 9)
    )
    file = folder / FIRST
    file.write_bytes(file.read_bytes()[: second.offset + second.length - 9])
    store_captures(folder, make_capture(b"c"))

    assert file.stat().st_size == sum(place.length for place in iterate_records(file))
    assert b"a" == Captures(folder).read(first).payload


def test_a_torn_page_with_a_whole_inner_record_is_truncated(folder: Path) -> None:
    """A page may be a WARC file itself; if its own record is torn after a whole inner record, it is truncated too."""
    (first,) = store_captures(folder, make_capture(b"a"))
    file = folder / FIRST
    whole = file.read_bytes()
    page = b"\r\n\r\n" + whole[first.offset :] + b"<p>and more</p>" * 100
    store_captures(folder, make_capture(page))
    file.write_bytes(file.read_bytes().rpartition(b"<p>and more</p>")[0])

    store_captures(folder, make_capture(b"c"))

    assert whole == file.read_bytes()[: len(whole)]
    assert b"<p>and more</p>" not in file.read_bytes()
    assert file.stat().st_size == sum(place.length for place in iterate_records(file))


def test_a_file_damaged_in_the_middle_is_left_alone(folder: Path) -> None:
    """Whole records after a damaged one are not truncated: a new file is begun."""
    first, second, third = store_captures(folder, make_capture(b"a"), make_capture(b"b"), make_capture(b"c"))
    file = folder / FIRST
    content = bytearray(file.read_bytes())
    content[second.offset : second.offset + 4] = b"\0\0\0\0"
    file.write_bytes(content)
    (fourth,) = store_captures(folder, make_capture(b"d"))

    assert bytes(content) == file.read_bytes()
    assert "khobao-20260204-00001.warc" == fourth.file
    assert [b"a", b"c"] == [Captures(folder).read(ref).payload for ref in (first, third)]


def test_appended_records_are_synced_with_one_wait(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sync` waits once for all records since the last sync, and not at all if there are none."""
    waits: list[int] = []
    monkeypatch.setattr("os.fdatasync", waits.append)
    kept = Captures(folder)
    for payload in (b"a", b"b", b"c"):
        kept.append(make_capture(payload))
    kept.sync()
    kept.sync()

    assert 1 == len(waits)
    kept.close()


def test_a_file_is_on_the_disk_before_the_next_is_begun(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is synced before the next one is begun, so that only the last file can be torn."""
    waits: list[int] = []
    monkeypatch.setattr("os.fdatasync", waits.append)
    kept = Captures(folder)
    kept.append(make_capture())
    kept.append(make_capture(fetched_at=NOW + timedelta(days=1)))

    assert 1 == len(waits)
    kept.close()


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Limit the size of the files of this process, as a quota would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_record_that_does_not_fit_leaves_nothing_behind(folder: Path) -> None:
    """A record that a full disk cut short is removed, and later records follow whole."""
    kept = Captures(folder)
    first = kept.append(make_capture(b"a"))
    with no_file_above((folder / FIRST).stat().st_size + 100), pytest.raises(ArchiveError, match="cannot be stored"):
        kept.append(make_capture(b"b" * 1000))
    last = kept.append(make_capture(b"c"))
    kept.close()

    assert [b"a", b"c"] == [Captures(folder).read(ref).payload for ref in (first, last)]
    assert ["warcinfo", "response", "request", "response", "request"] == record_types(folder / FIRST)


def test_a_file_that_could_not_be_begun_is_begun_later(folder: Path) -> None:
    """If the disk is full when a file is begun, no file without its opening record stays."""
    kept = Captures(folder)
    with no_file_above(50), pytest.raises(ArchiveError):
        kept.append(make_capture())
    kept.append(make_capture())
    kept.close()

    assert ["warcinfo", "response", "request"] == record_types(folder / FIRST)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_reported_as_such(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A full disk and an exceeded quota both end a run with the error for a full disk."""

    def full(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    kept = Captures(folder)
    kept.append(make_capture())
    monkeypatch.setattr("os.fdatasync", full)

    with pytest.raises(ArchiveFull, match="the disk is full; nothing that was archived is lost"):
        kept.sync()
    monkeypatch.undo()
    kept.close()


def test_a_captures_folder_that_is_a_file_is_reported(tmp_path: Path) -> None:
    """A file in the place of the captures folder is reported."""
    (tmp_path / "captures").write_text("")

    with pytest.raises(ArchiveError, match="captures: captures cannot be stored: File exists"):
        Captures(tmp_path / "captures").append(make_capture())
