"""Kill a crawl of the newsstand at random moments, and check the archive after each: python tests/bench/crash.py.

Each kill is a SIGKILL while pages are fetched, read and stored. After each, the archive must be whole, contain every
acknowledged article exactly once, and no handled page may be fetched again.
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


def main() -> None:
    """Kill, and print the results; a failed assertion ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bulk", type=int, default=8, help="Stories of each outlet, besides those written by hand.")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Crash(Path(folder), bulk=options.bulk) as crash:
        kill_often(crash, options.kills, random.Random(options.seed))
        print(
            f"{crash.kills} kills over {crash.archives} archives of {len(crash.pages)} articles in"
            f" {time.monotonic() - began:.0f} s, {crash.in_flight} pages in flight when it was killed:"
            " nothing acknowledged was lost, nothing was stored or asked for twice"
        )


if __name__ == "__main__":
    main()
