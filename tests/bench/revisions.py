"""What it costs to keep one more version of an article, beside what it costs to find that nothing changed.

    python tests/bench/revisions.py [ARTICLES]

Articles of some 600 words are archived (1000 unless told), then seen again: unchanged, edited, and churning. Each visit
is one transaction with its request, as the pipeline makes it. CPU is user and system, of this process.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.ledger import OutletFacts, Visit
from archive.record import Candidate, Document, Record, article_id
from archive.store import Archive

_SYLLABLES = (
    "cầu mới dài bắc qua sông thành phố người dân sáng nay điện đàm kinh tế giao thông hà nội đà nẵng vùng".split()
)
_PARAGRAPHS, _WORDS = 12, 50
START = datetime(2026, 2, 4, 12, tzinfo=UTC)


def paragraphs(number: int) -> list[str]:
    """The paragraphs of an article, always the same for its number."""
    chance = random.Random(number)
    return [" ".join(chance.choices(_SYLLABLES, k=_WORDS)) for _ in range(_PARAGRAPHS)]


def see(archive: Archive, run: int, number: int, text: list[str], now: datetime) -> str:
    """Archive an article as it reads now; what became of it."""
    url = f"https://bao.example/tin-{number}.html"
    document = Document(date(2026, 2, 4), f"Tin {number}", "\n\n".join(text))
    record = Record(id=article_id("bao", str(number)), outlet="bao", url=url, document=document)
    visit = Visit(url=url, run=run, asked_at=now, answered_at=now, status=200)
    return archive.keep(record, visit).outcome


def edited(number: int, version: int) -> list[str]:
    """An article with another paragraph for each version, in another place each time."""
    text = paragraphs(number)
    text.insert(version % _PARAGRAPHS, f"Bản thứ {version} của tin {number}.")
    return text


def ticking(number: int, version: int) -> list[str]:
    """An article with a clock at its end."""
    return [*paragraphs(number), f"Cập nhật lúc 10:{version:02}."]


def time_rounds(
    archive: Archive, run: int, text_of: Callable[[int, int], list[str]], numbers: range, versions: Iterable[int]
) -> tuple[float, str]:
    """CPU milliseconds a visit, and what the last one came to."""
    outcome, visits = "", 0
    began = time.process_time()
    for version in versions:
        for number in numbers:
            outcome = see(archive, run, number, text_of(number, version), START + timedelta(hours=version))
            visits += 1
    return (time.process_time() - began) * 1000 / visits, outcome


def main() -> None:
    """Print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with TemporaryDirectory() as folder, Archive.create_or_open(Path(folder) / "archive.db") as archive:
        archive.declare([OutletFacts("bao", "Báo")])
        run = archive.begin_run("bench", {}, START)
        found = [(f"https://bao.example/tin-{n}.html", article_id("bao", str(n)), n) for n in range(2 * count)]
        archive.discover("bao", "", [(url, article, Candidate(url)) for url, article, _ in found], START)
        first, second = range(count), range(count, 2 * count)
        rounds = (
            ("archived", lambda number, _: paragraphs(number), first, [0]),
            ("unchanged", lambda number, _: paragraphs(number), first, [1, 2, 3]),
            ("revised: a paragraph more", edited, first, [4, 5, 6]),
            ("archived, with a clock", ticking, second, [0]),
            ("revised: the clock", ticking, second, [1, 2, 3]),
            ("churned: the clock", ticking, second, [4, 5, 6]),
        )
        print(f"{'visit':28} {'outcome':10} {'CPU ms':>8}")
        for name, text_of, numbers, versions in rounds:
            milliseconds, outcome = time_rounds(archive, run, text_of, numbers, versions)
            print(f"{name:28} {outcome:10} {milliseconds:8.2f}")
        archive.vacuum()
        size = archive.path.stat().st_size
        revisions = archive.db["revisions"].count
        print(
            f"{revisions} versions of {2 * count} articles in {size / 1e6:.1f} MB, {size / revisions / 1e3:.1f} KB each"
        )


if __name__ == "__main__":
    main()
