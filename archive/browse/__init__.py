"""Add the archive's own pages to Datasette: a plugin that needs only a khobao archive."""

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
from archive.browse import lazy_units  # noqa: F401 # isort: skip - before Datasette's own views
from archive.browse import access, database_reload, search_box, served_archive, table_metadata, views
from archive.browse.canned_queries import NEWEST_ARTICLES, filled_queries, read_examples
from archive.browse.rendering import render_error

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """Add our pages; `/` redirects to the newest day if the first database is an archive."""
    pages = [(view.pattern, views.handler(view)) for view in views.VIEWS]
    return [
        (r"^/(?:\.(?P<format>jsono?))?$", views.front_page),
        (r"^/robots\.txt$", access.robots),
        (r"^/capture/(?P<id>\d{1,15})\.warc$", views.capture_file),
        *pages,
    ]


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[access.Application], access.Application]:
    """Guard every request, and answer it from the file that is now at the database's path."""
    settings = served_archive.plugin_settings(datasette)
    names, only_ours = tuple(settings.get("hosts") or ()), bool(settings.get("lake"))
    guard = access.guard(datasette, names, public=bool(settings.get("public")), only_ours=only_ours)
    reopen = database_reload.reopen_replaced_files(datasette)
    return lambda application: guard(reopen(application))


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Remember every connection that can be closed when the server stops."""
    if database != "_memory":  # only the thread that opened it may close it
        database_reload.remember_connection(datasette, conn)


@hookimpl
def get_metadata(datasette: Datasette, key: str, database: str, table: str) -> dict[str, Any]:
    """Describe tables and columns, set their sort order, and hide internal tables."""
    del key, database, table
    return table_metadata.metadata(datasette)


@hookimpl(trylast=True)  # after Datasette's own search box
def filters_from_request(
    datasette: Datasette, request: Request, database: str, table: str
) -> Callable[[], Awaitable[Any]]:
    """Search articles as `khobao search` does."""
    return lambda: search_box.search_filter(datasette, request, database, table)


@hookimpl
def canned_queries(datasette: Datasette, database: str) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Add canned queries to the page of an archive."""

    async def queries() -> dict[str, Any]:
        try:
            if not await served_archive.is_archive(datasette, database):
                return {}
            return filled_queries(await datasette.get_database(database).execute_fn(read_examples))
        except (sqlite3.Error, OSError):
            return {}

    return queries


@hookimpl
def extra_template_vars(
    datasette: Datasette, request: Request | None, database: str | None, table: str | None, view_name: str
) -> dict[str, Any]:
    """Give Datasette's templates a first SQL query, and notes on columns to show below the rows."""
    del request
    public = served_archive.is_public(datasette)
    if database is None or not table_metadata.has_archive(datasette, database):
        return {"is_archive": False, "public": public}
    facts = table_metadata.table_metadata().get(table or "", {})
    value: dict[str, Any] = {"is_archive": True, "public": public, "first_query": NEWEST_ARTICLES}
    if view_name == "table":
        value |= {"metadata": {**facts, "columns": {}}, "column_notes": facts.get("columns", {})}
    return value


@hookimpl
def render_cell(value: Any, column: str, table: str | None, database: str, datasette: Datasette) -> Markup | None:
    """Link the id of an article to its page."""
    if not table_metadata.has_archive(datasette, database):
        return None
    return table_metadata.article_link(value, column, table, datasette)


@hookimpl
def permission_allowed(datasette: Datasette, action: str, resource: Any) -> bool | None:
    """Deny strangers SQL, downloads, and tables with full texts."""
    settings = served_archive.plugin_settings(datasette)
    if not settings.get("public"):
        return None
    return access.is_permitted(action, resource, allow_sql=bool(settings.get("allow_sql")))


@hookimpl
def startup(datasette: Datasette) -> None:
    """Bound the cost of an archive's pages, and log errors plainly.

    If rich is installed, Datasette prints every 404 with all local variables, and fails itself if the exception is no
    longer being handled.
    """
    if served_archive.is_public(datasette) and not hasattr(datasette, "permission_allowed"):
        raise StartupError("khobao: public mode needs Datasette 0.65; 1.0 checks permissions in another way")
    handling = import_module("datasette.handle_exception")
    handling.rich = None  # type: ignore[attr-defined]
    for name in list(datasette.databases):
        if table_metadata.has_archive(datasette, name):
            database_reload.bound_database(datasette, name)


@hookimpl
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Any:
    """Answer an unexpected error with one line, without internal details."""
    from datasette.views.base import DatasetteError

    if isinstance(exception, Base400 | DatasetteError):
        return None
    status, message = _error_message(exception)

    async def answer() -> Response:
        return await render_error(datasette, request, status, message)

    return answer


def _error_message(exception: Exception) -> tuple[int, str]:
    if isinstance(exception, MemoryError) or (isinstance(exception, sqlite3.DataError) and "too big" in str(exception)):
        return 400, "this takes too much memory; ask for fewer or shorter values"
    if isinstance(exception, sqlite3.DataError):
        return 400, str(exception)
    if isinstance(exception, sqlite3.DatabaseError | OSError):
        return served_archive.UnavailableError.status, served_archive.UNREADABLE
    return 500, "an error occurred; the log of the server says which"
