"""JSON listings, by which publishing systems fill their endless pages: ePi's `data.contents[]` and their like."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from archive.errors import Failure, Reason
from crawler.discovery.entries import BOUNDS, Clock, Entry, taken
from crawler.page import Listing, Page
from crawler.parsing.charset import decode

_DEEPEST = 6
_URLS = ("url", "share_url", "link", "href")
_TITLES = ("title", "name", "headline")
_DATES = ("date", "publish_time", "published_at", "publish_date", "pubDate")


def read_listing(page: Page, clock: Clock, most: int = BOUNDS.entries) -> Listing | Failure:
    """What a JSON listing lists: every object in it that has an address and a headline.

    Args:
        page: The answer of the source.
        clock: How its times are read.
        most: How many entries are read.

    Returns:
        Its entries in their order; or why it is no JSON.
    """
    try:
        told = json.loads(decode(page.content, page.content_type))
    except (ValueError, RecursionError):
        start = page.content[:40].decode("utf-8", "replace").strip()
        return Failure(Reason.MALFORMED, f"{page.url}: no JSON listing; it begins with {start!r}")
    entries = (_entry(found) for found in _entries(told, 0))
    candidates, notes = taken((entry for entry in entries if entry.title), page.url, clock, most)
    return Listing(candidates, notes=notes)


def _entries(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if any(isinstance(value.get(name), str) for name in _URLS):
            yield value
        else:
            for inner in value.values():
                yield from _entries(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _entries(inner, depth + 1)


def _entry(found: Mapping[str, Any]) -> Entry:
    link, title = (next((found[n] for n in names if isinstance(found.get(n), str)), "") for names in (_URLS, _TITLES))
    raw = next((str(found[name]) for name in _DATES if isinstance(found.get(name), str | int | float)), "")
    return Entry(link, title.strip(), raw)
