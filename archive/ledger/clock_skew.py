"""A clock that was set back: what is due in what is far away by now is due by as much sooner."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.database.values import instant, moment

_LITTLE = timedelta(hours=1)  # is left to itself
# Instants that are waited for, and those that tell since when.
_TO_COME = (
    ("sources", "next_due_at"),
    ("sources", "polled_at"),
    ("addresses", "next_due_at"),
    ("lists", "next_due_at"),
    ("hosts", "free_at"),
    ("hosts", "resting_until"),
    ("robots", "expires_at"),
    ("runs", "beat_at"),
)


def how_far_back(db: Database, now: datetime) -> timedelta | None:
    """By how much the clock was set back, as a run tells that was alive in what is the future now; None for hardly."""
    latest = moment(db.execute("SELECT max(beat_at) FROM runs").fetchone()[0])
    back = latest - now if latest else timedelta()
    return back if back >= _LITTLE else None


def bring_forward(db: Database, back: timedelta, now: datetime) -> None:
    """Let all that is to come be sooner by this much.

    Args:
        db: The archive, in a transaction.
        back: By how much the clock was set back.
        now: What it says since.
    """
    for table, column in _TO_COME:
        db.execute(
            f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%fZ', {column}, ?) WHERE {column} > ?",  # noqa: S608 - our own names
            (f"-{back.total_seconds():.3f} seconds", instant(now)),
        )
