"""`khobao status`: what the archive holds, how the outlets fare, and what needs somebody."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from archive.errors import Reason
from archive.ledger.model import HostFacts, OutletStatus
from archive.statistics.outlet_activity import Pulse
from archive.store.writer import Archive
from schedules.cli.session import Session, command
from schedules.monitoring.health import Health, examine, service_health

_EVERY = 5.0  # seconds between two looks
_COLOURS = {"ok": "green", "quiet": "yellow", "drifting": "yellow", "failing": "red", "blocked": "red"}
_COLUMNS = ("outlet", "health", "articles", "today", "newest", "asked", "next", "fails", "due")
_RIGHT = {"articles", "today", "newest", "asked", "next", "fails", "due"}


@dataclass(frozen=True)
class _Look:
    """What is told at one moment.

    Attributes:
        now: The moment.
        outlets: What the archive holds of each outlet.
        examined: How each outlet fares.
        hosts: Those that are left alone for now.
        well: Whether the service is.
        service: How it fares, a line each; nothing where there never was one.
    """

    now: datetime
    outlets: Sequence[OutletStatus]
    examined: Mapping[str, tuple[Pulse, Health]]
    hosts: Sequence[HostFacts]
    well: bool = True
    service: Sequence[str] = ()

    @property
    def exit_code(self) -> int:
        """1 when something needs a person."""
        return int(not self.well or any(health.needs_somebody for _, health in self.examined.values()))


@command(name="status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an outlet, and one for the service.")
@click.option("--watch", is_flag=True, help="Look again every few seconds, until Ctrl-C.")
def status_command(session: Session, as_json: bool, watch: bool) -> int:
    """What the archive holds, how each outlet fares and why; exit code 1 when something needs a person."""
    if watch:
        return _watch(session)
    with session.reader() as archive:
        look = _look(session, archive)
    if as_json:
        for outlet in look.outlets:
            session.answer(asdict(outlet) | _facts(*look.examined[outlet.id]))
        if look.service:
            session.answer({"service": "ok" if look.well else "troubled", "why": "; ".join(look.service)})
    elif look.outlets:
        session.out.print(_shown(look))
    else:
        session.tell("the archive is empty; `khobao crawl` fills it")
    return look.exit_code


def _look(session: Session, archive: Archive) -> _Look:
    now, served = datetime.now(UTC), archive.served()
    well, service = service_health(served, now) if served else (True, [])
    hosts = [host for host in archive.hosts() if host.resting_until and host.resting_until > now]
    return _Look(now, archive.status(), examine(archive, session.catalogue, now), hosts, well, service)


def _watch(session: Session) -> int:
    with (
        session.reader() as archive,
        Live(console=session.out, auto_refresh=False, screen=session.out.is_terminal) as live,
    ):
        try:
            while True:
                live.update(_shown(_look(session, archive)), refresh=True)
                time.sleep(_EVERY)
        except KeyboardInterrupt:
            return 0


def _facts(pulse: Pulse, health: Health) -> dict[str, Any]:
    """What is told of an outlet besides what the archive holds of it."""
    facts = asdict(pulse)
    told = ("today", "expected", "per_day", "article_at", "next_due_at", "streak", "overruns")
    return {name: facts[name] for name in told} | {"health": health.state, "why": health.why}


def _shown(look: _Look) -> Group:
    """The table, and below it a line for each thing that there is to say."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in _RIGHT else "left", no_wrap=name != "outlet")
    for outlet in look.outlets:
        pulse, health = look.examined[outlet.id]
        table.add_row(
            outlet.id,
            Text(health.state, _COLOURS[health.state]),
            str(outlet.articles),
            f"{pulse.today}" + (f"/{pulse.expected:.0f}" if pulse.expected is not None else ""),
            _ago(pulse.article_at, look.now),
            _ago(pulse.polled_at, look.now),
            _ahead(pulse.next_due_at, look.now) if pulse.sources else "-",
            str(pulse.streak or "-"),
            str(outlet.due),
        )
    return Group(table, *(Text(line, colour) for line, colour in _lines(look)))


def _lines(look: _Look) -> Iterator[tuple[str, str]]:
    """What there is to say besides the table, with its colour: the gravest first."""
    yield from ((f"service: {line}", "" if look.well else "red") for line in look.service)
    for name, (_, health) in look.examined.items():
        if health.why:
            yield f"{name}: {health.state}: {health.why}", _COLOURS[health.state] if health.needs_somebody else ""
    for host in look.hosts:
        reason = (host.reason and Reason(host.reason).label) or "as it asked"
        yield f"{host.host}: left alone for {_ahead(host.resting_until, look.now)}: {reason}", ""
    for outlet in look.outlets:
        if reasons := _reasons({**outlet.rejected, **outlet.failed}):
            yield f"{outlet.id}: not archived: {reasons}", "dim"


def _reasons(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in ranked)


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{_span((now - moment).total_seconds())} ago" if moment else "-"


def _ahead(moment: datetime | None, now: datetime) -> str:
    return "now" if moment is None or moment <= now else _span((moment - now).total_seconds())


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"
