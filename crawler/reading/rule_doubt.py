"""Decide whether an outlet's rules matched the wrong elements, as old rules do after a redesign."""

from __future__ import annotations

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parsing.blocks import squash
from crawler.reading.article import Article
from crawler.reading.metadata import PageMetadata

_SHORT = 600  # letters and digits, about a hundred words; for a shorter article any text beside it counts
_SHARE = 3  # times as much text on the page as in the article
_PROSE = 80  # letters and digits; a longer paragraph counts
_MOSTLY = 2.0  # times as much prose beside the article as in it
_MUCH = 600  # letters and digits of prose beside the article, at least
_HEADLINE = 12  # letters and digits of a headline, at least
_LINKED = 0.5  # share of a paragraph inside links; above it the paragraph is a link
_OTHERS = re.compile(r"comment|binh-?luan|related|recommend|most-?(?:read|popular)|footer|tin-?khac", re.IGNORECASE)


def is_doubtful(tree: LexborHTMLParser, article: Article, facts: PageMetadata) -> bool:
    """Return whether the rules may have matched the wrong elements of a page.

    Args:
        tree: The page after the rules read it.
        article: The article that the rules found.
        facts: The metadata of the page.
    """
    return _misses_prose(tree, article) or _is_short(tree, article) or _has_strange_title(tree, article.title, facts)


def _misses_prose(tree: LexborHTMLParser, article: Article) -> bool:
    """Return whether there is much more prose beside the article than in it."""
    taken = "".join(block.key for block in article.blocks) + squash(article.standfirst)
    shown = sum(len(node.text(deep=True)) for node in tree.css("p"))
    if shown < _MUCH + len(taken) or shown < _MOSTLY * len(taken):  # true for most pages, which need no closer look
        return False
    beside = sum(map(len, dict.fromkeys(_paragraphs_beside(tree, taken))))
    return beside >= _MUCH and beside > _MOSTLY * len(taken)


def _is_short(tree: LexborHTMLParser, article: Article) -> bool:
    """Return whether a short article is on a page with far more text of any kind."""
    taken = sum(len(block.key) for block in article.blocks) + len(squash(article.standfirst))
    if taken >= _SHORT or tree.body is None:
        return False
    return len(squash(tree.body.text(deep=True))) > _SHARE * taken + _SHORT


def _paragraphs_beside(tree: LexborHTMLParser, taken: str) -> Sequence[str]:
    keys = []
    for node in tree.css("p"):
        key = squash(node.text(deep=True))
        if len(key) >= _PROSE and key not in taken and not _leads_elsewhere(node, key):
            keys.append(key)
    return keys


def _leads_elsewhere(node: LexborNode, key: str) -> bool:
    """Return whether a paragraph is a link, or is in comments, other articles or the footer."""
    linked = sum(len(squash(link.text(deep=True))) for link in node.css("a"))
    place: LexborNode | None = node
    while place is not None and place.tag not in {"body", "html"}:
        if place.tag in {"footer", "aside", "a"}:
            return True
        if _OTHERS.search(f"{place.attributes.get('class') or ''} {place.attributes.get('id') or ''}"):
            return True
        place = place.parent
    return linked >= _LINKED * len(key)


def _has_strange_title(tree: LexborHTMLParser, title: str, facts: PageMetadata) -> bool:
    """Return whether a headline is the site's name, or shares no word with the page's own title."""
    key, told = squash(title), facts.meta("og:title", "twitter:title")
    if not key or not told:
        return False
    if key in {squash(name) for name in facts.site_names} and key != squash(told):
        return True
    if set(title.casefold().split()) & set(told.casefold().split()):
        return False
    heads = (squash(node.text(deep=True)) for node in tree.css("h1,h2,h3"))
    return any(len(head) >= _HEADLINE and head in squash(told) for head in heads)
