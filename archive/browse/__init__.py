"""The archive's own pages in Datasette: a plugin that needs nothing but a khobao archive among the databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils import StartupError
from datasette.utils.asgi import Base400, Request, Response
from markupsafe import Markup

from archive.browse import sqlite_probes  # noqa: F401 # isort: skip - before Datasette's own modules
from archive.browse import access as guard
from archive.browse import database_reload as watch
from archive.browse import table_metadata as tables
from archive.browse import views

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """Our pages; the front page leads to the newest day where the first database is an archive."""
    pages = [(view.pattern, views.handler(view)) for view in views.VIEWS]
    return [
        (r"^/(?:\.(?P<format>jsono?))?$", views.front),
        (r"^/robots\.txt$", guard.robots),
        (r"^/capture/(?P<id>\d{1,15})\.warc$", views.capture),
        *pages,
    ]


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[guard.Application], guard.Application]:
    """Security headers on every response, which is made from the file that is there now."""
    headers, file = guard.with_headers(datasette), watch.with_the_file_that_is_there(datasette)
    return lambda application: headers(file(application))


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Note every connection that can be closed when the server ends."""
    if database != "_memory":  # which only the thread that opened it may close
        watch.remember_connection(datasette, conn)


@hookimpl
def get_metadata(datasette: Datasette, key: str, database: str, table: str) -> dict[str, Any]:
    """What tables and columns mean, how they are sorted, and which are plumbing."""
    del key, database, table
    return tables.metadata(datasette)


@hookimpl(trylast=True)  # what Datasette itself says of search boxes comes before
def filters_from_request(
    datasette: Datasette, request: Request, database: str, table: str
) -> Callable[[], Awaitable[Any]]:
    """The search box above articles is `khobao search`."""
    return lambda: tables.found(datasette, request, database, table)


@hookimpl
def canned_queries(datasette: Datasette, database: str) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Questions that people ask of every archive."""

    async def queries() -> dict[str, Any]:
        try:
            return tables.QUERIES if await views.is_archive(datasette, database) else {}
        except (sqlite3.Error, OSError):
            return {}

    return queries


@hookimpl
def render_cell(value: Any, column: str, table: str | None, database: str, datasette: Datasette) -> Markup | None:
    """An article is one click away wherever its id stands."""
    return tables.article_link(value, column, table, datasette) if tables.has_archive(datasette, database) else None


@hookimpl
def permission_allowed(datasette: Datasette, action: str, resource: Any) -> bool | None:
    """In public, no SQL, no download, and only the tables that hold no full texts."""
    told = views.configured(datasette)
    return guard.allows(action, resource, allow_sql=bool(told.get("allow_sql"))) if told.get("public") else None


@hookimpl
def menu_links(datasette: Datasette) -> list[dict[str, str]]:
    """The way from Datasette's own pages to ours."""
    return [
        {"href": datasette.urls.path(path), "label": label}
        for path, label in (
            ("/today", "Today"),
            ("/search", "Search"),
            ("/changes", "Changes"),
            ("/outlets", "Outlets"),
        )
    ]


@hookimpl
def startup(datasette: Datasette) -> None:
    """Bound what the page of an archive costs, and log errors plainly.

    Where rich is installed Datasette prints every 404 with all local variables, and stumbles over that itself where the
    exception is not being handled any more.
    """
    if views.is_public(datasette) and not hasattr(datasette, "permission_allowed"):
        raise StartupError("khobao: public needs Datasette 0.65; 1.0 asks plugins otherwise what strangers may see")
    handling = import_module("datasette.handle_exception")
    handling.rich = None  # type: ignore[attr-defined]
    for name in list(datasette.databases):
        if tables.has_archive(datasette, name):
            watch.bound(datasette, name)


@hookimpl
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Any:
    """Whatever is neither the visitor's fault nor foreseen is told in one line, without any internals."""
    from datasette.views.base import DatasetteError

    if isinstance(exception, Base400 | DatasetteError):
        return None
    unreadable = isinstance(exception, sqlite3.DatabaseError | OSError)
    status, said = (
        (views.Unavailable.status, views.UNREADABLE) if unreadable else (500, "this went wrong; the log says why")
    )

    async def told() -> Response:
        return await views.refuse(datasette, request, status, said)

    return told
