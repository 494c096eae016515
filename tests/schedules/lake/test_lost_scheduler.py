"""A Dask scheduler, or its only worker, that dies while a driver of ours reads with it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from contextlib import ExitStack, closing
from pathlib import Path
from socket import create_server

import pytest
from lakefiles import page, read_lake, tree, write_warc

from archive.errors import KhobaoError
from schedules.lake import dask_engine
from schedules.lake.dask_engine import Cluster

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
SUPPORT = Path(__file__).parents[2] / "support"
DRIVER = """
import sys
sys.path.insert(0, {support!r})
from archive.errors import KhobaoError
from lakefiles import read_lake
from schedules.lake.dask_engine import Cluster
if __name__ == "__main__":
    try:
        read_lake(*sys.argv[2:], engine=Cluster(scheduler=sys.argv[1]))
    except KhobaoError as error:
        print(error)
        sys.exit(error.exit_code)
"""


def start(resources, *command):
    """Start a process with our modules, and kill its group at the end."""
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(Path.cwd()), str(SUPPORT))),
        "PYTHONWARNINGS": "default",
        "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
    }
    started = subprocess.Popen(
        [sys.executable, *command],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    resources.callback(started.communicate)
    resources.callback(lambda: started.poll() is None and os.killpg(started.pid, signal.SIGKILL))
    return started


@pytest.mark.parametrize("error", [OSError("closed"), TimeoutError(), CancelledError(), asyncio.CancelledError()])
def test_a_connection_that_breaks_at_any_moment_is_one_line(error):
    """Whatever Dask raises when its scheduler dies, the message says that the same command goes on."""
    with (
        pytest.raises(KhobaoError, match="connection to the scheduler was lost"),
        dask_engine._reporting_lost_scheduler(),
    ):
        raise error


def cluster(resources):
    """Start a scheduler and a worker; return both, and their address."""
    with closing(create_server(("127.0.0.1", 0))) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = ("-c", "from dask.__main__ import main; main()")
    port = address.rpartition(":")[2]
    scheduler = start(resources, *dask, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    worker = start(resources, *dask, "worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
    return scheduler, worker, address


def test_a_cluster_without_workers_ends_the_reading_with_one_line(tmp_path, monkeypatch):
    """If the last worker dies and none comes, the driver does not wait for ever; what was read stays."""
    monkeypatch.setattr(dask_engine, "_ALONE_SECONDS", 2.0)
    files = [write_warc(tmp_path / f"{n}.warc.gz", [page(100 * n + k) for k in range(8)]) for n in range(4)]
    killed = []

    def kill_worker(result):
        if not killed:
            killed.append(result.path)
            os.killpg(worker.pid, signal.SIGKILL)

    with ExitStack() as resources:
        _, worker, address = cluster(resources)
        with pytest.raises(KhobaoError, match=r"no workers since 2 s; start some, and run the same command again"):
            read_lake(tmp_path / "lake", *files, engine=Cluster(scheduler=address), report=kill_worker)

    result = read_lake(tmp_path / "lake", *files)
    assert (len(files), True) == (result.read + result.finished, result.finished > 0)


def test_a_killed_scheduler_ends_the_reading_with_one_line(tmp_path):
    """The driver says that the connection was lost; the next run reads the rest, and gives the same bytes."""
    files = [write_warc(tmp_path / f"{n}.warc.gz", [page(100 * n + k) for k in range(8)]) for n in range(4)]
    read_lake(tmp_path / "whole", *files)
    script, lake = tmp_path / "driver.py", tmp_path / "lake"
    script.write_text(DRIVER.format(support=str(SUPPORT)))
    with ExitStack() as resources:
        scheduler, _, address = cluster(resources)
        driver = start(resources, str(script), address, str(lake), *map(str, files))
        while driver.poll() is None and not (lake / "done").exists():
            time.sleep(0.05)
        os.killpg(scheduler.pid, signal.SIGKILL)
        told, trace = driver.communicate(timeout=100)

    assert (1, "the connection to the scheduler was lost; run the same command again to continue\n") == (
        driver.returncode,
        told,
    ), trace
    result = read_lake(lake, *files, engine=2)
    assert 4 == result.read + result.finished
    assert tree(tmp_path / "whole") == tree(lake)
