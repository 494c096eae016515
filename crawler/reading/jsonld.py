"""Parse the JSON-LD of news pages, even if it is escaped, concatenated or broken."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crawler.parsing.composition import compose

Node = dict[str, Any]

_ARTICLE_TYPES_NAMES = """
Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle OpinionNewsArticle
ReviewNewsArticle AskPublicNewsArticle AdvertiserContentArticle BlogPosting LiveBlogPosting TechArticle Report
ScholarlyArticle SatiricalArticle SocialMediaPosting Blog WebPage
"""
ARTICLE_TYPES = frozenset(_ARTICLE_TYPES_NAMES.split())
_SCRIPTS = 60  # ld+json scripts that are parsed
_NODES = 500  # nodes of one page that are parsed
_DEPTH = 12
_OWN_ADDRESS = ("url", "@id", "mainEntityOfPage")
_LAST_PART = 10  # characters; a last path segment of this length identifies an article
_MAX_TEXT = 5_000  # characters of one string that are used
_SPARE_COMMA = re.compile(r",(?=\s{0,80}[,}\]])")
# Every alternative matches up to the end of the script if it is not closed, so that no part is tried twice.
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


def parse_nodes(scripts: Iterable[str]) -> list[Node]:
    """Parse JSON-LD scripts into a flat list of nodes.

    Args:
        scripts: The texts of the page's `application/ld+json` scripts.

    Returns:
        The nodes in page order; unreadable parts are left out.
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


def node_types(node: Node) -> frozenset[str]:
    """Return the types of a node, without the address of their vocabulary."""
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return frozenset(re.split(r"[/#:]", text)[-1] for text in kinds if isinstance(text, str))


def article_nodes(found: Iterable[Node]) -> list[Node]:
    """Select the nodes that describe an article, most detailed first."""
    chosen = [node for node in found if node_types(node) & ARTICLE_TYPES]
    weight = ("headline", "datePublished", "author", "articleBody", "dateModified")
    return sorted(chosen, key=lambda n: ("WebPage" in node_types(n), -sum(bool(n.get(key)) for key in weight)))


def relevance(node: Node, urls: Iterable[str], titles: Iterable[str]) -> int:
    """Score whether a node describes this page's article rather than another one.

    Args:
        node: A node that describes an article.
        urls: The addresses of the page.
        titles: The headlines that the page has outside JSON-LD, as `title_key` returns them.

    Returns:
        Above 0 if address or headline match the page, below 0 if they match another page, 0 if unknown.
    """
    own = {path for url in urls if (path := _path(url))}
    refs = [ref for key in _OWN_ADDRESS for ref in _references(node.get(key))]
    named = {path for ref in refs if (path := _path(ref))}
    weight = 0
    if own and (named or ("WebPage" in node_types(node) and any(map(_is_home, refs)))):
        weight += 2 if any(_same_path(a, b) for a in own for b in named) else -1
    headline = title_key(to_text(node.get("headline")) or to_text(node.get("name")))
    keys = [key for key in titles if key]
    if headline and keys:
        weight += 2 if any(headline in key or key in headline for key in keys) else -1
    return weight


def title_key(title: str) -> str:
    """Reduce a headline to its lower-cased letters and digits, for comparison."""
    return "".join(filter(str.isalnum, title)).casefold()


def _references(value: Any) -> list[str]:
    """List the addresses in a property: the value itself, or those of its node."""
    values = [value.get("@id"), value.get("url")] if isinstance(value, dict) else [value]
    return [ref for ref in values if isinstance(ref, str)]


def _is_home(url: str) -> bool:
    """Return whether an absolute address is that of a front page."""
    return url.startswith("http") and not _path(url)


def _path(url: str) -> str:
    """Return the path of an address, without its AMP marks and `.html`."""
    try:
        path = urlsplit(url).path.strip("/").lower()
    except ValueError:
        return ""
    return re.sub(r"(?:^amp/|[./]amp$|\.html?$)", "", path)


def _same_path(a: str, b: str) -> bool:
    """Return whether two paths belong to one article, which may be in two sections."""
    shorter, longer = sorted((a, b), key=len)
    return a == b or (len(shorter) >= _LAST_PART and longer.endswith("/" + shorter.rpartition("/")[2]))


def to_text(value: Any) -> str:
    """Convert a value to one line of text: a list to its first item, a node to its name."""
    if isinstance(value, list):
        value = next((v for v in value if v), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean_text(str(value))


def clean_text(raw: str) -> str:
    """Resolve character references in a string, remove tags and collapse blanks."""
    raw = compose(raw[:_MAX_TEXT])
    for _ in range(2):
        if "&" in raw:
            raw = html.unescape(raw)
    return " ".join(re.sub(r"<[^<>]{1,200}>", " ", raw).split()) if "<" in raw else " ".join(raw.split())


@dataclass(frozen=True, slots=True)
class Author:
    """An author in JSON-LD.

    Attributes:
        name: As written.
        organization: It is an organization, such as the owner of the site, not a person.
    """

    name: str
    organization: bool = False


def authors(value: Any, known: Mapping[str, Node]) -> list[Author]:
    """Read the names in an `author` or `creator` value of any shape.

    Args:
        value: The value.
        known: The nodes of the page by `@id`, which a value may refer to.
    """
    if isinstance(value, list):
        return [author for item in value[:30] for author in authors(item, known)]
    if isinstance(value, dict):
        if isinstance(value.get("@list"), list):
            return authors(value["@list"], known)
        value = {**known.get(str(value.get("@id")), {}), **value}
        if isinstance(value.get("name"), list):
            return authors(value["name"], known)
        organization = bool(node_types(value)) and all(kind.endswith("Organization") for kind in node_types(value))
        parts = " ".join(filter(None, (to_text(value.get("givenName")), to_text(value.get("familyName")))))
        name = to_text(value.get("name") or value.get("displayName") or value.get("fullName")) or parts
        return [Author(name, organization)] if name else []
    name = to_text(value)
    return [Author(name)] if name else []


def _values(script: str) -> Iterator[Any]:
    """Yield the JSON values of one script, which may contain several."""
    raw = script.replace("<![CDATA[", "").replace("]]>", "").strip()
    if raw.startswith(("&", "{&", "[{&")):
        raw = html.unescape(raw)
    decoder = json.JSONDecoder(strict=False)
    at = 0
    while (at := _next_value(raw, at)) >= 0:
        try:
            value, at = decoder.raw_decode(raw, at)
        except (ValueError, RecursionError):
            yield from _repair(raw[at:], decoder)
            return
        yield value


def _next_value(raw: str, at: int) -> int:
    starts = [i for i in (raw.find("{", at), raw.find("[", at)) if i >= 0]
    return min(starts, default=-1)


def _repair(raw: str, decoder: json.JSONDecoder) -> Iterator[Any]:
    """Repair broken JSON, or else extract single strings from it."""
    try:
        plain = _COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else " ", raw)
        yield decoder.raw_decode(_SPARE_COMMA.sub("", plain).strip())[0]
    except (ValueError, RecursionError):
        node: Node = {}
        for key in _SALVAGED:
            if match := re.search(_STRING % key, raw):
                node[key] = _unescape(match[1])
        if match := _AUTHOR.search(raw):
            node["author"] = _unescape(match[1])
        if node.get("headline") or node.get("datePublished"):
            node.setdefault("@type", "NewsArticle")
            if not node_types(node) & ARTICLE_TYPES:
                node["@type"] = "NewsArticle"
        if node:
            yield node


def _unescape(string: str) -> str:
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
