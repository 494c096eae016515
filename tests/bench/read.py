"""Compare pages read per second on one core: `KHOBAO_CORPORA=… python tests/bench/read.py [--pages N]`.

One run, one process pinned to one core, the same pages for all. Each page is read by each reader in turn, several
times, and the fastest turn counts, so that other work on the machine affects all alike. khobao is measured as a crawl
runs it: the record, and the addresses of the article's further pages. trafilatura is measured with its metadata, as
Scrapy's crawl uses it, and in its fast mode; resiliparse, which only takes the main text, is the floor. The other
readers come with the `bench` extra; those that are not installed are left out.

No reader may use the network: some download pictures or lists of domains, and wait for them where there is no internet.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import re
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))

import corpora
import scorer

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


def trafilatura(page: Page) -> str:
    """Read a page with trafilatura and its metadata."""
    found = _trafilatura()(_text(page), url=page.url, with_metadata=True)
    return found.text if found else ""


def trafilatura_fast(page: Page) -> str:
    """Read a page with trafilatura in its fast mode, without metadata."""
    found = _trafilatura()(_text(page), url=page.url, fast=True)
    return found.text if found else ""


def _trafilatura() -> Callable[..., Any]:
    extraction: Callable[..., Any] = importlib.import_module("trafilatura").bare_extraction
    return extraction


def newspaper4k(page: Page) -> str:
    """Read a page with newspaper4k."""
    return str(importlib.import_module("newspaper").article(page.url, input_html=_text(page), fetch_images=False).text)


def readability(page: Page) -> str:
    """Read a page with readability-lxml."""
    summary = importlib.import_module("readability").Document(_text(page)).summary()
    return re.sub(r"<[^<>]*>", " ", summary)


def goose3(page: Page) -> str:
    """Read a page with goose3."""
    return str(importlib.import_module("goose3").Goose().extract(raw_html=_text(page)).cleaned_text)


def news_please(page: Page) -> str:
    """Read a page with news-please."""
    found = importlib.import_module("newsplease").NewsPlease.from_html(_text(page), url=page.url, fetch_images=False)
    return found.maintext or ""


def resiliparse(page: Page) -> str:
    """Extract the main text of a page with resiliparse, which reads no metadata."""
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return str(extract(_text(page), main_content=True))


# Each reader with the module that must be installed for it.
PEERS: dict[str, tuple[str, Reader]] = {
    "trafilatura": ("trafilatura", trafilatura),
    "trafilatura fast": ("trafilatura", trafilatura_fast),
    "resiliparse": ("resiliparse", resiliparse),
    "newspaper4k": ("newspaper", newspaper4k),
    "readability": ("readability", readability),
    "goose3": ("goose3", goose3),
    "news-please": ("newsplease", news_please),
}
# The result of khobao, to be scored; the time is that of the readers above.
OURS: dict[str, tuple[Reader, Callable[[Page], Fields]]] = {
    "khobao, declared": (declared, corpora.read),
    "khobao, undeclared": (undeclared, lambda page: corpora.read(page, bare_outlet(page.url))),
}


def _text(page: Page) -> str:
    return page.content.decode("utf-8", "replace")


def fresh(page: Page) -> Page:
    """Return a copy of a page that is not decoded yet, as in a crawl."""
    return Page(page.url, page.content, page.content_type, page.candidate, page.robots)


def timed(read: Reader, page: Page, rounds: int) -> tuple[object, float]:
    """Return a reader's result for a page, empty if it fails, and the CPU seconds of its fastest turn."""
    found: object = ""
    times = []
    for _ in range(rounds):
        copy = fresh(page)
        start = time.process_time()
        try:
            found = read(copy)
        except Exception:  # noqa: BLE001 - other readers fail in their own ways, and find nothing then
            found = ""
        times.append(time.process_time() - start)
    return found, min(times)


def measure(corpus: Path, limit: int, rounds: int, peers: list[str]) -> Iterator[tuple[str, float, float]]:
    """Read a corpus with every reader.

    Yields:
        The name of a reader, its mean seconds per page, and its F1; 0 if no gold has the text.
    """
    samples = [sample for sample in corpora.samples(corpus) if sample.gold][:limit]
    golds = [sample.gold for sample in samples if sample.gold and sample.gold.get("paragraphs")]
    times: dict[str, list[float]] = {}
    found: dict[str, dict[str, Fields]] = {}
    for sample in samples:
        for name, (read, fields) in OURS.items():
            if name != "khobao, declared" or corpus.name == "corpus":
                times.setdefault(name, []).append(timed(read, sample.page, rounds)[1])
                found.setdefault(name, {})[sample.file] = fields(sample.page)
        for name in peers:
            text, seconds = timed(PEERS[name][1], sample.page, rounds)
            times.setdefault(name, []).append(seconds)
            found.setdefault(name, {})[sample.file] = {"text": text, "body": text}
    for name, seconds_each in times.items():
        yield name, mean(seconds_each), scorer.scores(golds, found[name])["f1"] if golds else 0.0


def bench(corpus: Path, name: str, limit: int, rounds: int, peers: list[str]) -> None:
    """Print one line for each reader: pages per second, speed relative to trafilatura, and F1."""
    rows = list(measure(corpus, limit, rounds, peers))
    reference = next(seconds for reader, seconds, _ in rows if reader == "trafilatura")
    print(f"\n{name}: at most {limit} pages")
    for reader, seconds, f1 in rows:
        print(f"  {reader:<18} {1 / seconds:7.1f} pages/s  {reference / seconds:6.2f}x  F1 {f1:.4f}", flush=True)


def forbid_network() -> None:
    """Let every connection fail immediately."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError("the benchmark runs offline")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse


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
    warnings.simplefilter("ignore")
    asked = dict.fromkeys(["trafilatura", *(name.strip() for name in args.peers.split(","))])
    peers = [name for name in asked if importlib.util.find_spec(PEERS[name][0])]
    for name in dict.fromkeys((*corpora.NAMES, "bench/openweb")):
        if (folder / name / "index.tsv").is_file():
            bench(folder / name, name, args.pages, args.rounds, peers)


if __name__ == "__main__":
    main()
