"""JSON listings, by which publishing systems fill their endless pages: ePi's `data.contents[]` and their like."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urljoin

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.charset import decode
from crawler.dates import Moment, read_moment
from crawler.feeds import plain
from crawler.page import Listing, Page

MOST_ENTRIES = 5000
_DEEPEST = 6
_URLS = ("url", "share_url", "link", "href")
_TITLES = ("title", "name", "headline")
_DATES = ("date", "publish_time", "published_at", "publish_date", "pubDate", "created_at")
_AHEAD = timedelta(days=1)


def read_listing(page: Page, zone: tzinfo, *, now: datetime) -> Listing | Failure:
    """What a JSON listing lists: every object in it that has an address and a headline.

    Args:
        page: The answer of the source.
        zone: The outlet's timezone, for times that say none.
        now: A time of more than a day after it is not believed.
    """
    try:
        told = json.loads(decode(page.content, page.content_type))
    except (ValueError, RecursionError):
        start = page.content[:40].decode("utf-8", "replace").strip()
        return Failure(Reason.MALFORMED, f"{page.url}: no JSON listing; it begins with {start!r}")
    found: dict[str, Candidate] = {}
    for entry in _entries(told, 0):
        candidate = _candidate(entry, page.url, zone, now)
        if candidate and len(found) < MOST_ENTRIES:
            found.setdefault(candidate.url, candidate)
    return Listing(tuple(found.values()))


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


def _candidate(entry: Mapping[str, Any], base: str, zone: tzinfo, now: datetime) -> Candidate | None:
    title = next((entry[name] for name in _TITLES if isinstance(entry.get(name), str)), "")
    link = next(entry[name] for name in _URLS if isinstance(entry.get(name), str))
    if not title.strip():
        return None
    try:
        url = urljoin(base, link)
    except ValueError:
        return None
    raw = next((str(entry[name]) for name in _DATES if isinstance(entry.get(name), str | int | float)), "")
    moment: Moment | None = read_moment(raw, zone) if raw else None
    instant = moment.instant if moment and moment.instant and moment.instant <= now + _AHEAD else None
    return Candidate(url, plain(title), instant, raw)
