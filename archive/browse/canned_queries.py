"""Define canned queries for Datasette's page of an archive, with examples from that archive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from archive.database.connection import Connection

_DAYS = 30  # that the examples with a range of days cover
_FACTS = """
SELECT (SELECT max(date) FROM articles), (SELECT outlet FROM tallies WHERE what = 'article' ORDER BY n DESC LIMIT 1)"""
NEWEST_ARTICLES = "select date, outlet, title, section, words, id from articles order by number desc limit 50"


def read_examples(db: Connection) -> dict[str, str]:
    """Return a value for each parameter of the canned queries that finds something in this archive, fast."""
    newest, outlet = db.execute(_FACTS).fetchone()
    until = date.fromisoformat(newest) if newest else date(2026, 1, 1)
    since = date.fromordinal(max(until.toordinal() - _DAYS, 1))
    return {"date": until.isoformat(), "since": since.isoformat(), "until": until.isoformat(), "outlet": outlet or "%"}


def filled_queries(examples: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the canned queries, each with an example as the query string of a link.

    Args:
        examples: The result of `read_examples`.
    """
    return {
        name: query | {"example": urlencode(_example(query["sql"], examples))} for name, query in CANNED_QUERIES.items()
    }


def _example(sql: str, examples: Mapping[str, str]) -> dict[str, str]:
    """Return the examples of a query's parameters; an outlet that is compared with LIKE may be any."""
    values = {name: examples[name] for name in re.findall(r":(\w+)", sql)}
    return values | {"outlet": "%"} if "LIKE :outlet" in sql else values


CANNED_QUERIES: dict[str, dict[str, Any]] = {
    "headlines_of_a_day": {
        "title": "Headlines of a day",
        "description": "What every outlet published on a day of its own calendar.",
        "sql": "SELECT outlet, published_at, section, title, url FROM articles WHERE date = :date"
        " ORDER BY outlet, published_at",
    },
    "first_to_report": {
        "title": "First to report",
        "description": "Which outlet published each story first.",
        "sql": "SELECT s.title AS story, a.outlet, a.published_at, a.title, a.url FROM stories AS s"
        " JOIN articles AS a ON a.story = s.id WHERE s.first_published_at >= :since AND a.published_at ="
        " (SELECT min(published_at) FROM articles WHERE story = s.id) ORDER BY s.first_published_at DESC LIMIT 500",
    },
    "silent_edits": {
        "title": "Silent edits",
        "description": "Edits that the outlet did not mark as corrections; outlet = % for all.",
        "sql": "SELECT r.seen_at, a.outlet, r.change, a.title, a.id, r.revision FROM revisions AS r"
        " JOIN articles AS a ON a.id = r.article WHERE r.revision > 1"
        " AND r.change IN ('headline', 'material') AND a.outlet LIKE :outlet"
        " ORDER BY r.seen_at DESC LIMIT 500",
    },
    "taken_down": {
        "title": "Taken down",
        "description": "Articles that their outlets deleted, with the archived text; outlet = % for all.",
        "sql": "SELECT a.gone_at, a.outlet, a.date, a.title, a.url, a.id FROM tombstones AS t"
        " JOIN articles AS a ON a.id = t.article WHERE t.confirmed_at IS NOT NULL AND t.back_at IS NULL"
        " AND a.gone_at IS NOT NULL AND a.outlet LIKE :outlet ORDER BY t.confirmed_at DESC LIMIT 500",
    },
    "unsure_readings": {
        "title": "Unsure readings",
        "description": "Articles that may have been read wrongly, and why; outlet = % for all. Declare an outlet that"
        " has many.",
        "sql": "SELECT a.outlet, a.confidence, d.value AS doubt, a.date, a.date_source, a.title, a.url, a.id"
        " FROM articles AS a, json_each(a.doubts) AS d WHERE a.confidence IN ('medium', 'low')"
        " AND a.outlet LIKE :outlet ORDER BY a.outlet, a.confidence, a.date DESC LIMIT 500",
    },
    "syndication_by_outlet": {
        "title": "Syndication by outlet",
        "description": "How many articles of each outlet are its own, copied from another outlet, or copied by others"
        " from it.",
        "sql": "SELECT a.outlet, count(*) AS articles, count(c.article) AS copied,"
        " sum(EXISTS (SELECT 1 FROM copies WHERE of = a.id)) AS copied_by_others,"
        " round(100.0 * count(c.article) / count(*), 1) AS percent_copied"
        " FROM articles AS a LEFT JOIN copies AS c ON c.article = a.id"
        " WHERE a.date BETWEEN :since AND :until GROUP BY a.outlet ORDER BY percent_copied DESC",
    },
    "words_per_day": {
        "title": "Words per day",
        "description": "How much an outlet published each day.",
        "sql": "SELECT date, count(*) AS articles, sum(words) AS words FROM articles WHERE outlet = :outlet"
        " AND date >= :since GROUP BY date ORDER BY date",
    },
    "missing_days": {
        "title": "Missing days",
        "description": "Days without any archived article of an outlet.",
        "sql": "WITH RECURSIVE days (day) AS (SELECT date(:since) UNION ALL SELECT date(day, '+1 day') FROM days"
        " WHERE day < :until LIMIT 5000) SELECT day FROM days WHERE day NOT IN"
        " (SELECT date FROM articles WHERE outlet = :outlet AND date BETWEEN :since AND :until)",
    },
}
