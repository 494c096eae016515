"""Find where the text of an article begins and ends."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.etree import _Element

from crawler.parsing.blocks import Block
from crawler.reading.block_places import standing, wrapper
from crawler.reading.boilerplate_phrases import (
    is_comments_heading,
    is_entry_line,
    is_footer,
    is_related_heading,
    reserves_rights,
)
from crawler.reading.other_articles import behind_lists, second_article_at
from crawler.reading.page_furniture import heads_a_tail, heads_comments, tail_at
from crawler.reading.printed_bylines import is_signed
from crawler.reading.prose import (
    FEW_LINKS,
    PROSE,
    holders_of,
    is_closed,
    is_prose,
    letters_of,
    looks_of,
    outside_list,
    stands_among,
)

_LONGEST_LINE = 450  # characters of a line behind an article that is not part of it
_SHORT = 80  # characters of a heading


def before_tail(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the chosen blocks before a second article, comments or a list of other articles.

    Blocks after the heading of such a list in the element of the text itself are kept: there the text goes on. Nothing
    is kept after a sure heading of comments.
    """
    prose = [i for i in sorted(chosen) if is_prose(blocks[i])]
    total, so_far, start = letters_of(blocks, set(prose)), 0, len(blocks)
    for i in prose:
        so_far += len(blocks[i].key)
        if so_far * 2 >= total:
            start = i + 1
            break
    second = second_article_at(blocks, chosen, top, start)
    chosen = {i for i in chosen if i < second}
    prose = [i for i in prose if i < second]
    tail = tail_at(blocks, start)
    usual = _places_of([blocks[i] for i in prose if i < tail])
    end = next((i for i in range(tail, len(blocks)) if heads_comments(blocks[i])), len(blocks))
    behind = {i for i in chosen if tail < i < end and not heads_a_tail(blocks[i]) and _goes_on(blocks[i], *usual)}
    first_half = _places_of([blocks[i] for i in prose if i < start])
    own = {i for i in prose if i < start or _goes_on(blocks[i], *first_half)}
    return ({i for i in chosen if i < tail} | behind) - behind_lists(blocks, prose, own)


def _places_of(prose: Sequence[Block]) -> tuple[set[_Element | None], set[tuple[object, ...]], set[str]]:
    """Return the elements that contain paragraphs, and how the paragraphs are marked up."""
    return holders_of(prose), {wrapper(block.node) for block in prose}, {looks_of(block.node) for block in prose}


def _goes_on(block: Block, holders: set[_Element | None], wrappers: set[tuple[object, ...]], looks: set[str]) -> bool:
    """Return whether a block after a heading of other articles continues the text."""
    return (
        outside_list(block.node) in holders
        or wrapper(block.node) in wrappers
        or (block.node.get("class") is not None and looks_of(block.node) in looks)
    )


def trim_ends(article: Sequence[Block]) -> list[Block]:
    """Return the article from its first to its last paragraph, without short lines around it."""
    prose = [i for i, block in enumerate(article) if is_prose(block)]
    while len(prose) > 1 and is_entry_line(article[prose[0]].text):
        del prose[0]
    if not prose:
        return list(article)
    usual = holders_of([article[i] for i in prose])
    subheads = {standing(block.node) for block in article[prose[0] :] if block.role == "heading"}
    head = [block for block in article[: prose[0]] if _opens_well(block, usual, subheads)]
    tail = list(article[prose[-1] + 1 :])
    pictures = [block for block in tail if block.role == "caption"]
    if sum(len(block.key) for block in pictures) > sum(len(article[i].key) for i in prose):
        tail = pictures  # a gallery
    else:
        while tail and not _ends_well(tail[-1], usual):
            tail.pop()
    whole = [*head, *article[prose[0] : prose[-1] + 1], *tail]
    while len(whole) > 1 and _is_behind(whole[-1], usual):
        whole.pop()
    return whole


def _is_behind(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether the last block is a footer, a line of the site's system, or the heading of a list."""
    text = block.text
    if block.role == "caption" or len(text) > _LONGEST_LINE:
        return False
    if is_entry_line(text) or reserves_rights(text) or (is_footer(text) and block.node.getparent() not in holders):
        return True
    return len(text) <= _SHORT and (is_related_heading(text) or is_comments_heading(text))


def _opens_well(block: Block, holders: set[_Element | None], subheads: set[tuple[object, ...]]) -> bool:
    """Return whether a block before the first paragraph belongs to the article.

    It is a caption, a point of a summary, a heading like those of later parts, or a short line of the text, such as a
    place. Lines with digits are days and counts.
    """
    if block.role == "caption":
        return True
    if block.density >= FEW_LINKS:
        return False
    if block.role == "item":
        return len(block.key) >= PROSE and outside_list(block.node) in holders
    if block.role == "heading":
        return standing(block.node) in subheads and block.node.getparent() in holders
    if block.role != "text" or block.node.getparent() not in holders:
        return False
    return not (any(map(str.isdigit, block.text)) or is_signed(block.text) or is_entry_line(block.text))


def _ends_well(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block after the last paragraph belongs to the article."""
    if block.role == "caption":
        return stands_among(block, holders)
    if block.role in {"item", "row"} and outside_list(block.node) in holders:
        return True
    return block.role != "heading" and (is_closed(block.text) or block.node.getparent() in holders)
