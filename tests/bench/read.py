"""Compare pages read per second on one core: `KHOBAO_CORPORA=… python tests/bench/read.py [--pages N]`.

One run on one core, the same pages for all. Each page is read by each reader in turn, several times, and the fastest
turn counts, so that other work on the machine affects all alike. Each peer runs in a process of its own: see `peers`.
khobao is measured as a crawl runs it: the record, and the addresses of the article's further pages. trafilatura is
measured with its metadata, as Scrapy does in our benchmark, and in its fast mode; resiliparse, which reads only text,
is the floor. The other readers come with the `bench` extra; those that are not installed are left out.

No reader may use the network: some download pictures or lists of domains, and wait for them where there is no internet.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))

import corpora
import scorer
from peers import PEERS, PeerProcess, forbid_network, is_installed

from crawler.outlets.catalogue import bare_outlet
from crawler.page import Page
from crawler.reading.pagination import read_first_page

Reader = Callable[[Page], object]
Fields = dict[str, Any]


def declared(page: Page) -> object:
    """Read a page as a crawl does, by the rules of its outlet."""
    return read_first_page(page, corpora.outlet_of(page), corpora.NOW)


def undeclared(page: Page) -> object:
    """Read a page as a crawl does if its outlet is not declared."""
    return read_first_page(page, bare_outlet(page.url), corpora.NOW)


# The result of khobao, to be scored; the time is that of the readers above.
OURS: dict[str, tuple[Reader, Callable[[Page], Fields]]] = {
    "khobao, declared": (declared, corpora.read),
    "khobao, undeclared": (undeclared, lambda page: corpora.read(page, bare_outlet(page.url))),
}


def fresh(page: Page) -> Page:
    """Return a copy of a page that is not decoded yet, as in a crawl."""
    return Page(page.url, page.content, page.content_type, page.candidate, page.robots)


def timed(read: Reader, page: Page) -> float:
    """Return the CPU seconds that khobao takes for a page."""
    copy = fresh(page)
    start = time.process_time()
    read(copy)
    return time.process_time() - start


def measure(corpus: Path, limit: int, rounds: int, peers: dict[str, PeerProcess]) -> Iterator[tuple[str, float, float]]:
    """Read a corpus with every reader.

    Yields:
        The name of a reader, its mean seconds per page, and its F1; 0 if no gold has the text.
    """
    samples = [sample for sample in corpora.samples(corpus) if sample.gold][:limit]
    golds = [sample.gold for sample in samples if sample.gold and sample.gold.get("paragraphs")]
    ours = {name: readers for name, readers in OURS.items() if name != "khobao, declared" or corpus.name == "corpus"}
    times: dict[str, list[float]] = {name: [] for name in (*ours, *peers)}
    found: dict[str, dict[str, Fields]] = {name: {} for name in times}
    for sample in samples:
        turns: dict[str, list[float]] = {name: [] for name in times}
        for _ in range(rounds):
            for name, (read, _) in ours.items():
                turns[name].append(timed(read, sample.page))
            for name, peer in peers.items():
                text, seconds = peer.timed(sample.page.url, sample.page.content)
                turns[name].append(seconds)
                found[name][sample.file] = {"text": text, "body": text}
        for name, (_, fields) in ours.items():
            found[name][sample.file] = fields(sample.page)
        for name, seconds_each in turns.items():
            times[name].append(min(seconds_each))
    for name, seconds_each in times.items():
        yield name, mean(seconds_each), scorer.scores(golds, found[name])["f1"] if golds else 0.0


def bench(corpus: Path, name: str, limit: int, rounds: int, peers: dict[str, PeerProcess]) -> None:
    """Print one line for each reader: pages per second, speed relative to trafilatura, and F1."""
    rows = list(measure(corpus, limit, rounds, peers))
    reference = next(seconds for reader, seconds, _ in rows if reader == "trafilatura")
    print(f"\n{name}: at most {limit} pages")
    for reader, seconds, f1 in rows:
        print(f"  {reader:<18} {1 / seconds:7.1f} pages/s  {reference / seconds:6.2f}x  F1 {f1:.4f}", flush=True)


def main() -> None:
    """Run the benchmark over every available corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000, help="of each corpus, at most")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each reader on each page; the fastest counts")
    parser.add_argument("--peers", default=",".join(PEERS), help="which of the other readers, separated by commas")
    args = parser.parse_args()
    folder = corpora.folder()
    if folder is None:
        sys.exit(f"{corpora.VARIABLE} names no folder; it should hold {', '.join(corpora.NAMES)}")
    forbid_network()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    asked = dict.fromkeys(["trafilatura", *(name.strip() for name in args.peers.split(","))])
    peers = {name: PeerProcess(name) for name in asked if is_installed(name)}
    for name in corpora.NAMES:
        if (folder / name / "index.tsv").is_file():
            bench(folder / name, name, args.pages, args.rounds, peers)
    for peer in peers.values():
        peer.close()


if __name__ == "__main__":
    main()
