"""Compare a full crawl with Scrapy's: articles per second, CPU, memory: `python tests/bench/crawl.py [--pages N]`.

A newsstand of twenty hosts on loopback, in a process of its own, is crawled at gap 0 by each in turn, several times:
by khobao with declared outlets, by khobao with undeclared sites, and by Scrapy. All obey robots.txt and request one
page at a time from each host. khobao stores captures, a ledger and a search index, and reads pages in worker
processes; Scrapy reads them with trafilatura and its metadata, and a pipeline stores title, date and text in SQLite.
CPU is that of all processes, user and system, including those that outlive the first one or are forked by another.
Memory is the peak of the largest process, and of all together. Scrapy comes with the `bench` extra.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gzip
import hashlib
import importlib.util
import multiprocessing
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from multiprocessing.connection import Connection
from pathlib import Path

from crawler.newsstand.article_pages import address, page
from crawler.newsstand.list_pages import news_sitemap
from crawler.newsstand.raw_http import ByteServer, reply, target_of
from crawler.newsstand.sample_text import generated_stories

SYSTEMS = ("songhong", "phuongnam", "vntin", "biendong", "cholon")
HOSTS = [f"{system}{n}" for system in SYSTEMS for n in range(4)]
KHOBAO = "from schedules.cli.main import main; main()"
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@dataclass(frozen=True)
class Cost:
    """The cost of a crawl: wall and CPU seconds, articles, and megabytes of the largest process and of all."""

    seconds: float
    cpu: float
    articles: int
    largest: float
    together: float

    def __str__(self) -> str:
        per_second, each = self.articles / self.seconds, 1000 * self.cpu / max(self.articles, 1)
        return (
            f"{self.articles} articles in {self.seconds:.1f} s: {per_second:.1f} a second, {each:.1f} ms of CPU each;"
            f" peak {self.largest:.0f} MB of one process, {self.together:.0f} MB of all"
        )


class Stand(ByteServer):
    """Respond to whole addresses like a proxy, and with 304 if the client has the response already."""

    async def respond(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to one request."""
        url = target_of(head)
        answer = self.answers.get(url, reply(404))
        tag = re.search(rb"ETag: (\S+)\r", answer[:400])
        known = tag and b"If-None-Match: " + tag[1] in head
        writer.write(reply(304, ETag=tag[1].decode(), Content_Length=None) if known else answer)


