"""Kill every command that writes at random moments, and check the archive after each: python tests/bench/crash.py.

Each kill is a SIGKILL. After each, the archive must be whole and hold every article that it held before. When a command
was repeated to its end, the archive must hold exactly what it holds without kills. A table says what was in flight. The
crawl is killed in a second way too: there no acknowledged article may be lost, and no handled page fetched again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from crash import Crash, kill_often
from kills import COMMANDS, Killer, table

# Commands that start worker processes take ten times as long, and get a third as many kills.
_SLOW = frozenset({"crawl", "add", "backfill", "run", "import WARC", "reextract"})


def main() -> None:
    """Kill, and print the results; a failed assertion ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="Kills of all commands together.")
    parser.add_argument("--crawls", type=int, default=0, help="Kills of a crawl whose every request is counted.")
    parser.add_argument("--commands", nargs="+", choices=list(COMMANDS), default=list(COMMANDS), metavar="COMMAND")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bulk", type=int, default=8, help="Stories of each outlet, besides those written by hand.")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        _kill_commands(Path(folder), options)
    if options.crawls:
        _kill_crawls(options)
    print(f"{time.monotonic() - began:.0f} s, and no archive was hurt")


def _kill_commands(folder: Path, options: argparse.Namespace) -> None:
    weights = {name: 1 if name in _SLOW else 3 for name in options.commands}
    share = options.kills / sum(weights.values())
    results = {}
    with Killer(folder, options.bulk, random.Random(options.seed)) as killer:
        for name, weight in weights.items():
            results[name] = killer.kill_often(name, round(share * weight) or 1)
            print(f"{name}: {results[name].kills} kills", file=sys.stderr, flush=True)
    print(table(results))


def _kill_crawls(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, Crash(Path(folder), bulk=options.bulk) as crash:
        kill_often(crash, options.crawls, random.Random(options.seed))
        print(
            f"{crash.kills} kills of crawls over {crash.archives} archives of {len(crash.pages)} articles,"
            f" {crash.in_flight} pages in flight: nothing acknowledged was lost, nothing was stored or asked for twice"
        )


if __name__ == "__main__":
    main()
