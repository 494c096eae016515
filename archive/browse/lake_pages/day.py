"""The page *Today* of a lake: the articles that the outlets published on a day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from archive.browse.page_request import NotFoundError, PageRequest, parse_day
from archive.browse.pages.today import AROUND, HEADLINES, HEADLINES_OF_ONE, shift_day, show_day
from archive.browse.served_lake import LakeView


def lake_day(lake: LakeView, request: PageRequest) -> dict[str, Any]:
    """List the headlines of a day by outlet; by default, of the newest day that has articles."""
    outlet, names = request.text("outlet"), lake.names()
    if outlet and outlet not in names:
        raise NotFoundError(f"no outlet {outlet[:60]!r} in this lake")
    text, extent = request.part("day") or request.text("day"), lake.reader.extent()
    if not text and not extent:
        return {"day": None, "outlets": [], "total": 0}
    day = parse_day(text) if text else date.fromisoformat((extent or ("", ""))[1])
    rows = lake.reader.headlines(day.isoformat(), outlet, HEADLINES_OF_ONE if outlet else HEADLINES)
    around = lake.reader.count_articles(shift_day(day, -AROUND), shift_day(day, AROUND), outlet)
    per_day: Counter[str] = around.by(lambda cell: cell.day)
    counts = around.by(lambda cell: cell.outlet if cell.day == day.isoformat() else None)
    nearest = lake.reader.nearest_days(day.isoformat())
    return show_day(rows, counts, per_day, nearest, names, request, day)
