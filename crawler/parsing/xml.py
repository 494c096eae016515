"""XML of strangers, parsed leniently and without any of what makes XML dangerous."""

from __future__ import annotations

import html
import re

from lxml import etree

from archive.errors import Failure, Reason
from crawler.page import Page
from crawler.parsing.charset import decode

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_START = re.compile(r"<(?:\?xml|!--|!DOCTYPE|[a-zA-Z_])")
_JUNK = 200  # characters of warnings and blanks that some servers print before the document
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([a-zA-Z][a-zA-Z0-9]{1,31};)")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parse_xml(page: Page) -> etree._Element | Failure:
    """The root of an XML document.

    HTML's named entities are understood without a declaration, broken markup is mended, and a document that declares
    entities of its own is refused whole: no feed needs them and every entity bomb does (CWE-776).

    Args:
        page: What was fetched.
    """
    text = decode(page.content, page.content_type)
    start = _START.search(text)
    if start is None:
        return Failure(Reason.MALFORMED, f"{page.url}: no XML; it begins with {text[:40].strip()!r}")
    text = text[start.start() if start.start() <= _JUNK else 0 :]
    if "<!ENTITY" in text:
        return Failure(Reason.MALFORMED, f"{page.url}: declares entities, which no feed or sitemap needs")
    text = _NAMED.sub(lambda found: html.unescape(found[0]), _UNPRINTABLE.sub("", _DECLARATION.sub("", text)))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        return Failure(Reason.MALFORMED, f"{page.url}: not XML: {error.msg}")
    if root is None:
        return Failure(Reason.MALFORMED, f"{page.url}: not XML")
    return root


def mended(root: etree._Element) -> tuple[str, ...]:
    """What was broken in a document and where, in one line; empty for a sound one."""
    log = root.getroottree().parser.error_log.filter_from_errors()
    return (f"broken XML was mended: {' '.join(log[0].message.split())} (line {log[0].line})",) if log else ()


def name_of(element: etree._Element) -> str:
    """An element's name in lower case, without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def text_of(element: etree._Element, *names: str) -> str:
    """The text of the first child that has one of these names, whatever their namespaces; empty for none."""
    for name in names:
        for child in element:
            if name_of(child) == name and (text := "".join(child.itertext()).strip()):
                return text
    return ""
