"""The page *Today*: the articles that the outlets published on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from archive.browse.charts.model import Bar, BarChart
from archive.browse.page_request import NotFoundError, PageRequest, page_link, parse_day
from archive.browse.sql import SqlQuery, excerpt, outlet_names
from archive.browse.tabular import Table
from archive.browse.translations import number_formatter

HEADLINES = 12  # headlines of each outlet, side by side
HEADLINES_OF_ONE = 500  # headlines of one outlet alone
AROUND = 21  # days before and after that the chart shows

_HEADLINES_SQL = """
SELECT id, outlet, title, standfirst, section, kind, published_at, revision, gone_at, story, noarchive FROM (
    SELECT id, outlet, title, standfirst, section, kind, published_at, revision, gone_at, story, noarchive,
        row_number() OVER (PARTITION BY outlet ORDER BY published_at DESC, number DESC) AS place
    FROM articles WHERE date = :day AND (:outlet = '' OR outlet = :outlet)
) WHERE place <= :most ORDER BY outlet, place"""
_COUNTS = "SELECT outlet, count(*) AS articles FROM articles WHERE date = :day GROUP BY outlet ORDER BY articles DESC"
_DAYS = """
SELECT date, count(*) AS articles FROM articles
WHERE date BETWEEN :since AND :until GROUP BY date ORDER BY date"""
_DAYS_OF_ONE = _DAYS.replace(" GROUP", " AND outlet = :outlet GROUP")


def today(db: Database, request: PageRequest) -> dict[str, Any]:
    """List the headlines of a day by outlet; by default, of the newest day that has articles."""
    outlet = request.text("outlet")
    names = outlet_names(db)
    if outlet and outlet not in names:
        raise NotFoundError(f"no outlet {outlet!r} in this archive")
    day = _day(db, request)
    if day is None:
        return {"day": None, "outlets": [], "total": 0}
    facts = {"day": day.isoformat(), "outlet": outlet}
    rows = SqlQuery(_HEADLINES_SQL, facts | {"most": HEADLINES_OF_ONE if outlet else HEADLINES}).rows(db)
    counts = {row["outlet"]: row["articles"] for row in SqlQuery(_COUNTS, facts).rows(db)}
    days = SqlQuery(
        _DAYS_OF_ONE if outlet else _DAYS,
        {"since": shift_day(day, -AROUND), "until": shift_day(day, AROUND), "outlet": outlet},
    )
    per_day = {row["date"]: row["articles"] for row in days.rows(db)}
    nearest = _nearest(db, "max", "<", day), _nearest(db, "min", ">", day)
    return show_day(rows, counts, per_day, nearest, names, request, day) | {"query": days.as_dict()}


def show_day(
    rows: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
    per_day: Mapping[str, int],
    nearest: tuple[str | None, str | None],
    names: Mapping[str, str],
    request: PageRequest,
    day: date,
) -> dict[str, Any]:
    """Return the page of a day of an archive or a lake.

    Args:
        rows: The headlines, by outlet.
        counts: Number of articles of the day by outlet.
        per_day: Number of articles of the days around.
        nearest: The nearest earlier and later day that have articles.
        names: The names of the outlets by outlet id.
        request: The request.
        day: The day.
    """
    outlet = request.text("outlet")
    if request.public:
        rows = [{**row, "standfirst": excerpt(row["standfirst"])} if row["noarchive"] else row for row in rows]
    grouped = {name: list(group) for name, group in groupby(rows, key=lambda row: row["outlet"])}
    ranked = sorted(grouped, key=lambda name: (-counts[name], name))
    around = _around(per_day, day)
    return {
        "day": day.isoformat(),
        "outlet": outlet,
        "previous": nearest[0],
        "next": nearest[1],
        "total": sum(counts[name] for name in grouped),
        "outlets": [
            {"id": name, "name": names.get(name, name), "articles": counts[name], "headlines": grouped[name]}
            for name in ranked
        ],
        "charts": {"days": _chart(around, day, outlet, request)},
        "tables": {"days": Table(("date", "articles"), list(around.items()))},
    }


def _day(db: Database, request: PageRequest) -> date | None:
    if text := request.part("day") or request.text("day"):
        return parse_day(text)
    newest = SqlQuery("SELECT max(date) AS date FROM articles").first(db)
    return date.fromisoformat(newest["date"]) if newest and newest["date"] else None


def shift_day(day: date, days: int) -> str:
    """Return a day some days later, ISO 8601; the same day beyond the calendar."""
    try:
        return (day + timedelta(days=days)).isoformat()
    except OverflowError:
        return day.isoformat()


def _nearest(db: Database, function: str, comparison: str, day: date) -> str | None:
    """Return the nearest earlier or later day that has articles."""
    sql = f"SELECT {function}(date) AS date FROM articles WHERE date {comparison} :day"  # noqa: S608 - our own words
    row = SqlQuery(sql, {"day": day.isoformat()}).first(db)
    return row["date"] if row else None


def _around(counts: Mapping[str, int], day: date) -> dict[str, int]:
    """Return the number of articles of the days before and after."""
    days = dict.fromkeys(shift_day(day, place) for place in range(-AROUND, AROUND + 1))
    return {shown: counts.get(shown, 0) for shown in days}


def _chart(around: Mapping[str, int], day: date, outlet: str, request: PageRequest) -> BarChart:
    number = number_formatter(request.language)
    return BarChart(
        request.t("articles per day"),
        tuple(
            Bar(
                shown,
                count,
                f"{shown}: {number(count)}",
                page_link(f"/today/{shown}", {"outlet": outlet}) if count else "",
                marked=shown == day.isoformat(),
            )
            for shown, count in around.items()
        ),
    )
