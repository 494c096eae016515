"""`khobao status`: what the archive holds, how the outlets fare, and what needs somebody."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from archive.ledger import OutletStatus
from archive.pulse import Pulse
from archive.store import Archive
from schedules.health import Health, examine
from schedules.session import Session, command
from schedules.stages import utc_now

_EVERY = 5.0  # seconds between two looks
_COLOURS = {"ok": "green", "quiet": "yellow", "drifting": "yellow", "failing": "red", "blocked": "red"}
Examined = Mapping[str, tuple[Pulse, Health]]


@command(name="status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an outlet.")
@click.option("--watch", is_flag=True, help="Look again every few seconds, until Ctrl-C.")
def status_command(session: Session, as_json: bool, watch: bool) -> int:
    """What the archive holds, how each outlet fares and why; exit code 1 when something needs a person."""
    if watch:
        return _watch(session)
    with session.reader() as archive:
        outlets, examined, now = _look(session, archive)
    if as_json:
        for outlet in outlets:
            session.answer(asdict(outlet) | _facts(*examined[outlet.id]))
    elif outlets:
        session.out.print(_shown(outlets, examined, now))
    else:
        session.tell("the archive is empty; `khobao crawl` fills it")
    return int(any(health.needs_somebody for _, health in examined.values()))


def _look(session: Session, archive: Archive) -> tuple[list[OutletStatus], Examined, datetime]:
    now = utc_now()
    return archive.status(), examine(archive, session.catalogue, now), now


def _watch(session: Session) -> int:
    with (
        session.reader() as archive,
        Live(console=session.out, auto_refresh=False, screen=session.out.is_terminal) as live,
    ):
        try:
            while True:
                live.update(_shown(*_look(session, archive)), refresh=True)
                time.sleep(_EVERY)
        except KeyboardInterrupt:
            return 0


def _facts(pulse: Pulse, health: Health) -> dict[str, Any]:
    """What is told of an outlet besides what the archive holds of it."""
    facts = asdict(pulse)
    told = ("today", "expected", "per_day", "article_at", "next_due_at", "streak", "overruns")
    return {name: facts[name] for name in told} | {"health": health.state, "why": health.why}


def _shown(outlets: list[OutletStatus], examined: Examined, now: datetime) -> Group:
    table = Table(box=None, header_style="bold", pad_edge=False)
    right = {"articles", "today", "sources", "due"}
    for name in ("outlet", "health", "articles", "newest", "today", "asked", "next", "sources", "due"):
        table.add_column(name, justify="right" if name in right else "left", no_wrap=name != "outlet")
    for outlet in outlets:
        pulse, health = examined[outlet.id]
        table.add_row(
            outlet.id,
            Text(health.state, _COLOURS[health.state]),
            str(outlet.articles),
            outlet.newest or "-",
            f"{pulse.today}" + (f"/{pulse.expected:.0f}" if pulse.expected is not None else ""),
            _ago(pulse.polled_at, now),
            _ahead(pulse.next_due_at, now),
            f"{outlet.sources - outlet.failing}/{outlet.sources}" if outlet.failing else str(outlet.sources),
            str(outlet.due),
        )
    whys = [Text(f"{name}: {health.state}: {health.why}") for name, (_, health) in examined.items() if health.why]
    left = [(outlet.id, _reasons({**outlet.rejected, **outlet.failed})) for outlet in outlets]
    return Group(table, *whys, *(Text(f"{name}: not archived: {reasons}") for name, reasons in left if reasons))


def _reasons(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in ranked)


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{_span((now - moment).total_seconds())} ago" if moment else "-"


def _ahead(moment: datetime | None, now: datetime) -> str:
    return "now" if moment is None or moment <= now else f"in {_span((moment - now).total_seconds())}"


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"
