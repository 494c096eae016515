"""Temporary folders of tasks, and those that killed tasks left."""

import os
import subprocess
import sys
import tempfile

from archive.lake import scratch
from archive.lake.scratch import scratch_folder


def test_what_a_killed_task_left_is_deleted(tmp_path, monkeypatch):
    """The folder of a process that is gone is deleted; that of a running one and those of other machines stay."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, mine, other = (
        tmp_path / f"{scratch._PREFIX}{ended.pid}-abc",
        tmp_path / f"{scratch._PREFIX}{os.getpid()}-abc",
        tmp_path / f"khobao-lake-elsewhere-{ended.pid}-abc",
    )
    for folder in (left, mine, other):
        folder.mkdir()
        (folder / "file").write_text("x")

    with scratch_folder() as folder:
        assert folder.is_dir()
        assert (False, True, True) == (left.exists(), mine.exists(), other.exists())
    assert not folder.exists()
