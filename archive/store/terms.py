"""Write the word counts of weeks; see `archive.terms`."""

from __future__ import annotations

from collections.abc import Iterator

from archive.database.connection import archive_errors
from archive.store.transactions import Transactions
from archive.terms.background import WeekToCount, read_sample, replace_week, weeks_to_count
from archive.terms.counting import TermCounts


class TermStore(Transactions):
    """Write the word counts of weeks."""

    def weeks_to_count(self, most: int) -> list[WeekToCount]:
        """Return at most so many weeks whose words are to be counted, the most urgent first."""
        with archive_errors(self.path):
            return weeks_to_count(self.db, most)

    def sampled_texts(self, week: WeekToCount) -> Iterator[list[str]]:
        """Yield headline and text of the sampled articles of a week, in chunks."""
        with archive_errors(self.path):
            yield from read_sample(self.db, week)

    def save_week_counts(self, week: WeekToCount, counts: TermCounts) -> None:
        """Store the counts of a week in place of its earlier ones."""
        with self._transaction() as db:
            replace_week(db, week, counts)
