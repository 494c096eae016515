"""Describe the tables and columns of an archive to Datasette, from the comments of the schema."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from archive.database.connection import reading_mode
from archive.database.schema import APPLICATION_ID, SCRIPTS

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

_TABLE = re.compile(r"((?:^-- [^\n]*\n)+)CREATE (?:TABLE|VIEW) (\w+)(.*?)^(?:\)|    FROM)", re.MULTILINE | re.DOTALL)
_ADDED_COLUMN = re.compile(r"^ALTER TABLE (\w+) ADD COLUMN (\w+) .*?-- (.+)$", re.MULTILINE)
_COLUMN = re.compile(r"^    (\w+) [A-Z].*?-- (.+)$", re.MULTILINE)

SEARCHED_TABLES = ("articles", "headlines")  # tables that our search handles
HIDDEN = (
    *("hosts", "_sqlite_migrations", "sketches", "unindexed", "lines_learned", "tallies"),
    *("articles_folded", "headlines_folded", "headlines_fts"),
)
_ID = re.compile("[0-9a-f]{16}")
_IDS = frozenset({"article", "of", "example", "copy"})  # columns that contain ids of articles
_WITH_IDS = frozenset({"articles", "headlines", None})  # tables whose own id is the id of an article; None for a query
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
    "terms": {"sort_desc": "occurrences"},
    "terms_by_week": {"sort_desc": "week"},
    "weeks": {"sort_desc": "week"},
    "watches": {"sort": "name"},
    "watch_hits": {"sort_desc": "article"},
}


def metadata(datasette: Datasette) -> dict[str, Any]:
    """Return metadata, in Datasette's form, of every database that is an archive."""
    tables = table_metadata()
    return {
        "databases": {
            name: {"tables": tables} for name, database in datasette.databases.items() if has_archive(datasette, name)
        }
    }


def has_archive(datasette: Datasette, name: str) -> bool:
    """Return whether a database is an archive; False if its file cannot be read."""
    database = datasette.databases.get(name)
    try:
        return bool(database and database.path and _is_archive(str(database.path)))
    except sqlite3.Error:
        return False


@cache
def _is_archive(path: str) -> bool:
    """Return whether a file is an archive; cached, because Datasette asks many times per page."""
    with closing(
        sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode={reading_mode(Path(path))}", uri=True)
    ) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
    return bool(application == APPLICATION_ID)


def article_link(value: Any, column: str, table: str | None, datasette: Datasette) -> Markup | None:
    """Return the id of an article as a link to its page; None for any other cell.

    Datasette would link to the row with that primary key, but articles have another key.
    """
    if column not in _IDS and not (column == "id" and table in _WITH_IDS):
        return None
    cell = value if isinstance(value, dict) else {"value": value, "label": value}
    if not isinstance(cell["value"], str) or not _ID.fullmatch(cell["value"]):
        return None
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/article/{cell['value']}"), cell["label"])


@cache
def table_metadata() -> Mapping[str, dict[str, Any]]:
    """Return Datasette's metadata of each table."""
    tables = {name: {**facts, **_SHOWN.get(name, {})} for name, facts in schema_comments().items()}
    return tables | {name: {**tables.get(name, {}), "hidden": True} for name in HIDDEN}


def schema_comments() -> dict[str, dict[str, Any]]:
    """Return the schema's comments on each table and its columns."""
    found: dict[str, dict[str, Any]] = {}
    for script in SCRIPTS.values():
        for comment, table, body in _TABLE.findall(script):
            words = " ".join(line.removeprefix("-- ") for line in comment.splitlines())
            found[table] = {"description": words, "columns": dict(_COLUMN.findall(body))}
        for table, column, words in _ADDED_COLUMN.findall(script):
            found[table]["columns"][column] = words
    return found
