"""Split a page into blocks: paragraphs, headings, captions and list items, in page order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.parsing.composition import compose

if TYPE_CHECKING:
    from lxml.etree import _Element

_INLINE_NAMES = """
a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rb rp rt ruby s samp small
span strike strong sub sup time tt u var wbr img picture source
"""
INLINE = frozenset(_INLINE_NAMES.split())
_ROLES = {
    "figcaption": "caption",
    "figure": "caption",
    "li": "item",
    "dt": "item",
    "dd": "item",
    "tr": "row",
    "blockquote": "quote",
}
_ROLES |= {f"h{level}": "heading" for level in range(1, 7)}
_BREAK = "\x1e"  # a record separator, which no page contains, stands for a line break
_NO_CAPTIONS = frozenset(["blockquote", "tr"])  # elements of figures that are not captions
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]+")
_CREDIT = re.compile(r"(?:ảnh|photo|foto|video|nguồn|source|image)s?\s*:|©", re.IGNORECASE)
_CREDIT_NAME = re.compile(r"(?:^|[\s_-])(?:author|credit|photographer|copyright)(?:$|[\s_-])", re.IGNORECASE)
_LONGEST_CREDIT = 60  # characters
_UNPARTED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_ASCII_SIGNS = dict.fromkeys(code for code in range(128) if not chr(code).isalnum())  # deletes them in `translate`
_CELL = 400  # characters of a cell, with blanks; a table with longer cells is not a table of data
CAPTION_MARK = "data-khobao-caption"  # set on elements that an outlet's rules select as captions


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item, table row or caption.

    Attributes:
        text: The text, with blanks collapsed; line breaks inside it are kept.
        role: text, heading, item, row, quote or caption.
        linked: The number of its characters that are inside links.
        node: The innermost block element that contains it.
        key: Its letters and digits only, to compare it with the same text from another reader.
    """

    text: str
    role: str
    linked: int
    node: _Element
    key: str

    @property
    def density(self) -> float:
        """The share of its characters that are inside links."""
        return self.linked / max(1, len(self.text))


def squash(text: str) -> str:
    """Reduce a text to its lower-case letters and digits, to compare two readings of a page."""
    if text.isascii():  # `translate` takes a third of the time, but only of ASCII (measured)
        return text.translate(_ASCII_SIGNS).lower()
    return "".join(filter(str.isalnum, text)).lower()


def word_count(text: str) -> int:
    """Count the words of a text; in scripts without blanks, two characters count as one word."""
    return len(text.split()) + len(_UNPARTED.findall(text)) // 2


def width(text: str) -> int:
    """Return the length of a text in characters; those of scripts without blanks count twice."""
    return len(text) + len(_UNPARTED.findall(text))


def is_long(key: str, letters: int) -> bool:
    """Return whether a text is long enough; letters of scripts without blanks count twice."""
    if len(key) >= letters:
        return True
    return 2 * len(key) >= letters and not key.isascii() and width(key) >= letters


def blocks_of(root: _Element) -> list[Block]:
    """Return the blocks under a block element that have letters or digits, in page order."""
    walk = _Walk()
    walk.enter(root, root.tag, "text", linked=False)
    return walk.blocks


