"""Write Atom feeds (RFC 4287) of the entries that a page lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_NAMESPACE = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        id: A URI that never changes.
        title: The title, in one line.
        link: The address of its page.
        updated: The time of the last change, ISO 8601.
        author: The name of the outlet.
        summary: The summary, as plain text.
    """

    id: str
    title: str
    link: str
    updated: str
    author: str
    summary: str = ""


def write_feed(title: str, address: str, entries: Sequence[Entry]) -> bytes:
    """Write a feed.

    Args:
        title: The title of the feed.
        address: The absolute address of the feed.
        entries: Its entries, newest first.
    """
    root = Element("feed", {"xmlns": _NAMESPACE})
    _add(root, "title", title)
    _add(root, "id", address)
    SubElement(root, "link", {"rel": "self", "href": address})
    _add(root, "updated", max((entry.updated for entry in entries), default="1970-01-01T00:00:00Z"))
    for entry in entries:
        node = SubElement(root, "entry")
        _add(node, "id", entry.id)
        _add(node, "title", entry.title)
        SubElement(node, "link", {"rel": "alternate", "href": entry.link})
        _add(node, "updated", entry.updated)
        _add(SubElement(node, "author"), "name", entry.author)
        if entry.summary:
            _add(node, "summary", entry.summary)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def page_feed(template: str, value: Mapping[str, Any], base: str) -> tuple[str, list[Entry]]:
    """Return the title and the entries of the feed of a page.

    Args:
        template: search.html, outlet.html, watch.html or changes.html.
        value: The result of the page.
        base: The absolute address of `/`, without the slash.
    """
    if template == "search.html":
        entries = [_article_entry(hit, base, hit["outlet_name"], hit["snippet"]) for hit in value["hits"]]
        return f"kho báo: {value['q']}", entries
    if template == "outlet.html":
        return f"kho báo: {value['name']}", [_article_entry(row, base, value["name"]) for row in value["articles"]]
    if template == "watch.html":
        entries = [_article_entry(hit, base, hit["outlet_name"], hit["standfirst"]) for hit in value["hits"]]
        found = [replace(entry, updated=hit["found_at"]) for entry, hit in zip(entries, value["hits"], strict=True)]
        return f"kho báo: {value['name']}", found
    return "kho báo: changes", [_change_entry(row, base) for row in value["changes"]]


def _change_entry(row: Mapping[str, Any], base: str) -> Entry:
    """Build the entry of a change: an edit links to its diff, a deletion or return to the article."""
    revision = row["revision"]
    return Entry(
        id=f"urn:khobao:{row['id']}:{revision or row['change'] + ':' + row['at']}",
        title=f"{row['change']}: {row['headline']}",
        link=f"{base}/change/{row['id']}/{revision}" if revision else f"{base}/article/{row['id']}",
        updated=row["at"],
        author=row["outlet_name"],
        summary=f"{row['words_gone']} words removed, {row['words_new']} added" if revision else row["reason"],
    )


def _article_entry(row: Mapping[str, Any], base: str, author: str, summary: str = "") -> Entry:
    moment = row.get("published_at") or f"{row['date']}T00:00:00Z"
    return Entry(f"urn:khobao:{row['id']}", row["title"], f"{base}/article/{row['id']}", moment, author, summary)


def _add(parent: Element, name: str, text: str) -> None:
    """Add an element with a text, without the characters that XML 1.0 (section 2.2) forbids."""
    SubElement(parent, name).text = _NOT_XML.sub("", text)
