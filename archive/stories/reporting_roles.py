"""Count for each outlet how often it was first with a story, copied a text, or was copied."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

# Of each story, the first article; if only its day is known, it counts as published at the end of that day.
_ROLES = """
WITH hits AS (
    SELECT id, outlet, story FROM articles WHERE number IN (SELECT value FROM json_each(:numbers))
), told AS (
    SELECT a.story, a.outlet,
        row_number() OVER (PARTITION BY a.story ORDER BY coalesce(a.published_at, a.date || 'T24'), a.number) AS place
    FROM articles AS a WHERE a.story IN (SELECT story FROM hits WHERE story IS NOT NULL)
), first AS (SELECT story, outlet FROM told WHERE place = 1)
SELECT h.outlet, count(DISTINCT h.story) AS stories,
    count(DISTINCT CASE WHEN f.outlet = h.outlet THEN h.story END) AS first,
    sum(EXISTS (SELECT 1 FROM copies WHERE article = h.id)) AS copied,
    sum(EXISTS (SELECT 1 FROM copies WHERE of = h.id)) AS was_copied
FROM hits AS h LEFT JOIN first AS f ON f.story = h.story GROUP BY h.outlet"""


@dataclass(frozen=True, slots=True)
class ReportingRoles:
    """Counts of an outlet's roles in some articles: in a story, first, copied, was copied.

    Attributes:
        stories: Stories that its articles belong to; an article that no other outlet reports is in no story.
        first: Stories that it reported first.
        copied: Articles whose text another outlet published before.
        was_copied: Articles whose text another outlet copied.
    """

    stories: int = 0
    first: int = 0
    copied: int = 0
    was_copied: int = 0


def reporting_roles(db: Database, numbers: Iterable[int]) -> dict[str, ReportingRoles]:
    """Count the roles of each outlet in some articles.

    Args:
        db: The archive.
        numbers: The numbers of the articles.
    """
    rows = db.execute(_ROLES, {"numbers": json.dumps(list(numbers))}).fetchall()
    return {outlet: ReportingRoles(*counts) for outlet, *counts in rows}
