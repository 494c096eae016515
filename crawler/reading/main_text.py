"""Find the article's text among the blocks of a page: correct what trafilatura lost or added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from lxml.etree import _Element

from crawler.parsing.blocks import Block, is_long, squash
from crawler.reading.block_places import headline_at, repeats_headline, standing
from crawler.reading.boilerplate_phrases import is_boilerplate_phrase
from crawler.reading.page_furniture import (
    LINKED,
    boxes_of_pointers,
    drop_lists,
    is_box,
    pointers_with_a_lead_in,
    without_boxes,
    without_side_columns,
)
from crawler.reading.prose import (
    FEW_LINKS,
    PROSE,
    SOME_LINKS,
    ends_sentence,
    holders_of,
    is_closed,
    is_prose,
    is_statement,
    letters_of,
    stands_among,
)
from crawler.reading.text_ends import before_tail, trim_ends

_TOP = 3  # blocks at the beginning of an article, which may repeat the headline
_LINE = 20  # letters and digits of a short line
_DATELINE = re.compile(r"[^\W\d_][^\d:!?]{1,40}:")


def drop_clutter(blocks: Sequence[Block], headlines: Sequence[str]) -> None:
    """Drop menus, lists and everything before the headline, so that trafilatura reads less."""
    drop_lists(blocks)
    top = headline_at(blocks, {squash(title) for title in headlines if title})
    if top > 0 and _plain(blocks[:top]) * 2 < _plain(blocks[top:]):
        for element in (blocks[top].node, *blocks[top].node.iterancestors()):
            for before in [*element.itersiblings(preceding=True)]:
                if before.tag != "head":
                    before.drop_tree()


def _plain(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks if block.density <= LINKED)


def correct_selection(blocks: Sequence[Block], kept: Sequence[bool], headlines: Sequence[str]) -> list[Block]:
    """Return the blocks of the article: trafilatura's choice, corrected.

    Args:
        blocks: The blocks of the page, in page order.
        kept: For each block, whether trafilatura took it.
        headlines: The possible headlines of the page.

    Returns:
        The article's blocks in page order, with captions, without the headline.
    """
    titles = {squash(title) for title in headlines if title}
    top = headline_at(blocks, titles)
    chosen = _below_headline(blocks, {i for i, taken in enumerate(kept) if taken}, top)
    chosen |= _missed_paragraphs(blocks, chosen) | _missed_opening(blocks, chosen, top)
    chosen = {i for i in chosen if blocks[i].key not in titles}
    chosen -= {i for i in sorted(chosen)[:_TOP] if repeats_headline(blocks[i], titles)}
    chosen -= _pointers(blocks, chosen)
    boxed = boxes_of_pointers(blocks, chosen)
    chosen |= _between(blocks, chosen, top)
    chosen -= boxed
    chosen = before_tail(blocks, chosen, top)
    chosen = {i for i in chosen if not is_boilerplate_phrase(blocks[i].text)}
    return trim_ends(without_boxes(without_side_columns([blocks[i] for i in sorted(chosen)])))


def _below_headline(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the chosen blocks below the headline, or all of them if there is more prose above it.

    Short lines above a headline, such as the weather of many places, are no prose, however many they are.
    """
    after = {i for i in chosen if i > top}
    prose = [blocks[i] for i in chosen - after if is_prose(blocks[i])]
    return after if after and _plain([blocks[i] for i in after]) >= _plain(prose) else chosen


