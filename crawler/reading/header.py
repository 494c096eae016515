"""Find the headline on a page, and the lines around it that contain date and byline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parsing.blocks import squash
from crawler.reading.page_lines import Line, is_foreign, lines_above, lines_after, names_author

_AFTER = 14  # lines after the headline that are read
_BEFORE = 5  # lines above it that are read; further above are menus and today's date
_PROSE = 160  # characters; a longer line is a paragraph
_PARAGRAPHS = 2  # paragraphs after which no line belongs to the header
_APART = frozenset(["aside", "blockquote"])
_DEPTH = 12  # elements around a date or a name that are examined
_LOWER_HEADLINES = "h2,h3,[itemprop=headline]"  # also in lists of the newest articles, which may include this article
_SHORTEST_HEADLINE = 8  # letters and digits; a shorter headline is searched only in headings
_TEXT_NODES = 20_000  # text nodes that are searched for it
_HEADLINE_NODES = 60
_SAME = 25  # letters and digits; so long a part of a headline identifies it


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an article.

    Attributes:
        headline: The element with the headline; None if no element shows it.
        lines: The lines after it in page order, then the lines above it, nearest first.
    """

    headline: LexborNode | None = None
    lines: tuple[Line, ...] = ()

    def is_apart(self, node: LexborNode) -> bool:
        """Return whether an element belongs to a teaser, a comment or another article."""
        own = _article_of(self.headline)
        place = node.parent
        for _ in range(_DEPTH):
            if place is None or place.tag in {"main", "body", "html"}:
                return False
            if place.tag == "article":
                return own is not None and place != own
            if (place.tag in _APART and not names_author(place)) or is_foreign(place):
                return True
            place = place.parent
        return False


def read_header(tree: LexborHTMLParser, headline: str, titles: Sequence[str], heads: Sequence[str]) -> Header:
    """Find the headline on a page, and read the lines around it.

    Args:
        tree: The page.
        headline: The chosen headline.
        titles: All titles in the page's metadata; parts of them are searched next.
        heads: Headings that are neither menus nor the site's name; they are searched last.
    """
    node = _headline_node(tree, headline, titles, heads)
    if node is None:
        return Header()
    lines: list[Line] = []
    paragraphs = 0
    keys = [key for key in map(squash, titles) if key]
    for line in lines_after(node):
        if _repeats_title(line, keys):
            continue
        lines.append(replace(line, place=len(lines) + 1))
        paragraphs += len(line.text) >= _PROSE
        if len(lines) >= _AFTER or paragraphs >= _PARAGRAPHS:
            break
    above = islice(lines_above(node), _BEFORE)
    return Header(node, (*lines, *(replace(line, place=-i) for i, line in enumerate(above, start=1))))


def _repeats_title(line: Line, titles: Sequence[str]) -> bool:
    """Return whether a line is a headline of this article: a day in it is that of the event."""
    key = squash(line.text)
    return len(key) >= _SAME and any(key in title for title in titles)


def _headline_node(
    tree: LexborHTMLParser, headline: str, titles: Sequence[str], heads: Sequence[str]
) -> LexborNode | None:
    found = [*tree.css("h1")[:_HEADLINE_NODES], *tree.css(_LOWER_HEADLINES)[:_HEADLINE_NODES]]
    nodes = [(squash(node.text(deep=True)), node) for node in found]
    wanted, others = squash(headline), set(map(squash, heads))
    keys = [key for key in map(squash, titles) if key]
    same = (node for key, node in nodes if key and key == wanted)
    similar = (
        node
        for key, node in nodes
        if any(min(len(key), len(other)) >= _SAME and (key in other or other in key) for other in keys)
    )
    heading = next(same, None) or next(similar, None) or next((node for key, node in nodes if key in others), None)
    return heading or _element_of_text(tree, wanted)


def _element_of_text(tree: LexborHTMLParser, wanted: str) -> LexborNode | None:
    """Find the element whose whole text is a headline, on pages without headings."""
    if len(wanted) < _SHORTEST_HEADLINE or tree.body is None:
        return None
    nodes = islice(tree.body.traverse(include_text=True), _TEXT_NODES)
    texts = (node for node in nodes if node.tag == "-text")
    return next((node.parent for node in texts if squash(node.text(deep=False)) == wanted), None)


def _article_of(node: LexborNode | None) -> LexborNode | None:
    while node is not None and node.tag != "article":
        node = node.parent
    return node
