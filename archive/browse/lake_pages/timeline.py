"""The page *Share over time* of a lake: single words are counted by its table of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.browse.page_request import PageRequest
from archive.browse.pages.timeline import CellSums, show_timeline
from archive.browse.served_lake import LakeView
from archive.search.query import Query
from archive.statistics.periods import Span


@dataclass(frozen=True, slots=True)
class _LakeSource:
    """Count the articles of a lake."""

    lake: LakeView

    def names(self) -> dict[str, str]:
        return self.lake.names()

    def extent(self) -> tuple[str, str] | None:
        return self.lake.reader.extent()

    def count(self, query: Query | None, span: Span) -> CellSums:
        since, until = span.since.isoformat(), span.until.isoformat()
        if query is None:
            return self.lake.reader.count_articles(since, until, unit=span.unit)
        return self.lake.reader.count_matches(query, since, until, unit=span.unit)


def lake_timeline(lake: LakeView, request: PageRequest) -> dict[str, Any]:
    """Count the articles that match each query in each period, and all articles of the period."""
    return show_timeline(_LakeSource(lake), request)
