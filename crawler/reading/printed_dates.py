"""Find the printed publication date of a page without rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parsing.date_labels import PUBLISHED, PUBLISHED_SIGNS, is_of_change
from crawler.parsing.dates import DateStyle, Moment, days_in
from crawler.parsing.html_tree import words_of
from crawler.reading.header import Header
from crawler.reading.page_lines import Line

_DECLARED = "[itemprop=datePublished], time[pubdate]"
_NAMED = (
    "h1, time, abbr.published, abbr.updated, .published, .publish-date, .published-date, .date-published, .post-date, "
    ".entry-date, .article-date, .article__date, .article-time, .post-time, .date-time, .datetime, "
    ".dateline, .timestamp, .pubdate, .date, .time, [class*=publish], [class*=date]"
)
_NODES = 40
_SHORTEST, _LONGEST = 6, 120  # characters of a printed time
_LINE = 80  # characters; a longer line needs a time of day to count as a date
_DATELINE = re.compile(r"^(.{6,60}?[\d)])\s?(?:[—–-]\s|[:.]\s)")  # `HAMBURG, 3. Februar 2026 (dpa) - `
_MARKED = re.compile(
    rf"(?:\b(?:{PUBLISHED})\b|{PUBLISHED_SIGNS})[^\d\n]{{0,20}}?((?:[^\W\d_]+\.?,?\s)?\d{{1,4}}\b.{{0,36}})",
    re.IGNORECASE,
)
_LONGEST_TEXT = 100_000  # characters of a page's text that are searched
_CHANGE = re.compile(r"modif|updated", re.IGNORECASE)
_BLANKS = 3  # nodes without words between a label and its time
_ABOVE = 2  # lines above the headline that belong to it


@dataclass(frozen=True, slots=True)
class PrintedTime:
    """A time that is printed on a page.

    Attributes:
        moment: The time.
        near: The page's markup declares it, or it is beside the headline.
    """

    moment: Moment
    near: bool = False


def printed_times(tree: LexborHTMLParser, header: Header, style: DateStyle) -> list[PrintedTime]:
    """List the printed times of a page, the most likely time of publication first.

    The order is: declared in the markup, after the headline, in elements with a class for dates, above the headline,
    where some sites print today's date.

    Args:
        tree: The page.
        header: The headline and the lines around it.
        style: How its dates are parsed.
    """
    near = [*_find_declared(tree, header, style), *_read_lines(header, style, 1)] or _find_marked(tree, style)
    if near:
        return [PrintedTime(moment, near=True) for moment in near]
    after, before = _find_named(tree, header, style)
    above = _read_lines(header, style, -1)
    return [
        *(PrintedTime(moment) for moment in after),
        *(PrintedTime(moment, near=True) for moment in above),
        *(PrintedTime(moment) for moment in before),
    ]


def text_days(tree: LexborHTMLParser, style: DateStyle) -> list[PrintedTime]:
    """List every day that the text of a page contains in an unambiguous form."""
    text = tree.body.text(separator=" ") if tree.body else ""
    return [PrintedTime(Moment(day, None, str(day))) for day in sorted(days_in(text, style))]


def _read_lines(header: Header, style: DateStyle, side: int) -> list[Moment]:
    """Return the times in the lines after the headline, or in the nearest lines above it."""
    lines = [line for line in header.lines if line.place * side > 0 and (side > 0 or -line.place <= _ABOVE)]
    return [moment for line in lines if (moment := _read_line(line, style))]


def _find_marked(tree: LexborHTMLParser, style: DateStyle) -> list[Moment]:
    """Find the only day on the page that follows a word such as "published"."""
    text = tree.body.text(separator=" ")[:_LONGEST_TEXT] if tree.body else ""
    found = (style.find(marked[1]) for marked in _MARKED.finditer(text))
    days = {moment.day: moment for moment in found if moment}
    return list(days.values()) if len(days) == 1 else []


def _find_declared(tree: LexborHTMLParser, header: Header, style: DateStyle) -> Iterator[Moment]:
    for node in tree.css(_DECLARED)[:_NODES]:
        if not header.is_apart(node) and (moment := _read_node(node, style)):
            yield moment


def _find_named(tree: LexborHTMLParser, header: Header, style: DateStyle) -> tuple[list[Moment], list[Moment]]:
    """Return the times in elements with a class for dates, after and before the headline."""
    before: list[Moment] = []
    after: list[Moment] = []
    found = before
    for node in tree.css(_NAMED)[:_NODES]:
        if node.tag == "h1":
            found = after
        elif not header.is_apart(node) and (moment := _read_node(node, style)):
            found.append(moment)
    return after, before


def _read_line(line: Line, style: DateStyle) -> Moment | None:
    """Parse the time in a short line, or in the dateline at the start of a paragraph."""
    told = None
    if _SHORTEST <= len(line.text) <= _LONGEST:
        told = style.find(line.text)
        if told and len(line.text) > _LINE and told.instant is None and ":" not in line.text and not line.times:
            told = None
    elif dateline := _DATELINE.match(line.text):
        told = style.find(dateline[1])
    exact = next((m for words in line.times if (m := style.read(words))), None)
    return _set_printed_day(exact, told)


def _read_node(node: LexborNode, style: DateStyle) -> Moment | None:
    """Parse the time of an element: its attribute, on the day of its text; None for a change."""
    attributes = node.attributes
    words = (
        attributes.get("content")
        or attributes.get("datetime")
        or (attributes.get("title") if node.tag == "abbr" else "")
    )
    changed = _CHANGE.search(f"{attributes.get('itemprop') or ''} {attributes.get('class') or ''}")
    text = words_of(node)
    told = style.find(text) if _SHORTEST <= len(text) <= _LONGEST else None
    moment = _set_printed_day(None if changed else style.read(words or ""), told)
    return None if moment and is_of_change(_words_before(node), "") else moment


def _words_before(node: LexborNode) -> str:
    """Return the words right before an element, in the same parent."""
    before = node.prev
    for _ in range(_BLANKS):
        if before is None:
            return ""
        if words := before.text(deep=True).strip()[-_LONGEST:]:
            return words
        before = before.prev
    return ""


def _set_printed_day(exact: Moment | None, told: Moment | None) -> Moment | None:
    """Set the printed civil day on the instant of an attribute, if they are a day apart."""
    if exact is None or told is None:
        return exact or told
    return replace(exact, day=told.day) if abs((exact.day - told.day).days) == 1 and exact.instant else exact
