"""Measure the start-up time of the program: `python tests/bench/start.py [ROUNDS] [--archive FOLDER]`.

Each command is started in turn, several times. Printed are the smallest and the median time in milliseconds, and the
smallest CPU time of all its processes, beside a Python that does nothing. `khobao add` archives a page that a server on
loopback holds, each time another one. For a folder with an `archive.db`, the time until the service is ready is printed
too, even if no outlet can be reached.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from crawl import HOSTS, serve
from service import Service

from crawler.newsstand.article_pages import address
from crawler.newsstand.sample_text import generated_stories

KHOBAO = Path(sys.executable).with_name("khobao")
COMMANDS = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "khobao --help": (KHOBAO, "--help"),
    "khobao status --help": (KHOBAO, "status", "--help"),
    "khobao crawl --help": (KHOBAO, "crawl", "--help"),
}
NOBODY = "http://127.0.0.1:9"


def command(arguments: tuple[str | Path, ...]) -> float:
    """Return the seconds from the start of a command to its end."""
    began = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


@contextmanager
def adding(rounds: int) -> Iterator[Callable[[], float]]:
    """Serve pages on loopback; yield a function that adds the next one to an archive, and returns the seconds."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=serve, args=(rounds * len(HOSTS), theirs), daemon=True)
    server.start()
    os.environ |= {"KHOBAO_NETWORK__PROXY": f"http://127.0.0.1:{ours.recv()}", "KHOBAO_NETWORK__GAP": "0"}
    pages = (
        address(story).replace("phuongnam.", "phuongnam0.")
        for story in generated_stories("phuongnam", rounds, 1_000_000)
    )
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive.db"
        command((KHOBAO, "init", folder))
        yield lambda: command((KHOBAO, "add", "--archive", archive, next(pages)))
    server.terminate()


def service(folder: Path) -> float:
    """Return the seconds from the start of the service on a folder's archive until it is ready."""
    (folder / "notify").unlink(missing_ok=True)
    began = time.perf_counter()
    started = Service(folder, NOBODY)
    started.hear("READY=1")
    took = time.perf_counter() - began
    started.process.send_signal(signal.SIGTERM)
    started.process.wait()
    started.close()
    return took


def main() -> None:
    """Start everything several times and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=10)
    parser.add_argument("--archive", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    with adding(options.rounds) as add:
        ways: dict[str, Callable[[], float]] = {name: partial(command, asked) for name, asked in COMMANDS.items()}
        ways["khobao add, one page"] = add
        if options.archive:
            ways["khobao run, until ready"] = partial(service, options.archive)
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, way in ways.items():
                before = cpu_of_children()
                took[name].append((way(), cpu_of_children() - before))
    for name, times in took.items():
        wall, cpu = ([1000 * seconds for seconds in column] for column in zip(*times, strict=True))
        print(f"{name:24} least {min(wall):5.0f} ms   median {median(wall):5.0f} ms   CPU {min(cpu):5.0f} ms")


def cpu_of_children() -> float:
    """Return the CPU seconds of all processes that were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
