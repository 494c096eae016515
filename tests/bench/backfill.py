"""Backfill three years of an outlet: `python tests/bench/backfill.py [--days N] [--per-day N] [--pages N]`.

An outlet on loopback lists its articles in an index of monthly sitemaps, without days, at gap 0. Printed are the time
to plan, the requests beside the smallest possible number, also for a numbered listing, the peak of memory, the cost of
resuming after a kill, and whether every article of some last days is archived once, with its day. Then as many pages
in a WARC file are imported, and read by fastwarc and trafilatura alone in as many processes.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from fastwarc.warc import ArchiveIterator, WarcRecordType
from oldpress import HOST, OldPress, archive, index, past
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.store.writer import ArchiveWriter
from crawler.newsstand import Newsstand
from crawler.newsstand.article_pages import address, page
from crawler.newsstand.sample_text import generated_stories
from crawler.outlets.model import Source
from crawler.workers.pool import WorkerPool
from crawler.workers.process import READER_IMPORTS
from schedules.offline.warc_import import WarcImport, import_warc
from schedules.pipeline.context import utc_now

FIRST = date(2023, 1, 1)
COUNT = 2  # processes


def peak() -> float:
    """Return the peak memory of this process, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def old_press(days: int, per_day: int) -> OldPress:
    """Start the outlet, with an index of its months."""
    press = OldPress(per_day=per_day, days=days, first=FIRST)
    last = FIRST + timedelta(days=days - 1)
    months = sorted({(day.year, day.month) for day in (FIRST + timedelta(days=n) for n in range(days)) if day <= last})
    press.given["/sitemap.xml"] = index(*((f"/sitemaps/news-{year}-{month}.xml", "") for year, month in months))
    return press


async def plan(folder: Path, press: OldPress, workers: WorkerPool, sample: int) -> None:
    """Plan, resume as after a kill, and archive the last days."""
    last = FIRST + timedelta(days=press.days - 1)
    async with past(folder, workers, press, archive("/sitemap.xml")) as site:
        began = time.perf_counter()
        await site.fill(FIRST, last, pages=False)
        found = site.context.archive.db.execute("SELECT count(*) FROM addresses").fetchone()[0]
        asked, months = len(site.asked()), len(site.asked("news-"))
        print(f"planned {found} addresses in {time.perf_counter() - began:.1f} s, {peak():.0f} MB")
        print(f"requests for lists: {asked}, the fewest possible: {months + 1}")
        began = time.perf_counter()
        await site.fill(FIRST, last, pages=False)
        print(f"going on: {time.perf_counter() - began:.2f} s, {len(site.asked()) - asked} requests")
    await turn(folder / "turned", press, workers)
    few = old_press(press.days, max(sample // 31, 1))
    (folder / "last").mkdir()
    async with past(folder / "last", workers, few, archive("/sitemap.xml")) as site:
        began, first = time.perf_counter(), last.replace(day=1)
        await site.fill(first, last)
        seconds, days = time.perf_counter() - began, (last - first).days + 1
        right = site.dates == {(first + timedelta(days=n)).isoformat(): few.per_day for n in range(days)}
        print(f"archived {sum(site.dates.values())} articles of {days} days, {len(site.asked())} requests in all,")
        print(f"  {few.per_day * days / seconds:.0f} a second, each once and with its day: {right}")


async def turn(folder: Path, press: OldPress, workers: WorkerPool) -> None:
    """Find a day in the middle of a numbered listing without dates."""
    folder.mkdir()  # noqa: ASYNC240 - a bench
    day = FIRST + timedelta(days=press.days // 2)
    async with past(folder, workers, press, Source(kind="listing", url=f"{HOST}/api/zone-{{page}}.json")) as site:
        await site.fill(day, day, pages=False)
        fewest = -(-press.per_day // press.size)
        pages = press.days * press.per_day // press.size
        asked = len(site.asked("zone-"))
        print(f"one day among {pages} pages of a listing: {asked} requests, the fewest possible {fewest}")


def write_warc(path: Path, count: int, first: int = 100_000) -> None:
    """Write a compressed WARC file with pages of the newsstand, each captured an hour after it was published."""
    stories = [*generated_stories("vntin", count, first)]
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for story in stories:
            body = page(story, stories[:8])
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            at = {"WARC-Date": f"{story.published.astimezone(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"}
            args = (address(story), "response", io.BytesIO(body), len(body), "", at)
            writer.write_record(writer.create_warc_record(*args, http_headers=head))


def read_plainly(content: bytes) -> bool:
    """Read a page with trafilatura."""
    import trafilatura

    return trafilatura.bare_extraction(content.decode(), with_metadata=True) is not None


def pages_in(path: Path) -> Iterator[bytes]:
    """Yield the pages of a WARC file with fastwarc."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response):
            yield record.reader.read()


async def import_pages(folder: Path, path: Path, workers: WorkerPool) -> float:
    """Import a WARC file; return pages per second."""
    folder.mkdir()  # noqa: ASYNC240 - a bench
    with ArchiveWriter.create_or_open(folder / "warc.db") as kept:
        tools = WarcImport(kept, folder / "kept", {"vntin": Newsstand().outlets["vntin"]}, workers, 10_000_000)
        began = time.perf_counter()
        done = await import_warc(tools, path, utc_now())
        assert done.merged
        return done.merged.articles / (time.perf_counter() - began)


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("--days", 1096), ("--per-day", 92), ("--pages", 1000)):
        parser.add_argument(name, type=int, default=value)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        press = old_press(told.days, told.per_day)
        async with WorkerPool(COUNT, imports=READER_IMPORTS, seconds=120) as workers:
            await plan(folder, press, workers, told.pages)
            path = folder / "pages.warc.gz"
            write_warc(path, COUNT * 8)
            await import_pages(folder / "warm", path, workers)
            write_warc(path, told.pages)
            ours = await import_pages(folder / "taken", path, workers)
        with ProcessPoolExecutor(COUNT, multiprocessing.get_context("spawn")) as pool:
            list(pool.map(read_plainly, [next(pages_in(path))] * COUNT))
            began = time.perf_counter()
            read = sum(pool.map(read_plainly, pages_in(path), chunksize=8))
            theirs = read / (time.perf_counter() - began)
        print(
            f"WARC pages a second, archived: {ours:.0f}; fastwarc and trafilatura alone: {theirs:.0f}; {peak():.0f} MB"
        )


if __name__ == "__main__":
    asyncio.run(main())
