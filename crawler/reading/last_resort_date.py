"""Find the date of an otherwise undated page with htmldate."""

from __future__ import annotations

import logging
from datetime import date, datetime

from crawler.parsing.dates import AHEAD, EARLIEST

SOURCE = "htmldate"
_LONGEST = 3_000_000  # characters of markup that are searched
_NEW_YEAR = (1, 1)


def guess_day(markup: str, now: datetime) -> date | None:
    """Find the day that a page prints, with htmldate.

    Its fast search comes first. Its extensive search takes any date of the page, and 1 January where it finds a year
    alone, which is no day.

    Args:
        markup: The whole page, its scripts included.
        now: The instant of reading; no later day is found.

    Returns:
        The civil day as it is printed; None where it finds none.
    """
    if len(markup) > _LONGEST:
        return None
    from htmldate import find_date  # slow to load, and asked for few pages

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    last = (now + AHEAD).date().isoformat()
    for extensive in (False, True):
        try:
            found = find_date(
                markup, extensive_search=extensive, original_date=True, min_date=EARLIEST.isoformat(), max_date=last
            )
        except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):  # odd pages trip it
            continue
        if found and not (extensive and date.fromisoformat(found).timetuple()[1:3] == _NEW_YEAR):
            return date.fromisoformat(found)
    return None
