"""Measure the start-up time of the program: `python tests/bench/start.py [ROUNDS] [--archive FOLDER]`.

Each command is started in turn, several times. Printed are the smallest and the median time in milliseconds, beside a
Python that does nothing. For a folder with an `archive.db`, the time until the service is ready is printed too, even if
no outlet can be reached.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from service import Service

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
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


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
    ways: dict[str, Callable[[], float]] = {name: partial(command, asked) for name, asked in COMMANDS.items()}
    if options.archive:
        ways["khobao run, until ready"] = partial(service, options.archive)
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            took[name].append(way() * 1000)
    for name, times in took.items():
        print(f"{name:24} least {min(times):5.0f} ms   median {median(times):5.0f} ms")


if __name__ == "__main__":
    main()
