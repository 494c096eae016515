"""Recognise captions without rules: by class, by position and by their credit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parsing.blocks import CAPTION_MARK, INLINE, Block

# Classes of captions in publishing systems, and cells below a picture in a table that contains nothing else.
_CLASSED = (
    "[class*=caption i],[itemprop=caption],[class*=chu-thich i],[class*=chuthich i],[class*=imagedesc i],"
    "[class*=image-desc i],[class*=image_desc i],[class*=photo-desc i],[class*=picture-desc i]"
)
_BELOW_PICTURES = "img+br+em,img+br+i,img+em,img+i"  # in the paragraph of the picture
_PICTURE_TABLES = "table:has(img)"
_CELLS = "td,th"
_SHORTEST = 15  # characters of a caption that only its place shows; shorter text labels an icon
_LONGEST = 600  # characters of a caption; longer text only has such a class by chance
_CREDITED = re.compile(
    r"(?:^|[\s.,;(\[–-])(?:ảnh|ảnh minh họa|ảnh chụp màn hình|đồ họa|video|clip|photos?|foto|bild|credit|"
    r"picture)\s?:\s?[^\s.:!?](?:[^.:!?]|(?<=\b\w)\.){0,50}[.)\]]*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"(?:bài|tin)\b[^:]{0,12}\bảnh\s*:", re.IGNORECASE)  # `Bài và ảnh: Thu Lan` signs the text
_CREDITED_LONGEST = 350  # characters


def mark_likely_captions(tree: LexborHTMLParser) -> None:
    """Mark captions by their class or position, while pictures are still in the tree."""
    for node in tree.css(_CLASSED):
        if _is_short(node) and "button" not in (node.attributes.get("class") or "").lower():
            _mark(node)
    for node in tree.css(_BELOW_PICTURES):
        if node.parent is not None and len(words := _words(node)) >= _SHORTEST and _words(node.parent) == words:
            _mark(node)
    for table in tree.css(_PICTURE_TABLES):
        if _is_short(table):
            for cell in table.css(_CELLS):
                if cell.css_first("img") is None:
                    cell.attrs[CAPTION_MARK] = ""


def _mark(node: LexborNode) -> None:
    """Mark a caption; if it is inline, mark the element around it and its picture that has no other text."""
    place: LexborNode | None = node
    while place is not None and place.tag in INLINE:
        place = place.parent
    if place is not None and (place is node or (place.css_first("img") and _words(place) == _words(node))):
        place.attrs[CAPTION_MARK] = ""


def _words(node: LexborNode) -> str:
    return " ".join(node.text(deep=True).split())


def _is_short(node: LexborNode) -> bool:
    return len(_words(node)) <= _LONGEST


def mark_credited_captions(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks; those that end in a picture's credit become captions."""
    return [replace(block, role="caption") if _is_credited(block) else block for block in blocks]


def _is_credited(block: Block) -> bool:
    return (
        block.role == "text"
        and len(block.text) <= _CREDITED_LONGEST
        and ":" in block.text
        and _SIGNATURE.match(block.text) is None
        and _CREDITED.search(block.text) is not None
    )