def answers(pages: int) -> Mapping[str, bytes]:
    """Return the responses of every address: a sitemap for each host, and its pages."""
    made = {}
    for host in HOSTS:
        system = host[:-1]
        stories = list(generated_stories(system, pages // len(HOSTS), 1_000_000))
        own = (f"{system}.example".encode(), f"{host}.example".encode())
        for story in stories:
            made[address(story).replace(own[0].decode(), own[1].decode())] = _zipped(
                page(story, stories[:30]).replace(*own)
            )
        sitemap = news_sitemap(stories, host).encode().replace(*own)
        made[f"http://{host}.example/sitemap.xml"] = _zipped(sitemap, "application/xml")
        robots = f"User-agent: *\nDisallow: /tim-kiem\nSitemap: http://{host}.example/sitemap.xml\n"
        made[f"http://{host}.example/robots.txt"] = reply(200, robots.encode())
        made[f"http://{host}.example/"] = _zipped(
            f"<html><head><title>{host}</title></head><body></body></html>".encode()
        )
    return made


def _zipped(body: bytes, kind: str = "text/html; charset=utf-8") -> bytes:
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    kind = "text/html" if b"windows-1258" in body[:2000] else kind
    return reply(200, gzip.compress(body, 6), Content_Type=kind, Content_Encoding="gzip", ETag=tag)


def serve(pages: int, parent: Connection) -> None:
    """Serve for ever, and send the address to the parent."""

    async def serving() -> None:
        async with Stand(answers(pages)) as stand:
            parent.send(stand.port)
            await asyncio.Event().wait()

    asyncio.run(serving())


def measure(arguments: list[str], environment: Mapping[str, str], folder: Path) -> tuple[float, float, float, float]:
    """Run a program; return wall seconds, CPU seconds, and the peaks of its largest process and of all, in MB."""
    began, before = time.monotonic(), _cpu_of_children()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            arguments, env={**os.environ, **environment}, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        peaks = [0.0, 0.0]
        watching = threading.Thread(target=_watch, args=(process, peaks))
        watching.start()
        _, status = os.waitpid(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        watching.join()
        _reap_orphans(process.pid)
    if process.returncode not in {0, 1}:
        sys.exit((folder / "log").read_text()[-2000:])
    return seconds, _cpu_of_children() - before, peaks[0], peaks[1]


def _adopt_orphans() -> None:
    """Become the parent of orphaned descendants, so that their CPU is counted here."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1):
        raise OSError(ctypes.get_errno(), "the processes that outlive their parent cannot be counted")


def _reap_orphans(group: int) -> None:
    """Wait for the processes of a group that outlived the first one."""
    try:
        while True:
            os.waitpid(-group, 0)
    except ChildProcessError:
        return


def _cpu_of_children() -> float:
    """Return the CPU seconds of all processes that were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _watch(process: subprocess.Popen[bytes], peaks: list[float]) -> None:
    while process.returncode is None:
        sizes = [size for stat in Path("/proc").glob("[0-9]*/stat") if (size := _size(stat, process.pid))]
        peaks[:] = max(peaks[0], max(sizes, default=0.0)), max(peaks[1], sum(sizes))
        time.sleep(0.3)


def _size(stat: Path, group: int) -> float:
    """Return the private megabytes of a process, if it belongs to the group."""
    try:
        fields = stat.read_text().rpartition(")")[2].split()
        if int(fields[2]) != group:
            return 0.0
        resident, shared = map(int, stat.with_name("statm").read_text().split()[1:3])
    except (OSError, ValueError):
        return 0.0
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE") / 1e6


def declare(folder: Path) -> None:
    """Write the declarations of the twenty outlets."""
    for host in HOSTS:
        told = (resources.files("crawler") / "newsstand" / "outlets" / f"{host[:-1]}.toml").read_text(encoding="utf-8")
        told = told.replace(f"{host[:-1]}.example", f"{host}.example")
        told = re.sub(r"\[sources\].*?(?=\n\[|\Z)", '[sources]\nsitemap = ["/sitemap.xml"]\n', told, flags=re.DOTALL)
        (folder / f"{host}.toml").write_text(told, encoding="utf-8")


def khobao(proxy: str, folder: Path, targets: list[str]) -> tuple[Cost, Cost, float]:
    """Crawl with khobao, and again without news; return the costs, and the share of polls answered by 304.

    Args:
        proxy: The address of the newsstand.
        folder: The folder for the archive; it may contain declarations of outlets.
        targets: The outlets, or the addresses of the sites.
    """
    environment = {
        "KHOBAO_OUTLETS__FOLDER": str(folder),
        "KHOBAO_NETWORK__PROXY": proxy,
        "KHOBAO_NETWORK__GAP": "0",
        "KHOBAO_LOG__LEVEL": "warning",
    }
    command = [sys.executable, "-c", KHOBAO, "crawl", *targets, "--archive", "a.db"]
    first = measure(command, environment, folder)
    count = _count(folder / "a.db", "SELECT count(*) FROM articles")
    second = measure(command, environment, folder)
    unchanged = _count(folder / "a.db", "SELECT avg(status = 304) FROM sources")
    return _cost(first, count), _cost(second, 0), unchanged


SPIDER = """
import re, sqlite3, sys
import scrapy, trafilatura

class Keep:
    @classmethod
    def from_crawler(cls, crawler):
        return cls()
    def open_spider(self):
        self.db = sqlite3.connect("scrapy.db")
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("CREATE TABLE articles (url TEXT PRIMARY KEY, title TEXT, date TEXT, text TEXT)")
    def process_item(self, item):
        with self.db:
            self.db.execute("INSERT OR REPLACE INTO articles VALUES (:url, :title, :date, :text)", item)
        return item

class Spider(scrapy.Spider):
    name = "press"
    custom_settings = dict(ROBOTSTXT_OBEY=True, CONCURRENT_REQUESTS=32, CONCURRENT_REQUESTS_PER_DOMAIN=1,
        DOWNLOAD_DELAY=0, LOG_LEVEL="ERROR", TELNETCONSOLE_ENABLED=False, ITEM_PIPELINES={Keep: 1})
    start_urls = [f"http://{host}.example/sitemap.xml" for host in sys.argv[1:]]
    def parse(self, response):
        for url in re.findall("<loc>(.*?)</loc>", response.text):
            yield response.follow(url.replace("&amp;", "&"), self.read)
    def read(self, response):
        found = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True)
        if found and found.text:
            yield {"url": response.url, "title": found.title, "date": found.date, "text": found.text}

from scrapy.crawler import CrawlerProcess
process = CrawlerProcess()
process.crawl(Spider)
process.start()
"""


def scrapy(proxy: str, folder: Path) -> Cost:
    """Crawl the same pages with Scrapy and trafilatura."""
    (folder / "spider.py").write_text(SPIDER, encoding="utf-8")
    took = measure([sys.executable, "spider.py", *HOSTS], {"http_proxy": proxy}, folder)
    return _cost(took, _count(folder / "scrapy.db", "SELECT count(*) FROM articles"))


def _cost(took: tuple[float, float, float, float], articles: float) -> Cost:
    return Cost(took[0], took[1], int(articles), took[2], took[3])


def _count(path: Path, query: str) -> float:
    with closing(sqlite3.connect(path)) as db:
        return float(db.execute(query).fetchone()[0])


def main() -> None:
    """Crawl in turns, and print the costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="Leave Scrapy out.")
    options = parser.parse_args()
    _adopt_orphans()
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=serve, args=(options.pages, theirs), daemon=True)
    server.start()
    proxy = f"http://127.0.0.1:{ours.recv()}"
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            declare(Path(folder))
            first, second, unchanged = khobao(proxy, Path(folder), HOSTS)
        print(f"khobao          {first}", flush=True)
        again = f"{second.seconds:.1f} s, {second.cpu:.1f} s of CPU"
        print(f"khobao again    {again}; {unchanged:.0%} of its polls cost a 304")
        with tempfile.TemporaryDirectory() as folder:
            undeclared, _, _ = khobao(proxy, Path(folder), [f"http://{host}.example/" for host in HOSTS])
        print(f"  undeclared    {undeclared}", flush=True)
        if not options.alone and importlib.util.find_spec("scrapy"):
            with tempfile.TemporaryDirectory() as folder:
                print(f"Scrapy          {scrapy(proxy, Path(folder))}", flush=True)
    server.terminate()


if __name__ == "__main__":
    main()
