"""The page *Search* of a lake: the newest articles that match a query, found by reading texts."""

from __future__ import annotations

from datetime import date
from typing import Any

from archive.browse.page_request import PageRequest
from archive.browse.pages.search import MOST_HITS, SearchFacts, show_search, wanted_filters
from archive.browse.served_lake import LakeView
from archive.lake.reader import Row
from archive.lake.text_conditions import single_word
from archive.search.engine import snippet
from archive.search.model import SearchHit
from archive.search.query import Query, parse_query

_LONGEST_EXCERPT = 400  # characters of a text before it is cut to an excerpt


def lake_search(lake: LakeView, request: PageRequest) -> dict[str, Any]:
    """Return one page of the newest articles that match a query, as it is written.

    The matches of a single word are counted exactly, by the table of words. Those of other queries are only listed.
    """
    parsed = parse_query(request.text("q"))
    names = lake.names()
    if parsed is None:
        return show_search(SearchFacts((), names, {}), request)
    query, filters = parsed.as_phrases(), wanted_filters(request)
    found = lake.reader.search(query, filters, MOST_HITS)
    hits = tuple(_hit(row, query) for row in found.rows)
    details = {row["id"]: (row["section"], _excerpt(row)) for row in found.rows}
    counts = None
    if single_word(query):
        counts = lake.reader.count_matches(query, str(filters.since or date.min), str(filters.until or date.max))
    return show_search(SearchFacts(hits, names, details, counts, found.back_to), request)


def _hit(row: Row, query: Query) -> SearchHit:
    text = snippet(row["text"], query.required_terms)
    return SearchHit(row["id"], row["date"], row["outlet"], row["title"], row["url"], text)


def _excerpt(row: Row) -> str:
    """Return what strangers may see of a text marked noarchive; empty for other texts."""
    return (row["standfirst"] or row["text"])[:_LONGEST_EXCERPT] if row["noarchive"] else ""
