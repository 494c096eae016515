"""Crawling to a full disk: one line, and nothing is lost."""

import os
import resource
import subprocess
import sys

import pytest

from archive.errors import ArchiveFull, ArchiveLocked, UsageError
from schedules.cli.main import _find_expected_error

CODE = "from schedules.cli.main import main; main()"


def test_a_crawl_that_fills_the_disk_is_reported(khobao, tmp_path):
    """Although tasks run concurrently, there is one clear line, with the exit code of an archive error."""
    limit = 400_000  # bytes of one file: less than the demo's archive and captures need

    full = subprocess.run(
        [sys.executable, "-c", CODE, "demo"],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_")} | {"HOME": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        timeout=100,
        check=False,
    )
    checked = khobao("check", "--archive", "khobao-demo/archive.db")

    assert 3 == full.returncode, full.stderr
    assert full.stderr.splitlines()[-1].startswith(f"khobao: {tmp_path}")
    assert "Traceback" not in full.stderr
    assert "0 errors found" in checked.out


def nested(*errors):
    """Return errors as nested task groups raise them."""
    return ExceptionGroup("tasks", [ExceptionGroup("more tasks", list(errors))])


@pytest.mark.parametrize("error", [ArchiveFull("full"), UsageError("no")])
def test_an_expected_error_is_found_in_groups(error):
    """An expected error is found alone, in groups, or beside another of its kind."""
    assert [error] * 3 == [_find_expected_error(e) for e in (error, nested(error), nested(error, ArchiveLocked("x")))]


def test_a_bug_is_raised():
    """If any other error was raised, it is not reduced to one line."""
    assert _find_expected_error(nested(ArchiveFull("full"), KeyError("x"))) is None


def test_captures_can_be_turned_off(khobao, tmp_path):
    """`archive.captures = false` stores only articles, and `check` finds nothing wrong."""
    done = khobao("demo", env={"KHOBAO_ARCHIVE__CAPTURES": "false"})
    checked = khobao("check", "--archive", "khobao-demo/archive.db")

    assert 0 == done.code, done.err
    assert not (tmp_path / "khobao-demo" / "captures").exists()
    assert (0, True) == (checked.code, "0 errors found" in checked.out)
