"""Pages read per second and core, ours beside its peers: `KHOBAO_CORPORA=… python tests/bench/read.py [--pages N]`.

One run, one process pinned to one core, the same pages for all. Each page is read by each reader in turn, several
times, and the fastest turn counts, so that what else the machine does weighs on all
alike. The peers come with the `bench` extra; those that are not installed are left out.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import re
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))

import corpora
import scorer

from crawler.outlets.catalogue import bare_outlet
from crawler.page import Page

Reader = Callable[[Page], dict[str, Any]]


def declared(page: Page) -> dict[str, Any]:
    """Our reader, by the rules of the page's outlet."""
    return corpora.read(page)


def generic(page: Page) -> dict[str, Any]:
    """Our reader, as if nobody had declared the outlet."""
    return corpora.read(page, bare_outlet(page.url))


def trafilatura(page: Page) -> dict[str, Any]:
    """Trafilatura with its own metadata, on the whole page."""
    found = importlib.import_module("trafilatura").bare_extraction(_text(page), url=page.url, with_metadata=True)
    return _body(found.text if found else "")


def newspaper4k(page: Page) -> dict[str, Any]:
    """newspaper4k."""
    return _body(importlib.import_module("newspaper").article(page.url, input_html=_text(page)).text)


def readability(page: Page) -> dict[str, Any]:
    """readability-lxml."""
    summary = importlib.import_module("readability").Document(_text(page)).summary()
    return _body(re.sub(r"<[^<>]*>", " ", summary))


def goose3(page: Page) -> dict[str, Any]:
    """goose3."""
    return _body(importlib.import_module("goose3").Goose().extract(raw_html=_text(page)).cleaned_text)


def news_please(page: Page) -> dict[str, Any]:
    """news-please."""
    found = importlib.import_module("newsplease").NewsPlease.from_html(_text(page), url=page.url)
    return _body(found.maintext or "")


def resiliparse(page: Page) -> dict[str, Any]:
    """resiliparse, main content only; it reads no metadata."""
    plain = importlib.import_module("resiliparse.extract.html2text").extract_plain_text(_text(page), main_content=True)
    return _body(plain)


PEERS: dict[str, Reader] = {
    "trafilatura": trafilatura,
    "newspaper": newspaper4k,
    "readability": readability,
    "goose3": goose3,
    "newsplease": news_please,
    "resiliparse": resiliparse,
}


def _text(page: Page) -> str:
    return page.content.decode("utf-8", "replace")


def _body(text: str) -> dict[str, Any]:
    return {"text": text, "body": text}


def readers(corpus: str, peers: str) -> dict[str, Reader]:
    """Ours, and those of the peers that are asked for and installed."""
    ours = {"khobao, declared": declared} if corpus == "corpus" else {}
    installed = {n: r for n, r in PEERS.items() if n in peers.split(",") and importlib.util.find_spec(n)}
    return {**ours, "khobao, generic": generic, **installed}


def timed(reader: Reader, page: Page) -> tuple[dict[str, Any], float]:
    """What a reader finds and the CPU seconds it takes; a peer that fails has found nothing."""
    start = time.process_time()
    try:
        found = reader(page)
    except Exception:  # noqa: BLE001 - peers fail in ways of their own, and that counts as nothing found
        found = {}
    return found, time.process_time() - start


def bench(corpus: Path, name: str, limit: int, rounds: int, peers: str) -> None:
    """Print one line for each reader: pages a second, how many times as fast as trafilatura, and F1."""
    samples = [sample for sample in corpora.samples(corpus) if sample.gold][:limit]
    found: dict[str, dict[str, dict[str, Any]]] = {}
    spent: dict[str, list[float]] = {}
    for sample in samples:
        for reader_name, reader in readers(name, peers).items():
            turns = [timed(reader, sample.page) for _ in range(rounds)]
            found.setdefault(reader_name, {})[sample.file] = turns[0][0]
            spent.setdefault(reader_name, []).append(min(seconds for _, seconds in turns))
    print(f"\n{name}: {len(samples)} pages")
    for reader_name, seconds in spent.items():
        f1 = scorer.scores([s.gold for s in samples if s.gold], found[reader_name])["f1"]
        times = sum(spent["trafilatura"]) / sum(seconds)
        print(f"  {reader_name:<18} {1 / mean(seconds):7.1f} pages/s  {times:6.2f}x  F1 {f1:.4f}")


def main() -> None:
    """Run the bench over every corpus that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000, help="of each corpus, at most")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each reader on each page; the fastest counts")
    parser.add_argument("--peers", default=",".join(PEERS), help="which of them, parted by commas")
    args = parser.parse_args()
    folder = corpora.folder()
    if folder is None:
        sys.exit(f"{corpora.VARIABLE} names no folder; it should hold {', '.join(corpora.NAMES)}")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    warnings.simplefilter("ignore")
    for name in (name for name in corpora.NAMES if (folder / name).is_dir()):
        bench(folder / name, name, args.pages, args.rounds, f"trafilatura,{args.peers}")


if __name__ == "__main__":
    main()
