"""Measure the lake beside `khobao import` and a bare pool of processes: pages, memory, compaction and queries.

    python tests/bench/lake.py read [--pages N]        pages a second and CPU, and what 64 and 256 cores would take
    python tests/bench/lake.py memory [--pages N]      memory of one slot that reads one file
    python tests/bench/lake.py compact [--rows N]      CPU and memory of compacting, and latencies of queries of words
    python tests/bench/lake.py skip [--files N]        seconds in which finished files are skipped

Each way runs in a process of its own, whose CPU includes that of its workers. What a cluster would take is computed
from the pages a second and core, not measured.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from backfill import pages_in, write_warc
from lakefiles import OUTLETS as SMALL_OUTLETS
from lakefiles import page as small_page
from lakefiles import write_warc as write_small_warc
from newspapers import records

from archive.lake.compaction import compact_lake
from archive.lake.inputs import find_inputs
from archive.lake.layout import Reading, ReadingFilters, add_reader, open_lake
from archive.lake.manifest import read_manifest
from archive.lake.parts import finish_reading, part_writer
from archive.lake.queries import open_tables
from archive.lake.reader import LakeReader
from archive.lake.schema import PageReading
from archive.lake.words import count_words
from archive.record import Record
from archive.search.query import parse_query
from archive.store.writer import ArchiveWriter
from crawler.newsstand import Newsstand
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.reading.pagination import read_first_page
from crawler.workers.pool import WorkerPool
from crawler.workers.process import READER_IMPORTS
from schedules.lake.dask_engine import Cluster
from schedules.lake.file_task import ReadJob, WorkerLimits
from schedules.lake.lake_reading import read_into_lake
from schedules.lake.planning import plan_reading
from schedules.offline.warc_import import WarcImport, import_warc
from schedules.pipeline.context import utc_now

CORES = os.cpu_count() or 1
COMMON_CRAWL = 616_000_000  # pages of its news set
LIMITS = WorkerLimits(20, 1_024_000_000, 5_000, 10_000_000, READER_IMPORTS)
AFTER_ALL = datetime(2040, 1, 1, tzinfo=UTC)  # when the bare pool reads; no page is dated later
ASKED = ("việt_nam", "kinh_tế", "bóng_đá", "của", "mưa_lớn")
ATTENTION = """
WITH found AS (
    SELECT date_trunc('week', date) AS week, sum(articles) AS articles FROM words WHERE word = $word GROUP BY week
), everything AS (
    SELECT date_trunc('week', date) AS week, sum(articles) AS articles FROM words WHERE word = '' GROUP BY week
)
SELECT week, coalesce(found.articles, 0) / everything.articles AS share
FROM everything LEFT JOIN found USING (week) ORDER BY week"""  # as in the documentation


@cache
def outlets() -> dict[str, Outlet]:
    """The outlets whose pages are read."""
    return {"vntin": Newsstand().outlets["vntin"], **SMALL_OUTLETS}


def read_lake(lake: Path, files: list[Path], engine: Cluster | int) -> int:
    """Read files into a lake; return the number of articles."""
    folder = open_lake(str(lake), create=True)
    job = ReadJob(str(lake), "bench", outlets(), ReadingFilters(), LIMITS)
    add_reader(folder, job.reader)
    plan = plan_reading(folder, find_inputs([str(file) for file in files]), job.reader, job.filters)
    return read_into_lake(job, plan, engine, lambda _: None, lambda _: None).articles


async def import_files(folder: Path, files: list[Path]) -> int:
    """Import files into an archive; return the number of articles."""
    count = 0
    async with WorkerPool(CORES, imports=READER_IMPORTS) as workers:
        with ArchiveWriter.create_or_open(folder / "a.db") as archive:
            context = WarcImport(archive, folder / "captures", outlets(), workers, 10_000_000)
            for file in files:
                result = await import_warc(context, file, utc_now())
                count += result.merged.articles if result.merged else 0
    return count


def read_page(content: bytes) -> bool:
    """Read a page with our reader, in a bare pool of processes."""
    outlet = outlets()["vntin"]
    page = Page("https://vntin.example/a-100001.html", content, "text/html")
    return isinstance(read_first_page(page, outlet, AFTER_ALL), Record)


def bare_pool(files: list[Path]) -> int:
    """Read the pages of files in a pool of processes that does nothing else."""
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        return sum(sum(pool.map(read_page, pages_in(file), chunksize=8)) for file in files)


def run_way(way: str, folder: Path, files: list[Path]) -> None:
    """Run one way in this process; print its articles, seconds, CPU and the largest process in MB."""
    import asyncio

    began = time.perf_counter()
    ways: dict[str, Callable[[], int]] = {
        "import": lambda: asyncio.run(import_files(folder, files)),
        "local": lambda: read_lake(folder / "lake", files, CORES),
        "dask": lambda: read_lake(folder / "lake", files, Cluster(workers=CORES)),
        "local 1": lambda: read_lake(folder / "lake", files, 1),
        "dask 1": lambda: read_lake(folder / "lake", files, Cluster(workers=1)),
        "pool": lambda: bare_pool(files),
    }
    count = ways[way]()
    seconds = time.perf_counter() - began
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in used)
    print(count, seconds, cpu, max(usage.ru_maxrss for usage in used) / 1000)


def measure_reading(pages: int) -> None:
    """Compare the ways to read the same pages in four files a core, and what each takes to start."""
    with tempfile.TemporaryDirectory() as name:
        files = write_files(Path(name) / "all", pages // (4 * CORES), 4 * CORES)
        few = write_files(Path(name) / "few", 1, CORES)
        print(f"{pages} pages in {len(files)} files, {CORES} cores")
        used, further = {}, {}
        for way in ("pool", "import", "local", "dask"):
            _, start_seconds, start, _ = run_alone(way, Path(name) / f"{way}-few", few)
            count, seconds, used[way], memory = run_alone(way, Path(name) / way, files)
            further[way] = (used[way] - start) / (pages - len(few))
            print(
                f"{way:7} {count:6.0f} articles, {pages / seconds:6.1f} pages/s, {1000 * used[way] / pages:6.1f} ms"
                f" CPU a page; after {start_seconds:.1f} s and {start:.1f} s CPU to start: {1000 * further[way]:.1f} ms"
            )
            ratios = [given[way] / given["pool"] for given in (used, further)]
            print(
                f"        {ratios[0]:.2f} of the CPU of the bare pool, {ratios[1]:.2f} after the start;"
                f" the largest process has {memory:.0f} MB"
            )
        for cores in (64, 256):
            hours = COMMON_CRAWL * further["dask"] / cores / 3600
            print(f"{cores} cores would take {hours:.0f} hours for {COMMON_CRAWL:,} such pages (computed)")


def write_files(folder: Path, pages: int, count: int) -> list[Path]:
    """Write WARC files with as many pages each."""
    folder.mkdir()
    files = [folder / f"{number}.warc.gz" for number in range(count)]
    for number, file in enumerate(files):
        write_warc(file, pages, 100_000 * (number + 1))
    return files


def run_alone(way: str, folder: Path, files: list[Path]) -> list[float]:
    """Run one way in a process of its own; return its articles, seconds, CPU and the largest process in MB."""
    folder.mkdir()
    command = [sys.executable, __file__, "way", way, str(folder), *map(str, files)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return [float(value) for value in told[-4:]]


def measure_memory(pages: int) -> None:
    """Measure the processes of one slot that reads one file of accepted pages of 4 kB of text each."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "a.warc.gz"
        more = "Người dân quanh hồ kể rằng phiên chợ năm nay đông hơn mọi năm. " * 50
        write_small_warc(file, (small_page(number, more=more) for number in range(pages)))
        for way in ("local 1", "dask 1"):
            command = [sys.executable, __file__, "way", way, str(Path(name) / way), str(file)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
                peaks: dict[int, tuple[str, float]] = {}
                while running.poll() is None:
                    peaks |= peak_memory(running.pid)
                    time.sleep(0.2)
                assert running.stdout
                print(f"{way}: {running.stdout.read().split()[0]} articles")
            for told, peak in sorted(peaks.values(), key=lambda item: -item[1]):
                print(f"    {peak:5.0f} MB  {told}")


def peak_memory(root: int) -> dict[int, tuple[str, float]]:
    """Return the command and the peak memory in MB of a process and its descendants."""
    found = {}
    for process in [root, *descendants(root)]:
        try:
            told = Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
            status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        except OSError:
            continue
        peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "")
        if peak:
            found[process] = (" ".join(told[1:4])[:80], int(peak) / 1000)
    return found


