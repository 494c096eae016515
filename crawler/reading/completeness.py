"""Decide whether a reading contains most of the prose of its page, and which of two has more.

What an outlet's rules took is checked on the parsed page, which costs little; other readings, on the page's blocks.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from lxml.etree import _Element
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parsing.blocks import Block, is_long, squash, width
from crawler.reading.block_places import headline_at
from crawler.reading.page_furniture import behind_teasers, is_beside, is_box, names_other_content

_PARAGRAPH = 60  # letters and digits
_FEW_LINKS = 0.3  # share of a block inside links
_LONG = 80  # letters and digits of a paragraph that the rules missed, at least
_LINKED = 0.5  # share of a paragraph inside links; above it the paragraph is a link
_SHORT = 600  # letters and digits, about a hundred words; for a shorter article any text beside it counts
_LINE = 40  # characters of a line that may be prose, at least; weather, prices and menus have shorter ones
_SHARE = 3  # times as much text on the page as in the article
_MOSTLY = 2.0  # times as much prose beside the article as in it
_MUCH = 600  # letters and digits of prose beside the article, at least
_FULLER = 3  # how many times as much prose another reading needs to replace the first; less is often just comments
_MORE = 300  # letters and digits that it must have in addition to the first


def prose_letters(blocks: Iterable[Block]) -> int:
    """Return the width of the paragraphs among blocks, in letters and digits, each text counted once."""
    return sum(map(width, {block.key for block in blocks if _is_prose(block)}))


def misses_most(page: Sequence[Block], article: Sequence[Block], headlines: Sequence[str]) -> bool:
    """Return whether an article contains less than a third as much prose as the rest of its page.

    Text above the headline, in boxes below it, and right after linked headlines of other articles does not count.

    Args:
        page: The blocks of the page.
        article: The blocks of the article.
        headlines: The possible headlines of the page.
    """
    top = headline_at(page, {squash(title) for title in headlines if title})
    taken = {block.key for block in article}
    left = [block for block in page[top + 1 :] if _is_prose(block) and block.key not in taken]
    most = _FULLER * sum(len(block.key) for block in article)
    if prose_letters(left) <= most:
        return False
    summaries, around = behind_teasers(page), _around(page, top)
    return prose_letters(b for b in left if id(b) not in summaries and not _is_boxed(b, around)) > most


def rules_miss_most(tree: LexborHTMLParser, article: Sequence[Block], standfirst: str) -> bool:
    """Return whether the rules of an outlet may have missed most of the text of a page.

    Args:
        tree: The page after the rules read it.
        article: The blocks that they found.
        standfirst: The standfirst that they found.
    """
    taken = "".join(block.key for block in article) + squash(standfirst)
    return _misses_prose(tree, taken) or _is_short(tree, taken)


def _misses_prose(tree: LexborHTMLParser, taken: str) -> bool:
    """Return whether there is much more prose beside the article than in it."""
    shown = sum(len(node.text(deep=True)) for node in tree.css("p"))
    if shown < _MUCH + len(taken) or shown < _MOSTLY * len(taken):  # true for most pages, which need no closer look
        return False
    keys = ((node, squash(node.text(deep=True))) for node in tree.css("p"))
    beside = {key for node, key in keys if len(key) >= _LONG and key not in taken and not _leads_elsewhere(node, key)}
    return sum(map(len, beside)) >= max(_MUCH, _MOSTLY * len(taken))


def _is_short(tree: LexborHTMLParser, taken: str) -> bool:
    """Return whether a short article is on a page with far more text, without short lines and links."""
    if len(taken) >= _SHORT or tree.body is None:
        return False
    most = _SHARE * len(taken) + _SHORT
    if len(squash(tree.body.text(deep=True))) <= most:
        return False
    links = {link.text(deep=True).strip() for link in tree.css("a")}
    lines = map(str.strip, tree.body.text(deep=True, separator="\n").splitlines())
    return sum(len(squash(line)) for line in lines if len(line) >= _LINE and line not in links) > most


def _leads_elsewhere(node: LexborNode, key: str) -> bool:
    """Return whether a paragraph is a link, or is in comments, other articles or the footer."""
    place: LexborNode | None = node
    while place is not None and place.tag not in {"body", "html"}:
        attributes = place.attributes
        if place.tag in {"footer", "aside", "a"}:
            return True
        if names_other_content(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"):
            return True
        place = place.parent
    return sum(len(squash(link.text(deep=True))) for link in node.css("a")) >= _LINKED * len(key)


def is_fuller(other: Sequence[Block], article: Sequence[Block]) -> bool:
    """Return whether another reading has three times as much prose as the first, and 300 letters more."""
    first, second = prose_letters(article), prose_letters(other)
    return second >= _FULLER * first and second - first >= _MORE


def prose_mask(page: Sequence[Block], headlines: Sequence[str]) -> list[bool]:
    """Return which blocks are prose below the headline, outside summaries and boxes beside the headline."""
    top = headline_at(page, {squash(title) for title in headlines if title})
    summaries, around = behind_teasers(page), _around(page, top)
    return [
        i > top and _is_prose(b) and id(b) not in summaries and not _is_boxed(b, around) for i, b in enumerate(page)
    ]


def _is_prose(block: Block) -> bool:
    return block.role in {"text", "quote", "item"} and block.density < _FEW_LINKS and is_long(block.key, _PARAGRAPH)


def _around(page: Sequence[Block], top: int) -> set[_Element]:
    """Return the elements around the headline, which are no boxes whatever they are named."""
    return {*page[top].node.iterancestors()} if top >= 0 else set()


def _is_boxed(block: Block, around: Container[_Element]) -> bool:
    return any(is_box(e) or is_beside(e) for e in (block.node, *block.node.iterancestors()) if e not in around)
