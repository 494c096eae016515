"""Ctrl-C in a terminal during `khobao lake read`: it ends soon with one line, and the next run completes the lake."""

import os
import signal
import subprocess
import sys

import pytest
from lakefiles import page, rows, write_warc

from archive.lake.checking import check_lake
from archive.lake.layout import open_lake

pytestmark = pytest.mark.slow
PAGES = 300  # of the second file, which takes some seconds


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_ctrl_c_ends_a_reading_and_the_next_run_completes_it(khobao, tmp_path, engine):
    """Files in flight are finished at the first Ctrl-C, and left at the second; with Dask they are left at once."""
    if engine == "dask":
        pytest.importorskip("distributed")
    write_warc(tmp_path / "short.warc.gz", [page(1)])
    write_warc(tmp_path / "long.warc.gz", [page(n) for n in range(2, 2 + PAGES)])
    call = ("lake", "read", "short.warc.gz", "long.warc.gz", "--to", "lake", "--workers", "2", "--engine", engine)
    reading = subprocess.Popen(
        [sys.executable, "-c", "from schedules.cli.main import main; main()", *call],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,  # a terminal sends Ctrl-C to the whole group
    )
    wait_for_line(reading, "1/2 ")
    os.killpg(reading.pid, signal.SIGINT)
    if engine == "local":
        wait_for_line(reading, "Ctrl-C again stops at once")
        os.killpg(reading.pid, signal.SIGINT)
    _, told = reading.communicate(timeout=60)

    assert (130, "khobao: interrupted; what was archived is kept") == (reading.returncode, told.strip())
    kept = len(rows(tmp_path / "lake"))
    assert kept in ({1} if engine == "local" else {1, PAGES + 1})  # a worker of Dask may finish while the cluster ends
    again = khobao(*call[:-2])
    assert (0, PAGES + 1 - kept) == (again.code, int(again.out.split(", ")[2].split()[0])), again.err
    assert PAGES + 1 == len({row["url"] for row in rows(tmp_path / "lake")})
    assert [] == list(check_lake(open_lake(str(tmp_path / "lake"))))


def wait_for_line(process, text):
    """Read the process's messages until one contains a text."""
    line = None
    while line != "":
        line = process.stderr.readline()
        if text in line:
            return
    raise AssertionError(f"it ended with {process.wait()} before {text!r}")
