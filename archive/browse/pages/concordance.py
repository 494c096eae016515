"""The page *Concordance*: every place where a query matches, with the words around it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from sqlite_utils import Database

from archive.browse.charts.model import KeywordChart, KeywordLine
from archive.browse.count_cache import CACHE
from archive.browse.matching import describe_match
from archive.browse.page_request import PageRequest, page_link
from archive.browse.sql import outlet_names
from archive.browse.tabular import Table
from archive.search.concordance import SORTS, ConcordanceLine, Text, concordance_lines, sort_lines
from archive.search.counting import list_matches
from archive.search.day_outlet_index import Cell
from archive.search.query import parse_query

_ARTICLES = 200  # newest matching articles, whose texts are read
_MOST_LINES = 1000
_PAGE = 100
_FIELDS = attrgetter("article", "day", "outlet", "title", "paragraph", "left", "match", "right")
_TEXTS = """
SELECT number, id, date, outlet, title, text FROM articles
WHERE number IN (SELECT value FROM json_each(:numbers)) AND NOT (noarchive AND :public)"""


def concordance(db: Database, request: PageRequest) -> dict[str, Any]:
    """List where a query matches in the newest articles, sorted by date or by the words left or right."""
    text, sort = request.text("q"), request.choice("sort", SORTS, "date")
    page = request.number("page", 1, _MOST_LINES // _PAGE)
    since, until = request.day("since"), request.day("until")
    outlet = request.text("outlet")
    first, last = str(since or ""), str(until or "9999")

    def wanted(cell: Cell) -> bool:
        return first <= cell.day <= last and outlet in {"", cell.outlet}

    parsed = parse_query(text)
    query = parsed.as_phrases() if parsed else None
    lines: list[ConcordanceLine] = []
    articles = total = 0
    if query:
        numbers = list_matches(db, query.expression(), CACHE.index(db), wanted, _ARTICLES)
        texts = _texts(db, numbers, public=request.public)
        articles = len(texts)
        lines = sort_lines(concordance_lines(texts, query, _MOST_LINES), sort)
        total = sum(CACHE.count(db, query).by(lambda cell: "all" if wanted(cell) else None).values())
    names = outlet_names(db)
    given = request.given_values("q", "outlet", "since", "until", "sort")
    shown = lines[(page - 1) * _PAGE : page * _PAGE]
    return {
        "q": text,
        "filters": given,
        "match": describe_match(text),
        "sort": sort,
        "sorts": {name: page_link("/concordance", given | {"sort": name}) for name in SORTS},
        "lines": [asdict(line) | {"href": _place(line, text)} for line in shown],
        "found": len(lines),
        "articles": articles,
        "total": total,
        "page": page,
        "newer": page_link("/concordance", given | {"page": page - 1}) if page > 1 else None,
        "older": page_link("/concordance", given | {"page": page + 1}) if len(lines) > page * _PAGE else None,
        "names": names,
        "tables": {"lines": _table(lines)},
        "pictures": {"lines": _picture(shown, f"{request.t('Concordance')}: {text}", names)} if shown else {},
    }


def _place(line: ConcordanceLine, text: str) -> str:
    """Return the address of the paragraph that a line comes from."""
    return page_link(f"/article/{line.article}", {"q": text}) + (f"#p{line.paragraph}" if line.paragraph else "")


def _texts(db: Database, numbers: Sequence[int], *, public: bool) -> list[Text]:
    rows = db.execute(_TEXTS, {"numbers": json.dumps(numbers), "public": public}).fetchall()
    newest = sorted(rows, key=lambda row: (row[2], row[0]), reverse=True)
    return [Text(*row[1:]) for row in newest]


def _picture(lines: Sequence[ConcordanceLine], title: str, names: Mapping[str, str]) -> KeywordChart:
    drawn = [
        KeywordLine(line.left, line.match, line.right, f"{line.day} {names.get(line.outlet, line.outlet)}")
        for line in lines
    ]
    return KeywordChart(title, tuple(drawn))


def _table(lines: Sequence[ConcordanceLine]) -> Table:
    columns = ("article", "date", "outlet", "title", "paragraph", "left", "match", "right")
    return Table(columns, [_FIELDS(line) for line in lines])
