"""Feeds, as strangers write them: RSS 0.9x, 1.0 and 2.0, Atom, and JSON Feed."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.charset import decode
from crawler.dates import Order, read_moment
from crawler.page import Listing, Page
from crawler.xml import name_of, parse_xml, text_of

MOST_ENTRIES = 5000
_AHEAD = timedelta(days=1)
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_PERIODS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}
_DATES = ("pubdate", "published", "date", "issued", "created", "updated", "modified")
_TITLE = 500  # characters


def read_feed(page: Page, zone: tzinfo, *, now: datetime, order: Order = "dmy") -> Listing | Failure:
    """What a feed lists.

    Args:
        page: The answer of the source.
        zone: The outlet's timezone, for times that say none.
        now: A time of more than a day after it is not believed.
        order: How ambiguous day/month forms are read.

    Returns:
        Its entries in their order, at most `MOST_ENTRIES`; or why it is no feed.
    """
    if page.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _read_json(page, zone, now, order)
    root = parse_xml(page)
    if isinstance(root, Failure):
        return root
    if name_of(root) not in {"rss", "rdf", "feed"}:
        return Failure(Reason.MALFORMED, f"{page.url}: no feed; its root is <{name_of(root)}>")
    entries = (element for element in root.iter() if name_of(element) in {"item", "entry"})
    found = ((_link(entry, page.url), text_of(entry, "title"), text_of(entry, *_DATES)) for entry in entries)
    return _listing(found, zone, now, order, _ttl(root))


def _read_json(page: Page, zone: tzinfo, now: datetime, order: Order) -> Listing | Failure:
    try:
        feed = json.loads(decode(page.content, page.content_type))
    except (ValueError, RecursionError):
        return Failure(Reason.MALFORMED, f"{page.url}: neither XML nor JSON")
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return Failure(Reason.MALFORMED, f"{page.url}: no JSON Feed; it has no items")
    items = (item for item in feed["items"] if isinstance(item, dict))
    found = ((_json_link(item, page.url), _string(item, "title"), _string(item, "date_published")) for item in items)
    return _listing(found, zone, now, order, None)


def _json_link(item: Mapping[str, Any], base: str) -> str:
    link = _string(item, "url") or _string(item, "external_url") or _string(item, "id")
    return _joined(base, link)


def _string(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value.strip() if isinstance(value, str) else ""


def _listing(
    found: Iterable[tuple[str, str, str]], zone: tzinfo, now: datetime, order: Order, ttl: float | None
) -> Listing:
    candidates: dict[str, Candidate] = {}
    ahead, taken = 0, 0
    entries: Iterator[tuple[str, str, str]] = iter(found)
    for url, title, raw in islice(entries, MOST_ENTRIES):
        taken += 1
        moment = read_moment(raw, zone, order) if raw else None
        instant = moment.instant if moment else None
        if instant and instant > now + _AHEAD:
            ahead, instant = ahead + 1, None
        if url:
            candidates.setdefault(url, Candidate(url, plain(title), instant, raw))
    notes = [f"{ahead} entries are dated in the future"] if ahead else []
    if taken == MOST_ENTRIES and next(entries, None):
        notes.append(f"more than {MOST_ENTRIES} entries; the rest was not read")
    return Listing(tuple(candidates.values()), ttl=ttl, notes=tuple(notes))


def _link(entry: etree._Element, base: str) -> str:
    """The address of an entry: Atom's alternate link, RSS' link, or a guid that is a permalink."""
    local = next((a.get(_BASE) for a in (entry, *entry.iterancestors()) if a.get(_BASE)), "")
    links = [child for child in entry if name_of(child) == "link"]
    alternate = [link.get("href") or "" for link in links if link.get("rel", "alternate") == "alternate"]
    guids = [child for child in entry if name_of(child) == "guid" and child.get("isPermaLink", "true") != "false"]
    written = ("".join(child.itertext()).strip() for child in (*links, *guids))
    about = [value for name, value in entry.attrib.items() if str(name).endswith("about")]
    told = [text for text in (*alternate, *written, text_of(entry, "origlink"), *map(str, about)) if text]
    return next((url for text in told if (url := _joined(urljoin(base, local or ""), text)).startswith("http")), "")


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, html.unescape(link)) if link else ""
    except ValueError:
        return ""


def _ttl(root: etree._Element) -> float | None:
    """Seconds that a feed asks to be left alone: RSS' `ttl` (minutes), or the syndication module's period."""
    channel = next((child for child in root if name_of(child) == "channel"), root)
    minutes, period = text_of(channel, "ttl"), text_of(channel, "updateperiod").lower()
    if minutes.isdecimal() and int(minutes):
        return int(minutes[:6]) * 60.0
    if period in _PERIODS:
        times = text_of(channel, "updatefrequency")
        return _PERIODS[period] / max(int(times[:6]) if times.isdecimal() else 1, 1)
    return None


def plain(title: str) -> str:
    """A headline without markup, though it was escaped twice (thanhnien.vn, 2024), on one line."""
    text = html.unescape(html.unescape(title[: _TITLE * 4]))
    return " ".join(re.sub(r"</?[a-zA-Z!][^<>]{0,500}>", " ", text).split())[:_TITLE]