class _Walk:
    """Walk a tree depth-first, and break the text wherever a block element begins or ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._links: list[tuple[int, int]] = []  # index in `_parts`, and characters, of text inside links
        self._place: tuple[str, _Element] | None = None

    def enter(self, node: _Element, tag: str, outer: str, linked: bool) -> None:
        """Walk a block element; recursion is safe because the tree is no deeper than `markup.MAX_DEPTH`."""
        role = _ROLES.get(tag, outer)
        if tag == "tr" and (len(node) == 1 or any(len("".join(cell.itertext())) > _CELL for cell in node)):
            role = outer  # a table that only lays out the page
        if node.get(CAPTION_MARK) is not None or (outer == "caption" and tag not in _NO_CAPTIONS):
            role = "caption"
        cell = role == "row" and tag != "tr"
        if cell:
            self._parts.append(" ")
        elif self._parts:
            self._flush()
        above, self._place = self._place, (role, node)
        self._walk(node, role, linked)
        if not cell and self._parts:
            self._flush()
        self._place = above

    def _walk(self, node: _Element, role: str, linked: bool) -> None:
        if text := node.text:
            self._add(text, linked)
        for child in node:
            tag = child.tag
            if tag in INLINE and child.get(CAPTION_MARK) is None:
                self._walk(child, role, linked or tag == "a")
            elif tag == "br":
                self._parts.append(_BREAK)
            elif isinstance(tag, str):
                self.enter(child, tag, role, linked)
            if tail := child.tail:
                self._add(tail, linked)

    def _add(self, text: str, linked: bool) -> None:
        if not self._parts and text.isspace():
            return  # blanks at the beginning of a block; most of them are only the indentation of the markup
        if linked:
            self._links.append((len(self._parts), len(" ".join(text.split()))))
        self._parts.append(text)

    def _flush(self) -> None:
        """End the current block."""
        parts, links, self._parts, self._links = self._parts, self._links, [], []
        if self._place is None or not parts or not (text := "".join(parts)).strip():
            return
        role, node = self._place
        if _BREAK in text:
            lines = [_visible_text(line) for line in text.split(_BREAK)]
            paragraphs = _split_paragraphs(lines, _linked_by_line(parts, links))
        else:  # most blocks
            paragraphs = iter([(_visible_text(text), sum(size for _, size in links))])
        for paragraph, linked in paragraphs:
            if key := squash(paragraph):
                self.blocks.append(Block(paragraph, role, min(linked, len(paragraph)), node, key))


def _linked_by_line(parts: list[str], links: list[tuple[int, int]]) -> Counter[int]:
    """Return for each line the number of its characters inside links."""
    counts: Counter[int] = Counter()
    line = start = 0
    for index, size in links:
        line += parts[start:index].count(_BREAK)
        start = index
        counts[line] += size
    return counts


def _visible_text(line: str) -> str:
    """Return a line as a reader sees it: blanks collapsed, nothing invisible, letters composed."""
    line = " ".join(line.split())
    if not line.isprintable():
        line = _UNSEEN.sub("", line)
    return compose(line)


def _split_paragraphs(lines: list[str], links: Counter[int]) -> Iterator[tuple[str, int]]:
    """Split lines into paragraphs, which are separated by an empty line (two line breaks).

    Yields:
        Each paragraph, and the number of its characters inside links.
    """
    gathered: list[str] = []
    linked = 0
    for i, line in enumerate([*lines, ""]):
        if line:
            gathered.append(line)
            linked += links[i]
        elif gathered:
            yield "\n".join(gathered), linked
            gathered, linked = [], 0


def as_text(block: Block) -> str:
    """Return the block as the dated text writes it."""
    return f"- {block.text}" if block.role == "item" else block.text


def visible_blocks(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks that a reader sees: each caption once with its credit, no hidden copies.

    Galleries contain a hidden copy of each caption, and some systems put the credit into an element of its own. Hidden
    text without a visible copy is kept, because scripts may show it.
    """
    blocks = list(blocks)
    times = Counter(block.key for block in blocks)
    seen: set[str] = set()
    kept: list[Block] = []
    for block in blocks:
        if times[block.key] > 1 and _is_hidden(block.node):
            times[block.key] -= 1
            continue
        if block.role != "caption":
            kept.append(block)
        elif kept and _credits(block, kept[-1]):
            text = f"{kept[-1].text} {block.text}"
            kept[-1] = replace(kept[-1], text=text, key=squash(text))
        elif block.key not in seen:
            seen.add(block.key)
            kept.append(block)
    return kept


def _is_hidden(node: _Element) -> bool:
    """Return whether an element, or one that contains it, is hidden by its own style attribute."""
    return any(_HIDDEN.search(place.get("style", "")) for place in (node, *node.iterancestors()))


def _credits(block: Block, before: Block) -> bool:
    """Return whether a caption is the credit of the caption before it, in the same figure."""
    if before.role != "caption" or not (_CREDIT.match(block.text) or _is_named_credit(block)):
        return False
    return _figure(block.node) is _figure(before.node)


def _is_named_credit(block: Block) -> bool:
    """Return whether a short caption is in an element that is named after the author of a picture."""
    names = (f"{e.get('class', '')}" for e in (block.node, block.node.getparent()) if e is not None)
    return len(block.text) <= _LONGEST_CREDIT and any(map(_CREDIT_NAME.search, names))


def _figure(node: _Element) -> _Element | None:
    inner = node if node.tag == "figure" else next(node.iterancestors("figure"), None)
    return inner if inner is not None else node.getparent()
