"""A Dask scheduler, or its only worker, that dies while a driver of ours reads with it."""

import asyncio
import os
import signal
import time
from concurrent.futures import CancelledError
from contextlib import ExitStack

import pytest
from daskcluster import start_cluster, start_driver
from lakefiles import page, read_lake, tree, write_warc

from archive.errors import KhobaoError
from schedules.lake import dask_engine
from schedules.lake.dask_engine import Cluster

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("error", [OSError("closed"), TimeoutError(), CancelledError(), asyncio.CancelledError()])
def test_a_connection_that_breaks_at_any_moment_is_one_line(error):
    """Whatever Dask raises when its scheduler dies, the message says that the same command goes on."""
    with (
        pytest.raises(KhobaoError, match="connection to the scheduler was lost"),
        dask_engine._reporting_lost_scheduler(),
    ):
        raise error


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
        address, (_, worker) = start_cluster(resources)
        with pytest.raises(KhobaoError, match=r"no workers since 2 s; start some, and run the same command again"):
            read_lake(tmp_path / "lake", *files, engine=Cluster(scheduler=address), report=kill_worker)

    result = read_lake(tmp_path / "lake", *files)
    assert (len(files), True) == (result.read + result.finished, result.finished > 0)


def test_a_killed_scheduler_ends_the_reading_with_one_line(tmp_path):
    """The driver says that the connection was lost; the next run reads the rest, and gives the same bytes."""
    files = [write_warc(tmp_path / f"{n}.warc.gz", [page(100 * n + k) for k in range(8)]) for n in range(4)]
    read_lake(tmp_path / "whole", *files)
    lake = tmp_path / "lake"
    with ExitStack() as resources:
        address, (scheduler, _) = start_cluster(resources)
        driver = start_driver(resources, tmp_path / "driver.py", address, lake, *files)
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
