"""The page *Search*: the articles that match a query, with exact totals, facets and snippets."""

from __future__ import annotations

import time
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlite_utils import Database

from archive.browse.count_cache import CACHE
from archive.browse.matching import describe_match
from archive.browse.page_request import PageRequest, page_link
from archive.browse.pages.timeline import CellSums
from archive.browse.sql import excerpt, outlet_names
from archive.browse.tabular import Table
from archive.search.counting import CellCounts, list_matches
from archive.search.day_outlet_index import Cell
from archive.search.engine import read_hits
from archive.search.engine import search as find
from archive.search.model import Filters, SearchHit, SearchResult
from archive.search.query import Query, parse_query

MOST_HITS = 200  # hits that can be paged through, and in which sections are counted
_PAGE = 20
_FACET = 12  # values of a facet
_FILTERS = ("outlet", "since", "until", "section", "kind")


@dataclass(frozen=True, slots=True)
class SearchFacts:
    """The results of a search, for its page.

    Attributes:
        hits: The articles, best or newest first.
        names: The names of the outlets by outlet id.
        details: The section of each hit, and its excerpt if strangers may read no more.
        counts: All matches by day and outlet; None if only the hits are known.
        back_to: The month back to which texts were searched; None if all were.
        side_by_side: Words that are adjacent in the query are adjacent in the hits.
    """

    hits: Sequence[SearchHit]
    names: Mapping[str, str]
    details: Mapping[str, tuple[str, str]]
    counts: CellSums | None = None
    back_to: str | None = None
    side_by_side: bool = True


def search(db: Database, request: PageRequest) -> dict[str, Any]:
    """Return one page of the articles that match a query, and count all matches by outlet and month.

    Words that are adjacent in the query must be adjacent in the article. If there is no such article, articles that
    contain all words anywhere are shown, and the page says so.
    """
    text = request.text("q")
    query = parse_query(text)
    phrases = True
    counts = CACHE.count(db, query.as_phrases()) if query else None
    if query and counts and not counts.numbers and query.text() != query.as_phrases().text():
        phrases, counts = False, CACHE.count(db, query)
    recent = bool(request.text("recent"))
    found = find(db, text, wanted_filters(request), MOST_HITS, recent=recent, phrases=phrases, clock=time.thread_time)
    if found.back_to and query and counts and counts.complete and not _is_listed(wanted_filters(request)):
        found = _complete(db, found, query.as_phrases() if phrases else query, counts, request)
    facts = SearchFacts(found.hits, outlet_names(db), _details(db, found.hits), counts, found.back_to, phrases)
    return show_search(facts, request)


def _complete(
    db: Database, found: SearchResult, query: Query, counts: CellCounts, request: PageRequest
) -> SearchResult:
    """Add the newest of the counted matches that the search had no time to find, by date."""
    filters = wanted_filters(request)
    numbers = list_matches(db, query.expression(), counts.index, lambda cell: _matches(filters, cell), MOST_HITS)
    known = {hit.id for hit in found.hits}
    more = sorted((h for h in read_hits(db, numbers, query) if h.id not in known), key=lambda h: h.date, reverse=True)
    return SearchResult((*found.hits, *more)[:MOST_HITS])


