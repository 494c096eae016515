"""Find where other articles begin behind an article: a second article, or the summaries of a list."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.etree import _Element

from crawler.parsing.blocks import Block
from crawler.reading.page_furniture import LINKED, is_teaser

_TEASERS = 3  # linked headlines in a row, behind which text in another element is not the article
_CONTAINERS = frozenset(["article", "main", "section", "div", "li"])


def second_article_at(blocks: Sequence[Block], chosen: set[int], top: int, start: int) -> int:
    """Return the index at which a second article begins; the number of blocks if there is none.

    Pages that scroll on show one. It is in an element like that around the headline and at least half of the text, and
    has a headline of the same level, or one that is a link.

    Args:
        blocks: The blocks of the page.
        chosen: The indexes of the blocks that were taken for the article.
        top: The index of the headline; -1 if there is none.
        start: The index from which to search.
    """
    if top < 0:
        return len(blocks)
    above = {element: depth for depth, element in enumerate(reversed([*blocks[top].node.iterancestors()]))}
    for i in range(start, len(blocks)):
        block = blocks[i]
        if block.role != "heading" or not (block.node.tag == blocks[top].node.tag or is_teaser(block)):
            continue
        second = next((e for e in block.node.iterancestors() if e.getparent() in above), None)
        first = _child_around(second, above) if second is not None else None
        if second is None or first is None or not _look_alike(first, second):
            continue
        own, other = _letters_in(blocks, chosen, first), _letters_in(blocks, chosen, second)
        if own >= other and 2 * own >= sum(len(blocks[j].key) for j in chosen):
            return next(j for j in range(top, i + 1) if second in blocks[j].node.iterancestors())
    return len(blocks)


def _child_around(second: _Element, above: dict[_Element, int]) -> _Element | None:
    """Return the ancestor of the headline that is a sibling of an element."""
    parent = second.getparent()
    return next((e for e in above if e is not second and e.getparent() is parent), None)


def _look_alike(first: _Element, second: _Element) -> bool:
    if first.tag != second.tag or first.tag not in _CONTAINERS:
        return False
    return first.get("class") == second.get("class") and (first.get("class") is not None or first.tag == "article")


def _letters_in(blocks: Sequence[Block], chosen: set[int], element: _Element) -> int:
    return sum(len(blocks[i].key) for i in chosen if element in blocks[i].node.iterancestors())


def behind_lists(blocks: Sequence[Block], prose: Sequence[int], own: set[int]) -> set[int]:
    """Return the paragraphs behind linked headlines of other articles.

    They are behind a list of such headlines, or right behind one in its element.

    Args:
        blocks: The blocks of the page.
        prose: The indexes of the chosen paragraphs in page order.
        own: Those of them that are in elements with paragraphs of the article, or marked up like these.
    """
    last = max(own, default=-1)
    found: set[int] = set()
    teasers, ended = 0, False
    behind = {i for i in prose if i > last}
    for i in range(last + 1, len(blocks)):
        if blocks[i].density > LINKED:
            teasers += is_teaser(blocks[i])
            ended = ended or teasers >= _TEASERS
        elif i in behind and (ended or _is_summary(blocks, i)):
            found.add(i)
        elif i in behind:
            teasers = 0
    return found


def _is_summary(blocks: Sequence[Block], i: int) -> bool:
    """Return whether a paragraph is right behind the linked heading of another article."""
    before = blocks[i - 1]
    return before.role == "heading" and is_teaser(before) and before.node.getparent() is blocks[i].node.getparent()
