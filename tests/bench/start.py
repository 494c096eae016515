"""Start-up time of the program: `python tests/bench/start.py [ROUNDS]`.

Each command is started in turn, several times; the least and the median of its rounds are told, in milliseconds, beside
a Python that does nothing.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

KHOBAO = Path(sys.executable).with_name("khobao")
COMMANDS = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "khobao --help": (KHOBAO, "--help"),
    "khobao status --help": (KHOBAO, "status", "--help"),
    "khobao crawl --help": (KHOBAO, "crawl", "--help"),
}


def main(rounds: int) -> None:
    """Start every command so many times and print what it took."""
    took: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
            took[name].append((time.perf_counter() - began) * 1000)
    for name, times in took.items():
        print(f"{name:22} least {min(times):5.0f} ms   median {median(times):5.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
