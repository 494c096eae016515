"""Query which words are typical; see `archive.terms`."""

from __future__ import annotations

from datetime import date

from archive.database.connection import archive_errors
from archive.search.counting import list_articles, list_matches
from archive.search.day_outlet_index import Cell, read_index
from archive.search.query import parse_query
from archive.store.queries import Queries
from archive.terms.background import counted_weeks
from archive.terms.typical import (
    MOST_MATCHES,
    SAMPLE,
    TypicalTerms,
    read_texts,
    rising_terms,
    sample_evenly,
    typical_terms,
)


class TermQueries(Queries):
    """Query which words are typical of some articles."""

    def typical_terms(
        self, query: str | None = None, outlet: str | None = None, since: date | None = None, until: date | None = None
    ) -> TypicalTerms:
        """Return the terms that are typical of some articles, compared with the whole archive.

        Args:
            query: Only articles that match it, words side by side as phrases; None for all.
            outlet: Only of this outlet.
            since: Only of this day or later.
            until: Only of this day or earlier.
        """
        first, last = str(since or ""), str(until or "9999")
        parsed = parse_query(query or "")
        phrases = parsed.as_phrases() if parsed else None

        def wanted(cell: Cell) -> bool:
            return first <= cell.day <= last and outlet in {None, cell.outlet}

        with archive_errors(self.path):
            index = read_index(self.db)
            if phrases:
                numbers = list_matches(self.db, phrases.expression(), index, wanted, MOST_MATCHES)
            else:
                numbers = list_articles(index, wanted, MOST_MATCHES)
            return typical_terms(self.db, read_texts(self.db, sample_evenly(numbers, SAMPLE)), phrases)

    def rising_terms(self) -> TypicalTerms:
        """Return the terms that stand more often in the newest counted week than in the twelve weeks before."""
        with archive_errors(self.path):
            weeks = counted_weeks(self.db)
            return rising_terms(self.db, weeks[0]) if weeks else TypicalTerms([], 0, 0)
