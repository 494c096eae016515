"""*Outlets*: how each fares, and how many articles of each day are here."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.browse.page_request import Asked, NotFound
from archive.browse.pages.completeness import audited, last_days, missing
from archive.browse.plots import heat
from archive.browse.sql import Query
from archive.database.values import instant
from archive.statistics.outlet_activity import Pulse, pulses
from archive.store.reader import Answers

_NEWEST = 50

_DAYS = """
SELECT outlet, date, count(*) AS articles FROM articles
WHERE date BETWEEN :since AND :until GROUP BY outlet, date"""
_DAYS_OF_ONE = _DAYS.replace(" GROUP", " AND outlet = :outlet GROUP")
_TOTALS = """
SELECT id, name, (SELECT max(date) FROM articles WHERE outlet = o.id) AS newest,
    (SELECT coalesce(sum(n), 0) FROM tallies WHERE outlet = o.id AND what = 'due') AS due
FROM outlets AS o ORDER BY id"""
_SOURCES = """
SELECT url, kind, status, reason, detail, polls, new, polled_at, news_at, interval, next_due_at FROM sources
WHERE outlet = :outlet ORDER BY url"""
_LAST = """
SELECT id, title, date, published_at, first_seen_at FROM articles
WHERE outlet = :outlet ORDER BY date DESC, number DESC LIMIT :most"""


def outlets(db: Database, asked: Asked) -> dict[str, Any]:
    """Every outlet: health, cadence, and a heat map of its days."""
    known = {pulse.outlet: pulse for pulse in pulses(Answers(Path(), db), datetime.now(UTC))}
    told = [_told(row, known[row["id"]]) for row in Query(_TOTALS).rows(db)]
    query, days = _coverage(db, "")
    rows: dict[str, dict[str, int]] = defaultdict(dict)
    for row in query.rows(db):
        rows[row["outlet"]][row["date"]] = row["articles"]
    for row in told:
        row["articles"] = sum(rows[row["id"]].values())
    shown = {row["name"]: rows[row["id"]] for row in told if row["newest"]}
    return {
        "outlets": [_public(status) if asked.public else status for status in told],
        "days": days,
        "coverage": rows,
        "plot": heat(days, shown, "articles of each day") if shown else "",
        "query": query.shown(),
        "audited": {} if asked.public else audited(db, {row["id"]: row["name"] for row in told}),
    }


def _told(row: dict[str, Any], pulse: Pulse) -> dict[str, Any]:
    """How an outlet fares: its sources, and how many articles come."""
    return row | {
        "today": pulse.today,
        "expected": pulse.expected and round(pulse.expected, 1),
        "per_day": round(pulse.per_day, 1),
        "sources": pulse.sources,
        "failing": pulse.failing,
        "reasons": dict(pulse.reasons),
        "overruns": pulse.overruns,
        "last_polled_at": instant(pulse.polled_at),
    }


def _public(status: dict[str, Any]) -> dict[str, Any]:
    return {name: status[name] for name in ("id", "name", "articles", "newest", "today", "per_day")}


def outlet(db: Database, asked: Asked) -> dict[str, Any]:
    """One outlet: its newest articles, its sources, its days."""
    name = asked.part("id")
    row = Query("SELECT id, name, home, language, timezone FROM outlets WHERE id = :id", {"id": name}).first(db)
    if row is None:
        raise NotFound(f"no outlet {name[:60]!r} in this archive")
    query, days = _coverage(db, name)
    counts = {found["date"]: found["articles"] for found in query.rows(db)}
    return row | {
        "articles": Query(_LAST, {"outlet": name, "most": _NEWEST}).rows(db),
        "sources": [] if asked.public else Query(_SOURCES, {"outlet": name}).rows(db),
        "coverage": counts,
        "plot": heat(days, {name: counts}, "articles of each day") if counts else "",
        "query": query.shown(),
        "audited": {} if asked.public else audited(db, {name: row["name"]}, name),
        "missing": [] if asked.public else missing(db, name),
    }


def _coverage(db: Database, outlet: str) -> tuple[Query, list[str]]:
    """The query for the last weeks up to the newest day, and their days."""
    newest = Query("SELECT max(date) AS date FROM articles").first(db)
    until = date.fromisoformat(newest["date"]) if newest and newest["date"] else date(1970, 12, 31)
    days = last_days(until)
    return Query(_DAYS_OF_ONE if outlet else _DAYS, {"since": days[0], "until": days[-1], "outlet": outlet}), days