def descendants(root: int) -> list[int]:
    """Return the processes that a process started, and theirs."""
    found = []
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            started = [int(number) for number in task.read_text().split()]
        except OSError:
            continue
        for process in started:
            found += [process, *descendants(process)]
    return found


def fill_lake(lake: Path, rows: int, per_file: int = 50_000) -> None:
    """Fill a lake with generated articles, a tenth of them captured twice."""
    folder = open_lake(str(lake), create=True)
    add_reader(folder, "bench")
    for first in range(0, rows, per_file):
        name = f"/generated/{first}"
        with part_writer(name) as writer:
            for offset, record in enumerate(records(min(per_file, rows - first), first * 9 // 10)):
                page = PageReading(offset, record.url or "", record.published_at, record.outlet, record.id, record)
                writer.add(page)
            finish_reading(folder, Reading(name, per_file, "", "bench"), writer)


def measure_compaction(rows: int) -> None:
    """Measure a compaction, a counting of words, and queries of words by week."""
    with tempfile.TemporaryDirectory() as name:
        lake = Path(name) / "lake"
        fill_lake(lake, rows)
        folder = open_lake(str(lake))
        for what, work in (("compact", compact_lake), ("words", count_words)):
            before = time.process_time()
            result = work(folder)
            used = time.process_time() - before
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            print(f"{what}: {used:.1f} s CPU for {rows} rows, at most {peak:.0f} MB: {result}")
        with open_tables(folder) as session:
            report_attention("by SQL", lambda word: session.execute(ATTENTION, {"word": word}).fetchall())
            reader = LakeReader(session, lake, read_manifest(folder))
            report_attention("as the pages count it, with outlets", lambda word: count_weeks(reader, word))


def count_weeks(reader: LakeReader, word: str) -> None:
    """Count the articles with a word, and all articles, by week and outlet, as the page of shares does."""
    query, (first, last) = parse_query(word), reader.extent() or ("", "")
    assert query
    reader.count_matches(query.as_phrases(), first, last, unit="week")
    reader.count_articles(first, last, unit="week")


def report_attention(how: str, ask: Callable[[str], object]) -> None:
    """Print how long it takes to count a word by week over all months: the first time, and then."""
    used, took = [], []
    for word in [word.split("_")[0] for word in ASKED] * 6:
        began, before = time.perf_counter(), time.process_time()
        ask(word)
        used.append(1000 * (time.process_time() - before))
        took.append(1000 * (time.perf_counter() - began))
    middle = [statistics.median(times[1:]) for times in (used, took)]
    print(
        f"attention to a word by week, {how}: {middle[0]:.1f} ms CPU, {middle[1]:.1f} ms (medians); "
        f"the least {min(used):.1f} and {min(took):.1f}, the first time {used[0]:.1f} and {took[0]:.1f}"
    )


def measure_skipping(count: int) -> None:
    """Measure how soon finished files are skipped."""
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / f"{number}.warc.gz" for number in range(count)]
        lake = Path(name) / "lake"
        folder = open_lake(str(lake), create=True)
        add_reader(folder, "bench")
        for file in files:
            file.write_bytes(b"x")
        for file in find_inputs([str(file) for file in files]):
            with part_writer(file.path) as writer:
                finish_reading(folder, Reading(file.path, file.size, file.etag, "bench"), writer)  # type: ignore[union-attr]
        began = time.perf_counter()
        plan = plan_reading(folder, find_inputs([str(file) for file in files]), "bench", ReadingFilters())
        print(f"{len(plan.finished)} finished files skipped in {time.perf_counter() - began:.2f} s")


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["way"]:
        run_way(sys.argv[2], Path(sys.argv[3]), [Path(file) for file in sys.argv[4:]])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["read", "memory", "compact", "skip"])
    for name, value in (("--pages", 1000), ("--rows", 100_000), ("--files", 1000)):
        parser.add_argument(name, type=int, default=value)
    told = parser.parse_args()
    if told.what == "read":
        measure_reading(told.pages)
    elif told.what == "memory":
        measure_memory(told.pages)
    elif told.what == "compact":
        measure_compaction(told.rows)
    else:
        measure_skipping(told.files)


if __name__ == "__main__":
    main()