def show_search(found: SearchFacts, request: PageRequest) -> dict[str, Any]:
    """Return one page of the articles found in an archive or a lake; see `search`."""
    text, filters, counts = request.text("q"), wanted_filters(request), found.counts
    page = request.number("page", 1, MOST_HITS // _PAGE)
    shown = list(found.hits[(page - 1) * _PAGE : page * _PAGE])
    if request.public:
        # A visitor who may not read a text must not read it in snippets either.
        withheld = {hit.id: found.details[hit.id][1] for hit in shown}
        shown = [replace(hit, snippet=excerpt(withheld[hit.id])) if withheld[hit.id] else hit for hit in shown]
    given = request.given_values("q", *_FILTERS, "recent")
    return {
        "q": text,
        "filters": given,
        "match": describe_match(text) | {"side_by_side": found.side_by_side},
        "found": _total(counts, filters, len(found.hits)),
        "more_than": _is_lower_bound(counts, filters, len(found.hits)) or bool(found.back_to and not counts),
        "back_to": found.back_to,
        "page": page,
        "hits": [_hit(hit, found.names) for hit in shown],
        "facets": {
            "outlet": _outlet_facet(counts, filters, given, found.names),
            "month": _month_facet(counts, filters, given),
            "section": _section_facet((found.details[hit.id][0] for hit in found.hits), given),
        },
        "sections_of": len(found.hits),
        "newer": page_link("/search", given | {"page": page - 1}) if page > 1 else None,
        "older": page_link("/search", given | {"page": page + 1}) if len(found.hits) > page * _PAGE else None,
        "names": found.names,
        "tables": {"hits": Table(("id", "date", "outlet", "title", "url"), [_row(hit) for hit in found.hits])},
    }


def _row(hit: SearchHit) -> tuple[str | None, ...]:
    return hit.id, hit.date, hit.outlet, hit.title, hit.url


def wanted_filters(request: PageRequest) -> Filters:
    """Return the filters of a request.

    Raises:
        PageError: A day is wrong.
    """
    return Filters(
        request.text("outlet") or None,
        request.day("since"),
        request.day("until"),
        request.text("section") or None,
        request.text("kind") or None,
    )


def _matches(filters: Filters, cell: Cell) -> bool:
    since, until = str(filters.since or ""), str(filters.until or "9999")
    return since <= cell.day <= until and filters.outlet in {None, cell.outlet}


def _is_listed(filters: Filters) -> bool:
    """Return whether a filter is not in the cached counts, so that the listed matches are counted."""
    return bool(filters.section or filters.kind)


def _total(counts: CellSums | None, filters: Filters, listed: int) -> int:
    if counts is None or _is_listed(filters):
        return listed
    return sum(counts.by(lambda cell: "all" if _matches(filters, cell) else None).values())


def _is_lower_bound(counts: CellSums | None, filters: Filters, listed: int) -> bool:
    if counts is None or _is_listed(filters):
        return listed == MOST_HITS
    return not counts.complete


def _outlet_facet(
    counts: CellSums | None, filters: Filters, given: dict[str, str], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    found = counts.by(lambda cell: cell.outlet if _matches(filters, cell) else None) if counts else Counter[str]()
    return [_facet(names.get(key, key), number, given | {"outlet": key}) for key, number in found.most_common(_FACET)]


def _month_facet(counts: CellSums | None, filters: Filters, given: dict[str, str]) -> list[dict[str, Any]]:
    found = counts.by(lambda cell: cell.day[:7] if _matches(filters, cell) else None) if counts else Counter[str]()
    newest = sorted(found.items(), reverse=True)[:_FACET]
    return [
        _facet(month, number, given | {"since": f"{month}-01", "until": f"{month}-{_last_day(month)}"})
        for month, number in newest
    ]


def _section_facet(sections: Iterable[str], given: dict[str, str]) -> list[dict[str, Any]]:
    found = Counter(filter(None, sections))
    return [_facet(section, number, given | {"section": section}) for section, number in found.most_common(_FACET)]


def _facet(value: str, count: int, query: dict[str, str]) -> dict[str, Any]:
    return {"value": value, "count": count, "href": page_link("/search", query)}


def _last_day(month: str) -> int:
    year, number = map(int, month.split("-"))
    return monthrange(year, number)[1]


def _hit(hit: SearchHit, names: Mapping[str, str]) -> dict[str, Any]:
    return asdict(hit) | {"outlet_name": names.get(hit.outlet, hit.outlet)}


def _details(db: Database, hits: Iterable[SearchHit]) -> dict[str, tuple[str, str]]:
    """Return the section of each hit, and its excerpt if strangers may read no more."""
    ids = [hit.id for hit in hits]
    marks = ",".join("?" * len(ids))
    rows = db.execute(
        "SELECT id, section, iif(noarchive, coalesce(nullif(standfirst, ''), substr(text, 1, 400)), '')"  # noqa: S608 - marks alone
        f" FROM articles WHERE id IN ({marks})",
        ids,
    )
    return {article: (section, start) for article, section, start in rows.fetchall()}
