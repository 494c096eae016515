"""Define canned queries for Datasette's page of an archive."""

from __future__ import annotations

from typing import Any

CANNED_QUERIES: dict[str, dict[str, Any]] = {
    "headlines_of_a_day": {
        "title": "Headlines of a day",
        "description": "What every outlet published on a day of its own calendar; try date = 2026-02-04.",
        "sql": "SELECT outlet, published_at, section, title, url FROM articles WHERE date = :date"
        " ORDER BY outlet, published_at",
    },
    "first_to_report": {
        "title": "First to report",
        "description": "Which outlet published each story first; try since = 2026-02-01.",
        "sql": "SELECT s.title AS story, a.outlet, a.published_at, a.title, a.url FROM stories AS s"
        " JOIN articles AS a ON a.story = s.id WHERE s.first_published_at >= :since AND a.published_at ="
        " (SELECT min(published_at) FROM articles WHERE story = s.id) ORDER BY s.first_published_at DESC LIMIT 500",
    },
    "silent_edits": {
        "title": "Silent edits",
        "description": "Edits that the outlet did not mark as corrections; try outlet = %, for all.",
        "sql": "SELECT r.seen_at, a.outlet, r.change, a.title, a.id, r.revision FROM revisions AS r"
        " JOIN articles AS a ON a.id = r.article WHERE r.change IN ('headline', 'material') AND a.outlet LIKE :outlet"
        " ORDER BY r.seen_at DESC LIMIT 500",
    },
    "taken_down": {
        "title": "Taken down",
        "description": "Articles that their outlets deleted, with the archived text; try outlet = %.",
        "sql": "SELECT gone_at, outlet, date, title, url, id FROM articles WHERE gone_at IS NOT NULL"
        " AND outlet LIKE :outlet ORDER BY gone_at DESC LIMIT 500",
    },
    "unsure_readings": {
        "title": "Unsure readings",
        "description": "Articles that may have been read wrongly, and why: declare the outlet if it has many;"
        " try outlet = %.",
        "sql": "SELECT outlet, confidence, value AS doubt, date, date_source, a.title, a.url, a.id FROM articles AS a,"
        " json_each(a.doubts) WHERE confidence IN ('medium', 'low') AND outlet LIKE :outlet"
        " ORDER BY outlet, confidence, date DESC LIMIT 500",
    },
    "syndication_by_outlet": {
        "title": "Syndication by outlet",
        "description": "How many articles of each outlet are its own, copied from another outlet, or copied by others"
        " from it; try since = 2026-01-01, until = 2026-12-31.",
        "sql": "SELECT a.outlet, count(*) AS articles, count(c.article) AS copied,"
        " sum(EXISTS (SELECT 1 FROM copies WHERE of = a.id)) AS copied_by_others,"
        " round(100.0 * count(c.article) / count(*), 1) AS percent_copied"
        " FROM articles AS a LEFT JOIN copies AS c ON c.article = a.id"
        " WHERE a.date BETWEEN :since AND :until GROUP BY a.outlet ORDER BY percent_copied DESC",
    },
    "words_per_day": {
        "title": "Words per day",
        "description": "How much an outlet published each day; try outlet = vntin, since = 2026-01-01.",
        "sql": "SELECT date, count(*) AS articles, sum(words) AS words FROM articles WHERE outlet = :outlet"
        " AND date >= :since GROUP BY date ORDER BY date",
    },
    "missing_days": {
        "title": "Missing days",
        "description": "Days without any archived article of an outlet; try outlet = vntin, since = 2026-01-01,"
        " until = 2026-02-28.",
        "sql": "WITH RECURSIVE days (day) AS (SELECT date(:since) UNION ALL SELECT date(day, '+1 day') FROM days"
        " WHERE day < :until LIMIT 5000) SELECT day FROM days WHERE day NOT IN"
        " (SELECT date FROM articles WHERE outlet = :outlet AND date BETWEEN :since AND :until)",
    },
}
