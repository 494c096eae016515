"""Bodies that a page leaves to its scripts: found in the state it ships with, as markup to be read like any other."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from crawler.reading import jsonld

_STATES = "script[type='application/json'],script#__NEXT_DATA__,script[type='text/x-state']"
_ASSIGNED = re.compile(r"^\s*(?:window|self|globalThis)\.[\w$.]{1,60}\s*=\s*(?=[{\[])")
_SCRIPTS = 40
_VALUES = 100_000  # of one page's state that are looked at
_LEAST = 200  # characters of a text that may be an article's
_TEXT_KEYS = ("text", "content", "html", "value", "data", "body", "children")
_PARAGRAPH = re.compile(r"<p[\s>]|<br\s*/?>\s*<br", re.IGNORECASE)
_KINDS_OF_TEXT = re.compile(r"para|text|html|head|quote|list|body|^p$|^h\d$", re.IGNORECASE)


def body_in_state(tree: LexborHTMLParser, article: jsonld.Node) -> str:
    """The text of an article that the page does not show but ships: as `articleBody`, or in the state of its scripts.

    Args:
        tree: The whole page, its scripts included.
        article: The JSON-LD node that describes the article.

    Returns:
        The longest such text, as markup; empty where there is none.
    """
    found = [markup for value in _states(tree) for markup in _bodies(value)]
    told = article.get("articleBody")
    if isinstance(told, str):
        found.append(told if _PARAGRAPH.search(told) else _paragraphs(told.splitlines()))
    return max((markup for markup in found if len(markup) >= _LEAST), key=len, default="")


def _states(tree: LexborHTMLParser) -> Iterator[Any]:
    scripts = [*tree.css(_STATES), *tree.css("script:not([src]):not([type])")]
    for node in scripts[:_SCRIPTS]:
        text = node.text(deep=True)
        assigned = _ASSIGNED.match(text)
        start = assigned.end() if assigned else 0
        if len(text) < _LEAST or text[start:].lstrip()[:1] not in {"{", "["}:
            continue
        try:
            yield json.JSONDecoder(strict=False).raw_decode(text[start:].lstrip())[0]
        except (ValueError, RecursionError):
            continue


def _bodies(state: Any) -> Iterator[str]:
    """What may be the text of an article: markup with paragraphs, or a list of pieces that are text."""
    waiting = [state]
    for _ in range(_VALUES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, str):
            if len(value) >= _LEAST and _PARAGRAPH.search(value):
                yield value
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
            pieces = [_piece(item) for item in value]
            if sum(map(bool, pieces)) > 1:
                yield "".join(pieces)


def _piece(item: Any) -> str:
    """A piece of text in a list of them, as a paragraph: `{"type": "paragraph", "content": "…"}` or the like."""
    if not isinstance(item, Mapping):
        return ""
    kind = item.get("type") or item.get("__typename") or item.get("kind") or item.get("_type") or "text"
    if not isinstance(kind, str) or not _KINDS_OF_TEXT.search(kind):
        return ""
    text = next((item[key] for key in _TEXT_KEYS if isinstance(item.get(key), str)), "")
    if not text.strip():
        return ""
    return text if _PARAGRAPH.search(text) else f"<p>{text if '<' in text else html.escape(text)}</p>"


def _paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines if line.strip())
