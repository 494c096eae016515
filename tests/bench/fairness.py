"""Measure what a good outlet loses beside a hostile one: `python tests/bench/fairness.py [ARTICLES] [HOSTILE]`.

Two outlets on loopback are crawled by the whole program with two workers. The pages of one hold a worker for its whole
time limit each; the other has good articles (200, and 40 hostile ones, unless told). The good outlet is crawled alone
and beside the hostile one, in turn; its pace is the number of its articles by the seconds from the first stored
article to the last. The ratio of the two paces is printed; 0.7 is the aim.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from statistics import median

from crawler.newsstand.fault_model import article, rss, xml
from crawler.newsstand.page_faults import IN_PAGES
from crawler.newsstand.raw_http import ByteServer, reply

ROUNDS = 3
DEFAULTS = [200, 40]  # good and hostile articles
KHOBAO = "from schedules.cli.main import main; main()"
(TRAP,) = [fault for fault in IN_PAGES if fault.strip]
OUTLET = """name = "{0}"
home = "http://{0}.example"
article = '-(?P<key>\\d{{7}})\\.html'
timezone = "Asia/Ho_Chi_Minh"
[sources]
feed = "http://{0}.example/tin.rss"
[reading]
body = "article"
{1}
"""


def links(name: str, count: int) -> Sequence[str]:
    """Return the addresses of an outlet's articles."""
    return [f"http://{name}.example/bai-{1_000_000 + number}.html" for number in range(count)]


def answers(good: int, hostile: int) -> dict[str, bytes]:
    """Return the responses of both outlets."""
    trap = TRAP.answer()
    assert isinstance(trap, bytes)
    made = {url: reply(200, article(f"<p>Bài số {number}.</p>")) for number, url in enumerate(links("good", good))}
    made |= dict.fromkeys(links("hostile", hostile), trap)
    return made | {
        f"http://{n}.example/tin.rss": xml(rss(*links(n, c))) for n, c in (("good", good), ("hostile", hostile))
    }


def crawl(folder: Path, port: int, outlets: Sequence[str]) -> float:
    """Crawl outlets with the whole program; return the good one's articles per second."""
    network = {"PROXY": f"http://127.0.0.1:{port}", "GAP": "0", "CONCURRENCY": "32"}
    settings = {f"KHOBAO_NETWORK__{name}": value for name, value in network.items()}
    settings |= {
        "KHOBAO_READING__WORKERS": "2",
        "KHOBAO_READING__PAGE_SECONDS": "5",
        "KHOBAO_OUTLETS__FOLDER": str(folder),
    }
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-c", KHOBAO, "crawl", *outlets, "--archive", "a.db"]
        subprocess.run(command, env=os.environ | settings, cwd=scratch, capture_output=True, check=False)
        with closing(sqlite3.connect(Path(scratch) / "a.db")) as db:
            rows = db.execute("SELECT first_seen_at FROM articles WHERE outlet = 'good' ORDER BY 1").fetchall()
    first, last = (datetime.fromisoformat(rows[place][0]) for place in (0, -1))
    return (len(rows) - 1) / (last - first).total_seconds()


async def main() -> None:
    """Print the paces and their ratio."""
    numbers = [int(word) for word in sys.argv[1:]]
    good, hostile = (numbers + DEFAULTS[len(numbers) :])[:2]
    with tempfile.TemporaryDirectory() as folder:
        for name, rule in (("good", ""), ("hostile", f"strip = ['''{TRAP.strip}''']")):
            (Path(folder) / f"{name}.toml").write_text(OUTLET.format(name, rule), encoding="utf-8")
        ratios = []
        async with ByteServer(answers(good, hostile)) as server:
            for _ in range(ROUNDS):
                alone = await asyncio.to_thread(crawl, Path(folder), server.port, ["good"])
                beside = await asyncio.to_thread(crawl, Path(folder), server.port, ["good", "hostile"])
                ratios.append(beside / alone)
                print(f"alone {alone:.1f} articles a second, beside {beside:.1f}: {ratios[-1]:.2f}", flush=True)
        print(f"median {median(ratios):.2f}")


if __name__ == "__main__":
    asyncio.run(main())
