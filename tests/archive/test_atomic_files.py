"""Files are written completely or not at all, even if two processes write the same one."""

import pytest

from archive.atomic_files import atomic_path, atomic_text
from archive.errors import ArchiveLocked


def test_two_writers_of_one_file_do_not_spoil_each_other(tmp_path):
    """The second writer of a file is refused, and the first writer's file is complete."""
    target = tmp_path / "copy.db"
    with atomic_path(target) as draft:
        draft.write_text("first half, ")
        with pytest.raises(ArchiveLocked, match=r"copy\.db: another process is writing it"), atomic_path(target):
            pytest.fail("the second writer got in")
        with draft.open("a") as file:
            file.write("second half")

    assert "first half, second half" == target.read_text()
    assert [target] == list(tmp_path.iterdir())


def test_the_draft_of_a_killed_writer_is_taken_over(tmp_path):
    """The draft of a killed process is overwritten."""
    (tmp_path / ".a.txt.draft").write_text("left by a kill, and longer than what comes")
    (tmp_path / ".a.txt.draft-wal").write_text("this too")

    with atomic_text(tmp_path / "a.txt") as file:
        file.write("whole")

    assert "whole" == (tmp_path / "a.txt").read_text()
    assert ["a.txt"] == [file.name for file in tmp_path.iterdir()]


def test_a_failure_leaves_the_old_file(tmp_path):
    """An error while writing leaves the old file and no draft."""
    (tmp_path / "a.txt").write_text("old")

    with pytest.raises(ZeroDivisionError), atomic_text(tmp_path / "a.txt") as file:
        file.write(str(1 / 0))

    assert ["old"] == [file.read_text() for file in tmp_path.iterdir()]
