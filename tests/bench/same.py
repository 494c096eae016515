"""Prove that a change changes nothing: `KHOBAO_CORPORA=… python tests/bench/same.py FACTS.json [--before FACTS.json]`.

Every page of every corpus is read, by its outlet's rules and as if its outlet were not declared, and archived under a
clock that stands still. Written are a digest of each record, each document, each story, each copy and each row of the
ledger. Run it before a change and after it; with `--before`, everything that differs is printed, and the exit code
is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import corpora
from factories import make_visit

from archive.ledger.model import OutletFacts
from archive.record import ArticleLink, Candidate, Record, dumps
from archive.store.writer import ArchiveWriter
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.reading.pagination import read_first_page

TABLES = {
    "article": "SELECT id AS key, * FROM articles",
    "revision": "SELECT article || '/' || revision AS key, * FROM revisions",
    "story": "SELECT id AS key, * FROM stories",
    "copy": "SELECT article AS key, * FROM copies",
    "sketch": "SELECT article AS key, hex(lead) AS lead, hex(text) AS text FROM sketches",
    "address": "SELECT url AS key, * FROM addresses",
    "request": "SELECT id AS key, * FROM requests",
}
START = datetime(2026, 11, 23, tzinfo=UTC)


def digest(value: object) -> str:
    """Return a short digest of a value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def read(page: Page, outlet: Outlet) -> Record | object:
    """Read a page as a crawl does; what it is instead, if it is no article."""
    found = read_first_page(page, outlet, corpora.NOW)
    return getattr(found, "record", found)


def facts_of(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield a name and a digest of everything that is read from the corpora and archived."""
    with tempfile.TemporaryDirectory() as place, ArchiveWriter.create_or_open(Path(place) / "archive.db") as archive:
        run, now = archive.runs.begin_run("crawl", {}, START), START
        for name in names:
            for sample in corpora.samples(folder / name):
                declared = corpora.outlet_of(sample.page)
                for view, outlet in (("declared", declared), ("undeclared", bare_outlet(sample.page.url))):
                    found = read(replace(sample.page), outlet)
                    yield f"{view} {sample.file}", digest(asdict(found) if isinstance(found, Record) else repr(found))
                    if isinstance(found, Record) and view == "declared":
                        now += timedelta(seconds=1)
                        save(archive, found, run, now)
                        yield f"document {found.id}", digest(dumps(found.document))
        for table, sql in TABLES.items():
            for row in archive.reader.query(sql):
                yield f"{table} {row['key']}", digest(row)


def save(archive: ArchiveWriter, record: Record, run: int, now: datetime) -> None:
    """Archive a record as a crawl does."""
    url = record.url or ""
    archive.runs.declare([OutletFacts(record.outlet, record.outlet)])
    archive.ledger.discover(record.outlet, "", [ArticleLink(url, record.id, Candidate(url))], now)
    archive.save_record(record, make_visit(url, run=run, asked_at=now, answered_at=now))


def main() -> int:
    """Write the facts, and compare them with those of before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("facts", type=Path)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--only", action="append", help="A corpus, such as bench/aeb; all by default.")
    options = parser.parse_args()
    folder = corpora.folder()
    if folder is None:
        sys.exit(f"{corpora.VARIABLE} names no folder; it should hold {', '.join(corpora.NAMES)}")
    facts = dict(facts_of(folder, tuple(options.only or corpora.NAMES)))
    options.facts.write_text(json.dumps(facts, indent=0))
    print(f"{len(facts)} facts: {digest(facts)}")
    if options.before is None:
        return 0
    before: dict[str, Any] = json.loads(options.before.read_text())
    differ = sorted(name for name in {*before, *facts} if before.get(name) != facts.get(name))
    print(*differ, f"{len(differ)} differ", sep="\n")
    return int(bool(differ))


if __name__ == "__main__":
    sys.exit(main())
