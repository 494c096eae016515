"""Store saved searches, and search new articles for them; see `archive.search.watches`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.database.connection import archive_errors
from archive.search import watches
from archive.search.watches import Watch, WatchState, WeekComparison
from archive.store.transactions import Transactions


class WatchStore:
    """Store saved searches and their hits."""

    def __init__(self, path: Path, db: Database, transactions: Transactions) -> None:
        """Use an open database.

        Args:
            path: The SQLite file, for messages.
            db: The open database.
            transactions: The transactions of that connection.
        """
        self._path = path
        self._db = db
        self._transaction = transactions.begin

    def save(self, wanted: Iterable[Watch], now: datetime) -> None:
        """Replace the stored searches by those of the settings."""
        with self._transaction() as db:
            watches.save_watches(db, wanted, now)

    def search_new(self, now: datetime) -> int:
        """Search the articles that arrived since the last time; return the number of hits."""
        with self._transaction() as db:
            return watches.search_new(db, now)

    def states(self) -> list[WatchState]:
        """Return the stored searches and their states, by name."""
        with archive_errors(self._path):
            return watches.read_watches(self._db)

    def waiting_hits(self, name: str, most: int) -> list[dict[str, Any]]:
        """Return the latest hits of a search that are not in a message yet."""
        with archive_errors(self._path):
            return watches.read_hits(self._db, name, most, waiting=True)

    def compare_week(self, watch: Watch, today: date) -> WeekComparison:
        """Compare the matches of the last seven days with those of the twelve weeks before."""
        with archive_errors(self._path):
            return watches.count_weeks(self._db, watch, today)

    def mark_sent(self, name: str, now: datetime) -> None:
        """Record that all hits of a search were sent."""
        with self._transaction() as db:
            watches.mark_sent(db, name, now)

    def mark_checked(self, name: str, now: datetime) -> None:
        """Record that the week of a search was compared with the weeks before."""
        with self._transaction() as db:
            watches.mark_checked(db, name, now)
