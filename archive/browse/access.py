"""What strangers may do, and what browsers are told: permissions in public, and security headers on every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from datasette.utils.asgi import Response

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

Application = Callable[..., Awaitable[None]]
Message = MutableMapping[str, Any]

_MOST = 200  # parameters of one question; Datasette's time for them goes with their square
_DENIED = frozenset({"execute-sql", "view-database-download", "debug-menu", "permissions-debug"})
PUBLIC_TABLES = frozenset({"outlets", "stories", "headlines"})

# Ours run no script at all. Datasette's pages carry scripts and styles of their own in the page.
_OURS = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATASETTE = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What Datasette tells of itself, the path of the file among it.
_INNARDS = (
    "actions", "allow-debug", "check", "config", "databases", "debug", "jump", "logs", "messages", "metadata",
    "patterns", "permissions", "plugins", "rules", "schema", "settings", "tables", "threads", "tokens", "versions",
)  # fmt: skip
_PAGES = (
    "/today", "/article", "/change", "/stories", "/story", "/search", "/outlet", "/timeline", "/capture", "/robots.txt",
)  # fmt: skip


def allows(action: str, resource: Any, *, allow_sql: bool) -> bool | None:
    """Whether a stranger may do something; None where the usual rules decide.

    Args:
        action: As Datasette names it.
        resource: The database, or database and table.
        allow_sql: Whether they may ask in SQL, and so for everything that is in the archive.
    """
    if action in _DENIED and not (action == "execute-sql" and allow_sql):
        return False
    if action == "view-table":
        return None if resource[1] in PUBLIC_TABLES else False
    return None


def is_open(path: str, query: bytes) -> bool:
    """Whether strangers may ask for a path at all.

    Args:
        path: Below the base, with its leading slash.
        query: As it came. `_through` looks into tables that they may not see.
    """
    within = path.startswith("/-/") and path.removeprefix("/-/").startswith(_INNARDS)
    return not within and b"_through" not in unquote_to_bytes(query)


def with_headers(datasette: Datasette) -> Callable[[Application], Application]:
    """Wrap an application: every response carries the headers, and strangers and endless questions are kept out."""
    base = datasette.urls.path("/").rstrip("/")
    told = datasette.plugin_config("khobao")
    public = bool(isinstance(told, dict) and told.get("public"))

    def wrap(application: Application) -> Application:
        async def wrapped(scope: Message, receive: Any, send: Any) -> None:
            path = scope.get("path", "").removeprefix(base)
            policy = _OURS if path.startswith(_PAGES) else _DATASETTE

            async def send_with(message: Message) -> None:
                if message["type"] == "http.response.start":
                    added = {**_HEADERS, "Content-Security-Policy": policy}
                    message["headers"] = [
                        *message.get("headers", ()),
                        *((name.lower().encode(), value.encode()) for name, value in added.items()),
                    ]
                await send(message)

            query = scope.get("query_string", b"")
            if query.count(b"&") >= _MOST:
                await Response.text(f"400: ask with {_MOST} parameters at most\n", status=400).asgi_send(send_with)
                return
            if public and scope["type"] == "http" and not is_open(path, query):
                await Response.text("403: this is not shown here\n", status=403).asgi_send(send_with)
                return
            await application(scope, receive, send_with)

        return wrapped

    return wrap


async def robots() -> Response:
    """No crawler is wanted here: an archive of the press must not stand beside the press in search results."""
    return Response.text("User-agent: *\nDisallow: /\n")
