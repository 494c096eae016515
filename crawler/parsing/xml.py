"""Prepare untrusted XML for parsing: repair common faults, and refuse dangerous documents."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from archive.errors import Failure, Reason

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|rdf|channel|urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE)
_ELEMENT = re.compile(r"<(?:[\w.-]{1,40}:)?([a-zA-Z_][\w.-]{0,40})")
_OPENING = 100_000  # characters of warnings and comments that may precede the root element
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CDATA = "<![CDATA["
_DECLARES = "<!ENTITY"
_LONGEST_TAG = 10_000  # characters; the parsers take quadratic time in the attributes of one tag
_MONSTER = re.compile(rf"<[^<>]{{{_LONGEST_TAG},}}>")
_UNREAD = re.compile(r"<!\[CDATA\[|<!--")
# A reference as HTML allows it, or an unescaped `&` or `<`.
_MARK = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)?|<(?![a-zA-Z_/!?])"
)
# An element that contains only an address or a time, and whose end tag is missing.
_UNCLOSED = re.compile(
    r"(<((?:[\w.-]{1,40}:)?(?:link|guid|id|loc|lastmod|pubdate|published|updated|date|publication_date))"
    r"(?:\s[^<>]{0,2000})?(?<!/)>[^<]{0,5000})(?=<(?!/\2\s*>))",
    re.IGNORECASE,
)
_START_TAG = re.compile(r"<(/?)(?:([\w.-]{1,40}):)?([\w.-]{1,60})([^<>]*)>([^<]*)")


class Prepared(NamedTuple):
    """A document that any parser can read.

    Attributes:
        text: The document, from its root element on.
        notes: What was repaired, one line each.
    """

    text: str
    notes: tuple[str, ...] = ()


class Element(NamedTuple):
    """A tag and the text after it, up to the next tag.

    Attributes:
        prefix: The prefix of its namespace, in lower case; empty for none.
        name: Its name in lower case, without the prefix.
        attributes: Its attributes as written.
        text: The text, with references resolved and without blanks around it.
        is_end: It is an end tag.
    """

    prefix: str
    name: str
    attributes: str
    text: str
    is_end: bool


def prepare_xml(text: str, url: str) -> Prepared | Failure:
    """Repair the most common faults of an XML document, so that any parser reads it.

    Text before the root element is dropped (PHP prints its warnings there). Text after the last tag is dropped: the
    document was truncated there, and half an address is useless. Comments and characters that XML forbids are dropped.
    A bare `&` or `<` is escaped, CDATA becomes escaped text, HTML's named and numeric references become characters,
    and an element with an address or a time is closed before the next tag.

    Args:
        text: The document, decoded.
        url: The address of the document, for messages.

    Returns:
        The document; MALFORMED if it has no element or declares entities: no feed or sitemap needs them, and every
        entity bomb does (CWE-776).
    """
    start = _ROOT.search(text, 0, _OPENING) or _ELEMENT.search(text, 0, _OPENING)
    if start is None:
        return Failure(Reason.MALFORMED, f"{url}: not XML; it begins with {text[:40].strip()!r}")
    end = text.rfind(">") + 1
    escaped, bare = _escape(_UNPRINTABLE.sub("", text[start.start() : end]))
    if _DECLARES in text[: start.start()] or _DECLARES in escaped:  # in CDATA it was only text, and is escaped now
        return Failure(Reason.MALFORMED, f"{url}: declares entities, which no feed or sitemap needs")
    closed, unclosed = _UNCLOSED.subn(r"\1</\2>", _MONSTER.sub("", escaped))
    faults = {
        f"{bare} characters were not escaped": bare,
        f"{unclosed} elements were not closed": unclosed,
        f"it is truncated after {text[end:][:40].strip()!r}": text[end:].strip(),
    }
    return Prepared(closed, tuple(f"broken XML was repaired: {fault}" for fault, found in faults.items() if found))


def root_name(text: str) -> str:
    """Return the name of the root element, in lower case and without its prefix."""
    found = _ELEMENT.match(text)
    return found[1].lower() if found else ""


def elements(text: str) -> Iterator[Element]:
    """Yield the tags of a prepared document in order, whether nested properly or not."""
    for found in _START_TAG.finditer(text):
        end, prefix, name, attributes, words = found.groups()
        yield Element((prefix or "").lower(), name.lower(), attributes, html.unescape(words).strip(), bool(end))


def _escape(text: str) -> tuple[str, int]:
    """Escape characters that parsers refuse and drop comments; return the text and the number of repairs."""
    parts: list[str] = []
    place = bare = 0

    def reference(found: re.Match[str]) -> str:
        nonlocal bare
        bare += not found[1]
        return _reference(found)

    while found := _UNREAD.search(text, place):
        parts.append(_MARK.sub(reference, text[place : found.start()]))
        terminator = "]]>" if found[0] == _CDATA else "-->"
        end = text.find(terminator, found.end())
        end = len(text) if end < 0 else end
        if found[0] == _CDATA:
            parts.append(html.escape(text[found.end() : end], quote=False))
        place = min(end + len(terminator), len(text))
    parts.append(_MARK.sub(reference, text[place:]))
    return "".join(parts), bare


def _reference(found: re.Match[str]) -> str:
    """Return the character that a reference means, or escape the text if it is not a reference."""
    if not found[1]:
        return "&lt;" if found[0] == "<" else "&amp;"
    character = html.unescape(found[0])
    return f"&amp;{found[1]};" if character == found[0] else html.escape(character)