def _pointers(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return the chosen blocks that only link to other pages, unless the article consists of links."""
    pointers = {i for i in chosen if _points_away(blocks[i])}
    holders = {blocks[i].node.getparent() for i in chosen - pointers if is_prose(blocks[i])}
    beside = {i for i in pointers if blocks[i].role == "text" and blocks[i].node.getparent() in holders}
    if letters_of(blocks, beside) > letters_of(blocks, chosen - pointers):
        pointers -= beside
    ordered = sorted(chosen - pointers)
    return pointers | {ordered[i] for i in pointers_with_a_lead_in([blocks[i] for i in ordered])}


def _between(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the subheads, captions, lists and short lines between the chosen paragraphs.

    Captions belong to the article from its headline to the end of the element that contains it.
    """
    prose = [i for i in sorted(chosen) if is_prose(blocks[i])]
    if not prose:
        return set()
    usual = holders_of([blocks[i] for i in prose])
    among = {i for i in range(prose[0], prose[-1]) if i not in chosen and stands_among(blocks[i], usual)}
    among |= {i + 1 for i, after in pairwise(prose) if after == i + 2 and is_statement(blocks[i + 1])}
    first = next((i for i in prose if blocks[i].node.getparent() in usual), prose[0])  # behind a standfirst
    opening = range(top + 1, first) if top >= 0 else ()
    captions = {
        i
        for i in (*opening, *range(prose[-1] + 1, len(blocks)))
        if blocks[i].role == "caption" and (i < first or stands_among(blocks[i], usual))
    }
    return among | captions | _gallery(blocks, prose, top)


def _gallery(blocks: Sequence[Block], prose: Sequence[int], top: int) -> set[int]:
    """Return the captions of a gallery: a page with more words in captions than in paragraphs."""
    if top < 0:
        return set()
    above = {*blocks[top].node.iterancestors()}
    root = next((e for e in blocks[prose[0]].node.iterancestors() if e in above), None)
    if root is None or root.tag in {"body", "html"}:
        return set()
    captions = {
        i
        for i in range(top + 1, len(blocks))
        if blocks[i].role == "caption"
        and blocks[i].density <= SOME_LINKS
        and root in (around := [*blocks[i].node.iterancestors()])
        and not any(map(is_box, around[: around.index(root)]))
    }
    return captions if letters_of(blocks, captions) > letters_of(blocks, set(prose)) else set()


def _points_away(block: Block) -> bool:
    """Return whether a block is a link to another page, not a sentence that is one link."""
    return block.density > LINKED and not (block.role == "text" and ends_sentence(block.text))


def _missed_opening(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the sentences between the headline and the text that are in the element of the text.

    trafilatura may lose the first paragraph, or write it in another way than the page does.
    """
    prose = [i for i in sorted(chosen) if is_prose(blocks[i])]
    usual = holders_of([blocks[i] for i in prose])
    first = next((i for i in prose if blocks[i].node.getparent() in usual), 0)
    opening = range(top + 1, first) if top >= 0 else ()
    places = {i for i in (first - 1,) if i in opening and _is_dateline(blocks[i], usual)}
    return places | {i for i in opening if _is_opening(blocks[i], usual)}


def _is_opening(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block is a whole sentence of the text, or in the element around its paragraphs."""
    return (
        is_prose(block)
        and (block.density < FEW_LINKS or (is_statement(block) and block.node.getparent() in holders))
        and is_long(block.key, PROSE)
        and is_closed(block.text)
        and (block.node in holders or block.node.getparent() in holders)
    )


def _is_dateline(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block above the text is the place of the report: `Washington/New Delhi:`."""
    return block.node.getparent() in holders and _DATELINE.fullmatch(block.text) is not None


def _missed_paragraphs(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return paragraphs that were left out although they are marked up like the chosen ones."""
    weights: Counter[object] = Counter()
    for i in chosen:
        if blocks[i].role == "text" and blocks[i].density < FEW_LINKS and len(blocks[i].key) >= PROSE:
            weights[standing(blocks[i].node)] += len(blocks[i].key)
    enough = 0.25 * sum(weights.values())
    usual = {standing for standing, weight in weights.items() if weight >= enough}
    start = min(chosen, default=len(blocks))
    return {
        i
        for i in range(start, len(blocks))
        if i not in chosen
        and blocks[i].role != "caption"
        and blocks[i].density < FEW_LINKS
        and len(blocks[i].key) >= _LINE
        and standing(blocks[i].node) in usual
    }
