"""Find the printed byline of a page without rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser

from crawler.parsing.html_tree import words_of
from crawler.reading.header import Header
from crawler.reading.page_lines import Line

_SIGNED = re.compile(
    r"^(?:(?:story|text|words|written|reported|posted|publicado|escrito|texte?)\s+)?"
    r"(?:by\s+by|by|von|par|por|di|door|av|af|oleh|autor(?:in|es)?|auteur|authors?|(?:text|texte|texto)(?=\s*:)|"
    r"tác giả|người viết|thực hiện|(?:tin|bài)(?:(?:,| và) (?:bài|ảnh|clip|video)){1,2}|bài)"
    r"\b\s*:?\s*(?=[^\W\d_])",
    re.IGNORECASE,
)
_SIGNED_UNSPACED = re.compile(r"(?:取材・文|作者|记者|記者|撰文)\s?[・:：/／|｜]\s?[\u3400-\u9fff·]{2,6}(?!\w)")
_CAPITAL = re.compile(r"[^\W\d_]")
_LONGEST = 120  # characters; a longer line is not a byline
_NAMED = (
    "[itemprop=author] [itemprop=name], [rel~=author], [itemprop=author], .byline, .author-name, .article__author, "
    ".article-author, .post-author, .author, [class*=byline], [class*=author]"
)
_NODES = 40
_TOGETHER = 2  # lines between two authors of an article


def printed_byline(tree: LexborHTMLParser, header: Header) -> str:
    """Find the printed authors of a page, one line for each place.

    Args:
        tree: The page.
        header: The headline and the lines around it.
    """
    behind = [line for line in header.lines if line.place > 0]
    above = [line for line in header.lines if line.place < 0]
    for place in (behind, above):
        if found := _find_named(place) or _find_signed(place):
            return found
    return next(_find_named_elsewhere(tree, header), "")


def _find_named(lines: Sequence[Line]) -> str:
    """Return the authors in elements with a class for authors, on neighbouring lines."""
    found: list[str] = []
    last = 0
    for line in lines:
        if line.authors and (not found or abs(line.place - last) <= _TOGETHER):
            found.extend(line.authors)
            last = line.place
    return "\n".join(dict.fromkeys(found))


def _find_signed(lines: Sequence[Line]) -> str:
    """Return the first line that begins with a word such as "by"."""
    for line in lines:
        if is_signed(line.text):
            return line.text
    return ""


def is_signed(text: str) -> bool:
    """Return whether a short line begins with a word such as "by" and a name."""
    if _SIGNED_UNSPACED.match(text):
        return len(text) <= _LONGEST
    signed = _SIGNED.match(text)
    return signed is not None and len(text) <= _LONGEST and text[signed.end()].isupper()


def _find_named_elsewhere(tree: LexborHTMLParser, header: Header) -> Iterator[str]:
    """Yield the texts of elements with a class for authors elsewhere on the page."""
    for node in tree.css(_NAMED)[:_NODES]:
        text = words_of(node)
        if 0 < len(text) <= _LONGEST and not header.is_apart(node):
            yield text
