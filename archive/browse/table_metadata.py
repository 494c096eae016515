"""Datasette's own pages on an archive: what tables and columns mean, how they are sorted, and questions to ask."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from datasette.filters import FilterArguments
from markupsafe import Markup
from sqlite_utils import Database

from archive.database.schema import APPLICATION_ID
from archive.search.engine import ranked
from archive.search.model import Filters
from archive.search.query import read_query

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_TABLE = re.compile(r"((?:^-- [^\n]*\n)+)CREATE (?:TABLE|VIEW) (\w+)(.*?)^(?:\)|    FROM)", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^    (\w+) [A-Z].*?-- (.+)$", re.MULTILINE)

SEARCHED = ("articles", "headlines")  # tables whose search box is ours
_FOUND = 1000  # articles that a search box finds at the most
HIDDEN = (
    *("hosts", "_sqlite_migrations", "sketches", "unindexed", "lines_learned", "tallies"),
    *("articles_folded", "headlines_folded", "headlines_fts"),
)
_ID = re.compile("[0-9a-f]{16}")
_IDS = frozenset({"article", "of", "example", "copy"})  # columns that hold the ids of articles
_WITH_IDS = frozenset({"articles", "headlines", None})  # tables whose own id is an article's; None for a query
_SHOWN: dict[str, dict[str, Any]] = {
    "articles": {"sort_desc": "date", "facets": ["outlet", "kind"], "label_column": "title", "size": 50},
    "outlets": {"sort": "id", "label_column": "name"},
    "stories": {"sort_desc": "first_published_at", "label_column": "title"},
    "headlines": {"sort_desc": "date", "facets": ["outlet", "kind"]},
    "copies": {"sort_desc": "article"},
    "revisions": {"sort_desc": "seen_at", "facets": ["change"]},
    "versions": {"sort_desc": "seen_at"},
    "tombstones": {"sort_desc": "missed_at", "facets": ["reason"]},
    "captures": {"sort_desc": "id"},
    "lines": {"sort_desc": "articles", "facets": ["outlet"]},
    "sources": {"facets": ["outlet", "kind", "reason"]},
    "addresses": {"sort_desc": "discovered_at", "facets": ["outlet", "state", "reason"]},
    "runs": {"sort_desc": "id"},
    "requests": {"sort_desc": "id", "facets": ["outcome"]},
}

QUERIES: dict[str, dict[str, Any]] = {
    "headlines_of_a_day": {
        "title": "Headlines of a day",
        "description": "What every outlet published on a day of its own calendar; try date = 2026-02-04.",
        "sql": "SELECT outlet, published_at, section, title, url FROM articles WHERE date = :date"
        " ORDER BY outlet, published_at",
    },
    "first_to_report": {
        "title": "First to report",
        "description": "Which outlet brought each story first; try since = 2026-02-01.",
        "sql": "SELECT s.title AS story, a.outlet, a.published_at, a.title, a.url FROM stories AS s"
        " JOIN articles AS a ON a.story = s.id WHERE s.first_published_at >= :since AND a.published_at ="
        " (SELECT min(published_at) FROM articles WHERE story = s.id) ORDER BY s.first_published_at DESC LIMIT 500",
    },
    "silent_edits": {
        "title": "Silent edits",
        "description": "Edits of headline or substance that no correction owns up to; try outlet = %, for all.",
        "sql": "SELECT r.seen_at, a.outlet, r.change, a.title, a.id, r.revision FROM revisions AS r"
        " JOIN articles AS a ON a.id = r.article WHERE r.change IN ('headline', 'material') AND a.outlet LIKE :outlet"
        " ORDER BY r.seen_at DESC LIMIT 500",
    },
    "taken_down": {
        "title": "Taken down",
        "description": "Articles that their outlets took down, with the text that stays; try outlet = %.",
        "sql": "SELECT gone_at, outlet, date, title, url, id FROM articles WHERE gone_at IS NOT NULL"
        " AND outlet LIKE :outlet ORDER BY gone_at DESC LIMIT 500",
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
        "description": "Days between two on which nothing of an outlet is here; try outlet = vntin, since = 2026-01-01,"
        " until = 2026-02-28.",
        "sql": "WITH RECURSIVE days (day) AS (SELECT date(:since) UNION ALL SELECT date(day, '+1 day') FROM days"
        " WHERE day < :until LIMIT 5000) SELECT day FROM days WHERE day NOT IN"
        " (SELECT date FROM articles WHERE outlet = :outlet AND date BETWEEN :since AND :until)",
    },
}


def metadata(datasette: Datasette) -> dict[str, Any]:
    """Metadata, in Datasette's form, of every database that is an archive."""
    tables = table_metadata()
    return {
        "databases": {
            name: {"tables": tables} for name, database in datasette.databases.items() if has_archive(datasette, name)
        }
    }


