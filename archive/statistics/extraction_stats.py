"""Count how well the pages of each outlet were read, day by day, from articles and requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from archive.database.values import format_instant
from archive.statistics.rows import RunQuery

LOOKBACK = timedelta(days=35)
FIELDS = ("standfirst", "byline", "captions", "tags", "section", "published_at")
_FILLED = [(name, f"{name} IS NOT NULL AND {name} NOT IN ('', '[]')") for name in FIELDS]
# Only articles that were read as news: a backfill reads old pages, which have another layout.
_READ = f"""
WITH fresh AS (
    SELECT outlet, date, words, rules, {", ".join(FIELDS)}, count(*) OVER (PARTITION BY outlet, date) AS n,
        row_number() OVER (PARTITION BY outlet, date ORDER BY words) AS i
    FROM articles
    WHERE date >= :day AND reader <> '' AND julianday(first_seen_at) - julianday(date) BETWEEN -2 AND 3
)
SELECT outlet, date AS day, count(*) AS articles, sum(rules = 'generic') AS generic,
    max(iif(i = (n + 1) / 2, words, 0)) AS words, {", ".join(f"sum({_has}) AS {_n}" for _n, _has in _FILLED)}
FROM fresh GROUP BY outlet, date
"""  # noqa: S608 - our own names
_ASKED = """
SELECT d.outlet, substr(r.asked_at, 1, 10) AS day, count(DISTINCT r.url) AS asked,
    count(DISTINCT CASE r.outcome WHEN 'rejected' THEN r.url END) AS rejected
FROM requests AS r JOIN addresses AS d ON d.url = r.url
WHERE r.asked_at >= :now AND r.outcome IN ('archived', 'rejected') GROUP BY d.outlet, day
"""


@dataclass(frozen=True, slots=True)
class ExtractionStats:
    """The quality with which the pages of one outlet were read on one day.

    Attributes:
        day: The day.
        articles: Number of articles that were read.
        filled: Number of them in which each of `FIELDS` was found.
        generic: Number of articles that the generic reader read because no rule of the outlet matched.
        words: The median number of words.
        asked: Number of pages that became an article or were rejected.
        rejected: Number of pages that were rejected.
    """

    day: date
    articles: int = 0
    filled: Mapping[str, int] | None = None
    generic: int = 0
    words: int = 0
    asked: int = 0
    rejected: int = 0


def extraction_stats(run: RunQuery, now: datetime) -> dict[str, list[ExtractionStats]]:
    """Return the daily statistics of each outlet within `LOOKBACK`, by outlet id, oldest first.

    Args:
        run: Runs a query on the archive.
        now: The current time, UTC.
    """
    since = now - LOOKBACK
    values = {"day": since.date().isoformat(), "now": format_instant(since)}
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for sql in (_READ, _ASKED):
        for row in run(sql, values):
            merged.setdefault((row["outlet"], row["day"]), {}).update(row)
    outlets: dict[str, list[ExtractionStats]] = {}
    for (outlet, _), row in sorted(merged.items()):
        outlets.setdefault(outlet, []).append(_stats(row))
    return outlets


def _stats(row: Mapping[str, Any]) -> ExtractionStats:
    filled = {name: row.get(name, 0) for name in FIELDS}
    counts = {name: row.get(name, 0) for name in ("articles", "generic", "words", "asked", "rejected")}
    return ExtractionStats(date.fromisoformat(row["day"]), filled=filled, **counts)
