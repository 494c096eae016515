"""*Search*: the archive's own search, with facets and highlighted snippets."""

from __future__ import annotations

import re
import time
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from sqlite_utils import Database

from archive.browse.page_request import Asked, link
from archive.browse.plots import marked
from archive.browse.sql import excerpt, outlet_names
from archive.search.engine import search as find
from archive.search.model import Filters, Hit
from archive.search.query import fold, read_query

_EXAMINED = 200  # hits that are counted in the facets
_A_PAGE = 20


def search(db: Database, asked: Asked) -> dict[str, Any]:
    """What a query finds, a page at a time, and how the first hits spread over outlets, months and sections."""
    text = asked.text("q")
    page = asked.number("page", 1, _EXAMINED // _A_PAGE)
    found = find(db, text, _filters(asked), _EXAMINED, recent=bool(asked.text("recent")), clock=time.thread_time)
    hits = found.hits
    facts = _facts(db, hits)
    shown = list(hits[(page - 1) * _A_PAGE : page * _A_PAGE])
    if asked.public:
        # Whoever may not read a text must not read it snippet by snippet either.
        shown = [replace(hit, snippet=excerpt(facts[hit.id][1])) if facts[hit.id][1] else hit for hit in shown]
    given = asked.given("q", "outlet", "since", "until", "section", "kind", "recent")
    names = outlet_names(db)
    return {
        "q": text,
        "filters": given,
        "found": len(hits),
        "more_than": len(hits) == _EXAMINED,
        "back_to": found.back_to,
        "page": page,
        "hits": [_shown(hit, names, text) for hit in shown],
        "facets": {
            "outlet": _facet((hit.outlet for hit in hits), "outlet", given, names),
            "month": _months((hit.date for hit in hits), given),
            "section": _facet((facts[hit.id][0] for hit in hits), "section", given, {}),
        },
        "newer": link("/search", given | {"page": page - 1}) if page > 1 else None,
        "older": link("/search", given | {"page": page + 1}) if len(hits) > page * _A_PAGE else None,
        "names": names,
    }


def _filters(asked: Asked) -> Filters:
    return Filters(
        asked.text("outlet") or None,
        asked.day("since"),
        asked.day("until"),
        asked.text("section") or None,
        asked.text("kind") or None,
    )


def _shown(hit: Hit, names: dict[str, str], text: str) -> dict[str, Any]:
    return asdict(hit) | {
        "outlet_name": names.get(hit.outlet, hit.outlet),
        "marked": marked(hit.snippet, _places(hit.snippet, text)),
    }


def _places(snippet: str, text: str) -> list[tuple[int, int]]:
    """Where a snippet has the words of a query, marks or no marks."""
    query = read_query(text)
    words = {re.escape(fold(word)) for term in query.wanted for word in term.words} if query else set()
    if not words:
        return []
    ends = "" if query and any(term.is_prefix for term in query.wanted) else r"\b"
    pattern = rf"\b(?:{'|'.join(sorted(words))}){ends}"
    return [place.span() for place in re.finditer(pattern, fold(snippet), re.IGNORECASE)]


def _facts(db: Database, hits: Iterable[Hit]) -> dict[str, tuple[str, str]]:
    """The section of each hit, and how its text begins where that is all that strangers may read."""
    ids = [hit.id for hit in hits]
    marks = ",".join("?" * len(ids))
    rows = db.execute(
        "SELECT id, section, iif(noarchive, coalesce(nullif(standfirst, ''), substr(text, 1, 400)), '')"  # noqa: S608 - marks alone
        f" FROM articles WHERE id IN ({marks})",
        ids,
    )
    return {article: (section, start) for article, section, start in rows.fetchall()}


def _facet(values: Iterable[str], name: str, given: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    """How often each value occurs, and the search that is narrowed to it."""
    return [
        {"value": names.get(value, value), "count": count, "href": link("/search", given | {name: value})}
        for value, count in Counter(filter(None, values)).most_common(12)
    ]


def _months(days: Iterable[str], given: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "value": month,
            "count": count,
            "href": link("/search", given | {"since": f"{month}-01", "until": f"{month}-{_last(month)}"}),
        }
        for month, count in sorted(Counter(day[:7] for day in days).items(), reverse=True)[:12]
    ]


def _last(month: str) -> int:
    year, number = map(int, month.split("-"))
    return monthrange(year, number)[1]
