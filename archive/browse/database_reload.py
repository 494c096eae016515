"""What Datasette leaves undone: reopen a replaced file, close connections, and bound the counting of large tables."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from datasette.database import QueryInterrupted

from archive.browse.access import Application, Message
from archive.browse.table_metadata import SEARCHED

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

_MANY = 10_000  # rows
# Every connection that a server opened, with the thread that uses it. Datasette leaves them to the garbage collector.
_CONNECTIONS: WeakKeyDictionary[Datasette, list[tuple[threading.Thread, sqlite3.Connection]]] = WeakKeyDictionary()


def remember_connection(datasette: Datasette, connection: sqlite3.Connection) -> None:
    """Note a connection that a thread of the server has opened, so that it can be closed."""
    _CONNECTIONS.setdefault(datasette, []).append((threading.current_thread(), connection))


def close_connections(datasette: Datasette) -> None:
    """Wait for the queries that run, and close every connection of a server."""
    datasette.executor.shutdown(wait=True)
    for _, connection in _CONNECTIONS.pop(datasette, []):
        connection.close()


def with_the_file_that_is_there(datasette: Datasette) -> Callable[[Application], Application]:
    """Wrap an application so that every request is answered from the files that stand at their paths now."""
    known = _files(datasette)

    def wrap(application: Application) -> Application:
        async def wrapped(scope: Message, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                now = _files(datasette)
                moved = [name for name, file in now.items() if known.setdefault(name, file) != file]
                if moved:
                    known.update(now)
                    _open_anew(datasette, moved)
            await application(scope, receive, send)

        return wrapped

    return wrap


def _files(datasette: Datasette) -> dict[str, tuple[int, int] | None]:
    """Which file stands at the path of each database; None where there is none."""
    return {name: _file(database.path) for name, database in datasette.databases.items() if database.path}


def _file(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - at every request
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _open_anew(datasette: Datasette, names: list[str]) -> None:
    """Open databases again in a new thread pool, since each connection belongs to a thread of the old one."""
    for name in names:
        bound(datasette, name)
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


def bound(datasette: Datasette, name: str) -> None:
    """Open a database so that its page costs the same however large its tables are.

    SQLite counts all rows of a table in one step that no time limit ends, and Datasette asks for that of every table.
    """
    from datasette.database import Database

    class Bounded(Database):  # type: ignore[misc]
        """A database whose tables are counted as far as their page says a number."""

        async def fts_table(self, table: str) -> str | None:
            """The search index of a table; none of articles, which `archive.browse.table_metadata` searches."""
            return None if table in SEARCHED else await super().fts_table(table)

        async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
            """The number of rows of each table; None for many."""
            counts = {}
            for table in await self.table_names():
                sql = f"SELECT count(*) FROM (SELECT 1 FROM [{table}] LIMIT {_MANY + 1})"  # noqa: S608 - of the schema
                try:
                    count = (await self.execute(sql, custom_time_limit=5 * limit)).rows[0][0]
                except (QueryInterrupted, sqlite3.DatabaseError):
                    count = _MANY + 1
                counts[table] = count if count <= _MANY else None
            return counts

    known = datasette.databases[name]
    database = Bounded(datasette, path=known.path, is_mutable=known.is_mutable)
    database.name, database.route = known.name, known.route
    datasette.databases = {**datasette.databases, name: database}
