"""The page *Collocates*: which words stand near the matches of a query."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from archive.browse.charts.model import Rank, RankChart
from archive.browse.count_cache import CACHE, RESULTS
from archive.browse.matching import describe_match
from archive.browse.page_request import PageRequest, page_link
from archive.browse.pages.words import find_numbers, narrow, phrases_of, state_of
from archive.browse.sql import outlet_names
from archive.browse.tabular import Table
from archive.browse.translations import number_formatter
from archive.terms.typical import SAMPLE, NearTerms, near_terms, read_texts, sample_evenly

_DRAWN = 20  # terms of the chart
_COLUMNS = ("term", "occurrences", "articles", "log_dice")


def collocates(db: Database, request: PageRequest) -> dict[str, Any]:
    """List the words and pairs that stand within five words of a query's matches, by logDice."""
    text, given = request.text("q"), request.given_values("q", "outlet", "since", "until")
    query = phrases_of(text)
    value: dict[str, Any] = {
        "q": text,
        "filters": given,
        "match": describe_match(text),
        "names": outlet_names(db),
        "terms": [],
        "charts": {},
        "tables": {},
    }
    if query is None:
        return value

    def compute() -> tuple[int, NearTerms]:
        numbers = find_numbers(db, query, request)
        texts = read_texts(db, sample_evenly(numbers, SAMPLE), public=request.public)
        share = len(texts) / len(numbers) if numbers else 0.0
        return len(numbers), near_terms(db, texts, query, share, CACHE.index(db).state.articles)

    matching, found = RESULTS.get(db, ("collocates", *state_of(db, request)), compute)
    rows = [
        asdict(one) | {"href": page_link("/search", given | {"q": narrow(text, query, one.term)})}
        for one in found.terms
    ]
    number = number_formatter(request.language)
    ranks = tuple(
        Rank(one.term, one.log_dice, f"{one.term}: {number(one.occurrences)}", row["href"])
        for one, row in zip(found.terms[:_DRAWN], rows, strict=False)
    )
    return value | {
        "terms": rows,
        "found": matching,
        "matches": found.matches,
        "sampled": found.sampled,
        "compared_with": found.compared_with,
        "charts": {"terms": RankChart(f"{request.t('Collocates')}: {text}", ranks, "logDice")} if ranks else {},
        "tables": {"terms": Table(_COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])},
    }
