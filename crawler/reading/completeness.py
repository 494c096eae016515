"""Check whether a reading contains most of the prose that its page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.parsing.blocks import Block, squash, width
from crawler.reading.block_places import headline_at
from crawler.reading.page_furniture import behind_teasers, is_beside, is_box

_PARAGRAPH = 60  # letters and digits
_FEW_LINKS = 0.3  # share of a block inside links
_FULLER = 3  # how many times as much prose another reading needs to replace the first; less is often just comments
_MORE = 300  # letters and digits that it must have in addition to the first


def prose_letters(blocks: Iterable[Block]) -> int:
    """Return the width of the paragraphs among blocks, in letters and digits, each text counted once."""
    return sum(map(width, {block.key for block in blocks if _is_prose(block)}))


def misses_most(page: Sequence[Block], article: Sequence[Block], headlines: Sequence[str]) -> bool:
    """Return whether an article contains less than a third as much prose as the rest of its page.

    Text above the headline, in boxes, and right after linked headlines of other articles does not count.

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
    summaries = behind_teasers(page)
    return prose_letters(b for b in left if id(b) not in summaries and not _is_boxed(b)) > most


def is_fuller(other: Sequence[Block], article: Sequence[Block]) -> bool:
    """Return whether another reading contains three times as much prose as the first."""
    first, second = prose_letters(article), prose_letters(other)
    return second >= _FULLER * first and second - first >= _MORE


def prose_mask(page: Sequence[Block], headlines: Sequence[str]) -> list[bool]:
    """Return which blocks are prose below the headline, outside boxes and summaries."""
    top = headline_at(page, {squash(title) for title in headlines if title})
    summaries = behind_teasers(page)
    return [i > top and _is_prose(b) and id(b) not in summaries and not _is_boxed(b) for i, b in enumerate(page)]


def _is_prose(block: Block) -> bool:
    return block.role in {"text", "quote", "item"} and block.density < _FEW_LINKS and len(block.key) >= _PARAGRAPH


def _is_boxed(block: Block) -> bool:
    return any(is_box(e) or is_beside(e) for e in (block.node, *block.node.iterancestors()))
