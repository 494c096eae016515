"""Map the addresses of our pages: each runs a page in a thread and renders its result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response

from archive.browse.lake_pages.article import lake_article
from archive.browse.lake_pages.day import lake_day
from archive.browse.lake_pages.outlets import lake_outlet, lake_outlets
from archive.browse.lake_pages.search import lake_search
from archive.browse.lake_pages.timeline import lake_timeline
from archive.browse.page_request import NotFoundError, PageError, PageRequest
from archive.browse.pages.article import article
from archive.browse.pages.changes import change, changes
from archive.browse.pages.collocates import collocates
from archive.browse.pages.compare import compare
from archive.browse.pages.concordance import concordance
from archive.browse.pages.outlets import outlet, outlets
from archive.browse.pages.search import search
from archive.browse.pages.stories import stories, story
from archive.browse.pages.timeline import timeline
from archive.browse.pages.today import today
from archive.browse.pages.watches import watch, watches
from archive.browse.pages.words import rising, words
from archive.browse.rendering import language_of, read_query, render, render_error, render_html
from archive.browse.served_archive import Page, find_archive, is_public, run_page
from archive.browse.served_lake import LakePage, lake_of, missing_page

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

Handler = Callable[["Datasette", Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class View:
    """Describe one of khobao's pages.

    Attributes:
        path: A regular expression of the path, without format; its named groups are the parts of the path.
        page: The function that reads the archive.
        template: The HTML template.
        formats: The formats besides HTML and JSON: csv, png, atom, txt, bib, ris, csl or jsonld.
        counts: The page counts articles; see `run_page`.
        lake: The function that reads a lake instead.
    """

    path: str
    page: Page
    template: str
    formats: tuple[str, ...] = ()
    counts: bool = False
    lake: LakePage = missing_page

    @property
    def pattern(self) -> str:
        """The regular expression of the path with its formats."""
        return rf"^{self.path}(?:\.(?P<format>{'|'.join(('json', *self.formats))}))?$"


_CHART = ("csv", "png")
VIEWS = (
    View("/today(?:/(?P<day>[^/.]+))?", today, "today.html", _CHART, lake=lake_day),
    View(
        "/article(?:/(?P<id>[^/.]+))?",
        article,
        "article.html",
        ("txt", "bib", "ris", "csl", "jsonld"),
        lake=lake_article,
    ),
    View("/changes", changes, "changes.html", ("atom",)),
    View("/change/(?P<id>[^/.]+)/(?P<revision>[^/.]+)", change, "change.html"),
    View("/stories", stories, "stories.html"),
    View("/story/(?P<id>[^/.]+)", story, "story.html", _CHART),
    View("/search", search, "search.html", ("atom", "csv"), counts=True, lake=lake_search),
    View("/timeline", timeline, "timeline.html", _CHART, counts=True, lake=lake_timeline),
    View("/concordance", concordance, "concordance.html", _CHART, counts=True),
    View("/words", words, "words.html", _CHART, counts=True),
    View("/collocates", collocates, "collocates.html", _CHART, counts=True),
    View("/rising", rising, "rising.html", _CHART, counts=True),
    View("/compare", compare, "compare.html", _CHART, counts=True),
    View("/watches", watches, "watches.html"),
    View("/watch/(?P<id>[^/.]+)", watch, "watch.html", ("atom", "csv")),
    View("/outlets", outlets, "outlets.html", _CHART, lake=lake_outlets),
    View("/outlet/(?P<id>[^/.]+)", outlet, "outlet.html", ("atom", *_CHART), lake=lake_outlet),
)


def handler(view: View) -> Handler:
    """Return the function that Datasette calls for a view."""

    async def handle(datasette: Datasette, request: Request) -> Response:
        form = request.url_vars.get("format") or "html"
        try:
            lake, asked = lake_of(datasette), _page_request(datasette, request)
            if lake:
                value, times = await asyncio.get_running_loop().run_in_executor(
                    datasette.executor, lake.run, view.lake, asked
                )
                shown = value
            else:
                name = await find_archive(datasette, request)
                value, times = await run_page(datasette, name, view.page, asked, counts=view.counts)
                shown = value | {"database": name}
            if form == "html":
                return await render_html(datasette, request, view.template, shown, times=times)
            return await render(datasette, request, view.template, form, value)
        except PageError as error:
            return await render_error(datasette, request, error.status, error.message)

    return handle


def _page_request(datasette: Datasette, request: Request) -> PageRequest:
    return PageRequest(request.url_vars, read_query(request), is_public(datasette), language=language_of(request))


async def front_page(datasette: Datasette, request: Request) -> Response:
    """Redirect `/` to the newest day, or show Datasette's own home page if it serves no archive."""
    try:
        if not lake_of(datasette):
            await find_archive(datasette, request)
    except NotFoundError:
        from datasette.views.index import IndexView

        response: Response = await IndexView(datasette).get(request)
        return response
    return Response.redirect(datasette.urls.path("/today"))


async def capture_file(datasette: Datasette, request: Request) -> Response:
    """Serve `/capture/N.warc`: an archived response, only as a file to save, never displayed."""
    try:
        if is_public(datasette):
            raise NotFoundError("captures are not shown here")
        name = await find_archive(datasette, request)
        database = datasette.get_database(name)
        number = int(request.url_vars["id"])
        found = await database.execute("SELECT file, offset, length FROM captures WHERE id = ?", (number,))
        row = found.first()
        if row is None:
            raise NotFoundError(f"no capture {number}")
        content = await asyncio.to_thread(_read_capture, Path(database.path).parent / "captures", row)
    except PageError as error:
        return await render_error(datasette, request, error.status, error.message)
    except OSError:
        return await render_error(datasette, request, 404, "the file of this capture no longer exists")
    headers = {"Content-Disposition": f'attachment; filename="capture-{number}.warc"'}
    return Response(content, headers=headers, content_type="application/warc")


def _read_capture(folder: Path, row: Mapping[str, Any]) -> bytes:
    """Read a record of a captures file; the files of a merged archive are in a folder of their own.

    Raises:
        NotFoundError: The name leads out of the folder, or to a symbolic link.
    """
    inside = folder.resolve()
    file = inside / row["file"]
    if not file.is_relative_to(inside) or file.resolve() != file:
        raise NotFoundError("the file of this capture is not in the folder of captures")
    with file.open("rb") as opened:
        opened.seek(row["offset"])
        content: bytes = opened.read(row["length"])
    return content
