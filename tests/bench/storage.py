"""Measure the cost of the archive: writing beside bare SQLite, querying, and adding to a large archive.

    python tests/bench/storage.py write [--records N]     records per second, and one story assignment
    python tests/bench/storage.py fill FILE [--records N]  make or extend an archive with that many articles
    python tests/bench/storage.py ask FILE                 latencies in ms of searches and listings, and the file's size
    python tests/bench/storage.py add FILE                 add 1 000, beside 1 000 to an empty archive

The compared ways take turns, so that a busy machine affects all of them; the fastest of the rounds counts.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from newspapers import A_DAY, OUTLETS, records
from sqlite_utils import Database

from archive.database.connection import open_for_writing
from archive.ledger.model import OutletFacts
from archive.record import Record
from archive.search.model import Filters
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
from archive.stories.fingerprint import sketch
from archive.stories.grouping import StoryGrouper

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BATCH = 500
ROUNDS = 3
SOME = 200  # articles on which partial costs are measured
TABLES = ("outlets", "stories", "articles", "revisions", "addresses", "sketches", "copies")


def keep(archive: ArchiveWriter, kept: list[Record], batch: int = BATCH) -> None:
    """Archive records, several per transaction."""
    archive.runs.declare([OutletFacts(outlet, outlet.title(), f"https://{outlet}.example/") for outlet in OUTLETS])
    waiting = iter(kept)
    while now := list(islice(waiting, batch)):
        with archive.batch():
            for record in now:
                archive.save_document(record, NOW)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield the path of a file in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "archive.db"


def by_store(kept: list[Record], rows: dict[str, list[dict[str, Any]]], batch: int = BATCH) -> float:
    """Return the CPU seconds of the store."""
    with scratch() as path, ArchiveWriter.create_or_open(path) as archive:
        begun = time.process_time()
        keep(archive, kept, batch)
        taken = time.process_time() - begun
        if not rows:
            for table in TABLES:
                found = archive.reader.query(f"SELECT * FROM {table}")
                rows[table] = [{name: value for name, value in row.items() if name != "document"} for row in found]
        return taken


def by_executemany(rows: dict[str, list[dict[str, Any]]]) -> float:
    """Return the CPU seconds of bare SQLite: the same rows, tables, indexes and triggers."""

    def insert(db: Database, table: str, some: list[dict[str, Any]]) -> None:
        names = list(some[0])
        marks = ", ".join(f":{name}" for name in names)
        db.conn.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", some)

    return _bare(rows, insert)


def by_sqlite_utils(rows: dict[str, list[dict[str, Any]]]) -> float:
    """Return the CPU seconds of `upsert_all` with the same rows."""
    keys = {"articles": "number", "addresses": "url", "sketches": "article", "copies": "article"}
    return _bare(rows, lambda db, table, some: db.table(table).upsert_all(some, pk=keys.get(table, "id")))


def _bare(
    rows: dict[str, list[dict[str, Any]]], insert: Callable[[Database, str, list[dict[str, Any]]], object]
) -> float:
    with scratch() as path:
        db = open_for_writing(path)
        db.execute("PRAGMA foreign_keys = OFF")
        begun = time.process_time()
        for table, all_of_it in rows.items():
            for at in range(0, len(all_of_it), BATCH):
                db.execute("BEGIN IMMEDIATE")
                insert(db, table, all_of_it[at : at + BATCH])
                if db.conn.in_transaction:
                    db.execute("COMMIT")
        taken = time.process_time() - begun
        db.close()
        return taken


def write(count: int) -> None:
    """Compare the ways to write."""
    kept = list(records(count))
    rows: dict[str, list[dict[str, Any]]] = {}
    by_store(kept, rows)
    ways = {
        f"store, {BATCH} a transaction": lambda: by_store(kept, rows),
        "store, one a transaction": lambda: by_store(kept, rows, 1),
        "executemany": lambda: by_executemany(rows),
        "sqlite-utils upsert_all": lambda: by_sqlite_utils(rows),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            taken[name].append(way())
    bare = min(taken["executemany"])
    for name, times in taken.items():
        print(f"{name:28} {count / min(times):8.0f} records/s of CPU  {bare / min(times):5.2f} of executemany")
    sketching = min(
        timeit.repeat(
            lambda: [sketch(record.document) for record in kept[:SOME]],
            timer=time.process_time,
            number=1,
            repeat=ROUNDS,
        )
    )
    print(f"one story assignment         {grouping(kept) * 1000:8.2f} ms of CPU")
    print(f"of which its sketch          {sketching / SOME * 1000:8.2f} ms")


def grouping(kept: list[Record]) -> float:
    """Return the CPU seconds of one story assignment, among the articles of the days around it."""
    with scratch() as path, ArchiveWriter.create_or_open(path) as archive:
        keep(archive, kept)
        with archive._transaction() as db:
            grouping, taken = StoryGrouper(), []
            for _ in range(1 + ROUNDS):  # the first round reads the days
                db.execute("DELETE FROM sketches WHERE article > (SELECT max(number) FROM articles) - ?", (SOME,))
                begun = time.process_time()
                grouping.add_missing(db)
                taken.append(time.process_time() - begun)
            return min(taken) / SOME


def fill(path: Path, count: int) -> None:
    """Make an archive with a number of articles, printing the progress."""
    with ArchiveWriter.create_or_open(path) as archive:
        (have,) = archive.db.execute("SELECT count(*) FROM articles").fetchone()
        for first in range(have, count, 10_000):
            begun = time.perf_counter()
            keep(archive, list(records(min(10_000, count - first), first)))
            print(f"{first + 10_000:9} articles, {time.perf_counter() - begun:6.1f} s", flush=True)


def latencies(ask: Callable[[Any], object], questions: list[Any]) -> str:
    """Return median, 95th percentile and worst time in ms over all questions; of the CPU too, for busy machines."""
    taken, spent = [], []
    for question in questions:
        begun, spending = time.perf_counter(), time.process_time()
        ask(question)
        taken.append((time.perf_counter() - begun) * 1000)
        spent.append((time.process_time() - spending) * 1000)
    wall, cpu = (statistics.quantiles(times, n=20)[-1] for times in (taken, spent))
    return (
        f"p50 {statistics.median(taken):8.2f}  p95 {wall:8.2f}  worst {max(taken):8.2f}"
        f"   CPU p50 {statistics.median(spent):8.2f}  p95 {cpu:8.2f}"
    )


def ask(path: Path) -> None:
    """Query an archive as its users do."""
    dice = random.Random("questions")
    with ArchiveReader.open(path) as archive:
        (count,) = archive.db.execute("SELECT max(number) FROM articles").fetchone()
        sample = [
            archive.db.execute(
                "SELECT title, text, id, date FROM articles WHERE number = ?", (dice.randint(1, count),)
            ).fetchone()
            for _ in range(40)
        ]
        middles = [text.split()[dice.randrange(5, 60) :] for _, text, _, _ in sample]
        kinds = {
            "common word": "và của là có được các một không đã này người trong cho những với để khi năm".split(),
            "word of a text": [words[0] for words in middles],
            "phrase of 2": [f'"{words[0]} {words[1]}"' for words in middles],
            "phrase of 3": [f'"{" ".join(words[:3])}"' for words in middles],
            "2 words": [" ".join(words[:2]) for words in middles],
            "3 words, folded": [_bare_letters(" ".join(words[:3])) for words in middles],
            "real words, folded": [
                "da nang",
                "dien dam",
                "van de",
                "tong thong",
                "ha noi",
                "gia vang",
                "bong da",
                "quoc hoi",
            ]
            * 3,
            "headline": [title for title, _, _, _ in sample],
            "beginning of 3 letters": [words[0][:3] + "*" for words in middles],
            "beginning, folded": [_bare_letters(words[0][:3]) + "*" for words in middles],
            "beginning of 2 letters": [words[0][:2] + "*" for words in middles],
            "OR, NOT": [f"{words[0]} OR {words[1]} NOT {words[2]}" for words in middles],
            "nothing": [f"zzz{n} {words[0]}" for n, words in enumerate(middles)],
        }
        for kind, questions in kinds.items():
            print(f"search {kind:24} {latencies(partial(archive.search, clock=time.thread_time), questions)}")
        last = date.fromisoformat(sample[0][3])
        print(
            f"{'search one outlet, a year':31}",
            latencies(
                lambda q: archive.search(
                    q, Filters("bao07", date(2024, 1, 1), date(2024, 12, 31)), clock=time.thread_time
                ),
                kinds["word of a text"],
            ),
        )
        print(
            f"{'search, recent':31}",
            latencies(lambda q: archive.search(q, recent=True, clock=time.thread_time), kinds["2 words"]),
        )
        print(f"{'show':31}", latencies(archive.article, [article for _, _, article, _ in sample]))
        day = "SELECT id, title FROM articles WHERE date = ? ORDER BY published_at DESC LIMIT 50"
        print(f"{'a day':31}", latencies(lambda d: archive._fetch_all(day, (d,)), [day_ for *_, day_ in sample]))
        outlet = "SELECT id, title FROM articles WHERE outlet = ? ORDER BY date DESC LIMIT 50"
        print(f"{'an outlet, newest':31}", latencies(lambda o: archive._fetch_all(outlet, (o,)), list(OUTLETS)))
        print(f"{'stories':31}", latencies(lambda _: archive.stories(), [last] * 5))
        print(f"{'status':31}", latencies(lambda _: archive.status(), [None] * 5))
        print(f"{'open to write':31}", latencies(lambda _: ArchiveWriter.create_or_open(path).close(), [None] * 5))
        (text,) = archive.db.execute(
            "SELECT sum(length(CAST(title || text AS BLOB))) FROM articles WHERE number % 50 = 0"
        ).fetchone()
        (some,) = archive.db.execute("SELECT count(*) FROM articles WHERE number % 50 = 0").fetchone()
        size = path.stat().st_size / count
        print(
            json.dumps(
                {
                    "articles": count,
                    "bytes an article": round(size),
                    "of its UTF-8 text": round(size / (text / some), 2),
                }
            )
        )


def _bare_letters(text: str) -> str:
    from archive.search.folding import fold

    return fold(text)


def add(path: Path) -> None:
    """Add 1 000 articles to an archive and to an empty one, in turns."""
    empty, large = [], []
    with ArchiveWriter.create_or_open(path) as archive:
        for _ in range(ROUNDS):
            (have,) = archive.db.execute("SELECT max(number) FROM articles").fetchone()
            more = list(records(1000, have))
            begun = time.process_time(), time.perf_counter()
            keep(archive, more)
            large.append((time.process_time() - begun[0], time.perf_counter() - begun[1]))
            with scratch() as nothing, ArchiveWriter.create_or_open(nothing) as new:
                begun = time.process_time(), time.perf_counter()
                keep(new, more)
                empty.append((time.process_time() - begun[0], time.perf_counter() - begun[1]))
    for name, at in (("CPU", 0), ("wall", 1)):
        few, many = min(t[at] for t in empty), min(t[at] for t in large)
        print(f"1 000 more, {name}: {few:.2f} s into an empty archive, {many:.2f} s into {have}: {many / few:.2f}")


def main() -> None:
    """Measure what the arguments select."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", "fill", "ask", "add"])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--records", type=int, default=2 * A_DAY)
    given = parser.parse_args()
    if given.what == "write":
        write(given.records)
    elif given.file is None:
        parser.error(f"{given.what} needs a FILE")
    elif given.what == "fill":
        fill(given.file, given.records)
    else:
        {"ask": ask, "add": add}[given.what](given.file)


if __name__ == "__main__":
    main()
