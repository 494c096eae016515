"""Files that are there whole or not at all, also where two processes write one."""

import pytest

from archive.atomic_files import atomic_path, atomic_text
from archive.errors import ArchiveLocked


def test_two_writers_of_one_file_do_not_spoil_each_other(tmp_path):
    """Whoever comes second is told so, and the first one's file is whole."""
    target = tmp_path / "copy.db"
    with atomic_path(target) as draft:
        draft.write_text("first half, ")
        with pytest.raises(ArchiveLocked, match=r"copy\.db: another process is writing it"), atomic_path(target):
            pytest.fail("the second writer got in")
        with draft.open("a") as file:
            file.write("second half")

    assert "first half, second half" == target.read_text()
    assert [target] == list(tmp_path.iterdir())


def test_what_a_killed_writer_left_is_taken_over(tmp_path):
    """A draft that nobody holds any more is written anew."""
    (tmp_path / ".a.txt.draft").write_text("left by a kill, and longer than what comes")
    (tmp_path / ".a.txt.draft-wal").write_text("this too")

    with atomic_text(tmp_path / "a.txt") as file:
        file.write("whole")

    assert "whole" == (tmp_path / "a.txt").read_text()
    assert ["a.txt"] == [file.name for file in tmp_path.iterdir()]


def test_a_failure_leaves_the_old_file(tmp_path):
    """An error within leaves no draft, and the file as it was."""
    (tmp_path / "a.txt").write_text("old")

    with pytest.raises(ZeroDivisionError), atomic_text(tmp_path / "a.txt") as file:
        file.write(str(1 / 0))

    assert ["old"] == [file.read_text() for file in tmp_path.iterdir()]
