"""Build the pages of saved searches: a list, the hits of one, and settings to copy for a new one."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from itertools import chain, count
from typing import Any

from sqlite_utils import Database

from archive.browse.matching import describe_match
from archive.browse.page_request import NotFoundError, PageRequest
from archive.browse.sql import outlet_names
from archive.browse.tabular import Table
from archive.search.folding import fold
from archive.search.watches import WatchState, read_hits, read_watches

SENDS = ("daily", "each", "surge", "never")
_MOST_HITS = 100
_LONGEST_NAME = 55  # characters; the settings accept sixty, so that a number fits behind it
_COLUMNS = ("found_at", "date", "outlet", "title", "url", "id")


def watches(db: Database, request: PageRequest) -> dict[str, Any]:
    """List the saved searches, and write the settings for a new one."""
    _require_private(request)
    text, outlets = request.text("q"), request.texts("outlet")
    saved = read_watches(db)
    name = _free_name(request.text("name") or text, {state.watch.name for state in saved}) if text else ""
    send, mail = request.choice("send", SENDS, "daily"), request.text("mail")
    return {
        "q": text,
        "name": name,
        "outlets": outlets,
        "send": send,
        "sends": SENDS,
        "mail": mail,
        "match": describe_match(text),
        "names": outlet_names(db),
        "lines": _lines(name, text, outlets, send, mail) if text else "",
        "watches": [_facts(state) for state in saved],
    }


def watch(db: Database, request: PageRequest) -> dict[str, Any]:
    """List the newest hits of a saved search."""
    _require_private(request)
    name = request.part("id")
    state = next((state for state in read_watches(db) if state.watch.name == name), None)
    if state is None:
        raise NotFoundError(f"no saved search {name[:40]!r}; /watches lists them")
    hits = read_hits(db, name, _MOST_HITS)
    return _facts(state) | {
        "q": state.watch.query,
        "match": describe_match(state.watch.query),
        "names": outlet_names(db),
        "hits": hits,
        "tables": {"hits": Table(_COLUMNS, [[hit[column] for column in _COLUMNS] for hit in hits])},
    }


def _require_private(request: PageRequest) -> None:
    """Answer strangers with 404, because saved searches are private."""
    if request.public:
        raise NotFoundError("saved searches are not shown here")


def _facts(state: WatchState) -> dict[str, Any]:
    return {
        "name": state.watch.name,
        "query": state.watch.query,
        "outlets": list(state.watch.outlets),
        "waiting": state.waiting,
    }


def _free_name(text: str, taken: Collection[str]) -> str:
    """Return a name for a saved search that the settings accept and no other search has."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", fold(text)).strip("-")[:_LONGEST_NAME].rstrip("-") or "search"
    numbered = (f"{name}-{number}" for number in count(2))
    return next(free for free in chain([name], numbered) if free not in taken)


def _lines(name: str, query: str, outlets: Sequence[str], send: str, mail: str) -> str:
    """Write a saved search for khobao.toml; JSON strings and lists are valid TOML."""
    values: dict[str, Any] = {"name": name, "query": query, "outlets": list(outlets), "send": send}
    values |= {"mail": [mail]} if mail else {}
    written = (f"{key} = {_toml(value)}" for key, value in values.items() if value)
    return "\n".join(("[[watch]]", *written))


def _toml(value: Any) -> str:
    """Write a text or a list of texts as TOML: as JSON, with DEL escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
