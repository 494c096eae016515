"""Fixtures of all tests: a newsstand, and the program as a person runs it."""

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from livesite import OUTLET, live_site

from crawler.newsstand import Newsstand
from crawler.workers.pool import WorkerPool
from schedules.cli.main import run_program

# A busy machine is no fault of the code: what is slow is measured in tests/bench.
settings.register_profile("patient", deadline=None)
settings.register_profile("brief", deadline=None, max_examples=20)  # where other runs of the same tests try more
settings.load_profile("patient")

# Fixtures that start the program, a server, worker processes or a browser; tests that use one are slow.
_STARTS_SOMETHING = {"runner", "newsstand", "workers", "service", "demo", "chromium"}


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores, because many tests wait for a server or another process."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests as slow if they cross modules or start a process, and begin with the files that contain one.

    The fast gate skips slow tests. Begun last, a slow file would keep one process busy when the others have nothing
    left to do.
    """
    for item in items:
        assert isinstance(item, pytest.Function)
        if "scenarios" in item.path.parts or _STARTS_SOMETHING & set(item.fixturenames):
            item.add_marker("slow")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def _logs():
    """Forget the log stream of a test, because it is closed when the test ends."""
    yield
    structlog.reset_defaults()


@dataclass(frozen=True)
class Ran:
    """A run of the program: its exit code and its output."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def runner():
    """Return a function that runs the program in new processes, in one folder, without settings of this machine."""

    def make(folder: Path):
        def run(*arguments, env=None, cwd=folder) -> Ran:
            clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
            clean |= {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "COLUMNS": "200"}
            clean |= {"KHOBAO_READING__WORKERS": "1"} | (
                env or {}
            )  # a second worker costs more time than the tests' reading
            done = subprocess.run(
                [sys.executable, "-c", "from schedules.cli.main import main; main()", *map(str, arguments)],
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
    """Run the program in a folder of the test."""
    return runner(tmp_path)


@pytest.fixture
def inline(tmp_path, monkeypatch, capsys):
    """Run the program in this process: faster than a new process, for commands that start none."""
    for name in [name for name in os.environ if name.startswith("KHOBAO_") or "proxy" in name.lower()]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(*arguments) -> Ran:
        capsys.readouterr()
        try:
            code = run_program([str(argument) for argument in arguments])
        finally:
            printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def newsstand():
    """An open newsstand."""
    with Newsstand() as stand:
        yield stand


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the seed documents."""
    return Path(__file__).parents[1] / "seeds"


@pytest.fixture(scope="session")
def loop():
    """One event loop for all scenarios, because the worker processes belong to it."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def workers(loop):
    """One worker process for all scenarios, with time for an index of 50 000 on a busy machine."""
    workers = WorkerPool(1, seconds=90, imports=("crawler.reading.extract", "crawler.discovery.sources"))
    yield workers
    loop.run(workers.stop())


@pytest.fixture
def watch(loop, workers, tmp_path):
    """Run a scenario on a live site."""

    def run(scenario, outlet=OUTLET):
        async def whole():
            async with live_site(tmp_path, workers, outlet) as site:
                await scenario(site)

        loop.run(whole())

    return run
