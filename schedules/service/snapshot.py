"""The state of the service at one moment, as the live table of `khobao run` shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.statistics.outlet_activity import OutletActivity
from schedules.events import Tally

_NEXT_POLLS = 3  # that are logged at the start


@dataclass(frozen=True, slots=True)
class OutletRow:
    """One watched outlet.

    Attributes:
        outlet: The outlet's id.
        working: Whether it is polled or fetched just now.
        polled_at: When one of its sources was last polled, UTC; None for never.
        next_poll_at: When the next source is due, UTC; None for now.
        archived: Articles archived since the service started.
        revised: Articles whose edits were archived since the service started.
        failures: Requests that failed since the service started.
        queue: Pages that are due.
    """

    outlet: str
    working: bool
    polled_at: datetime | None
    next_poll_at: datetime | None
    archived: int
    revised: int
    failures: int
    queue: int


@dataclass(frozen=True, slots=True)
class ServiceSnapshot:
    """The state of the service.

    Attributes:
        now: The moment, UTC.
        rows: The watched outlets, in the order of their ids.
        problems: What keeps the service from its work, one line each.
        listen: Where metrics are served, as `host:port`; empty for nowhere.
    """

    now: datetime
    rows: Sequence[OutletRow]
    problems: Sequence[str] = ()
    listen: str = ""


def take_snapshot(
    now: datetime,
    outlets: Iterable[str],
    activities: Iterable[OutletActivity],
    tallies: Mapping[str, Tally],
    working: Collection[str],
    problems: Sequence[str],
    listen: str,
) -> ServiceSnapshot:
    """Combine what the archive and the running service know.

    Args:
        now: The moment, UTC.
        outlets: Ids of the watched outlets.
        activities: What the archive knows of each outlet.
        tallies: What the service did since it started, by outlet.
        working: Ids of the outlets that are at work just now.
        problems: What keeps the service from its work.
        listen: Where metrics are served.
    """
    known = {one.outlet: one for one in activities}
    rows = [_row(name, known.get(name), tallies.get(name, Tally()), name in working) for name in sorted(outlets)]
    return ServiceSnapshot(now, rows, tuple(problems), listen)


def _row(name: str, activity: OutletActivity | None, tally: Tally, working: bool) -> OutletRow:
    return OutletRow(
        name,
        working,
        activity.polled_at if activity else None,
        activity.next_due_at if activity else None,
        tally.outcomes["archived"],
        tally.outcomes["revised"],
        tally.failed.total(),
        activity.due if activity else 0,
    )


def opening_facts(snapshot: ServiceSnapshot) -> dict[str, object]:
    """Describe what the service watches, the next polls, and where metrics are, for the log."""
    rows = sorted(snapshot.rows, key=lambda row: (row.next_poll_at or snapshot.now, row.outlet))
    polls = [f"{row.outlet} {_clock(row.next_poll_at, snapshot.now)}" for row in rows[:_NEXT_POLLS]]
    metrics = f"http://{snapshot.listen}/metrics" if snapshot.listen else "not served"
    return {"outlets": len(snapshot.rows), "next_polls": ", ".join(polls), "metrics": metrics}


def _clock(moment: datetime | None, now: datetime) -> str:
    return "now" if moment is None or moment <= now else f"at {moment:%Y-%m-%d %H:%M:%S}Z"
