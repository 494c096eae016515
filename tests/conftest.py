"""What the tests of the whole way share: a newsstand, and the program run as a person runs it."""

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from livesite import OUTLET, live_site

from crawler.newsstand import Newsstand
from crawler.worker_pool import WorkerPool
from schedules.cli.main import run_program

# Fixtures that start the program, a server, worker processes or a browser: what uses one is not a quick test.
_STARTS_SOMETHING = {"runner", "newsstand", "workers", "service", "demo", "chromium"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what crosses modules or starts a process; the quick gate leaves it out."""
    for item in items:
        assert isinstance(item, pytest.Function)
        if "scenarios" in item.path.parts or _STARTS_SOMETHING & set(item.fixturenames):
            item.add_marker("slow")


@pytest.fixture(autouse=True)
def _logs():
    """Forget the stream that a test's log lines went to: it is closed once the test has ended."""
    yield
    structlog.reset_defaults()


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
            clean |= {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "COLUMNS": "200"}
            clean |= {"KHOBAO_READING__WORKERS": "1"} | (env or {})  # what a test reads is less than a second one costs
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
    """The program, in a folder of the test's own."""
    return runner(tmp_path)


@pytest.fixture
def inline(tmp_path, monkeypatch, capsys):
    """The program, run in this process: quicker than one of its own, for commands that start no other."""
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
    """The newsstand, open."""
    with Newsstand() as stand:
        yield stand


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the seed documents."""
    return Path(__file__).parents[1] / "seeds"


@pytest.fixture(scope="session")
def loop():
    """One event loop for all scenarios, since the reading processes belong to it."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def workers(loop):
    """One reading process for all scenarios, with time for an index of 50 000 on a busy machine."""
    workers = WorkerPool(1, seconds=90, imports=("crawler.reading.extract", "crawler.discovery.sources"))
    yield workers
    loop.run(workers.stop())


@pytest.fixture
def watch(loop, workers, tmp_path):
    """Make a scenario on a live site run."""

    def run(scenario, outlet=OUTLET):
        async def whole():
            async with live_site(tmp_path, workers, outlet) as site:
                await scenario(site)

        loop.run(whole())

    return run
