"""Shift due times back after the system clock was set back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.database.values import format_instant, parse_instant

_LITTLE = timedelta(hours=1)  # a smaller step is ignored
# Columns with a time in the future to wait for, and columns with a time in the past.
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


def clock_setback(db: Database, now: datetime) -> timedelta | None:
    """Return how far the clock was set back since a run was last alive; None if less than an hour."""
    latest = parse_instant(db.execute("SELECT max(beat_at) FROM runs").fetchone()[0])
    back = latest - now if latest else timedelta()
    return back if back >= _LITTLE else None


def shift_due_times(db: Database, back: timedelta, now: datetime) -> None:
    """Shift all times in the future back by the same amount.

    Args:
        db: The archive, in a transaction.
        back: By how much the clock was set back.
        now: The current time, UTC, after it was set back.
    """
    for table, column in _TO_COME:
        db.execute(
            f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%fZ', {column}, ?) WHERE {column} > ?",  # noqa: S608 - our own names
            (f"-{back.total_seconds():.3f} seconds", format_instant(now)),
        )
