"""Find the date of an otherwise undated page with htmldate."""

from __future__ import annotations

import logging
from datetime import date, datetime

from crawler.parsing.dates import AHEAD, EARLIEST

SOURCE = "htmldate"
_LONGEST = 3_000_000  # characters of markup that are searched
_NEW_YEAR = (1, 1)


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
