"""Read JSON listings that pages load on scrolling: ePi's `data.contents[]` and similar ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from archive.errors import Failure, Reason
from crawler.discovery.entries import BOUNDS, Entry, TimeRules, candidates_of
from crawler.page import Listing, Page
from crawler.parsing.charset import decode

_DECODER = json.JSONDecoder(strict=False)
_DEEPEST = 6
_URLS = ("url", "share_url", "link", "href")
_TITLES = ("title", "name", "headline")
_DATES = ("date", "publish_time", "published_at", "publish_date", "pubDate")


def read_listing(page: Page, rules: TimeRules, most: int = BOUNDS.entries) -> Listing | Failure:
    """Read a JSON listing: every object in it that has an address and a headline is an entry.

    Args:
        page: The response of the source.
        rules: How its times are parsed.
        most: The largest number of entries that are read.

    Returns:
        Its entries in order; MALFORMED if it is not JSON.
    """
    try:
        content, notes = parse_json(decode(page.content, page.content_type))
    except (ValueError, RecursionError):
        start = page.content[:40].decode("utf-8", "replace").strip()
        return Failure(Reason.MALFORMED, f"{page.url}: not a JSON listing; it begins with {start!r}")
    entries = (_entry(found) for found in _objects(content, 0))
    candidates, faults = candidates_of((entry for entry in entries if entry.title), page.url, rules, most)
    return Listing(candidates, notes=(*notes, *faults))


def parse_json(text: str) -> tuple[Any, tuple[str, ...]]:
    """Parse the JSON value at the beginning of a text; return it with notes on ignored text.

    Line breaks in strings are allowed. Caches add comments such as `<!-- Cached page -->` after the value.

    Raises:
        ValueError: The text does not begin with JSON.
        RecursionError: It is nested too deeply.
    """
    whole = text.strip()
    value, end = _DECODER.raw_decode(whole)
    rest = whole[end:].strip()
    return value, (f"text after the JSON was ignored: {rest[:40]!r}",) if rest else ()


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield the objects that have an address, at any depth."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if any(isinstance(value.get(name), str) for name in _URLS):
            yield value
        else:
            for inner in value.values():
                yield from _objects(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner, depth + 1)


def _entry(found: Mapping[str, Any]) -> Entry:
    link, title = (next((found[n] for n in names if isinstance(found.get(n), str)), "") for names in (_URLS, _TITLES))
    values = (found.get(name) for name in _DATES)
    times = tuple(str(value) for value in values if isinstance(value, str | int | float) and value is not True)
    return Entry(link, title.strip(), times)
