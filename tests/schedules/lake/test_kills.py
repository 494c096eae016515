"""Processes killed at random moments while files are read into a lake: the next run writes the same bytes."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from daskcluster import start_cluster, start_driver
from lakefiles import page, read_lake, tree, write_warc

from archive.lake.checking import check_lake
from archive.lake.layout import all_readings, open_lake

pytestmark = pytest.mark.slow
SUPPORT = Path(__file__).parents[2] / "support"
KILLS = int(os.environ.get("KHOBAO_LAKE_KILLS", "4"))  # in the gate; see tests/bench/README.md for more
SCRIPT = """
import sys
sys.path.insert(0, {support!r})
from lakefiles import read_lake
from schedules.lake.dask_engine import Cluster
if __name__ == "__main__":
    engine = Cluster(workers=2) if sys.argv[1] == "dask" else 2
    result = read_lake(*sys.argv[2:], engine=engine)
    sys.exit(1 if result.failed else 0)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Six files of twelve pages."""
    folder = tmp_path_factory.mktemp("files")
    return [write_warc(folder / f"{n}.warc.gz", [page(100 * n + k) for k in range(12)]) for n in range(6)]


def start(script: Path, engine: str, lake: Path, files: list[Path]) -> subprocess.Popen:
    """Start a reading in a process group of its own."""
    command = [sys.executable, str(script), engine, str(lake), *map(str, files)]
    env = os.environ | {"PYTHONPATH": str(Path.cwd()), "PYTHONWARNINGS": "default"}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet, start_new_session=True)


def descendants(root: int) -> list[int]:
    """The processes that a process started, and theirs."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for process in found:
        found += parents.get(process, [])
    return found


def kill_one(reading: subprocess.Popen, chance: random.Random, kind: str) -> list[int]:
    """Kill one process of a reading: the driver, or any that it started; return all there were."""
    there = descendants(reading.pid)
    victim = reading.pid if kind == "driver" else chance.choice(there[1:] or there)
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    return there


def gone(processes: list[int]) -> bool:
    """Whether the processes end within some seconds."""
    for _ in range(300):
        if not any(Path(f"/proc/{process}").exists() and not is_zombie(process) for process in processes):
            return True
        time.sleep(0.1)
    return False


def is_zombie(process: int) -> bool:
    """Whether a process has ended and only waits for its parent to notice."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except OSError:
        return True


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_a_killed_reading_is_finished_by_the_next_one(tmp_path, files, engine):
    """After each kill the rerun gives the same bytes, nothing twice, no drafts, and no process outlives its driver."""
    script = tmp_path / "reading.py"
    script.write_text(SCRIPT.format(support=str(SUPPORT)))
    read_lake(tmp_path / "whole", *files, engine=2)
    whole = tree(tmp_path / "whole")
    chance = random.Random(len(engine))
    for number in range(KILLS if engine == "local" else max(KILLS // 4, 1)):
        lake = tmp_path / f"lake-{number}"
        kind = "driver" if number % 2 == 0 else "other"
        reading = start(script, engine, lake, files)
        finished = chance.randrange(len(files))  # so that a slow machine is not killed before it has begun
        while reading.poll() is None and not (lake / "plans").exists():
            time.sleep(0.01)
        while reading.poll() is None and len([*lake.glob("done/*.json")]) < finished:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.4 if finished else 2))
        there = kill_one(reading, chance, kind)
        reading.wait()
        assert gone(there), kind

        result = read_lake(lake, *files, engine=2)

        assert {} == result.failed
        assert whole == tree(lake)
        assert [] == list(check_lake(open_lake(str(lake))))
        assert len(files) == len(all_readings(open_lake(str(lake))))


def test_a_killed_process_of_a_cluster_costs_nothing(tmp_path, files):
    """Whether a worker, the process that parses for it, the driver or the scheduler dies, a rerun gives the same bytes.

    The process that parses dies with its worker.
    """
    pytest.importorskip("distributed")
    read_lake(tmp_path / "whole", *files, engine=2)
    chance = random.Random("cluster")
    for number in range(KILLS // 2):
        lake = tmp_path / f"lake-{number}"
        with ExitStack() as resources:
            address, (scheduler, *workers) = start_cluster(resources, workers=2)
            driver = start_driver(resources, tmp_path / "driver.py", address, lake, *files)
            finished = chance.randrange(len(files))
            while driver.poll() is None and len([*lake.glob("done/*.json")]) < max(finished, 1):
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.4))
            worker = descendants(chance.choice(workers).pid)  # with the process that parses for it
            victim = (worker[0], worker[-1], driver.pid, scheduler.pid)[number % 4]
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            if victim == worker[0]:
                assert gone(worker)
            driver.communicate(timeout=100)
            assert victim in {driver.pid, scheduler.pid} or driver.returncode == 0

        assert {} == read_lake(lake, *files, engine=2).failed
        assert tree(tmp_path / "whole") == tree(lake)
        assert [] == list(check_lake(open_lake(str(lake))))
