"""How an outlet's pages were read, day by day: figures that the articles and the requests hold already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from archive.database.values import instant
from archive.store.reader import Answers

SPAN = timedelta(days=35)  # what is looked back on
FIELDS = ("standfirst", "byline", "captions", "tags", "section", "published_at")
_THERE = [(name, f"{name} IS NOT NULL AND {name} NOT IN ('', '[]')") for name in FIELDS]
# Only what was read while it was news: a backfill reads pages of other days, which are printed otherwise.
_READ = f"""
WITH fresh AS (
    SELECT outlet, date, words, reader, {", ".join(FIELDS)}, count(*) OVER (PARTITION BY outlet, date) AS n,
        row_number() OVER (PARTITION BY outlet, date ORDER BY words) AS i
    FROM articles
    WHERE date >= :day AND reader <> '' AND julianday(first_seen_at) - julianday(date) BETWEEN -2 AND 3
)
SELECT outlet, date AS day, count(*) AS articles, sum(reader LIKE '% generic') AS generic,
    max(iif(i = (n + 1) / 2, words, 0)) AS words, {", ".join(f"sum({_there}) AS {_name}" for _name, _there in _THERE)}
FROM fresh GROUP BY outlet, date
"""  # noqa: S608 - our own names
_ASKED = """
SELECT d.outlet, substr(r.asked_at, 1, 10) AS day, count(DISTINCT r.url) AS asked,
    count(DISTINCT CASE r.outcome WHEN 'rejected' THEN r.url END) AS rejected
FROM requests AS r JOIN addresses AS d ON d.url = r.url
WHERE r.asked_at >= :now AND r.outcome IN ('archived', 'rejected') GROUP BY d.outlet, day
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """How one outlet's pages of one day were read.

    Attributes:
        day: The day.
        articles: How many were read.
        filled: In how many of them each of `FIELDS` was found.
        generic: How many the generic reader read, for no rule of the outlet's found their text.
        words: The median of their words.
        asked: How many pages were asked for that became an article or were rejected.
        rejected: How many of them were rejected.
    """

    day: date
    articles: int = 0
    filled: Mapping[str, int] | None = None
    generic: int = 0
    words: int = 0
    asked: int = 0
    rejected: int = 0


def figures(archive: Answers, now: datetime) -> dict[str, list[Figures]]:
    """The figures of every outlet for each of the days of `SPAN` that has any, oldest first, by its id."""
    since = now - SPAN
    values = {"day": since.date().isoformat(), "now": instant(since)}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in archive.all_rows(_READ, values):
        found.setdefault((row["outlet"], row["day"]), {}).update(row)
    for row in archive.all_rows(_ASKED, values):
        found.setdefault((row["outlet"], row["day"]), {}).update(row)
    outlets: dict[str, list[Figures]] = {}
    for (outlet, _), row in sorted(found.items()):
        outlets.setdefault(outlet, []).append(_figures(row))
    return outlets


def _figures(row: Mapping[str, Any]) -> Figures:
    filled = {name: row.get(name, 0) for name in FIELDS}
    counts = {name: row.get(name, 0) for name in ("articles", "generic", "words", "asked", "rejected")}
    return Figures(date.fromisoformat(row["day"]), filled=filled, **counts)
