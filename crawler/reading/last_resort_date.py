"""Find the date of an otherwise undated page with htmldate."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from crawler.parsing.blocks import squash
from crawler.parsing.dates import AHEAD, EARLIEST, DateStyle, days_in

SOURCE = "htmldate"
_LONGEST = 3_000_000  # characters of markup that are searched
_NEW_YEAR = (1, 1)
_LINE = 120  # characters; a day in a longer line is one that the text mentions


def guess_day(markup: str, now: datetime) -> date | None:
    """Find the day of publication with htmldate.

    Only its fast search is used. Its extensive search would accept any date on the page, and return 1 January for a
    year without a day.

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
        if found and not (extensive and date.fromisoformat(found).timetuple()[1:3] == _NEW_YEAR):
            return date.fromisoformat(found)
    return None


def is_of_event(day: date, lines: Iterable[str], titles: Sequence[str], language: str) -> bool:
    """Return whether a page prints a day only in its headline and in sentences, as that of an event.

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
    alone = (line for line in printed if len(line) <= _LINE and not any(key.startswith(squash(line)) for key in keys))
    return (named or bool(printed)) and next(alone, None) is None
