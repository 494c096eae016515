"""Find the date of an otherwise undated page with htmldate."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from crawler.parsing.blocks import squash
from crawler.parsing.dates import AHEAD, EARLIEST, DateStyle, days_in

SOURCE = "htmldate"
_LONGEST = 3_000_000  # characters of markup that are searched
_FIRST = r"(?<!\d)0?1(?:\.|st|er|º)?\s.{{2,40}}?{year}|[^\W\d]{{3,12}}\.?\s0?1(?:st)?,?\s{year}"
_SENTENCE = re.compile(r".{60,}[^\W\d]{2}[.!?…]$")  # `The festival takes place on 12 March 2026 in the harbour, …`
_LINE = 120  # characters; a day in a longer line is one that the text mentions


def guess_day(markup: str, now: datetime) -> date | None:
    """Find the day of publication with htmldate.

    Its fast search is tried first. Its extensive search accepts any date on the page, and returns 1 January for a year
    without a day, so a 1 January that it finds is not used.

    Args:
        markup: The whole page, with its scripts.
        now: The current time; later days are ignored.

    Returns:
        The civil day as printed; None if none is found.
    """
    if len(markup) > _LONGEST:
        return None
    from htmldate import find_date  # slow to load, and needed for few pages

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    last = (now + AHEAD).date().isoformat()
    for extensive in (False, True):
        try:
            found = find_date(
                markup, extensive_search=extensive, original_date=True, min_date=EARLIEST.isoformat(), max_date=last
            )
        except (
            ValueError,
            TypeError,
            AttributeError,
            RecursionError,
            OverflowError,
        ):  # htmldate raises these on unusual pages
            continue
        day = date.fromisoformat(found) if found else None
        if day and (day.day > 1 or (_is_written(day, markup) and not (extensive and day.month == 1))):
            return day
    return None


def _is_written(day: date, markup: str) -> bool:
    """Return whether a page writes the first day of a month: htmldate returns it for `September 2004` too."""
    year, month = day.year, day.month
    digits = rf"{year}([-/.]?)0?{month}\1?0?1(?!\d)|(?<!\d)0?1[-/.]\s?0?{month}[-/.]\s?{year}"
    forms = rf"{digits}|{year}\s?年\s?0?{month}\s?月\s?0?1\s?日"
    if re.search(forms, markup):
        return True
    return any(day in days_in(words[0], DateStyle()) for words in re.finditer(_FIRST.format(year=year), markup))


def is_of_event_or_change(day: date, lines: Iterable[str], titles: Sequence[str], language: str) -> bool:
    """Return whether a page prints a day only as that of an event or of a change.

    A day in the headline or in a sentence is that of an event; a day behind a word such as "updated" is that of a
    change.

    Args:
        day: The day.
        lines: The lines that the page shows.
        titles: The possible headlines.
        language: BCP 47 tag of the page; empty if unknown.
    """
    style = DateStyle(language=language)
    keys = [squash(title) for title in titles]
    named = any(day in days_in(title, style) for title in titles)
    printed = [line for line in lines if day in days_in(line, style)]
    alone = (
        line
        for line in printed
        if len(line) <= _LINE
        and not _SENTENCE.match(line)
        and not any(key.startswith(squash(line)) for key in keys)
        and (told := style.find(line)) is not None
        and told.day == day
    )
    return (named or bool(printed)) and next(alone, None) is None
