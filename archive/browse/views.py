"""From a request to a response: the page is asked of the archive in a thread, and shown as HTML, JSON, text or Atom."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from archive.browse import atom
from archive.browse import translations as labels
from archive.browse.local_time import Clock
from archive.browse.page_request import MOST_CHARACTERS, Asked, NotFound, PageError, bearable, link
from archive.browse.pages.article import article
from archive.browse.pages.changes import change, changes
from archive.browse.pages.outlets import outlet, outlets
from archive.browse.pages.search import search
from archive.browse.pages.stories import stories, story
from archive.browse.pages.timeline import timeline
from archive.browse.pages.today import today
from archive.database.schema import APPLICATION_ID

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

MILLISECONDS = 2000  # that a page may take of the archive
PLUGIN = "khobao"
UNREADABLE = "the archive cannot be read just now; try again in a moment"

Page = Callable[[Database, Asked], dict[str, Any]]
Handler = Callable[["Datasette", Request], Awaitable[Response]]


class Unavailable(PageError):  # noqa: N818 - reads as the sentence it is
    """The archive cannot be asked just now."""

    status = 503


@dataclass(frozen=True, slots=True)
class View:
    """A page of ours: which paths it has, and what makes it.

    Attributes:
        path: A regular expression of the path, without format; its named groups are parts.
        page: What asks the archive.
        template: What shows it.
        formats: Besides HTML and JSON: txt or atom.
    """

    path: str
    page: Page
    template: str
    formats: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """The path with its formats."""
        return rf"^{self.path}(?:\.(?P<format>{'|'.join(('json', *self.formats))}))?$"


VIEWS = (
    View("/today(?:/(?P<day>[^/.]+))?", today, "today.html"),
    View("/article(?:/(?P<id>[^/.]+))?", article, "article.html", ("txt",)),
    View("/changes", changes, "changes.html", ("atom",)),
    View("/change/(?P<id>[^/.]+)/(?P<revision>[^/.]+)", change, "change.html"),
    View("/stories", stories, "stories.html"),
    View("/story/(?P<id>[^/.]+)", story, "story.html"),
    View("/search", search, "search.html", ("atom",)),
    View("/outlets", outlets, "outlets.html"),
    View("/outlet/(?P<id>[^/.]+)", outlet, "outlet.html", ("atom",)),
    View("/timeline", timeline, "timeline.html"),
)


def handler(view: View) -> Handler:
    """The function that Datasette calls for a view."""

    async def handle(datasette: Datasette, request: Request) -> Response:
        form = request.url_vars.get("format") or "html"
        try:
            name = await archive_name(datasette, request)
            value, clock = await _ask(datasette, name, view.page, _asked(datasette, request))
            if form == "html":
                return await show(datasette, request, view.template, value | {"database": name}, clock=clock)
            return _respond(datasette, request, view, form, value)
        except PageError as error:
            return await refuse(datasette, request, error.status, error.said)

    return handle


def _asked(datasette: Datasette, request: Request) -> Asked:
    return Asked(request.url_vars, _given(request), is_public(datasette))


def _given(request: Request) -> dict[str, list[str]]:
    """The query as far as it is bearable."""
    args = request.args  # which Datasette parses anew each time
    return bearable({name: args.getlist(name) for name in args})


def configured(datasette: Datasette) -> dict[str, Any]:
    """The plugin's configuration: `public` for strangers, who may ask in SQL with `allow_sql`."""
    told = datasette.plugin_config(PLUGIN)
    return told if isinstance(told, dict) else {}


def is_public(datasette: Datasette) -> bool:
    """Whether strangers may look."""
    return bool(configured(datasette).get("public"))


async def archive_name(datasette: Datasette, request: Request) -> str:
    """The first database that is an archive and that the visitor may see.

    Raises:
        NotFound: There is none.
        Unavailable: There may be one, but its file cannot be read.
        datasette.Forbidden: They may not see it.
    """
    unreadable = False
    for name in datasette.databases:
        try:
            found = await is_archive(datasette, name)
        except (sqlite3.Error, OSError):
            unreadable = True
            continue
        if found:
            await _let_in(datasette, request, name)
            return str(name)
    if unreadable:
        raise Unavailable(UNREADABLE)
    raise NotFound("no khobao archive is served here")


async def _let_in(datasette: Datasette, request: Request, name: str) -> None:
    """Raise `datasette.Forbidden` where a visitor may not see a database."""
    if hasattr(datasette, "ensure_permissions"):
        await datasette.ensure_permissions(request.actor, [("view-database", name), "view-instance"])
    else:  # Datasette 1.0
        resource = import_module("datasette.resources").DatabaseResource(name)
        await datasette.ensure_permission(action="view-database", resource=resource, actor=request.actor)


