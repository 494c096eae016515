"""The page *Outlets*: the health of each outlet, and how many articles of each day are archived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlite_utils import Database

from archive.browse.charts.model import unique_names
from archive.browse.page_request import NotFoundError, PageRequest
from archive.browse.pages.completeness import completeness, last_days, missing_days
from archive.browse.pages.coverage_map import coverage_map, rows_of_page
from archive.browse.sql import SqlQuery
from archive.browse.tabular import Table
from archive.database.values import format_instant
from archive.statistics.healings import last_healings
from archive.statistics.outlet_activity import OutletActivity, outlet_activities
from archive.statistics.rows import RunQuery

NEWEST = 50
_DAYS = """
SELECT outlet, date, count(*) AS articles FROM articles
WHERE date BETWEEN :since AND :until GROUP BY outlet, date"""
_DAYS_OF_ONE = _DAYS.replace(" GROUP", " AND outlet = :outlet GROUP")
_OUTLETS = """
SELECT id, name, (SELECT max(date) FROM articles WHERE outlet = o.id) AS newest,
    (SELECT coalesce(sum(n), 0) FROM tallies WHERE outlet = o.id AND what = 'due') AS due
FROM outlets AS o ORDER BY id"""
_SOURCES = """
SELECT url, kind, status, reason, detail, polls, new, polled_at, news_at, interval, next_due_at FROM sources
WHERE outlet = :outlet ORDER BY url"""
_LAST = """
SELECT id, title, date, published_at, first_seen_at FROM articles
WHERE outlet = :outlet ORDER BY date DESC, number DESC LIMIT :most"""


def outlets(db: Database, request: PageRequest) -> dict[str, Any]:
    """List every outlet with its health and cadence, and a map of days."""
    activities = {activity.outlet: activity for activity in outlet_activities(_runner(db), datetime.now(UTC))}
    healings = last_healings(_runner(db))
    rows = [
        _status(row, activities[row["id"]]) | {"healing": str(healings.get(row["id"], ""))}
        for row in SqlQuery(_OUTLETS).rows(db)
    ]
    query, days = _days_query(db, "")
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in query.rows(db):
        counts[row["outlet"]][row["date"]] = row["articles"]
    for row in rows:
        row["articles"] = sum(counts[row["id"]].values())
    drawn, pages = rows_of_page(rows, request)
    labels = unique_names({row["id"]: row["name"] for row in rows})
    shown = {labels[row["id"]]: counts[row["id"]] for row in drawn if row["newest"]}
    audited = {} if request.public else completeness(db, labels, request, drawn={row["id"] for row in drawn})
    charts = {"coverage": coverage_map(days, shown, request)} if shown else {}
    tables = {"coverage": day_table(counts)}
    return {
        "outlets": [_public(row) if request.public else row for row in rows],
        "days": days,
        "coverage": counts,
        "query": query.as_dict(),
        "audited": {"shares": audited.get("shares", {}), "query": audited.get("query")},
        **pages,
        "charts": charts | ({"complete": audited["chart"]} if audited.get("chart") else {}),
        "tables": tables | ({"complete": audited["table"]} if audited.get("table") else {}),
    }


def _runner(db: Database) -> RunQuery:
    return lambda sql, values=None: SqlQuery(sql, values or {}).rows(db)


def day_table(counts: Mapping[str, Mapping[str, int]]) -> Table:
    """Return the table of the articles of each outlet and day."""
    rows = [(outlet, day, number) for outlet, days in sorted(counts.items()) for day, number in sorted(days.items())]
    return Table(("outlet", "date", "articles"), rows)


def _status(row: dict[str, Any], activity: OutletActivity) -> dict[str, Any]:
    """Return the health of an outlet: its sources, and how many articles arrive."""
    return row | {
        "today": activity.today,
        "expected": activity.expected and round(activity.expected, 1),
        "per_day": round(activity.per_day, 1),
        "sources": activity.sources,
        "failing": activity.failing,
        "reasons": dict(activity.reasons),
        "overruns": activity.overruns,
        "last_polled_at": format_instant(activity.polled_at),
    }


def _public(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "name", "articles", "newest", "today", "per_day")}


def outlet(db: Database, request: PageRequest) -> dict[str, Any]:
    """Show one outlet: its newest articles, sources and days."""
    name = request.part("id")
    row = SqlQuery("SELECT id, name, home, language, timezone FROM outlets WHERE id = :id", {"id": name}).first(db)
    if row is None:
        raise NotFoundError(f"no outlet {name[:60]!r} in this archive")
    query, days = _days_query(db, name)
    counts = {found["date"]: found["articles"] for found in query.rows(db)}
    audited = {} if request.public else completeness(db, {name: row["name"]}, request, name)
    charts = {"coverage": coverage_map(days, {row["name"]: counts}, request)} if counts else {}
    tables = {"coverage": day_table({name: counts})}
    return row | {
        "articles": SqlQuery(_LAST, {"outlet": name, "most": NEWEST}).rows(db),
        "sources": [] if request.public else SqlQuery(_SOURCES, {"outlet": name}).rows(db),
        "coverage": counts,
        "query": query.as_dict(),
        "audited": {"shares": audited.get("shares", {}), "query": audited.get("query")},
        "missing": [] if request.public else missing_days(db, name),
        "charts": charts | ({"complete": audited["chart"]} if audited.get("chart") else {}),
        "tables": tables | ({"complete": audited["table"]} if audited.get("table") else {}),
    }


def _days_query(db: Database, outlet: str) -> tuple[SqlQuery, list[str]]:
    """Return the query for the last weeks up to the newest day of the archive, and their days."""
    newest = SqlQuery("SELECT max(date) AS date FROM articles").first(db)
    until = date.fromisoformat(newest["date"]) if newest and newest["date"] else date(1970, 12, 31)
    days = last_days(until)
    values = {"since": days[0], "until": days[-1], "outlet": outlet}
    return SqlQuery(_DAYS_OF_ONE if outlet else _DAYS, values), days
