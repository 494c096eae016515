"""The blocks of a page: what it shows as paragraphs, in page order, with what each of them is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.etree import _Element

INLINE = frozenset(
    ["a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "nobr", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img", "picture", "source"]
)
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
_BLANKS = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]+")
_UNPARTED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
CAPTION_MARK = "data-khobao-caption"  # set on what an outlet's rules call a caption


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item, table row or caption.

    Attributes:
        text: What it says, blanks collapsed; line breaks inside it are kept.
        role: text, heading, item, row, quote or caption.
        linked: How many of its characters stand inside links.
        node: The innermost block element it stands in.
    """

    text: str
    role: str
    linked: int
    node: _Element

    @property
    def density(self) -> float:
        """The share of its characters that stand inside links."""
        return self.linked / max(1, len(self.text))

    @property
    def key(self) -> str:
        """Its letters and digits alone, to compare it with the same text written by another reader."""
        return squash(self.text)


def squash(text: str) -> str:
    """The letters and digits of a text, lower-cased: what two readings of the same page have in common."""
    return "".join(filter(str.isalnum, text)).lower()


def word_count(text: str) -> int:
    """How many words a text has; in scripts that part no words, two signs count as one."""
    return len(text.split()) + len(_UNPARTED.findall(text)) // 2


def blocks_of(root: _Element) -> list[Block]:
    """The blocks under a node, in page order; empty ones are left out."""
    walk = _Walk()
    walk.enter(root, "text", linked=False)
    walk.flush()
    return walk.blocks


class _Walk:
    """A depth-first walk that breaks the text wherever a block element begins or ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._linked = 0
        self._place: tuple[str, _Element] | None = None

    def enter(self, node: _Element, role: str, *, linked: bool) -> None:
        tag = node.tag
        if not isinstance(tag, str):
            return
        if tag == "br":
            self._parts.append("\n")
            return
        outer = self._place
        inline = tag in INLINE and CAPTION_MARK not in node.attrib
        if inline:
            linked = linked or tag == "a"
        else:
            role = self._role(node, tag, role)
            if role != "row" or tag == "tr":
                self.flush()
            else:
                self._parts.append(" ")
            self._place = (role, node)
        if node.text:
            self._add(node.text, linked)
        for child in node:
            self.enter(child, role, linked=linked)
            if child.tail:
                self._add(child.tail, linked)
        if not inline:
            if role != "row" or tag == "tr":
                self.flush()
            self._place = outer

    @staticmethod
    def _role(node: _Element, tag: str, role: str) -> str:
        if CAPTION_MARK in node.attrib or (role == "caption" and tag not in {"blockquote", "tr"}):
            return "caption"
        return _ROLES.get(tag, role)

    def _add(self, text: str, linked: bool) -> None:
        self._parts.append(_BLANKS.sub(" ", _UNSEEN.sub("", text)))
        if linked:
            self._linked += len(self._parts[-1])

    def flush(self) -> None:
        parts, linked, self._parts, self._linked = self._parts, self._linked, [], 0
        if self._place is None or not parts:
            return
        role, node = self._place
        text = "".join(parts)
        lines = [" ".join(line.split(" ")).strip() for line in text.split("\n")]
        for paragraph in _split(lines):
            share = min(linked, len(paragraph))
            self.blocks.append(Block(paragraph, role, share, node))


def _split(lines: list[str]) -> Iterator[str]:
    """Paragraphs parted by an empty line, that is by two line breaks."""
    gathered: list[str] = []
    for line in [*lines, ""]:
        if line:
            gathered.append(line)
        elif gathered:
            yield "\n".join(gathered)
            gathered = []


def as_text(block: Block) -> str:
    """The block as the dated text writes it."""
    return f"- {block.text}" if block.role == "item" else block.text


def once(blocks: Iterable[Block]) -> list[Block]:
    """The blocks less the captions that have been printed before: galleries keep a hidden copy of each."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        if block.role == "caption":
            if block.key in seen:
                continue
            seen.add(block.key)
        kept.append(block)
    return kept
