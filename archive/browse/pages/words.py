"""Build the pages *Typical words* and *Rising words*."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlite_utils import Database

from archive.browse.charts.model import Rank, RankChart
from archive.browse.count_cache import CACHE, RESULTS
from archive.browse.matching import describe_match
from archive.browse.page_request import NotFoundError, PageRequest, page_link
from archive.browse.sql import outlet_names
from archive.browse.tabular import Table
from archive.browse.translations import number_formatter
from archive.search.counting import list_articles, list_matches
from archive.search.day_outlet_index import Cell
from archive.search.query import Query, parse_query
from archive.statistics.periods import period_of
from archive.terms.background import count_state, counted_weeks
from archive.terms.keyness import KeyTerm
from archive.terms.typical import (
    MOST_MATCHES,
    SAMPLE,
    WEEKS_BEFORE,
    TypicalTerms,
    read_texts,
    rising_terms,
    sample_evenly,
    typical_terms,
)

_DRAWN = 20  # terms of a chart
_COLUMNS = ("term", "occurrences", "articles", "background", "ratio", "likelihood")


def words(db: Database, request: PageRequest) -> dict[str, Any]:
    """List the words and pairs that are typical of a query, an outlet or some days."""
    text, given = request.text("q"), request.given_values("q", "outlet", "since", "until")
    query = phrases_of(text)
    value: dict[str, Any] = {
        "q": text,
        "filters": given,
        "match": describe_match(text),
        "names": outlet_names(db),
        "sampled": 0,
        "terms": [],
        "charts": {},
        "tables": {},
    }
    if not given or (text and query is None):
        return value

    def compute() -> tuple[int, TypicalTerms]:
        numbers = find_numbers(db, query, request)
        texts = read_texts(db, sample_evenly(numbers, SAMPLE), public=request.public)
        return len(numbers), typical_terms(db, texts, query)

    matching, found = RESULTS.get(db, ("words", *state_of(db, request)), compute)
    rows = [_row(key, page_link("/search", given | {"q": narrow(text, query, key.term)})) for key in found.terms]
    title = f"{request.t('Typical words')}: {_subject(request, value['names'])}"
    return value | _view_of_terms(found, rows, title, request) | {"found": matching}


def rising(db: Database, request: PageRequest) -> dict[str, Any]:
    """List the words and pairs that a week has more often than the twelve weeks before."""
    weeks = counted_weeks(db)
    asked = request.day("week")
    week = date.fromisoformat(period_of(asked.isoformat(), "week")) if asked else next(iter(weeks), None)
    value: dict[str, Any] = {"week": None, "terms": [], "charts": {}, "tables": {}, "compared_with": 0}
    if week is None:
        return value
    if week not in weeks:
        raise NotFoundError(f"the words of the week of {week} are not counted; `khobao words --update` counts them")
    sunday = date.fromordinal(min(week.toordinal() + 6, date.max.toordinal()))
    days = {"since": week.isoformat(), "until": sunday.isoformat()}
    found = RESULTS.get(db, ("rising", week, count_state(db)), lambda: rising_terms(db, week))
    rows = [_row(key, page_link("/timeline", {"q": f'"{key.term}"'})) for key in found.terms]
    place = weeks.index(week)
    return (
        value
        | _view_of_terms(found, rows, f"{request.t('Rising words')}: {days['since']} – {days['until']}", request)
        | {
            "week": days["since"],
            "days": days,
            "weeks_before": WEEKS_BEFORE,
            "newer": page_link("/rising", {"week": weeks[place - 1]}) if place else None,
            "older": page_link("/rising", {"week": weeks[place + 1]}) if place + 1 < len(weeks) else None,
        }
    )


def phrases_of(text: str) -> Query | None:
    """Return a query as pages interpret it, words side by side as phrases; None for an empty one."""
    parsed = parse_query(text)
    return parsed.as_phrases() if parsed else None


def find_numbers(db: Database, query: Query | None, request: PageRequest) -> Sequence[int]:
    """Return the numbers of the articles that a page is about, latest first, at most `MOST_MATCHES`."""
    first, last = str(request.day("since") or ""), str(request.day("until") or "9999")
    outlet = request.text("outlet")

    def wanted(cell: Cell) -> bool:
        return first <= cell.day <= last and outlet in {"", cell.outlet}

    index = CACHE.index(db)
    if query is None:
        return list_articles(index, wanted, MOST_MATCHES)
    return list_matches(db, query.expression(), index, wanted, MOST_MATCHES)


def state_of(db: Database, request: PageRequest) -> tuple[Hashable, ...]:
    """Return the cache key of the words of a page: its parameters and the state of the archive."""
    given = request.given_values("q", "outlet", "since", "until")
    return (*sorted(given.items()), request.public, CACHE.index(db).state, count_state(db))


def narrow(text: str, query: Query | None, term: str) -> str:
    """Return the query narrowed to a term, or the term alone if the query contains OR or NOT."""
    return (
        f'{text} AND "{term}"' if query and len(query.clauses) == 1 and not query.clauses[0].excluded else f'"{term}"'
    )


def _subject(request: PageRequest, names: dict[str, str]) -> str:
    outlet = request.text("outlet")
    parts = (request.text("q"), names.get(outlet, outlet), request.text("since"), request.text("until"))
    return ", ".join(filter(None, parts))


def _row(key: KeyTerm, href: str) -> dict[str, Any]:
    return asdict(key) | {"is_pair": " " in key.term, "href": href}


def _view_of_terms(found: TypicalTerms, rows: list[dict[str, Any]], title: str, request: PageRequest) -> dict[str, Any]:
    number = number_formatter(request.language)
    ranks = tuple(
        Rank(key.term, key.likelihood, f"{key.term}: {number(key.occurrences)}", row["href"])
        for key, row in zip(found.terms[:_DRAWN], rows, strict=False)
    )
    return {
        "terms": rows,
        "sampled": found.sampled,
        "compared_with": found.compared_with,
        "charts": {"terms": RankChart(title, ranks, request.t("log-likelihood"))} if ranks else {},
        "tables": {"terms": Table(_COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])},
    }
