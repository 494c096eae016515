"""Let Datasette's search box above articles work like `khobao search`, in the same bounded time."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import date
from typing import TYPE_CHECKING

from datasette.filters import FilterArguments
from sqlite_utils import Database

from archive.browse.table_metadata import SEARCHED_TABLES, has_archive
from archive.search.engine import rank
from archive.search.model import Filters
from archive.search.query import parse_query

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_MOST_HITS = 1000


async def search_filter(datasette: Datasette, request: Request, database: str, table: str) -> FilterArguments | None:
    """Return the filter for the words in the search box; None for tables that are not ours.

    Datasette itself would search for the bare words, and read and count every hit of the archive.
    """
    if table not in SEARCHED_TABLES or not has_archive(datasette, database):
        return None
    text = next((request.args[key] for key in request.args if key.startswith("_search") and key != "_searchmode"), "")
    if not text:
        return FilterArguments([], extra_context={"supports_search": True})
    filters = _filters(request)

    def find(connection: sqlite3.Connection) -> tuple[list[int], str | None]:
        query = parse_query(text)
        return rank(Database(connection), query, filters, _MOST_HITS, clock=time.thread_time) if query else ([], None)

    numbers, back_to = await datasette.get_database(database).execute_fn(find)
    description = f'search matches "{text}"' + (f" (texts were searched back to {back_to})" if back_to else "")
    return FilterArguments(
        ["number in (select value from json_each(:found))"],
        {"found": json.dumps(numbers)},
        [description],
        {"supports_search": True, "search": text},
    )


def _filters(request: Request) -> Filters:
    """Return the page's other filters as search filters, so that they apply before the hits are limited."""
    day, since, until = (_day(request.args.get(name)) for name in ("date", "date__gte", "date__lte"))
    outlet, section, kind = (request.args.get(name) for name in ("outlet", "section", "kind"))
    return Filters(outlet, day or since, day or until, section, kind)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
