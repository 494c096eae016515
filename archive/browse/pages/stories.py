"""*Stories*: who reported an event, when, and copied from whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive.browse.local_time import Clock
from archive.browse.page_request import Asked, NotFound, link
from archive.browse.plots import moments
from archive.browse.sql import Query

_LISTED = 40
_DRAWN = 24

_LAST = "9999"  # later than any instant

_STORIES = """
SELECT s.id, s.title, s.first_published_at, count(*) AS articles, count(DISTINCT a.outlet) AS outlets,
    count(c.article) AS copies, min(coalesce(a.published_at, a.date || 'T24')), a.outlet
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


def stories(db: Database, asked: Asked) -> dict[str, Any]:
    """Stories, the newest first."""
    rows = Query(_STORIES, {"before": asked.text("before") or _LAST, "most": _LISTED}).rows(db)
    more = rows[-1]["first_published_at"] if len(rows) == _LISTED else None
    return {"stories": rows, "older": link("/stories", {"before": more}) if more else None}


def story(db: Database, asked: Asked) -> dict[str, Any]:
    """One story: its reports in the order of their publication, on a line of time."""
    number = asked.part("id")
    found = Query(_STORY, {"id": int(number[:15]) if number.isdigit() else -1}).first(db)
    if found is None:
        raise NotFound(f"no story {number[:20]!r}")
    query = Query(_REPORTS, {"id": found["id"]})
    reports = query.rows(db)
    return found | {"reports": reports, "plot": _plot(reports, asked.clock), "query": query.shown()}


def _plot(reports: list[dict[str, Any]], clock: Clock) -> str:
    """The reports whose instant is known, from the first to the last, copies in another colour."""
    timed = [(datetime.fromisoformat(row["published_at"]), row) for row in reports if row["published_at"]][:_DRAWN]
    if not timed:
        return ""
    first, last = timed[0][0], timed[-1][0]
    span = (last - first).total_seconds() or 1.0
    return moments(
        [
            (
                (moment - first).total_seconds() / span,
                f"{clock(row['published_at'], row['outlet'])} {row['outlet_name']}"
                + (f" = {row['copy_outlet_name']}" if row["copy_of"] else ""),
                "copy" if row["copy_of"] else "point",
            )
            for moment, row in timed
        ],
        "who reported when",
    )
