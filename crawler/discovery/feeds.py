"""Read feeds, valid or not: RSS and Atom of any version with feedparser, and JSON Feed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from archive.errors import Failure, Reason
from crawler.discovery.entries import BOUNDS, Entry, TimeRules, candidates_of
from crawler.discovery.json_listings import parse_json
from crawler.page import Listing, Page
from crawler.parsing.charset import decode, opening
from crawler.parsing.xml import prepare_xml, root_name

ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
_LATEST = 1e13  # milliseconds since 1970, in 2286
_PERIODS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}
_TAGS = 40  # average tags of one entry without its texts, in a feed with as many entries as may be read
_TAGS_OF_ONE = 400  # tags of one entry without its texts, in a feed with few entries
_TAGS_OF_HEAD = 1_000  # tags outside the entries
_TAG = re.compile("<")
_ENTRY = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
# Elements that are skipped: the texts of entries, three quarters of a feed. (Prepared texts contain no tags.)
_TEXTS = re.compile(
    r"<(description|summary|content|content:encoded|media:description)(?:\s[^<>]*)?(?<!/)>[^<]*</\1\s*>"
)
# feedparser stores `dc:date` of RSS 1.0, a publication time, under the same name as Atom's `updated`, a change.
_DATE_ELEMENT = re.compile(r"<\w{1,20}:date[\s>]")
_CHANGE_ELEMENT = re.compile(r"<(?:\w{1,20}:)?(?:updated|modified)[\s>]")
# RFC 4287, 4.2.7.2: a registered relation may be written as its address at IANA.
_IANA = ("http://www.iana.org/assignments/relation/", "https://www.iana.org/assignments/relation/")
_SCHEMES = ("http://", "https://", "feed:")
_PAGE_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})


def read_feed(page: Page, rules: TimeRules, most: int = BOUNDS.entries) -> Listing | Failure:
    """Read a feed.

    Args:
        page: The response of the source.
        rules: How its times are parsed.
        most: The largest number of entries that are read.

    Returns:
        Its entries in order; MALFORMED if it is not a feed.
    """
    if opening(page.content).startswith(b"{"):
        return _read_json(page, rules, most)
    prepared = prepare_xml(decode(page.content, page.content_type), page.url)
    if isinstance(prepared, Failure):
        return prepared
    text = prepared.text
    if root_name(text) not in ROOTS:
        return Failure(Reason.MALFORMED, f"{page.url}: not a feed; its root is <{root_name(text)}>")
    feed = _parse(_cut_to_entries(_TEXTS.sub("", text), most), page.url)
    names = _date_names(text)
    entries = (Entry(_link(entry), str(entry.get("title", "")), _times(entry, names)) for entry in feed.entries)
    candidates, notes = candidates_of(entries, page.url, rules, most)
    return Listing(candidates, ttl=_ttl(feed.feed), notes=(*prepared.notes, *_faults(feed), *notes))


def _cut_to_entries(text: str, most: int) -> str:
    """Cut a feed after its largest number of entries, or where it has far too many tags for them.

    feedparser needs 70 µs for each element, and every start tag without an end tag counts as one.
    """
    starts = [found.start() for found in islice(_ENTRY.finditer(text), most + 2)]
    tags = min(most * _TAGS, _TAGS_OF_HEAD + len(starts) * _TAGS_OF_ONE)
    further = (found.start() for found in islice(_TAG.finditer(text), tags, None))
    end = min([*starts[most + 1 :], next(further, len(text))])
    if end == len(text):
        return text
    root = text[1 : text.index(">")].split(maxsplit=1)[0]
    return f"{text[:end]}{'</channel>' if root == 'rss' else ''}</{root}>"


def _parse(text: str, url: str) -> Any:
    """Pass a feed to feedparser as a stream: a string could be taken for a file name and opened."""
    import feedparser  # here, so that only the processes that parse load it

    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    return feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)


def _faults(feed: Any) -> Iterator[str]:
    if feed.bozo:
        yield f"broken XML was repaired: {' '.join(str(feed.get('bozo_exception', '')).split())[:200]}"


def _link(entry: Mapping[str, Any]) -> str:
    """Choose the address of an entry: the one before FeedBurner's redirect, its page link, or its id."""
    alternates = [link for link in entry.get("links", ()) if _is_alternate(link)]
    pages = [link for link in alternates if str(link.get("type", "")).lower() in _PAGE_TYPES]
    hrefs = [str(link.get("href", "")) for link in (*pages, *alternates)]
    said = (entry.get("feedburner_origlink", ""), *hrefs, entry.get("link", ""), entry.get("id", ""))
    return next((link for link in said if link.strip().lower().startswith(_SCHEMES)), "")


def _is_alternate(link: Mapping[str, Any]) -> bool:
    relation = str(link.get("rel", "alternate")).strip().lower()
    return relation.removeprefix(_IANA[0]).removeprefix(_IANA[1]) == "alternate"


def _date_names(text: str) -> tuple[str, ...]:
    """Return feedparser's names for the elements that date the entries of this feed."""
    dated = _DATE_ELEMENT.search(text) and not _CHANGE_ELEMENT.search(text)
    return ("published", "updated") if dated else ("published",)


def _times(entry: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return an entry's publication times as written, because feedparser reads IST (India) as UTC."""
    return tuple(str(entry[name]) for name in names if entry.get(name))


def _ttl(feed: Mapping[str, Any]) -> float | None:
    """Return how many seconds a feed asks to wait: its `ttl`, or the syndication module's period."""
    if minutes := _count(feed.get("ttl")):
        return minutes * 60.0
    period = _PERIODS.get(str(feed.get("sy_updateperiod", "")).strip().lower())
    return period / (_count(feed.get("sy_updatefrequency")) or 1) if period else None


def _count(value: object) -> int:
    text = str(value or "").strip()
    return int(text[:6]) if text.isascii() and text.isdecimal() else 0


def _read_json(page: Page, rules: TimeRules, most: int) -> Listing | Failure:
    try:
        feed, notes = parse_json(decode(page.content, page.content_type))
    except (ValueError, RecursionError):
        return Failure(Reason.MALFORMED, f"{page.url}: neither XML nor JSON")
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return Failure(Reason.MALFORMED, f"{page.url}: not a JSON Feed; it has no items")
    items = (item for item in feed["items"] if isinstance(item, dict))
    entries = (
        Entry(_string(i, "url", "external_url", "id"), _string(i, "title"), (_number(i, "date_published"),))
        for i in items
    )
    candidates, faults = candidates_of(entries, page.url, rules, most)
    return Listing(candidates, notes=(*notes, *faults))


def _string(item: Mapping[str, Any], *names: str) -> str:
    values = (item.get(name) for name in names)
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), "")


def _number(item: Mapping[str, Any], name: str) -> str:
    """Return a string, or a number as a string: some feeds have epoch seconds instead of RFC 3339."""
    value = item.get(name)
    if isinstance(value, int | float):
        return str(int(value)) if 0 < value < _LATEST else ""
    return _string(item, name)
