"""Map how many articles of each day are archived, relative to the outlet's median for that weekday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median
from typing import Any, TypeVar

from archive.browse.charts.model import HeatMap, Square
from archive.browse.page_request import PageRequest, page_link
from archive.browse.translations import number_formatter

_LEVELS = ("0", "< 50 %", "50–80 %", "80–120 %", "> 120 %")
_BOUNDS = (0.5, 0.8, 1.2)  # relative to the median
_DRAWN = 20  # outlets of the maps of one page; the square of a day takes 150 bytes, and there are up to four maps
_MOST_PAGES = 1000
_LEAST_DAYS = 3  # days of one weekday that a median needs; with fewer, the median of all days is used

Row = TypeVar("Row", bound=Mapping[str, Any])


def rows_of_page(rows: Sequence[Row], request: PageRequest) -> tuple[Sequence[Row], dict[str, Any]]:
    """Return the outlets on the maps of the requested page, and what the page says of them.

    Args:
        rows: All outlets, with their names.
        request: The request, with the number of the page.
    """
    page = request.number("page", 1, _MOST_PAGES)
    drawn = rows[(page - 1) * _DRAWN : page * _DRAWN]
    return drawn, {
        "page": page,
        "drawn": [drawn[0]["name"], drawn[-1]["name"]] if drawn and len(drawn) < len(rows) else [],
        "newer": page_link("/outlets", {"page": page - 1}) if page > 1 else None,
        "older": page_link("/outlets", {"page": page + 1}) if len(rows) > page * _DRAWN else None,
    }


def coverage_map(days: Sequence[str], rows: Mapping[str, Mapping[str, int]], request: PageRequest) -> HeatMap:
    """Return a heat map of articles per day.

    Args:
        days: The columns, oldest first.
        rows: Number of articles by day, by outlet name.
        request: The request, for its language.
    """
    number = number_formatter(request.language)
    squares = []
    for name, counts in rows.items():
        usual = _medians(days, counts)
        for day in days:
            count = counts.get(day, 0)
            label = f"{name}, {day}: {number(count)} ({request.t('usual')}: {number(round(usual[_weekday(day)]))})"
            squares.append(Square(name, day, level(count, usual[_weekday(day)]), label))
    return HeatMap(
        request.t("articles of each day"),
        tuple(rows),
        tuple(days),
        tuple(squares),
        _LEVELS,
        request.t("articles beside the outlet's median for that weekday"),
    )


def _weekday(day: str) -> int:
    return date.fromisoformat(day).weekday()


def _medians(days: Sequence[str], counts: Mapping[str, int]) -> dict[int, float]:
    """Return the median of each weekday, from the first day with articles."""
    known = [day for day in days if day >= min(counts, default="")]
    everything = median([counts.get(day, 0) for day in known]) if known else 0.0
    found = {}
    for weekday in range(7):
        same = [counts.get(day, 0) for day in known if _weekday(day) == weekday]
        found[weekday] = float(median(same) if len(same) >= _LEAST_DAYS else everything)
    return found


def level(count: int, usual: float) -> int:
    """Return the level of a number of articles: 0 for none, else 1 to 4 relative to the usual number."""
    if not count:
        return 0
    return 1 + sum(count >= bound * usual for bound in _BOUNDS) if usual else len(_LEVELS) - 1
