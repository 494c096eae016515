"""Ninety days of a busy site in minutes: `python tests/soak.py [--days N] [--seed N]`.

A real site on loopback publishes, edits, breaks, deletes and restores articles on a clock that jumps from one due time
to the next; the real pipeline watches it, with real workers and a real archive that is closed and opened again now and
then. At the end the archive must hold what was there: every article, every version that a visit found, every deletion
that two visits found, and nothing else; memory and open files must be where they were.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

from livesite import HOST, OUTLET, PUBLISHED, live_site, page

from archive.record import article_id
from archive.store import Archive
from archive.tombstones import CONFIRMED_AFTER
from crawler.newsstand.wire import reply
from crawler.outlet import Source
from crawler.workers import Workers
from schedules.pipeline import run_outlet

BUSY = 24.0  # articles a day
WATCHED = OUTLET.model_copy(update={"sources": (Source(kind="feed", url=f"{HOST}/rss"),)})
WORDS = "sông cầu đường chợ phà bến tàu lúa mưa nắng trường lớp thầy trò làng phố núi biển thuyền lưới".split()


@dataclass
class Piece:
    """One article of the site.

    Attributes:
        number: Its number, and the order of its publication.
        at: When it was published.
        versions: Since when it says what: each text, oldest first; None while it is not there.
    """

    number: int
    at: datetime
    versions: list[tuple[datetime, str | None]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Its path on the site."""
        return f"/tin-{self.number}.html"

    def said(self, at: datetime) -> str | None:
        """What it said at an instant."""
        return next((text for since, text in reversed(self.versions) if since <= at), None)


def text(chance: random.Random) -> str:
    """A paragraph that no other article has."""
    return " ".join(chance.choice(WORDS) for _ in range(60)).capitalize() + "."


def life(number: int, at: datetime, chance: random.Random) -> Piece:
    """What becomes of an article: edits within days, seldom a deletion, and of these some come back."""
    piece = Piece(number, at, [(at, text(chance))])
    when = at
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        when += timedelta(hours=chance.expovariate(1 / 12))
        piece.versions.append((when, text(chance)))
    if chance.random() < 0.08:
        when += timedelta(hours=chance.expovariate(1 / 48))
        piece.versions.append((when, None))
        if chance.random() < 0.5:
            when += timedelta(hours=chance.expovariate(1 / 72))
            piece.versions.append((when, text(chance)))
    return piece


def feed(pieces: list[Piece], now: datetime) -> bytes:
    """The feed of the newest articles."""
    items = "".join(
        f"<item><title>Tin {piece.number}</title><link>{HOST}{piece.path}</link>"
        f"<pubDate>{format_datetime(piece.at)}</pubDate></item>"
        for piece in [p for p in pieces if p.at <= now and p.said(now) is not None][-40:][::-1]
    )
    return reply(200, f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), **{"Content-Type": "text/xml"})


def answer(piece: Piece, now: datetime) -> bytes | None:
    """What the site answers for an article."""
    said = piece.said(now)
    if said is None:
        return None
    published = piece.at.isoformat()
    return reply(
        200, page(f"Tin số {piece.number}", (said,)).replace(PUBLISHED.isoformat().encode(), published.encode())
    )


def next_due(archive: Archive) -> datetime:
    """When anything is due."""
    (due,) = archive.db.execute(
        "SELECT min(at) FROM (SELECT min(next_due_at) AS at FROM sources"
        " UNION ALL SELECT min(next_due_at) FROM addresses)"
    ).fetchone()
    return datetime.fromisoformat(due)


