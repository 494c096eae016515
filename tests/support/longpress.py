"""A site that publishes, edits, breaks, deletes and restores articles for months, and the service that watches it.

Run as a program it is that service, but for the clock: it says what time it is, is told to go on, and does what is due.
"""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from livesite import HOST, OUTLET, PUBLISHED, page

from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import reply
from crawler.outlets.model import Source
from schedules.config import Settings
from schedules.events import Event, Tally
from schedules.logs import set_up_logs
from schedules.monitoring.metrics import Metrics, Probe
from schedules.pipeline.runtime import open_run_context
from schedules.service.daemon import LearnedHours, Setup, Watch
from schedules.service.housekeeping import Upkeep
from schedules.service.problems import Troubles
from schedules.service.systemd import Notifier

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


def next_due(archive: ArchiveWriter) -> datetime:
    """When anything is due."""
    (due,) = archive.db.execute(
        "SELECT min(at) FROM (SELECT min(coalesce(next_due_at, '')) AS at FROM sources"
        " UNION ALL SELECT min(next_due_at) FROM addresses)"
    ).fetchone()
    return datetime.fromisoformat(due or PUBLISHED.isoformat())


async def serve(folder: Path, proxy: str, clock: datetime) -> None:
    """Be the service: say what time it is, and do what is due then whenever a line says to; end where none does.

    Args:
        folder: Of the archive.
        proxy: Where the site is.
        clock: What time it is at first.
    """
    told = {
        "archive": {"path": folder / "archive.db"},
        "network": {"proxy": proxy, "gap": 0},
        "reading": {"workers": 1},
    }
    settings = Settings.model_validate({**told, "service": {"listen": "", "low_disk_megabytes": 0}})
    setup, troubles = Setup(settings, {OUTLET.id: WATCHED}, (WATCHED,)), Troubles(Notifier({}))
    set_up_logs(settings.log, -1, terminal=False)
    tallies: dict[str, Tally] = {}

    def count(event: Event) -> None:
        tallies.setdefault(event.outlet, Tally()).add(event)

    with ArchiveWriter.create_or_open(settings.archive.path) as archive:
        metrics = Metrics(archive.path, lambda: clock)
        run = archive.begin_run("run", {}, clock)
        async with open_run_context(settings, archive, count, run, lambda: clock) as context:
            knowing = replace(context, publishing_hours=LearnedHours(archive, context.now))
            watch = Watch(knowing, setup, tallies, troubles, metrics, Upkeep(Probe(metrics, ""), troubles))
            day = clock
            while await asyncio.to_thread(_may_go_on, clock):
                await watch.tick()
                await asyncio.gather(*watch._working.values())
                await watch.beat()
                if clock - day > timedelta(days=1):
                    day = clock
                    await watch.examine()
                    await watch.tidy()
                clock = max(next_due(archive), clock + timedelta(seconds=30)).replace(microsecond=0)
        archive.end_run(run, "done", {}, clock)


def _may_go_on(clock: datetime) -> bool:
    print(clock.isoformat(), flush=True)
    return bool(sys.stdin.readline())


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3])))
