"""Run `khobao status`: show what the archive holds, the health of each outlet, and problems."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from archive.errors import Reason
from archive.ledger.model import HostFacts, OutletStatus
from archive.statistics.outlet_activity import OutletActivity
from archive.store.reader import ArchiveReader
from schedules.cli.session import Session, command
from schedules.cli.spans import ahead, short_span
from schedules.monitoring.health import Health, examine, service_health

if TYPE_CHECKING:
    from rich.console import Group

_INTERVAL = 5.0  # seconds between two updates of --watch
_COLORS = {
    "ok": "green",
    "quiet": "yellow",
    "drifting": "yellow",
    "retrying": "yellow",
    "failing": "red",
    "blocked": "red",
}
_COLUMNS = {
    "outlet": "left",
    "health": "left",
    "articles": "right",
    "today": "right",
    "newest": "right",
    "came": "right",
    "polled": "right",
    "next": "right",
    "due": "right",
}


@dataclass(frozen=True)
class Report:
    """The state of an archive at one moment.

    Attributes:
        now: The current time, UTC.
        outlets: What the archive holds of each outlet.
        examined: The activity and the health of each outlet.
        hosts: The hosts that are left alone for now.
        service_ok: The service works, or a person stopped it.
        service: The state and problems of the service, one line each; empty if it never ran.
    """

    now: datetime
    outlets: Sequence[OutletStatus]
    examined: Mapping[str, tuple[OutletActivity, Health]]
    hosts: Sequence[HostFacts]
    service_ok: bool = True
    service: Sequence[str] = ()

    @property
    def exit_code(self) -> int:
        """The exit code: 1 if something needs a person."""
        return int(not self.service_ok or any(health.needs_somebody for _, health in self.examined.values()))


@command(name="status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per outlet, and one for the service.")
@click.option("--watch", is_flag=True, help="Update the output every few seconds, until Ctrl-C.")
def status_command(session: Session, as_json: bool, watch: bool) -> int:
    """Show what the archive holds and how each outlet is doing.

    The exit code is 1 if something needs a person.

    \b
    health    ok        articles arrive as expected
              quiet     expected articles did not arrive
              drifting  pages are read differently than before
              retrying  every source failed at its last poll
              failing   every source failed, three times in a row
              blocked   the outlet refuses our requests
    today     articles of today / expected on a day like this
    newest    day of the newest article
    came      time since that article was archived
    polled    time since a source was polled
    next      time until the next poll
    due       pages waiting to be requested
    """
    if watch:
        return _watch(session)
    with session.reader() as archive:
        report = examine_archive(archive)
    if as_json:
        _print_json(session, report)
    elif report.outlets:
        session.print_table(render(report))
    else:
        session.print("the archive is empty; `khobao crawl` fills it")
    return report.exit_code


def examine_archive(archive: ArchiveReader) -> Report:
    """Return the current state of an archive."""
    now, served = datetime.now(UTC), archive.service_status()
    service_ok, service = service_health(served, now) if served else (True, [])
    hosts = [host for host in archive.hosts() if host.resting_until and host.resting_until > now]
    return Report(now, archive.status(), examine(archive, now), hosts, service_ok, service)


def _watch(session: Session) -> int:
    from rich.live import Live

    with (
        session.reader() as archive,
        Live(console=session.out, auto_refresh=False, screen=session.out.is_terminal) as live,
    ):
        try:
            while True:
                live.update(render(examine_archive(archive)), refresh=True)
                time.sleep(_INTERVAL)
        except KeyboardInterrupt:
            return 0


def _print_json(session: Session, report: Report) -> None:
    for outlet in report.outlets:
        activity, health = report.examined[outlet.id]
        facts = asdict(activity)
        names = ("today", "expected", "per_day", "article_at", "next_due_at", "streak", "overruns")
        more: dict[str, Any] = {name: facts[name] for name in names}
        session.print_json(asdict(outlet) | more | {"health": health.state, "why": health.why})
    if report.service:
        state = "ok" if report.service_ok else "troubled"
        session.print_json({"service": state, "why": "; ".join(report.service)})


def render(report: Report) -> Group:
    """Lay out the table, and below it one line for each remark."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, justify in _COLUMNS.items():
        table.add_column(name, justify=justify, no_wrap=name != "outlet")  # type: ignore[arg-type]
    for outlet in report.outlets:
        activity, health = report.examined[outlet.id]
        table.add_row(
            outlet.id,
            Text(health.state, _COLORS[health.state]),
            str(outlet.articles),
            f"{activity.today}" + (f"/{activity.expected:.0f}" if activity.expected is not None else ""),
            outlet.newest or "-",
            _age(activity.article_at, report.now),
            _age(activity.polled_at, report.now),
            _until(activity.next_due_at, report.now) if activity.sources else "-",
            str(outlet.due),
        )
    return Group(table, *(Text(line, color) for line, color in _remarks(report)))


def _age(moment: datetime | None, now: datetime) -> str:
    return short_span(now - moment) if moment else "-"


def _until(moment: datetime | None, now: datetime) -> str:
    return "now" if moment is None or moment <= now else short_span(moment - now)


def _remarks(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the remarks below the table with their colours; the problems come first."""
    yield from ((f"service: {line}", "" if report.service_ok else "red") for line in report.service)
    for name, (_, health) in report.examined.items():
        if health.why:
            yield f"{name}: {health.state}: {health.why}", _COLORS[health.state] if health.needs_somebody else ""
    for host in report.hosts:
        reason = (host.reason and Reason(host.reason).label) or "as the host asked"
        yield f"{host.host}: next request {ahead(host.resting_until, report.now)}: {reason}", ""
    for outlet in report.outlets:
        if reasons := _counts({**outlet.rejected, **outlet.failed}):
            yield f"{outlet.id}: not archived: {reasons}", "dim"


def _counts(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in ranked)
