"""Render the result of a page: HTML, JSON, CSV, PNG, text, an Atom feed or a citation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response
from markupsafe import Markup

from archive.browse import atom, translations
from archive.browse.charts.model import Chart
from archive.browse.charts.renderer import RENDERER
from archive.browse.highlight import mark_phrases, mark_words
from archive.browse.local_time import LocalTimes
from archive.browse.page_request import MOST_CHARACTERS, NotFoundError, page_link, truncate_query
from archive.browse.pages.article import citation_of
from archive.browse.served_archive import is_public
from archive.browse.served_lake import lake_of
from archive.browse.tabular import Table
from archive.exchange.citations import bibtex, csl_json, json_ld, ris

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

_CITATIONS = {
    "bib": (bibtex, "application/x-bibtex"),
    "ris": (ris, "application/x-research-info-systems"),
    "csl": (csl_json, "application/vnd.citationstyles.csl+json"),
    "jsonld": (json_ld, "application/ld+json"),
}
# Pages that answer the same query, in the order of their tabs.
_ANALYSIS = {
    "/search": "Search",
    "/timeline": "Share over time",
    "/concordance": "Concordance",
    "/compare": "Compare outlets",
    "/words": "Typical words",
    "/collocates": "Collocates",
    "/rising": "Rising words",
}
_ANALYSIS_OF_LAKES = frozenset({"/search", "/timeline"})
_SAME_QUERY = ("q", "outlet", "since", "until", "lang")  # parameters that these pages share
_ONLY_HTML = frozenset({"charts", "pictures", "tables"})  # parts of a page's result that are not JSON


def read_query(request: Request) -> dict[str, list[str]]:
    """Return the query string, truncated."""
    args = request.args  # read it once: Datasette parses it at each access
    return truncate_query({name: args.getlist(name) for name in args})


def language_of(request: Request) -> str:
    """Return the language of a page: from the address, or from the browser."""
    return translations.choose_language(request.args.get("lang"), request.headers.get("accept-language", ""))


async def render(datasette: Datasette, request: Request, template: str, form: str, value: dict[str, Any]) -> Response:
    """Render a page in a format other than HTML.

    Args:
        datasette: The server.
        request: The request.
        template: The template of the page, which decides the kind of its feed.
        form: json, csv, png, txt, atom or a citation format, if the page has it.
        value: The result of the page.

    Raises:
        NotFoundError: The page has nothing in this format.
    """
    if form == "json":
        shown = {name: part for name, part in value.items() if name not in _ONLY_HTML}
        return Response(json.dumps(shown, ensure_ascii=False), content_type="application/json; charset=utf-8")
    if form == "csv":
        table: Table = _choose_part(value.get("tables") or {}, request.args.get("table"), "table")
        return Response(table.csv(), content_type="text/csv; charset=utf-8")
    if form == "png":
        return await _png(request, value)
    if form == "txt":
        if value["withheld"]:
            raise NotFoundError("its outlet asks not to show this text from an archive")
        return Response.text(value["document"])
    if form in _CITATIONS:
        write, content_type = _CITATIONS[form]
        name = {"Content-Disposition": f'attachment; filename="{value["id"]}.{form}"'}
        return Response(write(citation_of(value)), headers=name, content_type=f"{content_type}; charset=utf-8")
    base = datasette.absolute_url(request, datasette.urls.path("/"))
    title, entries = atom.page_feed(template, value, base.rstrip("/"))
    address = datasette.absolute_url(request, request.full_path)
    return Response(atom.write_feed(title, address, entries), content_type="application/atom+xml; charset=utf-8")


async def _png(request: Request, value: Mapping[str, Any]) -> Response:
    charts = {**(value.get("charts") or {}), **(value.get("pictures") or {})}
    chart: Chart = _choose_part(charts, request.args.get("chart"), "chart")
    png = await RENDERER.png(chart, language_of(request))
    if png is None:
        raise NotFoundError("charts are not drawn here; install them with: pip install 'khobao[charts]'")
    return Response(png, content_type="image/png")


def _choose_part(parts: Mapping[str, Any], name: str | None, what: str) -> Any:
    """Return the named part; without a name, the first."""
    found = parts.get(name) if name else next(iter(parts.values()), None)
    if found is None:
        raise NotFoundError(f"this page has no such {what}; it has {', '.join(parts) or 'none'}")
    return found


async def render_html(
    datasette: Datasette,
    request: Request,
    template: str,
    value: dict[str, Any],
    status: int = 200,
    times: LocalTimes | None = None,
) -> Response:
    """Render a page as HTML, in the visitor's language."""
    language, is_lake = language_of(request), lake_of(datasette) is not None
    query, path = read_query(request), request.path[:MOST_CHARACTERS]
    context = value | {
        "t": translations.translator(language),
        "n": translations.number_formatter(language),
        "share": translations.share_formatter(language),
        "decimal": translations.decimal_formatter(language),
        "lang": language,
        "mark": _marker(value),
        "local": times or LocalTimes({}),
        "public": is_public(datasette),
        "is_lake": is_lake,
        "path": path,
        "drawings": await _drawings(datasette, value.get("charts") or {}, language),
        "analysis": {
            datasette.urls.path(where): label
            for where, label in _ANALYSIS.items()
            if where in _ANALYSIS_OF_LAKES or not is_lake
        },
        "same_query": lambda where: page_link(where, {name: query[name] for name in _SAME_QUERY if name in query}),
        "in_language": lambda code: page_link(path, query | {"lang": code}),
        "as_format": lambda form, **more: page_link(f"{path}.{form}", query | more),
        "with_query": lambda **more: page_link(path, query | more),
        "other_reading": lambda text, other, to=None: _other_reading(path, query, text, other, to),
        "run_link": lambda sql: page_link(
            datasette.urls.database(value["database"]), {"sql": sql["sql"], **sql["values"]}
        ),
    }
    html = await datasette.render_template(f"khobao/{template}", context, request=request)
    return Response.html(html, status=status)


def _other_reading(path: str, query: Mapping[str, list[str]], text: str, other: str, to: str | None) -> str:
    """Return the link to a page, by default the same one, that reads one of its queries in another way."""
    if to is not None:
        return page_link(to, {"q": other})
    return page_link(path, {**query, "q": [other if q == text else q for q in query.get("q", ())], "page": ""})


def _marker(value: Mapping[str, Any]) -> Callable[[str], Markup]:
    """Return a function that highlights the phrases of the query, or else its words."""
    query = value.get("q") or ""
    mark = mark_words if (value.get("match") or {}).get("side_by_side") is False else mark_phrases
    return lambda text: mark(text, query)


async def _drawings(datasette: Datasette, charts: Mapping[str, Chart], language: str) -> dict[str, dict[str, Markup]]:
    """Draw the charts of a page for wide screens and for phones; leave out those that fail."""
    base = datasette.urls.path("/").rstrip("/")
    drawn: dict[str, dict[str, Markup]] = {}
    for name, chart in charts.items():
        wide, narrow = await asyncio.gather(
            RENDERER.svg(chart, "wide", language, base), RENDERER.svg(chart, "narrow", language, base)
        )
        if wide is not None and narrow is not None:
            drawn[name] = {"wide": wide, "narrow": narrow}
    return drawn


async def render_error(datasette: Datasette, request: Request, status: int, message: str) -> Response:
    """Render an error page, or JSON, with one line about the error."""
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": message, "status": status}, status=status)
    return await render_html(datasette, request, "error.html", {"message": message, "status": status}, status)
