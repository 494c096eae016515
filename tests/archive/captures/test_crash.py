"""No crash and no full disk spoils the captures that are kept already."""

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

pytestmark = pytest.mark.slow  # starts processes, or looks at many cases


@pytest.fixture
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is trusted: what is tested is what follows a crash, not that there was one."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setattr("os.fdatasync", lambda descriptor: None)


@pytest.mark.usefixtures("without_waiting")
def test_a_torn_tail_is_cut_wherever_the_crash_was(folder: Path) -> None:
    """For every cut through the last exchange, on the same day or the next, the file is whole after the next append."""
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
    """A crash while a file was begun leaves one that can be used."""
    folder.mkdir()
    (folder / FIRST).write_bytes(b"WARC/1.1\r\nWARC-Ty")
    (ref,) = store_captures(folder, make_capture())

    assert ["warcinfo", "response", "request"] == record_types(folder / FIRST)
    assert make_capture().payload == Captures(folder).read(ref).payload


def test_what_only_looks_like_a_record_is_cut(folder: Path) -> None:
    """A page may hold the beginning of a record; torn in the middle, it is cut off like any other."""
    (first,) = store_captures(folder, make_capture(b"a"))
    _, second = store_captures(
        folder, make_capture(b"b"), make_capture(b"\r\n\r\nWARC/1.1\r\nContent-Length: 9\r\n\r\n" * 9)
    )
    file = folder / FIRST
    file.write_bytes(file.read_bytes()[: second.offset + second.length - 9])
    store_captures(folder, make_capture(b"c"))

    assert file.stat().st_size == sum(place.length for place in iterate_records(file))
    assert b"a" == Captures(folder).read(first).payload


def test_a_torn_page_that_holds_a_whole_record_is_cut(folder: Path) -> None:
    """A page may be a WARC file itself: torn behind a whole record in it, its record is cut off like any other."""
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
    """Whole records behind a damaged one are not cut off with it: a new file is begun."""
    first, second, third = store_captures(folder, make_capture(b"a"), make_capture(b"b"), make_capture(b"c"))
    file = folder / FIRST
    content = bytearray(file.read_bytes())
    content[second.offset : second.offset + 4] = b"\0\0\0\0"
    file.write_bytes(content)
    (fourth,) = store_captures(folder, make_capture(b"d"))

    assert bytes(content) == file.read_bytes()
    assert "khobao-20260204-00001.warc" == fourth.file
    assert [b"a", b"c"] == [Captures(folder).read(ref).payload for ref in (first, third)]


def test_appended_is_on_the_disk_after_one_wait(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sync` waits once for all that came since the last time, and not at all where nothing did."""
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
    """So that only the last file can be torn."""
    waits: list[int] = []
    monkeypatch.setattr("os.fdatasync", waits.append)
    kept = Captures(folder)
    kept.append(make_capture())
    kept.append(make_capture(fetched_at=NOW + timedelta(days=1)))

    assert 1 == len(waits)
    kept.close()


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as a quota would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_does_not_fit_leaves_nothing_behind(folder: Path) -> None:
    """A record that is cut short by a full disk is taken back, and later ones follow whole."""
    kept = Captures(folder)
    first = kept.append(make_capture(b"a"))
    with no_file_above((folder / FIRST).stat().st_size + 100), pytest.raises(ArchiveError, match="cannot be kept"):
        kept.append(make_capture(b"b" * 1000))
    last = kept.append(make_capture(b"c"))
    kept.close()

    assert [b"a", b"c"] == [Captures(folder).read(ref).payload for ref in (first, last)]
    assert ["warcinfo", "response", "request", "response", "request"] == record_types(folder / FIRST)


def test_a_file_that_could_not_be_begun_is_begun_later(folder: Path) -> None:
    """A full disk while a file is begun leaves no file without its opening record."""
    kept = Captures(folder)
    with no_file_above(50), pytest.raises(ArchiveError):
        kept.append(make_capture())
    kept.append(make_capture())
    kept.close()

    assert ["warcinfo", "response", "request"] == record_types(folder / FIRST)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_called_so(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """No space and no quota end a run as a full disk does."""

    def full(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    kept = Captures(folder)
    kept.append(make_capture())
    monkeypatch.setattr("os.fdatasync", full)

    with pytest.raises(ArchiveFull, match="the disk is full; nothing that was archived is lost"):
        kept.sync()
    monkeypatch.undo()
    kept.close()


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A file where the folder should be is told, not stumbled over."""
    (tmp_path / "captures").write_text("")

    with pytest.raises(ArchiveError, match="captures: captures cannot be kept: File exists"):
        Captures(tmp_path / "captures").append(make_capture())