async def found(datasette: Datasette, request: Request, database: str, table: str) -> FilterArguments | None:
    """What the search box above a table finds: the same as `khobao search`, in the same bounded time.

    Datasette would ask for every hit in the archive, by the bare words, and count them.
    """
    if table not in SEARCHED or not has_archive(datasette, database):
        return None
    text = next((request.args[key] for key in request.args if key.startswith("_search") and key != "_searchmode"), "")
    if not text:
        return FilterArguments([], extra_context={"supports_search": True})
    filters = _filters(request)

    def find(connection: sqlite3.Connection) -> tuple[list[int], str | None]:
        query = read_query(text)
        return ranked(Database(connection), query, filters, _FOUND, clock=time.thread_time) if query else ([], None)

    numbers, back_to = await datasette.get_database(database).execute_fn(find)
    told = f'search matches "{text}"' + (f" (texts were looked at back to {back_to})" if back_to else "")
    return FilterArguments(
        ["number in (select value from json_each(:found))"],
        {"found": json.dumps(numbers)},
        [told],
        {"supports_search": True, "search": text},
    )


def _filters(request: Request) -> Filters:
    """What else the page asks of articles, as far as a search can be told of it."""
    day, since, until = (_day(request.args.get(name)) for name in ("date", "date__gte", "date__lte"))
    outlet, section, kind = (request.args.get(name) for name in ("outlet", "section", "kind"))
    return Filters(outlet, day or since, day or until, section, kind)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def has_archive(datasette: Datasette, name: str) -> bool:
    """Whether a database that is served is an archive, as far as its file can be read."""
    database = datasette.databases.get(name)
    try:
        return bool(database and database.path and _is_archive(str(database.path)))
    except sqlite3.Error:
        return False


def article_link(value: Any, column: str, table: str | None, datasette: Datasette) -> Markup | None:
    """The id of an article as a link to its page; None for whatever else a cell holds.

    Datasette would lead to the row of that primary key, and articles have another.
    """
    if column not in _IDS and not (column == "id" and table in _WITH_IDS):
        return None
    told = value if isinstance(value, dict) else {"value": value, "label": value}
    if not isinstance(told["value"], str) or not _ID.fullmatch(told["value"]):
        return None
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/article/{told['value']}"), told["label"])


@cache
def table_metadata() -> Mapping[str, dict[str, Any]]:
    """What Datasette is told of each table."""
    told = {name: {**facts, **_SHOWN.get(name, {})} for name, facts in described().items()}
    return told | {name: {**told.get(name, {}), "hidden": True} for name in HIDDEN}


def described() -> dict[str, dict[str, Any]]:
    """What the comments of the schema say of each table, and of its columns."""
    found: dict[str, dict[str, Any]] = {}
    for script in sorted(files("archive.database").joinpath("migrations").iterdir(), key=lambda file: file.name):
        for comment, table, body in _TABLE.findall(script.read_text(encoding="utf-8")):
            words = " ".join(line.removeprefix("-- ") for line in comment.splitlines())
            found[table] = {"description": words, "columns": dict(_COLUMN.findall(body))}
    return found


@cache
def _is_archive(path: str) -> bool:
    """Whether a file is a khobao archive; asked once, for Datasette wants its metadata many times a page."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
    return bool(application == APPLICATION_ID)
