"""An archive that cannot be written to can still be read."""

import os
import shutil
import subprocess
import sys

import pytest

PROGRAM = [sys.executable, "-c", "from schedules.cli.main import main; main()"]
# Root ignores file permissions, unless that capability is removed.
AS_ANYBODY = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.getuid() == 0 else []

pytestmark = pytest.mark.skipif(
    bool(AS_ANYBODY) and not shutil.which("setpriv"), reason="root, and no setpriv to take root's rights away"
)


@pytest.fixture
def archive(khobao, tmp_path, seeds):
    """An archive in a folder of its own, both read-only."""
    folder = tmp_path / "kept"
    folder.mkdir()
    assert 0 == khobao("import", seeds, "--archive", folder / "archive.db").code
    (folder / "archive.db.lock").unlink(missing_ok=True)
    (folder / "archive.db").chmod(0o444)
    folder.chmod(0o555)
    yield folder / "archive.db"
    folder.chmod(0o755)


def ask(archive, *arguments):
    """Run a command as a user who cannot write to the archive or its folder."""
    return subprocess.run(
        [*AS_ANYBODY, *PROGRAM, *arguments, "--archive", archive], capture_output=True, encoding="utf-8", check=False
    )


def test_a_read_only_archive_answers(archive):
    """Commands that read work, and create no files beside the archive."""
    for arguments in (("status",), ("search", "Trung"), ("stories",), ("show", "3bee8cdf7b4e091a")):
        asked = ask(archive, *arguments)

        assert 0 == asked.returncode, asked.stderr
        assert asked.stdout
    assert ["archive.db"] == [path.name for path in archive.parent.iterdir()]


def test_a_read_only_archive_is_not_written_to(archive):
    """A command that writes says in one line that it cannot."""
    asked = ask(archive, "vacuum")

    assert (3, 1) == (asked.returncode, len(asked.stderr.splitlines()))
