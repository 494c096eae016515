"""*Timeline of a word*: mentions per day, up to four words beside each other."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlite_utils import Database

from archive.browse.page_request import Asked, PageError
from archive.browse.plots import lines
from archive.browse.sql import Query, outlet_names
from archive.search.query import read_query

_WORDS = 4
_DAYS, _MOST_DAYS = 90, 3660
_EXAMINED = 20_000  # mentions of all words, the last to arrive: an answer within a fifth of a second

_MENTIONS = """
SELECT a.date, a.outlet, count(*) AS mentions FROM (  -- the plus keeps SQLite from looking through the whole table

    SELECT rowid FROM articles_fts WHERE articles_fts MATCH :words
    AND rowid >= (SELECT coalesce(min(+number), 0) FROM articles WHERE date >= :since) ORDER BY rowid DESC LIMIT :most
) AS found JOIN articles AS a ON a.number = found.rowid
WHERE a.date BETWEEN :since AND :until AND (:outlet = '' OR a.outlet = :outlet) GROUP BY a.date, a.outlet"""


def timeline(db: Database, asked: Asked) -> dict[str, Any]:
    """How often words are mentioned per day and outlet, as articles that hold them."""
    words = asked.texts("q")[:_WORDS]
    newest = Query("SELECT max(date) AS date FROM articles").first(db)
    last = date.fromisoformat(newest["date"]) if newest and newest["date"] else date.today()  # noqa: DTZ011 - an empty archive
    until = asked.day("until") or last
    since = asked.day("since") or date.fromordinal(max(until.toordinal() - _DAYS + 1, 1))
    if since > until:
        raise PageError(f"since={since} is after until={until}")
    if (until - since).days >= _MOST_DAYS:
        raise PageError(f"from {since} to {until} are more than {_MOST_DAYS} days")
    days = [(since + timedelta(days=i)).isoformat() for i in range((until - since).days + 1)]
    facts = {"since": since.isoformat(), "until": until.isoformat(), "outlet": asked.text("outlet")}
    most = _EXAMINED // max(len(words), 1)
    queries = {
        word: Query(_MENTIONS, facts | {"words": query.expression(), "most": most})
        for word in words
        if (query := read_query(word))
    }
    found = {word: query.rows(db) for word, query in queries.items()}
    series = {word: _per_day(rows, days) for word, rows in found.items()}
    names = outlet_names(db)
    return {
        "words": words,
        "since": facts["since"],
        "until": facts["until"],
        "outlet": facts["outlet"],
        "outlets": names,
        "days": days,
        "series": series,
        "by_outlet": {word: _by_outlet(rows, names) for word, rows in found.items()},
        "cut": [word for word, rows in found.items() if sum(row["mentions"] for row in rows) >= most],
        "examined": most,
        "plot": lines(days, series, "articles per day that mention " + ", ".join(series)) if series else "",
        "queries": {word: query.shown() for word, query in queries.items()},
    }


def _per_day(rows: list[dict[str, Any]], days: list[str]) -> list[int]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["date"]] += row["mentions"]
    return [counts[day] for day in days]


def _by_outlet(rows: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["outlet"]] += row["mentions"]
    return [{"id": id_, "name": names.get(id_, id_), "mentions": count} for id_, count in counts.most_common()]
