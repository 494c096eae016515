"""A file that is replaced or moved under the server: what was opened of the old one is let go."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from archive.browse.guard import Application, Message

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette


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
    """Open databases again; the connections belong to the threads of the pool, and go with it."""
    from datasette.database import Database

    for name in names:
        path = datasette.databases[name].path
        datasette.remove_database(name)
        datasette.add_database(Database(datasette, path=path, is_mutable=True), name=name)
    pool, datasette.executor = datasette.executor, ThreadPoolExecutor(datasette.setting("num_sql_threads"))
    pool.shutdown(wait=False)