async def is_archive(datasette: Datasette, name: str) -> bool:
    """Whether a database is a khobao archive.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    if name.startswith("_"):
        return False
    (row,) = await datasette.get_database(name).execute("PRAGMA application_id")
    return bool(row[0] == APPLICATION_ID)


async def _ask(datasette: Datasette, name: str, page: Page, asked: Asked) -> tuple[dict[str, Any], Clock]:
    def ask(connection: sqlite3.Connection) -> tuple[dict[str, Any], Clock]:
        with sqlite_timelimit(connection, MILLISECONDS):
            db = Database(connection)
            clock = Clock(dict(db.execute("SELECT id, timezone FROM outlets").fetchall()))
            return page(db, replace(asked, clock=clock)), clock

    try:
        answer: tuple[dict[str, Any], Clock] = await datasette.get_database(name).execute_fn(ask)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise Unavailable("this takes too long; ask for fewer days, or for one outlet") from None
        raise Unavailable(UNREADABLE) from None
    return answer


def _respond(datasette: Datasette, request: Request, view: View, form: str, value: dict[str, Any]) -> Response:
    """A page as something else than HTML."""
    if form == "json":
        told = json.dumps({k: v for k, v in value.items() if k != "plot"}, ensure_ascii=False)
        return Response(told, content_type="application/json; charset=utf-8")
    if form == "txt":
        if value["withheld"]:
            raise NotFound("its outlet asks not to show this text from an archive")
        return Response.text(value["document"])
    base = datasette.absolute_url(request, datasette.urls.path("/"))
    title, entries = atom.of_page(view.template, value, base.rstrip("/"))
    address = datasette.absolute_url(request, request.full_path)
    return Response(atom.feed(title, address, entries), content_type="application/atom+xml; charset=utf-8")


async def show(
    datasette: Datasette,
    request: Request,
    template: str,
    value: dict[str, Any],
    status: int = 200,
    clock: Clock | None = None,
) -> Response:
    """A page as HTML, in the visitor's language."""
    language = labels.language_of(request.args.get("lang"), request.headers.get("accept-language", ""))
    given, path = _given(request), request.path[:MOST_CHARACTERS]
    context = value | {
        "t": labels.translator(language),
        "lang": language,
        "local": clock or Clock({}),
        "public": is_public(datasette),
        "path": path,
        "in_language": lambda code: link(path, given | {"lang": code}),
        "as_format": lambda form: link(f"{path}.{form}", given),
        "run_link": lambda query: link(
            datasette.urls.database(value["database"]), {"sql": query["sql"], **query["values"]}
        ),
    }
    return Response.html(await datasette.render_template(f"khobao/{template}", context, request=request), status=status)


async def refuse(datasette: Datasette, request: Request, status: int, said: str) -> Response:
    """A clean page that says what is not there or not right."""
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": said, "status": status}, status=status)
    return await show(datasette, request, "refused.html", {"said": said, "status": status}, status)


async def front(datasette: Datasette, request: Request) -> Response:
    """`/`: the newest day, where an archive is served; else Datasette's own front page."""
    try:
        await archive_name(datasette, request)
    except NotFound:
        from datasette.views.index import IndexView

        response: Response = await IndexView(datasette).get(request)
        return response
    return Response.redirect(datasette.urls.path("/today"))


async def capture(datasette: Datasette, request: Request) -> Response:
    """`/capture/N.warc`: the answer that the archive keeps, as a file to save, never to be shown."""
    try:
        if is_public(datasette):
            raise NotFound("captures are not shown here")
        name = await archive_name(datasette, request)
        database = datasette.get_database(name)
        found = await database.execute(
            "SELECT file, offset, length FROM captures WHERE id = ?", (int(request.url_vars["id"]),)
        )
        row = found.first()
        if row is None:
            raise NotFound(f"no capture {request.url_vars['id']}")
        file = Path(database.path).parent / "captures" / Path(row["file"]).name
        content = await asyncio.to_thread(_piece, file, row["offset"], row["length"])
    except PageError as error:
        return await refuse(datasette, request, error.status, error.said)
    except OSError:
        return await refuse(datasette, request, 404, "the file of this capture is not here any more")
    headers = {"Content-Disposition": f'attachment; filename="capture-{request.url_vars["id"]}.warc"'}
    return Response(content, headers=headers, content_type="application/warc")


def _piece(file: Path, offset: int, length: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek(offset)
        return opened.read(length)
