"""Separate the signature and credits of an article from its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from lxml.etree import _Element

from crawler.parsing.blocks import Block, squash
from crawler.reading.boilerplate_phrases import is_boilerplate_phrase
from crawler.reading.byline_words import VIETNAMESE
from crawler.reading.bylines import is_credit_line
from crawler.reading.page_furniture import is_box

_SIGNED = re.compile(r"(?:[A-ZÀ-ỸĐ][^\W\d]*\.?(?:\s+|\s*[-–,/&]\s*|$)){1,9}")
_AUTHORS = re.compile(
    r"(?:^|[\s_-])(?:authors?|bylines?|by-line|signature|tac-?gia|nguoi-?viet)(?:$|[\s_-])", re.IGNORECASE
)
_SOURCES = re.compile(r"(?:^|[\s_-])(?:source|nguon|nguon-?tin)(?:$|[\s_-])", re.IGNORECASE)
_VIETNAMESE = re.compile(r"[\u1ea0-\u1ef9]")  # letters that other languages do not use
_SAID = re.compile(rf"^(?:(?:{VIETNAMESE}|author|by)\s*:|(?:nhóm )?phóng viên\s)\s*", re.IGNORECASE)
_DONE = re.compile(r"\s(?:ghi|thực hiện|tổng hợp|lược dịch|biên dịch)$", re.IGNORECASE)  # behind the names
_NO_NAME = re.compile(r"[\d:?!@]")
_TOOLS = re.compile(r"\s*(?:copy link|sao chép liên kết|lấy link!?)\s*$", re.IGNORECASE)  # buttons beside a credit
_RIGHT = re.compile(r"text-align\s*:\s*right", re.IGNORECASE)
# Names in brackets behind the last sentence in Japanese: `【佐々木健太】`, `（田中美咲、鈴木大輔）`.
_IN_BRACKETS = re.compile(
    r"(?:^|(?<=[。」』！？\s]))[【（]\s?(?:取材・文|文|記者|记者)?[・:：\s]?"
    r"((?:[\u3400-\u9fff々]{2,4}\s?[\u3400-\u9fff々ぁ-ゖ]{1,3}[、・]?){1,5})\s?[】）]$"
)
_NO_PERSON = re.compile(
    r"写真|動画|記事|関連|速報|独自|訂正|更新|図解|特集|連載|(?:略|時|者|部|員|局|社|会|右|左|供|照|載)$"
)
_SHORTEST = 3
_BRACKETS = 6  # characters of brackets around names, with a word such as `記者`
_LONGEST = 60  # characters of a line of names
_MAX_LINE = 120  # characters
_NEAR = 10  # blocks after the text in which its signature may be
_PROSE = 60  # letters and digits; a longer block is not a signature


def split_signature(
    blocks: Sequence[Block], byline: str, credit: str, closing: Sequence[str] = ()
) -> tuple[list[Block], str]:
    """Separate the signature from the text: the byline, and lines of credits or names at its end.

    Args:
        blocks: The text.
        byline: The authors as printed elsewhere on the page; empty if they are not.
        credit: The credits as printed elsewhere.
        closing: Lines after the text that sign it.
    """
    rest = list(blocks)
    lines: list[str] = []
    while rest and rest[-1].role == "text" and is_credit_line(rest[-1].text):
        lines.insert(0, rest.pop().text)
    if rest and (names := _names_in_brackets(rest[-1])):
        lines.insert(0, names)
        if len(rest[-1].text) <= len(names) + _BRACKETS:
            rest.pop()
    if rest and rest[-1].role == "text" and squash(byline) in rest[-1].key and _is_names(rest[-1].text):
        lines.insert(0, rest.pop().text)  # it names the authors, or the same ones as elsewhere
    elif byline:
        lines.insert(0, byline)
    if credit and is_credit_line(credit):
        lines.append(credit)
    lines.extend(closing)
    distinct = {squash(line): line for line in reversed(lines)}
    return rest, "\n\n".join(reversed(distinct.values()))


def _names_in_brackets(block: Block) -> str:
    found = _IN_BRACKETS.search(block.text[-_LONGEST:]) if block.role == "text" else None
    if found is None or _NO_PERSON.search(found[1]):
        return ""
    return re.sub(r"\s", "、", found[1]) if "记者" in found[0] else found[1]  # in Chinese a blank separates two names


def find_closing_lines(page: Sequence[Block], article: Sequence[Block]) -> tuple[list[str], str]:
    """Find the lines after the text of a page without rules that sign and credit it.

    These are lines of credits, and lines in an element that is named after an author or a source. On Vietnamese pages
    also lines of names only, in the element of the text or aligned to the right.

    Args:
        page: The blocks of the page.
        article: The blocks of the article.

    Returns:
        The lines that sign it, and the outlet or agencies that it was taken from, which are not part of the text.
    """
    last = next((i for i in range(len(page) - 1, -1, -1) if article and page[i] is article[-1]), len(page))
    vietnamese = bool(article) and _VIETNAMESE.search(article[-1].text) is not None
    holder = article[-1].node.getparent() if article else None
    lines: list[str] = []
    credit, near = "", True
    for block in page[last + 1 : last + 1 + _NEAR]:
        near = near and len(block.key) < _PROSE and block.role != "heading"
        if not _may_sign(block):
            continue
        text, role = _TOOLS.sub("", block.text), _role_of(block.node)
        placed = holder in (block.node, block.node.getparent()) or _is_right(block.node)
        bare = near and vietnamese and placed
        if role == "source":
            credit = credit or text
        elif (near and is_credit_line(text)) or (
            _is_line_of_names(text) if role == "author" else bare and _is_names(text)
        ):
            lines.append(text)
    return lines, credit


def _may_sign(block: Block) -> bool:
    """Return whether a block is a short line, and not in a box with other content."""
    if block.role != "text" or len(block.text) > _MAX_LINE or is_boilerplate_phrase(block.text):
        return False
    return not any(map(is_box, block.node.iterancestors()))


def _is_right(node: _Element) -> bool:
    """Return whether the markup of a line aligns it to the right."""
    return node.get("align") == "right" or _RIGHT.search(node.get("style", "")) is not None


def _role_of(node: _Element) -> str:
    """Return `author` or `source` if an element or one of its two ancestors is named so; else ''."""
    for place in (node, *islice(node.iterancestors(), 2)):
        name = f"{place.get('class', '')} {place.get('itemprop', '')}"
        if _AUTHORS.search(name) or _SOURCES.search(name):
            return "author" if _AUTHORS.search(name) else "source"
    return ""


def _is_line_of_names(text: str) -> bool:
    """Return whether a line in an author's place may be names: `PV/VOV.VN`, `Tác giả: Thu Lan`."""
    line = _SAID.sub("", text)
    return _SHORTEST < len(line) <= _LONGEST and not _NO_NAME.search(line)


def _is_names(text: str) -> bool:
    """Return whether a paragraph is only names, with or without credits in brackets."""
    line = _DONE.sub("", re.sub(r"\([^()]{0,100}\)\s*$", "", _SAID.sub("", text)).strip())
    return _SHORTEST < len(line) <= _LONGEST and _SIGNED.fullmatch(line) is not None
