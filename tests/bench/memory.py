"""Measure the memory of a process that reads many pages: `KHOBAO_CORPORA=… python tests/bench/memory.py [--pages N]`.

The pages of all corpora are read repeatedly, by the rules of their outlets and as undeclared pages, and the resident
size is printed several times. It should be flat from the second round on.
"""

from __future__ import annotations

import argparse
import sys
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))

import corpora

from crawler.outlets.catalogue import bare_outlet

_STEPS = 10


def resident() -> float:
    """Return the resident size of this process, in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> None:
    """Read pages, and print the resident size ten times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20_000)
    args = parser.parse_args()
    folder = corpora.folder()
    if folder is None:
        sys.exit(f"{corpora.VARIABLE} names no folder; it should hold {', '.join(corpora.NAMES)}")
    pages = [sample.page for name in corpora.NAMES for sample in corpora.samples(folder / name)]
    print(f"{len(pages)} pages in memory: {resident():.0f} MB")
    for number, page in enumerate(islice(cycle(pages), args.pages), 1):
        corpora.read(page, None if number % 2 else bare_outlet(page.url))
        if number % max(1, args.pages // _STEPS) == 0:
            print(f"{number:>7} read: {resident():.0f} MB", flush=True)


if __name__ == "__main__":
    main()
