"""Feeds, as strangers write them: RSS 0.9x, 1.0 and 2.0, Atom, and JSON Feed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lxml import etree

from archive.errors import Failure, Reason
from crawler.discovery.entries import BOUNDS, Clock, Entry, joined, taken
from crawler.page import Listing, Page
from crawler.parsing.charset import decode, opening
from crawler.parsing.xml import mended, name_of, parse_xml, text_of

_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_PERIODS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}
# RSS 2.0, Atom, Dublin Core in RSS 1.0, Atom 0.3. `updated` and `modified` are of a change, `created` is of a draft.
_DATES = ("pubdate", "published", "date", "issued")


def read_feed(page: Page, clock: Clock, most: int = BOUNDS.entries) -> Listing | Failure:
    """What a feed lists.

    Args:
        page: The answer of the source.
        clock: How its times are read.
        most: How many entries are read.

    Returns:
        Its entries in their order; or why it is no feed.
    """
    if opening(page.content).startswith(b"{"):
        return _read_json(page, clock, most)
    root = parse_xml(page)
    if isinstance(root, Failure):
        return root
    if name_of(root) not in {"rss", "rdf", "feed"}:
        return Failure(Reason.MALFORMED, f"{page.url}: no feed; its root is <{name_of(root)}>")
    entries = (element for element in root.iter() if name_of(element) in {"item", "entry"})
    found = (Entry(_link(entry, page.url), text_of(entry, "title"), text_of(entry, *_DATES)) for entry in entries)
    candidates, notes = taken(found, page.url, clock, most)
    return Listing(candidates, ttl=_ttl(root), notes=(*mended(root), *notes))


def _read_json(page: Page, clock: Clock, most: int) -> Listing | Failure:
    try:
        feed = json.loads(decode(page.content, page.content_type))
    except (ValueError, RecursionError):
        return Failure(Reason.MALFORMED, f"{page.url}: neither XML nor JSON")
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return Failure(Reason.MALFORMED, f"{page.url}: no JSON Feed; it has no items")
    items = (item for item in feed["items"] if isinstance(item, dict))
    found = (
        Entry(_string(i, "url", "external_url", "id"), _string(i, "title"), _string(i, "date_published")) for i in items
    )
    candidates, notes = taken(found, page.url, clock, most)
    return Listing(candidates, notes=notes)


def _string(item: Mapping[str, Any], *names: str) -> str:
    values = (item.get(name) for name in names)
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), "")


def _link(entry: etree._Element, url: str) -> str:
    """The address of an entry: where FeedBurner took it from, Atom's alternate, RSS' link, or a guid that is one."""
    local = next((base for element in (entry, *entry.iterancestors()) if (base := element.get(_BASE))), "")
    links = [child for child in entry if name_of(child) == "link"]
    alternate = [link.get("href") or "" for link in links if link.get("rel", "alternate") == "alternate"]
    guids = [child for child in entry if name_of(child) == "guid" and child.get("isPermaLink", "true") != "false"]
    written = ("".join(child.itertext()).strip() for child in (*links, *guids))
    about = (str(value) for name, value in entry.attrib.items() if str(name).endswith("about"))
    told = (text for text in (text_of(entry, "origlink"), *alternate, *written, *about) if text)
    base = joined(url, local) or url
    return next((address for text in told if (address := joined(base, text)).startswith("http")), "")


def _ttl(root: etree._Element) -> float | None:
    """Seconds that a feed asks to be left alone: RSS' `ttl` (minutes), or the syndication module's period."""
    channel = next((child for child in root if name_of(child) == "channel"), root)
    if minutes := _count(text_of(channel, "ttl")):
        return minutes * 60.0
    period = _PERIODS.get(text_of(channel, "updateperiod").lower())
    return period / (_count(text_of(channel, "updatefrequency")) or 1) if period else None


def _count(text: str) -> int:
    return int(text[:6]) if text.isascii() and text.isdecimal() else 0
