"""Recognise paragraphs among the blocks of a page, and the elements that contain them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lxml.etree import _Element

from crawler.parsing.blocks import Block, is_long
from crawler.reading.page_furniture import LINKED, is_mostly_digits

PROSE = 60  # letters and digits; a longer block counts as prose
_LEAD = 100  # letters and digits; a longer heading that is a sentence is a lead paragraph, also a question
_HOLDS = 2  # paragraphs; an element with so many contains the article
FEW_LINKS = 0.3  # share of a block inside links
SOME_LINKS = 0.5
_FULL_STOPS = (".", "。")
_STOPS = tuple(".!?…。！？")
_ENDINGS = (*_STOPS, *":;”\"»’')]")
_LIST_TAGS = frozenset(["li", "ul", "ol", "dl", "dt", "dd", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "p"])


def is_prose(block: Block) -> bool:
    """Return whether a block is a paragraph of prose, or a heading that is a lead."""
    if block.role == "heading":
        text = block.text.rstrip()
        return len(block.key) >= (PROSE if text.endswith(_FULL_STOPS) else _LEAD) and text.endswith(_STOPS)
    if block.role not in {"text", "quote"}:
        return False
    if is_closed(block.text) and not is_mostly_digits(block):
        return True
    return is_long(block.key, PROSE) and block.density < SOME_LINKS


def is_linked_sentence(block: Block) -> bool:
    """Return whether a block is a whole sentence of the text that is one link."""
    return block.density > LINKED and len(block.key) >= PROSE and ends_sentence(block.text)


def is_statement(block: Block) -> bool:
    """Return whether a linked sentence ends in a full stop; headlines often ask or exclaim."""
    return is_linked_sentence(block) and block.text.rstrip().endswith(_FULL_STOPS)


def ends_sentence(text: str) -> bool:
    """Return whether a text ends as a sentence does."""
    return text.rstrip().endswith(_STOPS)


def is_closed(text: str) -> bool:
    """Return whether a text ends as a sentence, a quotation or the line before a list does."""
    return text.rstrip().endswith(_ENDINGS)


def letters_of(blocks: Sequence[Block], chosen: set[int]) -> int:
    """Return the number of letters and digits of chosen blocks."""
    return sum(len(blocks[i].key) for i in chosen)


def holders_of(prose: Sequence[Block]) -> set[_Element | None]:
    """Return the elements with at least two paragraphs, or else that of the longest paragraph.

    If each paragraph is in a wrapper of its own, these wrappers and the element around them are returned.
    """
    holders = Counter(block.node.getparent() for block in prose)
    usual = {element for element, count in holders.items() if count >= _HOLDS}
    if len(usual) * _HOLDS < len(holders):
        usual |= _wrappers(holders)
    return usual or {max(prose, key=lambda block: len(block.key)).node.getparent()} if prose else set()


def _wrappers(holders: Iterable[_Element | None]) -> set[_Element | None]:
    """Return the wrappers of single paragraphs that look alike and are side by side, with their parent."""
    around: dict[_Element, list[_Element]] = {}
    for element in holders:
        if element is not None and (outer := element.getparent()) is not None:
            around.setdefault(outer, []).append(element)
    found: set[_Element | None] = set()
    for outer, wrappers in around.items():
        if len(wrappers) > _HOLDS and len(looks := {looks_of(wrapper) for wrapper in wrappers}) == 1:
            found |= {outer, *(child for child in outer if isinstance(child.tag, str) and looks_of(child) in looks)}
    return found


def outside_list(node: _Element) -> _Element | None:
    """Return the element that contains the list or table around a node."""
    return next((e for e in node.iterancestors() if e.tag not in _LIST_TAGS), None)


def stands_among(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block that trafilatura left out is in an element that contains the article."""
    parent = block.node.getparent()
    if block.role == "caption":
        return block.density < SOME_LINKS and not holders.isdisjoint(block.node.iterancestors())
    if block.role in {"item", "row"}:
        return block.density < SOME_LINKS and outside_list(block.node) in holders
    if block.role == "heading":
        if parent in holders or any(e is not None and e.getparent() is parent for e in holders):
            return True
        return block.density < SOME_LINKS and parent is not None and outside_list(block.node) in holders
    if parent in holders:
        return block.density < SOME_LINKS
    return is_linked_sentence(block) and _grandparent(block.node) in holders


def _grandparent(node: _Element) -> _Element | None:
    parent = node.getparent()
    return None if parent is None else parent.getparent()


def looks_of(node: _Element) -> str:
    """Return the tag and the classes of an element."""
    return f"{node.tag} {node.get('class')}"
