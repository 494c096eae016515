"""Describe the state of the service at one moment, for the live table of `khobao run`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.statistics.outlet_activity import OutletActivity
from schedules.events import Tally

_NEXT_POLLS = 3  # polls that are logged at the start


@dataclass(frozen=True, slots=True)
class OutletRow:
    """One watched outlet.

    Attributes:
        outlet: The outlet's id.
        working: It is being polled or fetched now.
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
        now: The current time, UTC.
        rows: The watched outlets, sorted by id.
        problems: The problems of the service, one line each.
        listen: The address of the metrics, as `host:port`; empty for none.
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
        now: The current time, UTC.
        outlets: Ids of the watched outlets.
        activities: The activity of each outlet in the archive.
        tallies: The counts since the service started, by outlet.
        working: Ids of the outlets that are being polled or fetched now.
        problems: The problems of the service.
        listen: The address of the metrics.
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
    """Describe the watched outlets, the next polls, and the address of the metrics, for the log."""
    rows = sorted(snapshot.rows, key=lambda row: (row.next_poll_at or snapshot.now, row.outlet))
    polls = [f"{row.outlet} {_clock(row.next_poll_at, snapshot.now)}" for row in rows[:_NEXT_POLLS]]
    metrics = f"http://{snapshot.listen}/metrics" if snapshot.listen else "not served"
    return {"outlets": len(snapshot.rows), "next_polls": ", ".join(polls), "metrics": metrics}


def _clock(moment: datetime | None, now: datetime) -> str:
    return "now" if moment is None or moment <= now else f"at {moment:%Y-%m-%d %H:%M:%S}Z"
