"""The page *Stories*: which outlets reported an event, when, and who copied whom."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from archive.browse.charts.model import Event, EventChart
from archive.browse.page_request import NotFoundError, PageRequest, page_link
from archive.browse.sql import SqlQuery
from archive.browse.tabular import Table

_LISTED = 40
_DRAWN = 24
_END = "9999"  # later than any instant

_STORIES = """
SELECT s.id, s.title, s.first_published_at, count(*) AS articles, count(DISTINCT a.outlet) AS outlets,
    count(c.article) AS copies, min(coalesce(a.published_at, a.date || 'T24')) AS first_at, a.outlet
FROM (SELECT * FROM stories WHERE first_published_at < :before ORDER BY first_published_at DESC LIMIT :most) AS s
JOIN articles AS a ON a.story = s.id LEFT JOIN copies AS c ON c.article = a.id
GROUP BY s.id ORDER BY s.first_published_at DESC"""
_STORY = "SELECT id, title, first_published_at FROM stories WHERE id = :id"
_REPORTS = """
SELECT a.id, a.outlet, o.name AS outlet_name, a.date, a.published_at, a.first_seen_at, a.title, a.words, a.revision,
    a.gone_at, c.of AS copy_of, c.likeness, f.outlet AS copy_outlet, p.name AS copy_outlet_name
FROM articles AS a JOIN outlets AS o ON o.id = a.outlet LEFT JOIN copies AS c ON c.article = a.id
LEFT JOIN articles AS f ON f.id = c.of LEFT JOIN outlets AS p ON p.id = f.outlet
WHERE a.story = :id ORDER BY coalesce(a.published_at, a.date || 'T24'), a.number LIMIT 200"""
_TABLE = ("id", "published_at", "outlet", "title", "copy_of", "likeness")


def stories(db: Database, request: PageRequest) -> dict[str, Any]:
    """List stories, newest first."""
    rows = SqlQuery(_STORIES, {"before": request.text("before") or _END, "most": _LISTED}).rows(db)
    more = rows[-1]["first_published_at"] if len(rows) == _LISTED else None
    return {"stories": rows, "older": page_link("/stories", {"before": more}) if more else None}


def story(db: Database, request: PageRequest) -> dict[str, Any]:
    """Show the articles of one story in order of publication."""
    number = request.part("id")
    is_number = number.isascii() and number.isdigit()
    found = SqlQuery(_STORY, {"id": int(number[:15]) if is_number else -1}).first(db)
    if found is None:
        raise NotFoundError(f"no story {number[:20]!r}")
    query = SqlQuery(_REPORTS, {"id": found["id"]})
    reports = query.rows(db)
    chart = _chart(reports, request)
    return found | {
        "reports": reports,
        "charts": {"reports": chart} if chart else {},
        "tables": {"reports": Table(_TABLE, [tuple(row[name] for name in _TABLE) for row in reports])},
        "query": query.as_dict(),
    }


def _chart(reports: list[dict[str, Any]], request: PageRequest) -> EventChart | None:
    """Chart the articles with a known time, oldest first; copies have another colour."""
    timed = [row for row in reports if row["published_at"]][:_DRAWN]
    if not timed:
        return None
    events = []
    for row in timed:
        at = request.times(row["published_at"], row["outlet"])
        copied = f" = {row['copy_outlet_name']}" if row["copy_of"] else ""
        label = f"{at} {row['outlet_name']}{copied}"
        events.append(Event(at, row["outlet_name"], label, f"/article/{row['id']}", is_copy=bool(row["copy_of"])))
    kinds = (request.t("own report"), request.t("copy"))
    return EventChart(request.t("who reported when"), tuple(events), kinds)
