"""Measure the cost of storing one more revision of an article, and of an unchanged visit.

    python tests/bench/revisions.py [ARTICLES]

Articles of the invented press of newspapers.py are archived (500 unless told), then seen again: unchanged, edited, and
churning. Each visit is one transaction with its request, as the pipeline makes it. CPU is user and system, of this
process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from newspapers import records

from archive.ledger.model import OutletFacts, Visit
from archive.record import ArticleLink, Candidate, Document, Record
from archive.store.writer import ArchiveWriter

START = datetime(2026, 2, 4, 12, tzinfo=UTC)


def unchanged(document: Document, version: int) -> Document:
    """Return the article unchanged."""
    del version
    return document


def edited(document: Document, version: int) -> Document:
    """Return the article with another paragraph for each version, at a new place each time."""
    paragraphs = list(document.paragraphs)
    paragraphs.insert(version % len(paragraphs), f"Bản thứ {version}.")
    return replace(document, text="\n\n".join(paragraphs))


def ticking(document: Document, version: int) -> Document:
    """Return the article with a clock at its end."""
    return replace(document, text=f"{document.text}\n\nCập nhật lúc 10:{version:02}.")


def see(
    archive: ArchiveWriter,
    run: int,
    articles: Sequence[Record],
    read: Callable[[Document, int], Document],
    versions: range,
) -> tuple[float, str]:
    """Visit articles again, once per version; return CPU milliseconds per visit, and the last result."""
    outcome = ""
    seen = [replace(a, document=read(a.document, version)) for version in versions for a in articles]
    began = time.process_time()
    for number, record in enumerate(seen):
        now = START + timedelta(hours=versions[number // len(articles)])
        assert record.url
        visit = Visit(url=record.url, run=run, asked_at=now, answered_at=now, status=200)
        outcome = archive.save_record(record, visit).outcome
    return (time.process_time() - began) * 1000 / len(seen), outcome


def main() -> None:
    """Print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    articles = list(records(2 * count))
    first, second = articles[:count], articles[count:]
    with TemporaryDirectory() as folder, ArchiveWriter.create_or_open(Path(folder) / "archive.db") as archive:
        archive.runs.declare([OutletFacts(name, name) for name in sorted({a.outlet for a in articles})])
        run = archive.runs.begin_run("bench", {}, START)
        for a in articles:
            archive.ledger.discover(a.outlet, "", [ArticleLink(str(a.url), a.id, Candidate(str(a.url)))], START)
        rounds = (
            ("archived", first, unchanged, range(1)),
            ("unchanged", first, unchanged, range(1, 4)),
            ("revised: a paragraph more", first, edited, range(4, 7)),
            ("archived, with a clock", second, ticking, range(1)),
            ("revised: the clock", second, ticking, range(1, 4)),
            ("churned: the clock", second, ticking, range(4, 7)),
        )
        print(f"{'visit':28} {'outcome':10} {'CPU ms':>8}", flush=True)
        for name, seen, read, versions in rounds:
            milliseconds, outcome = see(archive, run, seen, read, versions)
            print(f"{name:28} {outcome:10} {milliseconds:8.2f}", flush=True)
        archive.vacuum()
        size, revisions = archive.path.stat().st_size, archive.db["revisions"].count
    print(f"{revisions} versions of {2 * count} articles in {size / 1e6:.1f} MB, {size / revisions / 1e3:.1f} KB each")


if __name__ == "__main__":
    main()
