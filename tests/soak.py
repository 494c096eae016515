"""Simulate ninety days of a busy site in minutes: `python tests/soak.py [--days N] [--seed N] [--kills N]`.

A real site on loopback publishes, edits, breaks, deletes and restores articles, on a clock that jumps from one due
time to the next. The real service watches it, in a process of its own with real workers and a real archive. It is
stopped and restarted now and then, and killed during its work. At the end the archive must contain every article,
every revision and every deletion that a visit found or that lasted until a visit was due, and nothing else. Memory and
open files must not have grown, and no process may be left.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

from crash import outlived
from livesite import HOST, OUTLET, PUBLISHED
from longpress import BUSY, Piece, life, put, spoil
from tree import Taken, taken

from archive.articles.deletions import CONFIRMED_AFTER
from archive.maintenance.check import check
from archive.store.reader import ArchiveReader
from crawler.newsstand.raw_http import ByteServer
from schedules.timing.due_times import GONE_RECHECK_SECONDS, MISSING_RECHECK_SECONDS, RECHECK_AGES

READ = frozenset({"archived", "revised", "unchanged", "churned"})
SLACK = timedelta(days=2)  # by which a fault may delay a visit: an archived page is retried within a day
REDESIGNED = 4.0  # days of a soak per redesign; there are at most three
ENOUGH, HEALED_WITHIN = (
    30,
    timedelta(days=1),
)  # pages in a new design, and the time after them within which it must be healed
FAULTS = 0.02  # share of the passes in which one address responds with a fault


@dataclass
class Soak:
    """A site, the service that watches it, and the events so far.

    Attributes:
        folder: The folder of the archive.
        end: The time at which the simulation ends.
        chance: The source of random numbers.
        pieces: The articles of the site.
        redesigns: When the site gets another design, with other addresses.
        faults: Which address responded with a fault, and when.
        counts: The number of passes, restarts and kills.
        lives: The resources of the service at the end of each of its lives.
        groups: The process groups of the services.
    """

    folder: Path
    end: datetime
    chance: random.Random
    pieces: Sequence[Piece]
    redesigns: Sequence[datetime] = ()
    faults: set[tuple[str, datetime]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: {"passes": 0, "restarts": 0, "kills": 0})
    lives: list[Taken] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    async def live(self, server: ByteServer, clock: datetime, until: datetime, *, kill: bool) -> datetime:
        """Run the service from one time to another, and then stop or kill it; return its clock."""
        program = Path(__file__).parent / "support" / "longpress.py"
        arguments = (str(program), str(self.folder), f"http://127.0.0.1:{server.port}", clock.isoformat())
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        service = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        assert service.stdin
        assert service.stdout
        self.groups.append(service.pid)
        while said := await service.stdout.readline():
            clock = datetime.fromisoformat(said.decode().strip())
            if clock >= until:
                break
            put(server.answers, self.pieces, clock, self.redesigns)  # type: ignore[arg-type]
            if self.chance.random() < FAULTS:
                self.faults.add((spoil(server.answers, self.chance), clock))  # type: ignore[arg-type]
            service.stdin.write(b"\n")
            self.counts["passes"] += 1
            server.asked.clear()
        self.lives.append(taken(service.pid))
        if kill:
            put(server.answers, self.pieces, clock, self.redesigns)  # type: ignore[arg-type]
            service.stdin.write(b"\n")
            await asyncio.sleep(self.chance.uniform(0, 0.3))
            service.kill()
        service.stdin.close()
        code = await service.wait()
        assert code in ({-9, 0} if kill else {0}), f"the service ended with {code}"
        self.counts["kills" if kill else "restarts"] += 1
        return clock

    async def run(self, kills: int, longest: float = 6) -> None:
        """Simulate the days, with a number of kills and restarts; no life of the service is longer than `most` days."""
        clock, start = PUBLISHED, PUBLISHED
        deaths = sorted(start + (self.end - start) * self.chance.uniform(0.05, 0.95) for _ in range(kills))
        async with ByteServer({}) as server:
            while clock < self.end:
                until = min(clock + timedelta(days=self.chance.uniform(longest / 6, longest)), self.end)
                kill = bool(deaths) and deaths[0] <= until
                if kill:
                    until = max(deaths.pop(0), clock)
                clock = await self.live(server, clock, until, kill=kill)
        assert [] == [group for group in self.groups if outlived(group, 30)], "processes outlived the service"

    def judge(self) -> dict[str, int]:
        """Compare the archive with what was published."""
        with ArchiveReader.open(self.folder / "archive.db") as archive:
            assert [] == [f for f in check(archive, self.folder / "captures") if f.gravity == "error"]
            found = [self.judge_piece(archive, piece) for piece in self.pieces]
            healings = self.judge_healings(archive)
            (articles,) = archive.db.execute("SELECT count(*) FROM articles").fetchone()
        versions, gone = (sum(counts) for counts in zip(*found, strict=True))
        counts = {"published": len(self.pieces), "archived": articles, "versions": versions, "gone": gone}
        return counts | {"healed": healings}

    def judge_piece(self, archive: ArchiveReader, piece: Piece) -> tuple[int, int]:
        """Compare the archived revisions of an article with its versions, at any of its addresses."""
        urls = [HOST + piece.path_in(design) for design in range(len(self.redesigns) + 1)]
        return judge(archive, piece, urls, self.faults, self.end)

    def judge_healings(self, archive: ArchiveReader) -> int:
        """Check that each redesign was healed within a day of its first thirty pages, and nothing else was."""
        rows = list(archive.query("SELECT started_at, counts FROM runs WHERE kind = 'heal' ORDER BY id"))
        healed = [
            datetime.fromisoformat(row["started_at"])
            for row in rows
            if json.loads(row["counts"] or "{}").get(OUTLET.id, {}).get("state") == "in force"
        ]
        assert all(any(at <= one for at in self.redesigns) for one in healed), "healed though nothing had changed"
        for at, until in pairwise([*self.redesigns, self.end]):
            pages = [piece.at for piece in self.pieces if at <= piece.at < until]
            if len(pages) > ENOUGH and pages[ENOUGH] + HEALED_WITHIN < until:
                due = pages[ENOUGH - 1] + HEALED_WITHIN
                assert any(at <= one <= due for one in healed), f"the redesign of {at} was not healed by {due}"
        return len(healed)


def pieces_of(days: float, chance: random.Random) -> list[Piece]:
    """Return the articles of a busy site; none in the last two days, so that all can be archived."""
    moments, at = [], PUBLISHED
    while (at := at + timedelta(days=chance.expovariate(BUSY))) < PUBLISHED + timedelta(days=max(days - 2, days / 2)):
        moments.append(at)
    return [life(number, at, chance) for number, at in enumerate(moments, start=1)]


def judge(
    archive: ArchiveReader, piece: Piece, urls: Sequence[str], faults: set[tuple[str, datetime]], end: datetime
) -> tuple[int, int]:
    """Compare an archived article with its versions; return the number of revisions, and whether it is gone.

    Versions that were hidden by a fault at the time of a visit do not count.
    """
    marks = ", ".join("?" for _ in urls)
    rows = archive.query(f"SELECT asked_at, outcome FROM requests WHERE url IN ({marks}) ORDER BY id", urls)
    visits = [(datetime.fromisoformat(row["asked_at"]), row["outcome"]) for row in rows]
    read = [at for at, outcome in visits if outcome in READ]
    if not read:
        sound = [at for at, _ in visits if not any((url, at) in faults for url in urls)]
        assert all(piece.said(at) is None for at in sound), f"{piece.path} was there and was not archived"
        assert visits or piece.said(end) is None, f"{piece.path} was never asked for"
        return 0, 0
    found = list(dict.fromkeys(piece.said(at) for at in read))
    article = next((article for url in urls if (article := archive.article(url))), None)
    assert article, f"{piece.path} was read and is not archived"
    kept = [version.document.text for version in archive.versions(article.record.id)]
    assert found == kept, f"{piece.path}: {len(found)} versions were found, {len(kept)} kept"
    assert article.record.published_at == piece.at.replace(microsecond=article.record.published_at.microsecond)
    missed = [at for at, outcome in visits if outcome not in READ and at > read[-1]]
    there = [at for at in missed if piece.said(at) is not None]
    gone = bool(missed and not there and missed[-1] - missed[0] >= CONFIRMED_AFTER)
    if gone:
        assert article.gone_at, f"{piece.path} was found missing {len(missed)} times and is not gone"
    elif not missed:
        assert article.gone_at is None, f"{piece.path} is there and is told to be gone"
    judge_what_lasted(archive, piece, kept, read[0], end, article.record.id)
    return len(kept), gone


def judge_what_lasted(
    archive: ArchiveReader, piece: Piece, kept: Sequence[str], since: datetime, end: datetime, article: str
) -> None:
    """Check that every edit and deletion that lasted until a due visit was found."""
    ends = [min(at, end) for at, _ in piece.versions[1:]] + [end]
    before = [None] + [said for _, said in piece.versions[:-1]]
    for (began, said), until, was in zip(piece.versions, ends, before, strict=True):
        visited = (piece.at + timedelta(seconds=age) for age in RECHECK_AGES)
        due = next((at for at in visited if at > began), end)
        if was is None:  # a page that is gone is rarely requested
            due = max(due, began + timedelta(seconds=GONE_RECHECK_SECONDS))
        if began < since or until < due + SLACK + timedelta(seconds=MISSING_RECHECK_SECONDS):
            continue
        if said is not None:
            assert said in kept, f"{piece.path}: the version of {began} lasted until {until} and is not kept"
        else:
            rows = archive.query(
                "SELECT confirmed_at FROM tombstones WHERE article = ? AND confirmed_at BETWEEN ? AND ?",
                (article, began.isoformat(), until.isoformat()),
            )
            assert [*rows], f"{piece.path} was away from {began} to {until} and that is not told"


def soak(folder: Path, days: float, kills: int, seed: int, longest: float = 6) -> Soak:
    """Simulate the days in a folder, and compare the archive with what was published."""
    chance = random.Random(seed)
    redesigns = [PUBLISHED + timedelta(days=days * part) for part in (0.25, 0.5, 0.75)[: int(days / REDESIGNED)]]
    one = Soak(folder, PUBLISHED + timedelta(days=days), chance, pieces_of(days, chance), redesigns)
    asyncio.run(one.run(kills, longest))
    one.counts |= {"faults": len(one.faults)} | one.judge()
    return one


def main() -> None:
    """Run the soak test, and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=90)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="An empty one, in which the archive is left.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = soak(args.folder or Path(folder), args.days, args.kills, args.seed)
    told = ", ".join(f"{count} {name}" for name, count in done.counts.items())
    most = [max(getattr(life, name) for life in done.lives) for name in ("proportional", "files", "processes")]
    last = [getattr(done.lives[-1], name) for name in ("proportional", "files", "processes")]
    first = [getattr(done.lives[0], name) for name in ("proportional", "files", "processes")]
    print(f"{args.days:g} days: {told}")
    for name, *taken_ in zip(("MB", "files open", "processes"), first, last, most, strict=True):
        print("{}: {:.0f} in its first life, {:.0f} in its last, {:.0f} at most".format(name, *taken_))
    assert last[0] < first[0] * 1.25
    assert last[1] <= first[1]


if __name__ == "__main__":
    main()
