"""A Dask scheduler and workers in processes of their own, and drivers that read with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from socket import create_server

SUPPORT = Path(__file__).parent
_DASK = ("-c", "from dask.__main__ import main; main()")
_DRIVER = """
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


def start(resources: ExitStack, *command: str) -> subprocess.Popen[str]:
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


def start_cluster(resources: ExitStack, workers: int = 1) -> tuple[str, list[subprocess.Popen[str]]]:
    """Start a scheduler and workers without nannies; return its address, and the processes."""
    with closing(create_server(("127.0.0.1", 0))) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]
    scheduler = start(resources, *_DASK, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    worker = (*_DASK, "worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
    return address, [scheduler, *(start(resources, *worker) for _ in range(workers))]


def start_driver(resources: ExitStack, script: Path, address: str, lake: Path, *files: Path) -> subprocess.Popen[str]:
    """Start a driver that reads files with a cluster; it prints its error.

    Args:
        resources: What ends the process.
        script: A path for its script.
        address: The address of the scheduler.
        lake: The lake.
        files: The files.
    """
    script.write_text(_DRIVER.format(support=str(SUPPORT)))
    return start(resources, str(script), address, str(lake), *map(str, files))
