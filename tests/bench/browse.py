"""Measure how long the pages take: `python tests/bench/browse.py FILE [ROUNDS]`.

FILE is an archive, for example of a million articles as `tests/bench/storage.py fill` makes it. Every page is requested
from a Datasette in this process, in turn with the others. Printed are, in milliseconds, the first request, the median
and the 95th percentile of the others; then the same of the processor's time, for busy machines. Charts are drawn by a
process of their own, whose time is not in the processor's time. The last column is the status: whether the page was
shown or said that it takes too long.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import quantiles

from archive.browse.serve import ServeOptions, build_datasette


def paths(file: Path) -> list[str]:
    """Return the paths of the pages in this archive."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        (day,) = db.execute("SELECT max(date) FROM articles").fetchone()
        article, outlet = db.execute("SELECT id, outlet FROM articles WHERE date = ? LIMIT 1", (day,)).fetchone()
        edited = db.execute("SELECT article FROM revisions WHERE revision > 1 ORDER BY seen_at DESC LIMIT 1").fetchone()
        story = db.execute("SELECT max(id) FROM stories").fetchone()[0]
    found = [
        "/today", f"/today/{day}?outlet={outlet}", f"/article/{article}", f"/article/{article}.txt",
        "/changes", f"/changes?outlet={outlet}", "/changes?class=correction", "/changes?until=2021-01-01",
        "/stories", "/search?q=viet+nam", "/search?q=việt+nam", "/search?q=hoà+bình&recent=1", "/search?q=xyzzy",
        f"/search?q=việt+nam&outlet={outlet}", "/search.atom?q=việt+nam", "/outlets", f"/outlet/{outlet}",
        "/timeline?q=việt+nam", "/timeline?q=và&q=việt+nam&q=kinh+tế&q=bóng+đá",
        "/timeline?q=việt+nam&since=2021-01-01", "/timeline.json?q=kinh+tế&unit=month&since=2020-01-01",
        "/timeline?q=kinh+tế&by=outlet", "/concordance?q=kinh+tế", "/concordance?q=kinh+tế&sort=left",
        "/compare?q=kinh+tế",
        "/words?q=kinh+tế", f"/words?outlet={outlet}", "/collocates?q=kinh+tế", "/rising", "/watches",
        *(f"/{file.stem}{table}" for table in ("", "/headlines", "/articles", "/stories")),
    ]  # fmt: skip
    return found + [f"/story/{story}"] * bool(story) + [f"/change/{article}/2" for article in edited or ()]


async def main(file: Path, rounds: int) -> None:
    """Request every page several times, and print the times."""
    datasette = build_datasette(file, ServeOptions())
    await datasette.invoke_startup()
    took: dict[str, list[tuple[float, float]]] = {path: [] for path in paths(file)}
    told = {}
    for _ in range(rounds + 1):  # the first round fills the caches
        for path, times in took.items():
            began, spent = time.perf_counter(), time.process_time()
            told[path] = (await datasette.client.get(path)).status_code
            times.append(((time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000))
    for path, times in took.items():
        columns = (describe([pair[place] for pair in times]) for place in (0, 1))
        print(f"{path:50} {'   CPU '.join(columns)} ms   {told[path]}", flush=True)


def describe(times: list[float]) -> str:
    """Write the first time, and the median and the 95th percentile of the others."""
    cuts = quantiles(times[1:], n=20)
    return f"first {times[0]:6.0f}   p50 {cuts[9]:6.0f}   p95 {cuts[18]:6.0f}"


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10))
