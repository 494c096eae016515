"""The page *Outlets* of a lake: how many articles of each day it holds."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from archive.browse.charts.model import unique_names
from archive.browse.page_request import NotFoundError, PageRequest
from archive.browse.pages.completeness import last_days
from archive.browse.pages.coverage_map import coverage_map, rows_of_page
from archive.browse.pages.outlets import NEWEST, day_table
from archive.browse.served_lake import LakeView

_NOTHING_AUDITED: dict[str, Any] = {"shares": {}, "query": None}


def lake_outlets(lake: LakeView, request: PageRequest) -> dict[str, Any]:
    """List every outlet with its articles of the last weeks of the lake, and a map of days."""
    labels = unique_names(lake.names())
    days, counts = _count_days(lake)
    rows: list[dict[str, Any]] = [
        {
            "id": name,
            "name": label,
            "articles": sum(counts[name].values()),
            "per_day": round(sum(counts[name].values()) / len(days), 1) if days else 0.0,
            "newest": max(counts[name], default=None),
        }
        for name, label in labels.items()
    ]
    drawn, pages = rows_of_page(rows, request)
    shown = {row["name"]: counts[row["id"]] for row in drawn if row["newest"]}
    return {
        "outlets": rows,
        **pages,
        "days": days,
        "coverage": counts,
        "audited": _NOTHING_AUDITED,
        "charts": {"coverage": coverage_map(days, shown, request)} if shown else {},
        "tables": {"coverage": day_table(counts)},
    }


def lake_outlet(lake: LakeView, request: PageRequest) -> dict[str, Any]:
    """Show one outlet: its newest articles and its days."""
    name, names = request.part("id"), lake.names()
    if name not in names:
        raise NotFoundError(f"no outlet {name[:60]!r} in this lake")
    days, counts = _count_days(lake, name)
    return {
        "id": name,
        "name": names[name],
        "home": "",
        "articles": lake.reader.newest(name, NEWEST),
        "sources": [],
        "coverage": counts[name],
        "audited": _NOTHING_AUDITED,
        "missing": [],
        "charts": {"coverage": coverage_map(days, {names[name]: counts[name]}, request)} if counts[name] else {},
        "tables": {"coverage": day_table({name: counts[name]})},
    }


def _count_days(lake: LakeView, outlet: str = "") -> tuple[list[str], dict[str, dict[str, int]]]:
    """Return the last weeks of the lake, and the number of articles of each outlet and day in them."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    extent = lake.reader.extent()
    if extent is None:
        return [], counts
    days = last_days(date.fromisoformat(extent[1]))
    for cell, number in lake.reader.count_articles(days[0], days[-1], outlet).cells.items():
        counts[cell.outlet][cell.day] = number
    return days, counts
