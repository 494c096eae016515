"""Run queries on an open archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from archive.database.connection import Connection, archive_errors
from archive.database.values import parse_day, parse_instant

_INSTANTS = frozenset(
    "polled_at news_at next_due_at discovered_at published_hint asked_at fetched_at expires_at free_at failed_at"
    " resting_until started_at beat_at disproved_at".split()
)
_DAYS = frozenset({"article_date"})


class Queries:
    """Query an open archive.

    Attributes:
        path: The SQLite file.
        db: The open database.
    """

    def __init__(self, path: Path, db: Connection) -> None:
        self.path = path
        self.db = db

    def query(self, sql: str, values: dict[str, Any] | tuple[Any, ...] = ()) -> Iterator[dict[str, Any]]:
        """Yield the rows of a query one by one, all from one snapshot of the archive."""
        with archive_errors(self.path):
            cursor = self.db.execute(sql, values)
            try:
                names = [column[0] for column in cursor.description]
                for row in cursor:
                    yield dict(zip(names, row, strict=True))
            finally:
                with suppress(sqlite3.ProgrammingError):  # the archive was closed before its last row was read
                    cursor.close()

    def _fetch_all(self, sql: str, values: dict[str, Any] | tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        return list(self.query(sql, values))


def columns_of(kind: type) -> str:
    """List the columns for the fields of a dataclass, as SQL."""
    return ", ".join(field.name for field in fields(kind))


def parse_times(row: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the instants and days of a row from text."""
    return {
        name: parse_instant(value) if name in _INSTANTS else parse_day(value) if name in _DAYS else value
        for name, value in row.items()
    }
