"""Show how complete the archive is, as the last `khobao audit` found: a map of days, and gaps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlite_utils import Database

from archive.browse.charts.model import HeatMap, Square
from archive.browse.page_request import PageRequest
from archive.browse.sql import SqlQuery
from archive.browse.tabular import Table

_DAYS = 56
_MOST_MISSING = 100  # days with missing articles that are listed
_LEVELS = ("0 %", "< 50 %", "50–90 %", "90–99 %", "≥ 99 %")
_BOUNDS = (0.0001, 0.5, 0.9, 0.99)
_LAST = "SELECT max(day) AS day FROM coverage WHERE :outlet IN ('', outlet)"
_AUDITED = """
SELECT outlet, day, announced, archived, rejected, missing, unseen, reasons, audited_at FROM coverage
WHERE :outlet IN ('', outlet) AND day BETWEEN :since AND :until ORDER BY outlet, day"""
_MISSING = """
SELECT day, announced, archived, missing, unseen, reasons, audited_at FROM coverage
WHERE outlet = :outlet AND missing + unseen > 0 ORDER BY day DESC LIMIT :most"""


def completeness(
    db: Database,
    names: Mapping[str, str],
    request: PageRequest,
    outlet: str = "",
    drawn: Collection[str] | None = None,
) -> dict[str, Any]:
    """Return the archived share of each outlet in the last audited weeks, with a map of days.

    Args:
        db: The archive.
        names: The names of the outlets, by outlet id.
        request: The request, for its language.
        outlet: The outlet to show; empty for all.
        drawn: Ids of the outlets on the map; None for all that are shown.

    Returns:
        `shares` by outlet, `chart` and `table`, both None if nothing was audited; if something was, also the `query`.
    """
    last = SqlQuery(_LAST, {"outlet": outlet}).first(db)
    if not last or not last["day"]:
        return {"shares": {}, "chart": None, "table": None}
    days = last_days(date.fromisoformat(last["day"]))
    query = SqlQuery(_AUDITED, {"outlet": outlet, "since": days[0], "until": days[-1]})
    by_outlet: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in query.rows(db):
        by_outlet[row["outlet"]].append(row)
    mapped = {name: rows for name, rows in by_outlet.items() if drawn is None or name in drawn}
    squares = [
        _square(names.get(name, name), day, found.get(day), request)
        for name, rows in mapped.items()
        for found in ({row["day"]: row for row in rows},)
        for day in days
    ]
    chart = HeatMap(
        request.t("archived share of each day"),
        tuple(names.get(name, name) for name in mapped),
        tuple(days),
        tuple(squares),
        _LEVELS,
        request.t("archived share of what the outlet published"),
        request.t("not audited"),
    )
    columns = ("outlet", "day", "announced", "archived", "rejected", "missing", "unseen", "audited_at")
    table = Table(columns, [tuple(row[name] for name in columns) for rows in by_outlet.values() for row in rows])
    shares = {name: _share(rows) for name, rows in by_outlet.items()}
    return {"shares": shares, "chart": chart if mapped else None, "table": table, "query": query.as_dict()}


def last_days(until: date) -> list[str]:
    """Return the days of the eight weeks that end with a day, oldest first."""
    return [(until - timedelta(days=n)).isoformat() for n in reversed(range(_DAYS))]


def missing_days(db: Database, outlet: str) -> list[dict[str, Any]]:
    """Return the days of an outlet with missing articles, newest first, and why they are missing."""
    rows = SqlQuery(_MISSING, {"outlet": outlet, "most": _MOST_MISSING}).rows(db)
    return [row | {"reasons": json.loads(row["reasons"])} for row in rows]


def _share(rows: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the archived share of the published articles; None if none was published."""
    archived = sum(row["archived"] for row in rows)
    published = archived + sum(row["missing"] + row["unseen"] for row in rows)
    return archived / published if published else None


def _square(name: str, day: str, row: Mapping[str, Any] | None, request: PageRequest) -> Square:
    share = _share([row]) if row else None
    if row is None or share is None:
        return Square(
            name, day, None, f"{name}, {day}: {request.t('not audited' if row is None else 'nothing published')}"
        )
    published = row["archived"] + row["missing"] + row["unseen"]
    label = f"{name}, {day}: {row['archived']} / {published} ({row['audited_at'][:10]})"
    return Square(name, day, sum(share >= bound for bound in _BOUNDS), label)
