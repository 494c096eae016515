"""Find the archive among the databases of a Datasette, and run a page on it within bounds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Request
from sqlite_utils import Database

from archive.browse.bounded_connection import connect_bounded
from archive.browse.count_cache import CACHE
from archive.browse.local_time import LocalTimes
from archive.browse.page_request import NotFoundError, PageError, PageRequest
from archive.database.schema import APPLICATION_ID

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

_MILLISECONDS = 2000  # time limit of a page's queries
# Time limit of a page that counts; each of its up to four counts also has a limit of its own.
_COUNTING_MILLISECONDS = 8000
_PUBLIC_COUNTING_MILLISECONDS = 4000  # the same for strangers: twenty times the time of a common word
_PLUGIN = "khobao"
UNREADABLE = "the archive cannot be read just now; try again in a moment"

Page = Callable[[Database, PageRequest], dict[str, Any]]


class UnavailableError(PageError):
    """The archive cannot be read at the moment."""

    status = 503


def plugin_settings(datasette: Datasette) -> dict[str, Any]:
    """Return the configuration of the plugin.

    `public` serves strangers; `allow_sql` lets them run SQL; `hosts` lists the names of the server; `lake` says
    that a lake is served instead of an archive.
    """
    settings = datasette.plugin_config(_PLUGIN)
    return settings if isinstance(settings, dict) else {}


def is_public(datasette: Datasette) -> bool:
    """Return whether strangers are served."""
    return bool(plugin_settings(datasette).get("public"))


async def find_archive(datasette: Datasette, request: Request) -> str:
    """Return the name of the first database that is an archive and that the visitor may see.

    Raises:
        NotFoundError: There is none.
        UnavailableError: There may be one, but its file cannot be read.
        datasette.Forbidden: The visitor may not see it.
    """
    unreadable = False
    for name in datasette.databases:
        try:
            found = await is_archive(datasette, name)
        except (sqlite3.Error, OSError):
            unreadable = True
            continue
        if found:
            await _require_permission(datasette, request, name)
            return str(name)
    if unreadable:
        raise UnavailableError(UNREADABLE)
    raise NotFoundError("no khobao archive is served here")


async def _require_permission(datasette: Datasette, request: Request, name: str) -> None:
    """Raise `datasette.Forbidden` if a visitor may not see a database."""
    if hasattr(datasette, "ensure_permissions"):
        await datasette.ensure_permissions(request.actor, [("view-database", name), "view-instance"])
    else:  # Datasette 1.0
        resource = import_module("datasette.resources").DatabaseResource(name)
        await datasette.ensure_permission(action="view-database", resource=resource, actor=request.actor)


def warm_index(path: Path) -> None:
    """Read the index of all articles, which takes a second for a million, before a page needs it."""
    with suppress(sqlite3.Error, OSError), closing(connect_bounded(path, mutable=True)) as connection:
        CACHE.index(Database(connection))


async def is_archive(datasette: Datasette, name: str) -> bool:
    """Return whether a database is a khobao archive.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    if name.startswith("_"):
        return False
    (row,) = await datasette.get_database(name).execute("PRAGMA application_id")
    return bool(row[0] == APPLICATION_ID)


async def run_page(
    datasette: Datasette, name: str, page: Page, request: PageRequest, *, counts: bool
) -> tuple[dict[str, Any], LocalTimes]:
    """Run a page in a thread of Datasette.

    Args:
        datasette: The server.
        name: The database.
        page: The function that reads the archive.
        request: The request.
        counts: The page counts articles; its index is brought up to date first, outside the time limit.

    Raises:
        PageError: The page cannot be shown.
    """
    longest = _PUBLIC_COUNTING_MILLISECONDS if request.public else _COUNTING_MILLISECONDS
    limit = longest if counts else _MILLISECONDS

    def run(connection: sqlite3.Connection) -> tuple[dict[str, Any], LocalTimes]:
        db = Database(connection)
        if counts:
            CACHE.index(db)
        with sqlite_timelimit(connection, limit):
            times = LocalTimes(dict(db.execute("SELECT id, timezone FROM outlets").fetchall()))
            return page(db, replace(request, times=times)), times

    try:
        answer: tuple[dict[str, Any], LocalTimes] = await datasette.get_database(name).execute_fn(run)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise UnavailableError(
                "this takes too long; ask for fewer days, for one outlet, or for longer words"
            ) from None
        raise UnavailableError(UNREADABLE) from None
    except MemoryError:
        raise UnavailableError("this takes too much memory; ask for fewer days, or for one outlet") from None
    return answer
