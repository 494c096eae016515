"""Decide who may see what: host names, permissions of strangers, security headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from datasette.utils.asgi import Response

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

Application = Callable[..., Awaitable[None]]
Message = MutableMapping[str, Any]

_MOST_PARAMETERS = 200  # of one request; Datasette's time for them grows with the square of their number
_DENIED = frozenset({"execute-sql", "view-database-download", "debug-menu", "permissions-debug"})
PUBLIC_TABLES = frozenset({"outlets", "stories", "headlines"})

# Our pages run no script. Datasette's pages have inline scripts and styles.
_OUR_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATASETTE_POLICY = (
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
# Datasette's pages about itself, which show the path of the file.
_INTERNAL_PAGES = (
    "actions", "allow-debug", "check", "config", "databases", "debug", "jump", "logs", "messages", "metadata",
    "patterns", "permissions", "plugins", "rules", "schema", "settings", "tables", "threads", "tokens", "versions",
)  # fmt: skip
_OUR_FILES = "/-/static-plugins/khobao/"
_OUR_PAGES = (
    "/today", "/article", "/change", "/stories", "/story", "/search", "/outlet", "/timeline", "/capture", "/robots.txt",
    "/concordance", "/compare", "/words", "/collocates", "/rising", "/watch",
)  # fmt: skip


def is_permitted(action: str, resource: Any, *, allow_sql: bool) -> bool | None:
    """Return whether a stranger may do something; None if the usual rules decide.

    Args:
        action: Datasette's name of the action.
        resource: The database, or database and table.
        allow_sql: Whether strangers may run SQL, and so see everything in the archive.
    """
    if action in _DENIED and not (action == "execute-sql" and allow_sql):
        return False
    if action == "view-table":
        return None if resource[1] in PUBLIC_TABLES else False
    return None


def is_public_path(path: str, query: bytes) -> bool:
    """Return whether strangers may request a path at all.

    Args:
        path: The path below the base, with its leading slash.
        query: The raw query string. `_through` would read tables that strangers may not see.
    """
    is_internal = path.startswith("/-/") and path.removeprefix("/-/").startswith(_INTERNAL_PAGES)
    return not is_internal and b"_through" not in unquote_to_bytes(query)


def is_our_path(path: str) -> bool:
    """Return whether a path leads to khobao's own pages and files, and not to Datasette's."""
    return path == "/" or path.startswith((*_OUR_PAGES, _OUR_FILES))


def is_known_host(host: str, names: Collection[str]) -> bool:
    """Return whether a request is meant for this server.

    A page of another site can let its own host name point to this machine (DNS rebinding) and then read what we serve.
    Only the `Host` field shows that: it contains the name of that site, not an address of this machine.

    Args:
        host: The `Host` field (RFC 9110, 7.2), with or without a port.
        names: The configured names of the server, besides localhost.
    """
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    name = name.rstrip(".").lower()
    if name in {"", "localhost"} or name.endswith(".localhost"):
        return True
    try:
        return bool(ip_address(name))
    except ValueError:
        return name in {known.lower() for known in names}


def guard(
    datasette: Datasette, names: Collection[str], *, public: bool, only_ours: bool = False
) -> Callable[[Application], Application]:
    """Wrap an application: check host, path and parameters, and add security headers.

    Args:
        datasette: The server.
        names: The names of the server; see `is_known_host`.
        public: Whether strangers are served.
        only_ours: Whether all pages of Datasette itself are refused.
    """
    base = datasette.urls.path("/").rstrip("/")

    def wrap(application: Application) -> Application:
        async def check_and_call(scope: Message, receive: Any, send: Any) -> None:
            path = scope.get("path", "").removeprefix(base)
            policy = _OUR_POLICY if path.startswith(_OUR_PAGES) else _DATASETTE_POLICY

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    added = {**_HEADERS, "Content-Security-Policy": policy}
                    message["headers"] = [
                        *message.get("headers", ()),
                        *((name.lower().encode(), value.encode()) for name, value in added.items()),
                    ]
                await send(message)

            refusal = _refusal(scope, path, names, public=public) if scope["type"] == "http" else None
            if only_ours and not refusal and scope["type"] == "http" and not is_our_path(path):
                refusal = Response.text(
                    "404: a lake has no such page; `khobao lake sql` queries its tables\n", status=404
                )
            if refusal:
                await refusal.asgi_send(send_with_headers)
            else:
                await application(scope, receive, send_with_headers)

        return check_and_call

    return wrap


def _refusal(scope: Message, path: str, names: Collection[str], *, public: bool) -> Response | None:
    """Return the response that refuses a request; None if the application may answer it."""
    host = next((value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"host"), "")
    query = scope.get("query_string", b"")
    if not is_known_host(host, names):
        return Response.text(
            f"421: this server does not answer for the name {host[:100]!r}; start it with `khobao browse --name NAME`,"
            " or write the name into `hosts` of [browse] in khobao.toml\n",
            status=421,
        )
    if query.count(b"&") >= _MOST_PARAMETERS:
        return Response.text(f"400: ask with at most {_MOST_PARAMETERS} parameters\n", status=400)
    if public and not is_public_path(path, query):
        return Response.text("403: this is not shown here\n", status=403)
    return None


async def robots() -> Response:
    """Disallow all crawlers: search engines must not list the archive beside the outlets themselves."""
    return Response.text("User-agent: *\nDisallow: /\n")
