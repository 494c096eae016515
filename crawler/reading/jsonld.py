"""JSON-LD as news pages really write it: glued, doubled, escaped, wrapped in comments, or not quite JSON."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

Node = dict[str, Any]

_ARTICLE_TYPES_NAMES = """
Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle OpinionNewsArticle
ReviewNewsArticle AskPublicNewsArticle AdvertiserContentArticle BlogPosting LiveBlogPosting TechArticle Report
ScholarlyArticle SatiricalArticle SocialMediaPosting Blog WebPage
"""
ARTICLE_TYPES = frozenset(_ARTICLE_TYPES_NAMES.split())
_SCRIPTS = 60  # ld+json scripts that are looked at
_NODES = 500  # nodes of one page that are looked at
_DEPTH = 12
_MAX_TEXT = 5_000  # characters of one string that are looked at
_SPARE_COMMA = re.compile(r",(?=\s{0,80}[,}\]])")
# Every alternative runs to the end of the script where it is not closed, so that none is tried twice.
_COMMENT = re.compile(r'"(?:[^"\\]|\\[\s\S])*+(?:"|\\?\Z)|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)')
_SALVAGED = [
    "@type",
    "headline",
    "datePublished",
    "dateModified",
    "dateCreated",
    "articleSection",
    "inLanguage",
    "description",
    "keywords",
]
_STRING = r'"%s"\s{0,20}:\s{0,20}"((?:[^"\\]|\\.){1,2000})"'
_AUTHOR = re.compile(
    r'"author"\s{0,20}:\s{0,20}\[?\s{0,20}\{[^{}]{0,300}?"name"\s{0,20}:\s{0,20}"((?:[^"\\]|\\.){1,200})"'
)


def nodes(scripts: Iterable[str]) -> list[Node]:
    """Every node of the page's JSON-LD, `@graph` and lists laid flat.

    Args:
        scripts: The texts of the page's `application/ld+json` scripts.

    Returns:
        The nodes in page order; what cannot be read at all is left out.
    """
    found: list[Node] = []
    for number, script in enumerate(scripts):
        if number >= _SCRIPTS:
            break
        for value in _values(script):
            for node in _flat(value, 0):
                if len(found) >= _NODES:
                    return found
                found.append(node)
    return found


def types(node: Node) -> frozenset[str]:
    """The types of a node, without the address of their vocabulary."""
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return frozenset(re.split(r"[/#:]", text)[-1] for text in kinds if isinstance(text, str))


def articles(found: Iterable[Node]) -> list[Node]:
    """The nodes that describe an article, those that say more of it first."""
    chosen = [node for node in found if types(node) & ARTICLE_TYPES]
    weight = ("headline", "datePublished", "author", "articleBody", "dateModified")
    return sorted(chosen, key=lambda n: ("WebPage" in types(n), -sum(bool(n.get(key)) for key in weight)))


def text(value: Any) -> str:
    """A value as one line of text: of a list the first, of a node its name; empty where there is none."""
    if isinstance(value, list):
        value = next((v for v in value if v), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value))


def clean(raw: str) -> str:
    """A string of a page's data as a person would read it: references resolved (twice, if doubled), one line."""
    raw = unicodedata.normalize("NFC", raw[:_MAX_TEXT])
    for _ in range(2):
        if "&" in raw:
            raw = html.unescape(raw)
    return " ".join(re.sub(r"<[^<>]{1,200}>", " ", raw).split()) if "<" in raw else " ".join(raw.split())


def people(value: Any) -> list[str]:
    """The names in an `author` or `creator` value, whatever its shape."""
    if isinstance(value, list):
        return [name for item in value[:30] for name in people(item)]
    if isinstance(value, dict) and isinstance(value.get("name"), list):
        return people(value["name"])
    name = text(value)
    return [name] if name else []


def _values(script: str) -> Iterator[Any]:
    """The JSON values of one script, however many are glued together."""
    raw = script.replace("<![CDATA[", "").replace("]]>", "").strip()
    if raw.startswith(("&", "{&", "[{&")):
        raw = html.unescape(raw)
    decoder = json.JSONDecoder(strict=False)
    at = 0
    while (at := _next_value(raw, at)) >= 0:
        try:
            value, at = decoder.raw_decode(raw, at)
        except (ValueError, RecursionError):
            yield from _mended(raw[at:], decoder)
            return
        yield value


def _next_value(raw: str, at: int) -> int:
    starts = [i for i in (raw.find("{", at), raw.find("[", at)) if i >= 0]
    return min(starts, default=-1)


def _mended(raw: str, decoder: json.JSONDecoder) -> Iterator[Any]:
    """What can be had from JSON that is broken: without comments and spare commas, or the plain strings we look for."""
    try:
        plain = _COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else " ", raw)
        yield decoder.raw_decode(_SPARE_COMMA.sub("", plain).strip())[0]
    except (ValueError, RecursionError):
        node: Node = {}
        for key in _SALVAGED:
            if match := re.search(_STRING % key, raw):
                node[key] = _unescaped(match[1])
        if match := _AUTHOR.search(raw):
            node["author"] = _unescaped(match[1])
        if node.get("headline") or node.get("datePublished"):
            node.setdefault("@type", "NewsArticle")
            if not types(node) & ARTICLE_TYPES:
                node["@type"] = "NewsArticle"
        if node:
            yield node


def _unescaped(string: str) -> str:
    try:
        return str(json.loads(f'"{string}"', strict=False))
    except ValueError:
        return string


def _flat(value: Any, depth: int) -> Iterator[Node]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _flat(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            if isinstance(value.get(key), list | dict):
                yield from _flat(value[key], depth + 1)
