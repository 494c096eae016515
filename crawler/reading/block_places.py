"""Describe where blocks stand on a page: below the headline, and in which elements."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.etree import _Element

from crawler.parsing.blocks import Block

_LONG = 25  # letters and digits; such a long text does not recur on a page by chance
_LITTLE = 60  # letters and digits of a day and names beside a headline


def headline_at(blocks: Sequence[Block], titles: set[str]) -> int:
    """Return the index of the block that is the headline; -1 if there is none."""
    for i, block in enumerate(blocks):
        if block.node.tag == "h1" and any(_same_headline(block.key, title) for title in titles):
            return i
    return next((i for i, block in enumerate(blocks) if block.key in titles), -1)


def _same_headline(key: str, title: str) -> bool:
    return key == title or (len(key) > _LONG and key in title) or (len(title) > _LONG and title in key)


def repeats_headline(block: Block, titles: set[str]) -> bool:
    """Return whether a block is the headline with little else, such as a day and a name."""
    return block.role != "caption" and any(
        len(title) >= _LONG and block.key.startswith(title) and len(block.key) - len(title) <= _LITTLE
        for title in titles
    )


def standing(node: _Element) -> tuple[object, ...]:
    """Describe the position of an element: its tag, and tag and class of its two nearest ancestors."""
    parent = node.getparent()
    above = parent.getparent() if parent is not None else None
    return (node.tag, *((e.tag, e.get("class")) if e is not None else None for e in (parent, above)))


def wrapper(node: _Element) -> tuple[object, ...]:
    """Describe the wrapper of an element by its first class.

    The first or the last wrapper of a text may have further classes.
    """
    parent = node.getparent()
    names = (parent.get("class") or "").split() if parent is not None else []
    return (node.tag, names[0]) if names else standing(node)
