"""A site that publishes, edits, deletes and redesigns for months, and the service that watches it.

Run as a program, this module is that service with a simulated clock: it prints its time, and for each line of input it
does what is due.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from livesite import HOST, OUTLET, PUBLISHED, moved, page

from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import reply
from crawler.newsstand.redesign import redesigned_page
from crawler.outlets.catalogue import load_catalogue
from crawler.outlets.model import Outlet
from schedules.config import Settings
from schedules.events import Event, Tally
from schedules.logs import set_up_logs
from schedules.monitoring.metrics import Metrics
from schedules.pipeline.runtime import open_run_context
from schedules.service.daemon import LearnedHours
from schedules.service.housekeeping import Housekeeping
from schedules.service.outlet_watcher import OutletWatcher, Setup
from schedules.service.probe import Probe
from schedules.service.problems import ServiceProblems
from schedules.service.systemd import Notifier

BUSY = 24.0  # articles a day
DECLARATION = f"""name = "{OUTLET.name}"
home = "{HOST}"
article = '-(?P<key>\\d+)\\.(?:html|amp)$'
timezone = "Asia/Ho_Chi_Minh"
[sources]
feed = "/rss"
[reading]
title = "h1"
body = "article"
"""
_RENUMBERED = 2  # the design that also gives every article another number
EXAMINED = timedelta(hours=6)  # between two checks of the outlet's health
WORDS = "sông cầu đường chợ phà bến tàu lúa mưa nắng trường lớp thầy trò làng phố núi biển thuyền lưới".split()


@dataclass
class Piece:
    """One article of the site.

    Attributes:
        number: The article's number, in the order of publication.
        at: When it was published.
        versions: For each version: since when, and its text, or None while the article is deleted. Oldest first.
    """

    number: int
    at: datetime
    versions: list[tuple[datetime, str | None]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Return its path in the first design."""
        return self.path_in(0)

    def path_in(self, design: int) -> str:
        """Return its path in a design; each design has its own form of addresses, and one its own numbers."""
        if not design:
            return f"/tin-{self.number}.html"
        if design == _RENUMBERED:
            return f"/thoi-su/{design}{self.number:06}/tin-so-{self.number}-cua-bao.html"
        return f"/v{design}/thoi-su/{100_000 + self.number}/tin-so-{self.number}-cua-bao.html"

    def said(self, at: datetime) -> str | None:
        """Return its text at a time."""
        return next((text for since, text in reversed(self.versions) if since <= at), None)


def text(chance: random.Random) -> str:
    """Return a paragraph that no other article has."""
    return " ".join(chance.choice(WORDS) for _ in range(60)).capitalize() + "."


def life(number: int, at: datetime, chance: random.Random) -> Piece:
    """Return the versions of an article: edits within days, and rarely a deletion, sometimes with a return."""
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


def design_at(redesigns: Sequence[datetime], now: datetime) -> int:
    """Return the number of the design at a time."""
    return sum(at <= now for at in redesigns)


def feed(pieces: Sequence[Piece], now: datetime, design: int) -> bytes:
    """Write the feed of the newest articles."""
    items = "".join(
        f"<item><title>Tin {piece.number}</title><link>{HOST}{piece.path_in(design)}</link>"
        f"<pubDate>{format_datetime(piece.at)}</pubDate></item>"
        for piece in [p for p in pieces if p.at <= now and p.said(now) is not None][-40:][::-1]
    )
    return reply(200, f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), **{"Content-Type": "text/xml"})


def answer(piece: Piece, now: datetime, design: int) -> bytes | None:
    """Return the site's response for an article; None if it does not exist."""
    said = piece.said(now)
    if said is None:
        return None
    published = piece.at.isoformat().encode()
    shown = page(f"Tin số {piece.number}", (said,)).replace(PUBLISHED.isoformat().encode(), published)
    return reply(200, redesigned_page(shown, design))


def put(answers: dict[str, bytes], pieces: Sequence[Piece], now: datetime, redesigns: Sequence[datetime] = ()) -> None:
    """Set the responses of the site at a time; addresses of earlier designs redirect."""
    answers.clear()
    design = design_at(redesigns, now)
    answers[f"{HOST}/rss"] = feed(pieces, now, design)
    for piece in pieces:
        if piece.at <= now and (said := answer(piece, now, design)):
            answers |= {HOST + piece.path_in(earlier): moved(piece.path_in(design)) for earlier in range(design)}
            answers[HOST + piece.path_in(design)] = said


def spoil(answers: dict[str, bytes], chance: random.Random) -> str:
    """Let one address respond with a fault; return the address."""
    broken = chance.choice(list(answers))
    answers[broken] = chance.choice((reply(503), reply(500), reply(200, b""), reply(200, b"<html>")))
    return broken


def next_due(archive: ArchiveWriter) -> datetime:
    """Return when anything is due."""
    (due,) = archive.db.execute(
        "SELECT min(at) FROM (SELECT min(coalesce(next_due_at, '')) AS at FROM sources"
        " UNION ALL SELECT min(next_due_at) FROM addresses)"
    ).fetchone()
    return datetime.fromisoformat(due or PUBLISHED.isoformat())


def declared(folder: Path, settings: Settings) -> Outlet:
    """Return the outlet with its declared and healed rules."""
    own = folder / "outlets"
    own.mkdir(exist_ok=True)
    (own / f"{OUTLET.id}.toml").write_text(DECLARATION, encoding="utf-8")
    return load_catalogue(own, settings.healed_folder / "in-force")[OUTLET.id]


async def serve(folder: Path, proxy: str, clock: datetime) -> None:
    """Run the service: print the time, and do what is due then, for each line of input.

    Args:
        folder: The folder of the archive.
        proxy: The proxy of the site.
        clock: The time at the start.
    """
    told = {
        "archive": {"path": folder / "archive.db"},
        "network": {"proxy": proxy, "gap": 0},
        "reading": {"workers": 1},
    }
    rest = {"service": {"listen": "", "low_disk_megabytes": 0}, "outlets": {"heal": "apply"}}
    settings = Settings.model_validate(told | rest)
    outlet = declared(folder, settings)
    setup, problems = Setup(settings, {outlet.id: outlet}, (outlet,)), ServiceProblems(Notifier({}))
    set_up_logs(settings.log, -1, terminal=False)
    tallies: dict[str, Tally] = {}

    def count(event: Event) -> None:
        tallies.setdefault(event.outlet, Tally()).add(event)

    with ArchiveWriter.create_or_open(settings.archive.path) as archive:
        metrics = Metrics(archive.path, lambda: clock)
        run = archive.runs.begin_run("run", {}, clock)
        async with open_run_context(settings, archive, count, run, lambda: clock) as context:
            knowing = replace(context, publishing_hours=LearnedHours(archive, context.now))
            watch = OutletWatcher(
                knowing, setup, tallies, problems, metrics, Housekeeping(Probe(metrics, ""), problems)
            )
            day = clock
            while await asyncio.to_thread(_may_go_on, clock):
                await watch.tick()
                await asyncio.gather(*watch._working.values())
                await watch.record_heartbeat()
                if clock - day > EXAMINED:
                    day = clock
                    await watch.examine()
                    await watch.tidy()
                clock = max(next_due(archive), clock + timedelta(seconds=30)).replace(microsecond=0)
        archive.runs.end_run(run, "done", {}, clock)


def _may_go_on(clock: datetime) -> bool:
    print(clock.isoformat(), flush=True)
    return bool(sys.stdin.readline())


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3])))
