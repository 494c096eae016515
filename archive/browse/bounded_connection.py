"""Open connections for visitors, and bound the memory of each SQL statement."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from archive.database.connection import reading_mode

_LONGEST_VALUE = 8 * 2**20  # bytes of a string, blob or row; articles are far shorter
_LONGEST_STATEMENT = 100_000  # bytes
_LARGEST_RESULT = 64 * 2**20  # total bytes of strings and blobs in one result
_HEAP = 256 * 2**20  # bytes that SQLite may use in the process, for all connections together


class BoundedCursor(sqlite3.Cursor):
    """Limit the size of the results of a cursor."""

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows.

        Raises:
            sqlite3.DataError: They are larger than a page may be.
        """
        return self._collect(self.arraysize if size is None else size)

    def fetchall(self) -> list[Any]:
        """Return all rows.

        Raises:
            sqlite3.DataError: They are larger than a page may be.
        """
        return self._collect(None)

    def _collect(self, most: int | None) -> list[Any]:
        rows: list[Any] = []
        size = 0
        while most is None or len(rows) < most:
            row = self.fetchone()
            if row is None:
                break
            size += sum(len(value) for value in row if isinstance(value, str | bytes))
            if size > _LARGEST_RESULT:
                raise sqlite3.DataError(f"the result is larger than {_LARGEST_RESULT} bytes; ask for fewer rows")
            rows.append(row)
        return rows


class BoundedConnection(sqlite3.Connection):
    """Limit the cursors of a connection."""

    def cursor(self, factory: Any = BoundedCursor) -> Any:
        """Return a bounded cursor."""
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        """Run a statement with a bounded cursor; the inherited method would use an unbounded one."""
        return self.cursor().execute(sql, parameters)


def connect_bounded(path: Path, *, mutable: bool) -> BoundedConnection:
    """Open a database for reading, within the bounds.

    Args:
        path: The database file; its name may contain `?` or `#`.
        mutable: Whether other processes may write to it at the same time.
    """
    mode = f"mode={reading_mode(path)}" if mutable else "immutable=1"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False, factory=BoundedConnection
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _LONGEST_STATEMENT)
    connection.execute(f"PRAGMA hard_heap_limit = {_HEAP}")
    return connection
