"""Find an article that a page contains but does not show: in scripts, JSON-LD or `noscript`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from crawler.parsing.blocks import squash
from crawler.reading import jsonld
from crawler.reading.script_states import states_of
from crawler.reading.state_facts import TITLE_KEYS, authors_in, text_under, time_in

_VALUES = 100_000  # values in one page's states that are examined
_LEAST = 200  # characters; a shorter text is not an article
_SHORTEST_TITLE = 12  # letters and digits of a headline that identifies an article
_NEAR = 3  # levels of objects around a text that may describe the article
_TEXT_KEYS = ("text", "content", "html", "value", "data", "body", "children", "innerHTML")
_CHILD_KEYS = ("content", "children", "nodes")
_LEAF_KEYS = ("text", "value")
_PARAGRAPH = re.compile(r"<p[\s>]|<br\s*/?>\s*<br", re.IGNORECASE)
_KINDS_OF_TEXT = re.compile(r"para|text|html|head|quote|list|body|^block$|^p$|^h\d$", re.IGNORECASE)
_BLOCK_TAGS = frozenset(["p", "h2", "h3", "h4", "li", "blockquote"])


@dataclass(frozen=True, slots=True)
class ShippedArticle:
    """An article that a page contains but does not show; unknown parts are empty.

    Attributes:
        markup: The text, as markup.
        title: The headline.
        published: The time of publication, as written.
        authors: The names of the authors.
    """

    markup: str
    title: str = ""
    published: str = ""
    authors: tuple[str, ...] = ()


def shipped_article(tree: LexborHTMLParser, article: jsonld.Node) -> ShippedArticle | None:
    """Return the hidden article with the longest text; None if no text is long enough.

    Args:
        tree: The whole page, with its scripts.
        article: The JSON-LD node that describes the article.
    """
    found = [shipped for value in states_of(tree) for shipped in _articles(value)]
    told = article.get("articleBody")
    if isinstance(told, str):
        found.append(ShippedArticle(told if _PARAGRAPH.search(told) else _paragraphs(told.splitlines())))
    found.extend(
        ShippedArticle(markup) for node in tree.css("noscript") if _PARAGRAPH.search(markup := node.inner_html or "")
    )
    long = [shipped for shipped in found if len(shipped.markup) >= _LEAST]
    return max(long, key=lambda shipped: len(shipped.markup), default=None)


def _articles(state: Any) -> Iterator[ShippedArticle]:
    """Yield candidates for the article in a state: markup with paragraphs, or lists of pieces."""
    waiting: list[tuple[Any, tuple[Mapping[str, Any], ...]]] = [(state, ())]
    for _ in range(_VALUES):
        if not waiting:
            return
        value, around = waiting.pop()
        if isinstance(value, str):
            if len(value) >= _LEAST and _PARAGRAPH.search(value):
                yield _describe(value, around)
        elif isinstance(value, Mapping):
            waiting.extend((item, (value, *around[: _NEAR - 1])) for item in value.values())
        elif isinstance(value, list):
            waiting.extend((item, around) for item in value)
            pieces = [_piece(item) for item in value]
            if sum(map(bool, pieces)) > 1:
                yield _describe("".join(pieces), around)


def _describe(markup: str, around: tuple[Mapping[str, Any], ...]) -> ShippedArticle:
    """Return a text with headline, time and authors from the innermost object around it."""
    owner = next((value for value in around if text_under(value, TITLE_KEYS)), {})
    return ShippedArticle(markup, jsonld.clean_text(text_under(owner, TITLE_KEYS)), time_in(owner), authors_in(owner))


def described_article(tree: LexborHTMLParser, titles: Iterable[str]) -> ShippedArticle | None:
    """Return what the scripts of a page say about the article that the page shows; None if they do not.

    Args:
        tree: The whole page, with its scripts.
        titles: The possible headlines; the object that has one of them, and a time, describes the article.
    """
    keys = {key for title in titles if len(key := squash(title)) >= _SHORTEST_TITLE}
    for value in states_of(tree):
        waiting = [value]
        for _ in range(_VALUES):
            if not waiting:
                break
            item = waiting.pop()
            if isinstance(item, Mapping):
                title = text_under(item, TITLE_KEYS)
                if title and squash(jsonld.clean_text(title)) in keys and (published := time_in(item)):
                    return ShippedArticle("", title, published, authors_in(item))
                waiting.extend(item.values())
            elif isinstance(item, list):
                waiting.extend(item)
    return None


def _piece(item: Any) -> str:
    """Return a list item as a paragraph; empty if it is not a piece of text.

    Pieces are objects like `{"type": "paragraph", "content": "…"}`, and React elements like `["$", "p", …]`.
    """
    if isinstance(item, list):
        return _element(item)
    if not isinstance(item, Mapping):
        return ""
    inner = item.get("attributes")
    if isinstance(inner, Mapping):  # a block of WordPress: {"name": "core/paragraph", "attributes": {"content": "…"}}
        item = {"type": item.get("name"), **inner, **item}
    kind = item.get("type") or item.get("__typename") or item.get("kind") or item.get("_type") or "text"
    if not isinstance(kind, str) or not _KINDS_OF_TEXT.search(kind):
        return ""
    text = next((item[key] for key in _TEXT_KEYS if isinstance(item.get(key), str)), "") or _leaves(item)
    if not text.strip():
        return ""
    return text if _PARAGRAPH.search(text) else f"<p>{text if '<' in text else html.escape(text)}</p>"


def _leaves(item: Mapping[str, Any], depth: int = 0) -> str:
    """Return the words of a block of rich text; empty if it has none.

    Such a block looks like `{"content": [{"type": "text", "value": "…"}]}`.
    """
    parts: list[str] = []
    for child in next((item[key] for key in _CHILD_KEYS if isinstance(item.get(key), list)), []):
        if isinstance(child, Mapping) and depth < _NEAR:
            words = next((child[key] for key in _LEAF_KEYS if isinstance(child.get(key), str)), "")
            parts.append(words or _leaves(child, depth + 1))
    return "".join(parts)


def _element(item: list[Any]) -> str:
    """Return an element of React's flight rows, `["$", "p", null, {"children": …}]`, as markup."""
    if len(item) <= _NEAR or item[0] != "$" or item[1] not in _BLOCK_TAGS or not isinstance(item[3], Mapping):
        return ""
    words = _words(item[3].get("children"))
    return f"<{item[1]}>{html.escape(words)}</{item[1]}>" if words.strip() else ""


def _words(children: Any, depth: int = 0) -> str:
    if isinstance(children, str):
        return "" if children.startswith("$") else children
    if not isinstance(children, list) or depth > _NEAR * _NEAR:
        return ""
    if len(children) > _NEAR and children[0] == "$":
        return _words(children[3].get("children"), depth + 1) if isinstance(children[3], Mapping) else ""
    return "".join(_words(child, depth + 1) for child in children)


def _paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines if line.strip())
