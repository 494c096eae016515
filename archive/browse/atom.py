"""Atom feeds (RFC 4287) of what the archive finds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_NAMESPACE = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        id: A URI that never changes.
        title: In one line.
        link: Where it is shown.
        updated: The instant, ISO 8601.
        author: Whose it is.
        summary: Plain text.
    """

    id: str
    title: str
    link: str
    updated: str
    author: str
    summary: str = ""


def feed(title: str, address: str, entries: Sequence[Entry]) -> bytes:
    """A feed, newest entry first.

    Args:
        title: Of the feed.
        address: Where it stands, absolute.
        entries: What it holds.
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


def of_page(kind: str, value: Mapping[str, Any], base: str) -> tuple[str, list[Entry]]:
    """Title and entries of the feed of a page.

    Args:
        kind: search.html, outlet.html or changes.html.
        value: What the page shows.
        base: The absolute address of `/`, without the slash.
    """
    if kind == "search.html":
        return f"kho báo: {value['q']}", [
            _article(hit, base, hit["outlet_name"], hit["snippet"]) for hit in value["hits"]
        ]
    if kind == "outlet.html":
        return f"kho báo: {value['name']}", [_article(row, base, value["name"]) for row in value["articles"]]
    return "kho báo: changes", [_change(row, base) for row in value["changes"]]


def _change(row: Mapping[str, Any], base: str) -> Entry:
    """An edit leads to its difference; an article that was taken down or came back, to itself."""
    edit = row["revision"]
    return Entry(
        id=f"urn:khobao:{row['id']}:{edit or row['change'] + ':' + row['at']}",
        title=f"{row['change']}: {row['headline']}",
        link=f"{base}/change/{row['id']}/{edit}" if edit else f"{base}/article/{row['id']}",
        updated=row["at"],
        author=row["outlet_name"],
        summary=f"{row['words_gone']} words gone, {row['words_new']} new" if edit else row["reason"],
    )


def _article(row: Mapping[str, Any], base: str, author: str, summary: str = "") -> Entry:
    moment = row.get("published_at") or f"{row['date']}T00:00:00Z"
    return Entry(f"urn:khobao:{row['id']}", row["title"], f"{base}/article/{row['id']}", moment, author, summary)


def _add(parent: Element, name: str, text: str) -> None:
    """Add an element, without what XML 1.0 (section 2.2) has no place for."""
    SubElement(parent, name).text = _NO_XML.sub("", text)
