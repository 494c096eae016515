"""Collect the short lines that a page prints around its headline: dates and bylines stand among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parsing.blocks import INLINE, squash

_AFTER = 14  # lines behind the headline that are read
_BEFORE = 5  # lines above it; further above stand menus and the day of the visit
_PROSE = 160  # characters from which a line is a paragraph
_PARAGRAPHS = 2  # paragraphs behind which no line belongs to the head of an article
_NODES = 1_500  # nodes that are visited on one way
_SKIPPED = frozenset(
    "script style template noscript svg nav footer aside form button select textarea iframe figure video audio".split()
)
# How boxes are called that hold other articles, comments, or posts of social networks.
_FOREIGN = re.compile(
    r"(?:^|[\s_-])(?:comments?|binh-?luan|related|recommend\w*|most-?(?:read|popular)|trending|tweet|twitter-\w+|instagram-\w+|"
    r"teasers?|widgets?|breadcrumbs?|newsletter|promo|(?<!author[_-])cards?|share\w*|social\w*|more-?(?:news|stories|from))(?:$|[\s_-])|"
    r"(?:^|\s)(?:tags?|tag-?list|(?:left-|right-)?sidebar)(?:$|\s)",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"(?:^|[\s_-])(?:authors?|authorname|bylines?|by-line|contributors?|writers?|reporters?|journalists?|redakteure?|autor(?:en|es|in)?|"
    r"auteurs?|tac-?gia)(?:$|[\s_-])",
    re.IGNORECASE,
)
_AUTHOR_NAME = re.compile(r"(?:author|byline|contributor)[\w-]*name", re.IGNORECASE)
# What stands beside a name, and in boxes about the author.
_AUTHOR_PART = re.compile(
    r"author[\w-]*(?:bio|desc|image|img|photo|avatar|pic|social|follow|title|job|role|thumb|box|about|card)",
    re.IGNORECASE,
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|tac-gia|staff|people|profiles?|contributors?)/[\w.%-]{3,}", re.IGNORECASE
)
_CHANGE = re.compile(r"modif|updated", re.IGNORECASE)
_NO_NAME = 3  # blanks between four attributes that are not there
_LONGEST_BYLINE = 160  # characters; more are the text, in a wrapper that is named for its author
_APART = frozenset(["aside", "blockquote"])
_DEPTH = 12  # elements around a date or a name that are looked at
_HEADLINES = "h1,h2,h3,[itemprop=headline]"
_HEADLINE_NODES = 60
_SAME = 25  # letters and digits from which a part of a headline is as good as the whole


@dataclass(frozen=True, slots=True)
class Line:
    """A line near the headline.

    Attributes:
        text: What it says, blanks collapsed.
        place: How many lines behind the headline it stands; negative above it.
        linked: Whether most of it stands inside links.
        times: The `datetime` of its `time` elements and the `title` of its `abbr` elements.
        authors: The texts of its elements that are named for an author, the innermost ones.
    """

    text: str
    place: int
    linked: bool = False
    times: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """The head of an article.

    Attributes:
        headline: The element that shows the headline; None where none does.
        lines: The lines behind it in page order, then those above it, the nearest first.
    """

    headline: LexborNode | None = None
    lines: tuple[Line, ...] = ()

    def is_apart(self, node: LexborNode) -> bool:
        """Whether an element stands in a box of something else, or in another `article` than the headline."""
        own = _article_of(self.headline)
        place = node.parent
        for _ in range(_DEPTH):
            if place is None or place.tag in {"main", "body", "html"}:
                return False
            if place.tag == "article":
                return own is not None and place != own
            if place.tag in _APART or is_foreign(place):
                return True
            place = place.parent
        return False


def read_header(tree: LexborHTMLParser, headline: str, titles: Sequence[str], heads: Sequence[str]) -> Header:
    """Find the headline on a page, and read the lines around it.

    Args:
        tree: The page.
        headline: The headline as it was chosen.
        titles: All that the page's data call its title; a part of one is looked for next.
        heads: Headings that are no menu and no name of the site; any of them is looked for last.
    """
    node = _headline_node(tree, headline, titles, heads)
    if node is None:
        return Header()
    lines: list[Line] = []
    paragraphs = 0
    for line in _Walk().after(node):
        lines.append(replace(line, place=len(lines) + 1))
        paragraphs += len(line.text) >= _PROSE
        if len(lines) >= _AFTER or paragraphs >= _PARAGRAPHS:
            break
    above = islice(_Walk().above(node), _BEFORE)
    return Header(node, (*lines, *(replace(line, place=-i) for i, line in enumerate(above, start=1))))


def _headline_node(
    tree: LexborHTMLParser, headline: str, titles: Sequence[str], heads: Sequence[str]
) -> LexborNode | None:
    nodes = [(squash(node.text(deep=True)), node) for node in tree.css(_HEADLINES)[:_HEADLINE_NODES]]
    wanted, others = squash(headline), set(map(squash, heads))
    keys = [key for key in map(squash, titles) if key]
    same = (node for key, node in nodes if key and key == wanted)
    similar = (
        node
        for key, node in nodes
        if any(min(len(key), len(other)) >= _SAME and (key in other or other in key) for other in keys)
    )
    return next(same, None) or next(similar, None) or next((node for key, node in nodes if key in others), None)


def _article_of(node: LexborNode | None) -> LexborNode | None:
    while node is not None and node.tag != "article":
        node = node.parent
    return node


class _Walk:
    """A bounded walk in page order that breaks the text wherever a block element begins or ends."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._times: list[str] = []
        self._authors: list[str] = []
        self._linked = 0
        self._left = _NODES

    def after(self, start: LexborNode) -> Iterator[Line]:
        """Read the lines behind an element, to the end of the page."""
        node: LexborNode | None = start
        while node is not None and node.tag not in {"body", "html"}:
            following = node.next
            while following is not None:
                yield from self._enter(following, linked=False)
                following = following.next
            yield from self._flush()
            node = node.parent

    def above(self, start: LexborNode) -> Iterator[Line]:
        """Read the lines above an element, the nearest first."""
        node: LexborNode | None = start
        while node is not None and node.tag not in {"body", "html"}:
            preceding = node.prev
            while preceding is not None:
                yield from reversed([*self._enter(preceding, linked=False), *self._flush()])
                preceding = preceding.prev
            node = node.parent

    def _enter(self, node: LexborNode, *, linked: bool) -> Iterator[Line]:
        self._left -= 1
        tag = node.tag or ""
        if tag == "-text":
            self._add(node.text(deep=False), linked=linked)
            return
        if self._left < 0 or tag in _SKIPPED or tag[:1] in {"-", "!", "_"} or is_foreign(node):
            return
        inline = tag in INLINE
        if not inline:
            yield from self._flush()
        attributes = node.attributes
        if tag in {"time", "abbr"} and not _CHANGE.search(f"{attributes.get('itemprop')} {attributes.get('class')}"):
            self._times.append(attributes.get("datetime" if tag == "time" else "title") or "")
        named, before, inner = is_of_author(node), len(self._authors), []
        child = node.child
        while child is not None:
            for line in self._enter(child, linked=linked or tag == "a"):
                inner.append(line)
                yield line
            child = child.next
        if named and len(self._authors) == before and not any(line.authors for line in inner):
            self._authors.append(
                "\n".join([line.text for line in inner] or [_one_line(node.text(deep=True, separator=" "))])
            )
        if not inline:
            yield from self._flush()

    def _add(self, text: str, *, linked: bool) -> None:
        self._parts.append(text)
        if linked:
            self._linked += len(text.strip())

    def _flush(self) -> Iterator[Line]:
        text = _one_line(" ".join(self._parts))
        linked, times = 2 * self._linked > len(text), tuple(filter(None, self._times))
        authors = tuple(name for name in self._authors if 0 < len(name) <= _LONGEST_BYLINE)
        self._parts, self._times, self._authors, self._linked = [], [], [], 0
        if text or times or authors:
            yield Line(text, 0, linked, times, authors)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def is_of_author(node: LexborNode) -> bool:
    """Whether an element is named for an author, or links to one."""
    attributes = node.attributes
    name = " ".join(attributes.get(key) or "" for key in ("class", "itemprop", "rel", "id"))
    if len(name) > _NO_NAME and (_AUTHOR.search(name) or _AUTHOR_NAME.search(name)):
        return _AUTHOR_NAME.search(name) is not None or not _AUTHOR_PART.search(name)
    return node.tag == "a" and _AUTHOR_PAGE.search(attributes.get("href") or "") is not None


def is_foreign(node: LexborNode) -> bool:
    """Whether an element is named as a box of something else than the article."""
    attributes = node.attributes
    name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return len(name) > 1 and _FOREIGN.search(name) is not None
