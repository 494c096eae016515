"""Write the word counts of weeks; see `archive.terms`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from archive.database.connection import archive_errors
from archive.store.transactions import Transactions
from archive.terms.background import WeekToCount, read_sample, replace_week, weeks_to_count
from archive.terms.counting import TermCounts


class TermStore:
    """Read samples of weeks, and write the word counts of weeks."""

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

    def weeks_to_count(self, most: int) -> list[WeekToCount]:
        """Return the weeks whose words must be counted, the most urgent first."""
        with archive_errors(self._path):
            return weeks_to_count(self._db, most)

    def sampled_texts(self, week: WeekToCount) -> Iterator[list[str]]:
        """Yield headline and text of the sampled articles of a week, in chunks."""
        with archive_errors(self._path):
            yield from read_sample(self._db, week)

    def save_week_counts(self, week: WeekToCount, counts: TermCounts) -> None:
        """Store the counts of a week in place of its earlier ones."""
        with self._transaction() as db:
            replace_week(db, week, counts)