async def soak(folder: Path, days: int, chance: random.Random) -> dict[str, int]:
    """Live through the days; what happened, counted."""
    start, end = PUBLISHED, PUBLISHED + timedelta(days=days)
    moments, at = [], start
    while (at := at + timedelta(days=chance.expovariate(BUSY))) < end - timedelta(days=2):
        moments.append(at)
    pieces = [life(number, at, chance) for number, at in enumerate(moments, start=1)]
    counts, faults = {"passes": 0, "restarts": 0}, set[tuple[str, datetime]]()
    clock = start
    async with Workers(1, imports=("crawler.extract", "crawler.sources")) as workers:
        while clock < end:
            counts["restarts"] += 1
            until = min(clock + timedelta(days=chance.uniform(1, 6)), end)
            async with AsyncExitStack() as stack:
                site = await stack.enter_async_context(live_site(folder, workers, WATCHED))
                while clock < until:
                    site.clock = clock
                    put(site.server.answers, pieces, clock)
                    if chance.random() < 0.02:
                        faults.add((spoil(site.server.answers, chance), clock))
                    await run_outlet(site.stages, WATCHED, due_only=True)
                    site.server.paths.clear()
                    site.told.clear()
                    counts["passes"] += 1
                    clock = max(next_due(site.archive), clock + timedelta(seconds=30)).replace(microsecond=0)
    return counts | {"faults": len(faults)} | judge(folder, pieces, faults, end)


def put(answers: dict[str, bytes], pieces: list[Piece], now: datetime) -> None:
    """Let the site answer as it does at an instant."""
    answers.clear()
    answers[f"{HOST}/rss"] = feed(pieces, now)
    for piece in pieces:
        if piece.at <= now and (said := answer(piece, now)):
            answers[HOST + piece.path] = said


def spoil(answers: dict[str, bytes], chance: random.Random) -> str:
    """Let one address answer what it should not; which one."""
    broken = chance.choice(list(answers))
    answers[broken] = chance.choice((reply(503), reply(500), reply(200, b""), reply(200, b"<html>")))
    return broken


def judge(folder: Path, pieces: list[Piece], faults: set[tuple[str, datetime]], end: datetime) -> dict[str, int]:
    """Hold the archive against what was published; what was broken when it was asked for is nobody's fault."""
    versions = gone = 0
    with Archive.open(folder / "archive.db") as archive:
        for piece in pieces:
            visits = [
                (datetime.fromisoformat(row["asked_at"]), row["outcome"])
                for row in archive.all_rows(
                    "SELECT asked_at, outcome FROM requests WHERE url = ? ORDER BY id", (HOST + piece.path,)
                )
            ]
            read = [at for at, outcome in visits if outcome in {"archived", "revised", "unchanged"}]
            if not read:
                sound = [at for at, _ in visits if (HOST + piece.path, at) not in faults]
                assert all(piece.said(at) is None for at in sound), f"{piece.path} was there and was not archived"
                assert visits or piece.said(end) is None, f"{piece.path} was never asked for"
                continue
            found = list(dict.fromkeys(piece.said(at) for at in read))
            kept = [version.document.text for version in archive.versions(article_id(OUTLET.id, str(piece.number)))]
            assert found == kept, f"{piece.path}: {len(found)} versions were found, {len(kept)} kept"
            versions += len(kept)
            article = archive.article(HOST + piece.path)
            assert article
            assert article.record.published_at == piece.at.replace(microsecond=article.record.published_at.microsecond)
            missed = [
                at for at, outcome in visits if outcome not in {"archived", "revised", "unchanged"} and at > read[-1]
            ]
            there = [at for at in missed if piece.said(at) is not None]
            if missed and not there and missed[-1] - missed[0] >= CONFIRMED_AFTER:
                assert article.gone_at, f"{piece.path} was found missing {len(missed)} times and is not gone"
                gone += 1
            elif not missed:
                assert article.gone_at is None, f"{piece.path} is there and is told to be gone"
        (articles,) = archive.db.execute("SELECT count(*) FROM articles").fetchone()
    return {"published": len(pieces), "archived": articles, "versions": versions, "gone": gone}


def main() -> None:
    """Soak, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(soak(Path(folder), 3, random.Random(args.seed)))  # what is opened once is opened
    files, memory = open_files(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        counts = asyncio.run(soak(Path(folder), args.days, random.Random(args.seed)))
    left, grown = open_files() - files, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"{args.days} days: {told}; {left} more files open, memory grew by {grown:.0f} MB at most")
    assert left <= 0


def open_files() -> int:
    """How many files this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


if __name__ == "__main__":
    main()
