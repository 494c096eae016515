"""What the tests of the whole way share: a newsstand, and the program run as a person runs it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.newsstand import Newsstand


@dataclass(frozen=True)
class Ran:
    """A run of the program: its exit code and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def runner():
    """Make a way to run the program in processes of its own, in one folder, without any settings of this machine."""

    def make(folder: Path):
        def run(*arguments, env=None, cwd=folder) -> Ran:
            clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
            clean |= {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "COLUMNS": "200"} | (env or {})
            done = subprocess.run(
                [sys.executable, "-c", "from schedules.cli import main; main()", *map(str, arguments)],
                capture_output=True,
                encoding="utf-8",
                cwd=cwd,
                env=clean,
                timeout=100,
                check=False,
            )
            return Ran(done.returncode, done.stdout, done.stderr)

        return run

    return make


@pytest.fixture
def khobao(runner, tmp_path):
    """The program, in a folder of the test's own."""
    return runner(tmp_path)


@pytest.fixture
def newsstand():
    """The newsstand, open."""
    with Newsstand() as stand:
        yield stand


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the seed documents."""
    return Path(__file__).parents[2] / "seeds"
