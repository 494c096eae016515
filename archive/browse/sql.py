"""Run SQL on the archive, and describe queries that a visitor can run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

_EXCERPT = 200  # characters
_LISTS = ("captions", "byline", "credits", "tags", "doubts")


@dataclass(frozen=True, slots=True)
class SqlQuery:
    """A statement with named parameters.

    Attributes:
        sql: The statement.
        values: The values of its parameters.
    """

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, db: Database) -> list[dict[str, Any]]:
        """Run the query and return all rows."""
        cursor = db.execute(self.sql, dict(self.values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def first(self, db: Database) -> dict[str, Any] | None:
        """Run the query and return the first row."""
        return next(iter(self.rows(db)), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the query as pages and JSON show it."""
        return {"sql": self.sql, "values": dict(self.values)}


def excerpt(text: str) -> str:
    """Cut a text marked noarchive to the excerpt that strangers may see."""
    return text[:_EXCERPT].rsplit(" ", 1)[0] + "…" if len(text) > _EXCERPT else text


def with_lists(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `articles` with its JSON lists parsed."""
    return {name: json.loads(value) if name in _LISTS and value else value for name, value in row.items()}


def outlet_names(db: Database) -> dict[str, str]:
    """Return the name of every outlet by outlet id, sorted by name."""
    return {row["id"]: row["name"] for row in SqlQuery("SELECT id, name FROM outlets ORDER BY name").rows(db)}
