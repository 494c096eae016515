"""Fix gaps in Datasette: reopen a replaced file, close connections, bound counts."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from datasette.utils import sqlite_timelimit

from archive.browse.access import Application, Message
from archive.browse.bounded_connection import connect_bounded
from archive.browse.table_metadata import SEARCHED_TABLES

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

_MOST_ROWS = 10_000  # rows of a table that are counted at most
_COUNT_MILLISECONDS = 50  # time limit of one count
# Every connection that a server opened, with its thread. Datasette leaves them to the garbage collector.
_CONNECTIONS: WeakKeyDictionary[Datasette, list[tuple[threading.Thread, sqlite3.Connection]]] = WeakKeyDictionary()


def remember_connection(datasette: Datasette, connection: sqlite3.Connection) -> None:
    """Remember a connection that a thread of the server opened, so that it can be closed."""
    _CONNECTIONS.setdefault(datasette, []).append((threading.current_thread(), connection))


def close_connections(datasette: Datasette) -> None:
    """Wait for running queries, and close every connection of a server."""
    datasette.executor.shutdown(wait=True)
    for _, connection in _CONNECTIONS.pop(datasette, []):
        connection.close()


def reopen_replaced_files(datasette: Datasette) -> Callable[[Application], Application]:
    """Wrap an application so that every request is answered from the files that are now at their paths."""
    known = _files(datasette)

    def wrap(application: Application) -> Application:
        async def reload_and_call(scope: Message, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                now = _files(datasette)
                replaced = [name for name, file in now.items() if known.setdefault(name, file) != file]
                if replaced:
                    known.update(now)
                    _reopen(datasette, replaced)
            await application(scope, receive, send)

        return reload_and_call

    return wrap


def _files(datasette: Datasette) -> dict[str, tuple[int, int] | None]:
    """Return which file is at the path of each database; None if there is none."""
    return {name: _file(database.path) for name, database in datasette.databases.items() if database.path}


def _file(path: str) -> tuple[int, int] | None:
    try:
        facts = os.stat(path)  # noqa: PTH116 - at every request
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _reopen(datasette: Datasette, names: list[str]) -> None:
    """Reopen databases in a new thread pool, because each connection belongs to a thread of the old one."""
    for name in names:
        bound_database(datasette, name)
    pool, datasette.executor = datasette.executor, ThreadPoolExecutor(datasette.setting("num_sql_threads"))
    asyncio.get_running_loop().run_in_executor(None, _retire, datasette, pool)


def _retire(datasette: Datasette, pool: ThreadPoolExecutor) -> None:
    """Let a thread pool finish its queries, and close the connections of its threads."""
    pool.shutdown(wait=True)
    kept = []
    for thread, connection in _CONNECTIONS.pop(datasette, []):
        if thread.is_alive():
            kept.append((thread, connection))
        else:
            connection.close()
    _CONNECTIONS.setdefault(datasette, []).extend(kept)


def _count_rows(connection: sqlite3.Connection, tables: list[str]) -> dict[str, int | None]:
    """Count the rows of tables, in one call, because each call waits for a thread."""
    counts: dict[str, int | None] = {}
    for table in tables:
        sql = f"SELECT count(*) FROM (SELECT 1 FROM [{table}] LIMIT {_MOST_ROWS + 1})"  # noqa: S608 - of the schema
        try:
            with sqlite_timelimit(connection, _COUNT_MILLISECONDS):
                (count,) = connection.execute(sql).fetchone()
        except sqlite3.DatabaseError:
            count = _MOST_ROWS + 1
        counts[table] = count if count <= _MOST_ROWS else None
    return counts


def bound_database(datasette: Datasette, name: str) -> None:
    """Open a database so that a page costs the same at any size and no statement uses all memory.

    Datasette counts all rows of every table. SQLite does that in one step, which no time limit can interrupt.
    """
    from datasette.database import Database

    class BoundedDatabase(Database):  # type: ignore[misc]
        """Open bounded connections, and count large tables only up to a limit."""

        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            self._bounded: list[sqlite3.Connection] = []

        def close(self) -> None:
            """Close every connection; Datasette 0.65 and 1.0 keep theirs in lists of different names."""
            super().close()
            while self._bounded:
                self._bounded.pop().close()

        def connect(self, write: bool = False) -> sqlite3.Connection:
            """Return a bounded connection; khobao never writes through Datasette."""
            if write or not self.path:
                connection: sqlite3.Connection = super().connect(write)
                return connection
            bounded = connect_bounded(Path(self.path), mutable=self.is_mutable)
            self._bounded.append(bounded)
            return bounded

        async def fts_table(self, table: str) -> str | None:
            """Return the search index of a table; none for tables that `archive.browse.table_metadata` searches."""
            return None if table in SEARCHED_TABLES else await super().fts_table(table)

        async def table_counts(self, limit: int = 10) -> dict[str, int | None]:  # noqa: ARG002 - of Datasette
            """Return the number of rows of each table; None for large tables.

            Tables inside a search index are left out: nobody reads them, and each costs the page several queries.
            """
            names, hidden = await self.table_names(), set(await self.hidden_table_names())
            shown = [table for table in names if table not in hidden]
            counts: dict[str, int | None] = await self.execute_fn(lambda connection: _count_rows(connection, shown))
            return counts

    known = datasette.databases[name]
    database = BoundedDatabase(datasette, path=known.path, is_mutable=known.is_mutable)
    database.name, database.route = known.name, known.route
    datasette.databases = {**datasette.databases, name: database}
