"""Find the printed byline of a page without rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser

from crawler.parsing.html_tree import words_of
from crawler.reading.byline_words import (
    BEFORE,
    CASELESS_BEFORE,
    CASELESS_LABELS,
    EAST_ASIAN,
    LABELS,
    LOCAL_BEFORE,
    VIETNAMESE,
)
from crawler.reading.header import Header
from crawler.reading.page_lines import Line

_SIGNED = re.compile(
    rf"^(?:(?:{BEFORE})\b\s*:?|(?:{LABELS}|{VIETNAMESE})\b\s*:|(?:tác giả|người viết|thực hiện|bài)\b)\s*(?=[^\W\d_])",
    re.IGNORECASE,
)
_CASELESS = re.compile(rf"^(?:(?:{CASELESS_LABELS})\s*:|(?:{CASELESS_BEFORE})\s*:?)\s*(?=[^\W\d_])")
_NO_NAME = re.compile(rf"(?:{BEFORE}|{LABELS}|{VIETNAMESE})\s*:?", re.IGNORECASE)  # alone in an element for authors
_EAST_ASIAN = re.compile(EAST_ASIAN)
# Two to six words of a name, up to the end of the line or a sign that ends names: `De Ioana Dumitrescu, 14 octombrie`.
_NAMES = r"[^\W\d_][\w.'’-]*(?:\s[^\W\d_][\w.'’-]*){1,5}(?=\s*(?:$|[\d|,(·•–/]|-\s))"
_LOCAL = {code: re.compile(rf"^(?:{words})\s+({_NAMES})", re.IGNORECASE) for code, words in LOCAL_BEFORE.items()}
_PARTICLE = 3  # letters; a longer word of a name begins with a capital
_AFTER_DAY = re.compile(r"(?<=\d)\s(?:by|von|par|por)\s(?=[A-ZÀ-Þ])")  # `Posted February 3, 2026 by Anna Lind`
_PARTS = re.compile(r"\s*[|·•]\s*|\s+[–—-]\s+")
_CAPITAL = re.compile(r"[^\W\d_]")
_AND = re.compile(r"\s*(?<!\w)(?:and|und|et|y|e|och|og|en|và|&)(?!\w)\s*")
_JOINTS = re.compile(rf"\s*,\s*|{_AND.pattern}")
_WORDS = range(2, 5)  # words of a name beside others
_LONGEST = 120  # characters; a longer line is not a byline
_NAMED = (
    "[itemprop=author] [itemprop=name], [rel~=author], [itemprop=author], .byline, .author-name, .article__author, "
    ".article-author, .post-author, .author, [class*=byline], [class*=author]"
)
_NODES = 40
_TOGETHER = 2  # lines between two authors of an article


def printed_byline(tree: LexborHTMLParser, header: Header, language: str = "") -> str:
    """Find the printed authors of a page, one line for each place.

    Args:
        tree: The page.
        header: The headline and the lines around it.
        language: The language of the page, as a BCP 47 tag; empty if unknown.
    """
    found = ""
    for lines in ([line for line in header.lines if side * line.place > 0] for side in (1, -1)):
        found = found or _find_named(lines) or _find_signed(lines, language)
    found = found or next(_find_named_elsewhere(tree, header), "")
    return "\n".join(_locally_signed(line, language) or line for line in found.split("\n"))


def _locally_signed(text: str, language: str) -> str:
    """Return the names behind a word that is "by" in this language only: `Per Montserrat Puig`."""
    before = _LOCAL.get(re.split(r"[-_]", language.lower())[0])
    signed = before.match(text) if before else None
    names = signed[1].split() if signed else []
    return " ".join(names) if all(name[0].isupper() or len(name) <= _PARTICLE for name in names) else ""


def _find_named(lines: Sequence[Line]) -> str:
    """Return the authors in elements with a class for authors, on neighbouring lines."""
    found: list[str] = []
    last = 0
    for line in lines:
        authors = [author for author in line.authors if not _NO_NAME.fullmatch(author)]
        if authors and (not found or abs(line.place - last) <= _TOGETHER):
            found.extend([line.text] if _names_more(line) else authors)
            last = line.place
    return "\n".join(dict.fromkeys(found))


def _names_more(line: Line) -> bool:
    """Return whether a line joins its marked authors with others: `<a>Ana Ruiz</a> and Luis Gil`."""
    rest = line.text
    for name in line.authors:
        rest = rest.replace(name, "", 1)
    others = [name.split() for name in _JOINTS.split(rest) if name]
    return _AND.search(rest) is not None and all(map(_is_name, others))


def _is_name(words: Sequence[str]) -> bool:
    return len(words) in _WORDS and all(word[0].isupper() for word in words)


def _find_signed(lines: Sequence[Line], language: str) -> str:
    """Return the first line, or the part of one, that begins with a word such as "by"."""
    signed = (_signed_part(line.text) or _locally_signed(line.text, language) for line in lines)
    return next(filter(None, signed), "") or next(filter(None, map(_labelled, lines, lines[1:])), "")


def _labelled(label: Line, line: Line) -> str:
    """Return the names in a line below a line that is only a label: `Autor`."""
    is_name = line.place > 0 and _is_name(line.text.split())
    return line.text if is_name and _NO_NAME.fullmatch(label.text) else ""


def is_signed(text: str) -> bool:
    """Return whether a short line is a byline: it begins with a word such as "by" and a name."""
    return bool(_signed_part(text))


def _signed_part(text: str) -> str:
    if len(text) > _LONGEST:
        return ""
    if _begins_byline(text):
        return text
    if named := list(_EAST_ASIAN.finditer(text)):
        # A blank parts two names in Chinese, and the parts of one name in Japanese.
        return "\n".join(re.sub(r"(?<!记者)\s", "\n", name[0]) if "记" in name[0] else name[0] for name in named)
    if after := _AFTER_DAY.search(text):
        return text[after.start() :].strip()
    parts = _PARTS.split(text)
    return next((part for part in parts if len(parts) > 1 and _begins_byline(part)), "")


def _begins_byline(text: str) -> bool:
    signed = _SIGNED.match(text)
    return (signed is not None and text[signed.end()].isupper()) or _CASELESS.match(text) is not None


def _find_named_elsewhere(tree: LexborHTMLParser, header: Header) -> Iterator[str]:
    """Yield the texts of elements with a class for authors elsewhere on the page."""
    for node in tree.css(_NAMED)[:_NODES]:
        text = words_of(node)
        if 0 < len(text) <= _LONGEST and not header.is_apart(node):
            yield text
