"""*Today*: what the outlets published on a day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from archive.browse.page_request import Asked, NotFound, link, read_day
from archive.browse.plots import Bar, bars
from archive.browse.sql import Query, excerpt, outlet_names

_OF_EACH = 12  # headlines of an outlet beside the others
_OF_ONE = 500  # headlines of the one outlet that is asked for
_AROUND = 21  # days that the plot shows before and after

_HEADLINES = """
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


def today(db: Database, asked: Asked) -> dict[str, Any]:
    """The headlines of a day by outlet; without a day, of the newest that has any."""
    outlet = asked.text("outlet")
    names = outlet_names(db)
    if outlet and outlet not in names:
        raise NotFound(f"no outlet {outlet!r} in this archive")
    day = _day(db, asked)
    if day is None:
        return {"day": None, "outlets": [], "total": 0}
    facts = {"day": day.isoformat(), "outlet": outlet}
    rows = Query(_HEADLINES, facts | {"most": _OF_ONE if outlet else _OF_EACH}).rows(db)
    if asked.public:
        rows = [row | {"standfirst": excerpt(row["standfirst"])} if row["noarchive"] else row for row in rows]
    counts = {row["outlet"]: row["articles"] for row in Query(_COUNTS, facts).rows(db)}
    around = Query(
        _DAYS_OF_ONE if outlet else _DAYS,
        {"since": _shift(day, -_AROUND), "until": _shift(day, _AROUND), "outlet": outlet},
    )
    grouped = {name: list(group) for name, group in groupby(rows, key=lambda row: row["outlet"])}
    ranked = sorted(grouped, key=lambda name: (-counts[name], name))
    return {
        "day": day.isoformat(),
        "outlet": outlet,
        "previous": _beside(db, "max", "<", day),
        "next": _beside(db, "min", ">", day),
        "total": sum(counts[name] for name in grouped),
        "outlets": [
            {"id": name, "name": names.get(name, name), "articles": counts[name], "headlines": grouped[name]}
            for name in ranked
        ],
        "plot": _plot(around.rows(db), day, outlet),
        "query": around.shown(),
    }


def _day(db: Database, asked: Asked) -> date | None:
    if told := asked.part("day") or asked.text("day"):
        return read_day(told)
    newest = Query("SELECT max(date) AS date FROM articles").first(db)
    return date.fromisoformat(newest["date"]) if newest and newest["date"] else None


def _shift(day: date, days: int) -> str:
    try:
        return (day + timedelta(days=days)).isoformat()
    except OverflowError:
        return day.isoformat()


def _beside(db: Database, which: str, side: str, day: date) -> str | None:
    """The nearest day before or after that has articles."""
    found = Query(f"SELECT {which}(date) AS date FROM articles WHERE date {side} :day", {"day": day.isoformat()})  # noqa: S608 - our own words
    row = found.first(db)
    return row["date"] if row else None


def _plot(rows: list[dict[str, Any]], day: date, outlet: str) -> str:
    counts = {row["date"]: row["articles"] for row in rows}
    days = dict.fromkeys(_shift(day, place) for place in range(-_AROUND, _AROUND + 1))
    return bars(
        [Bar(it, counts.get(it, 0), link(f"/today/{it}", {"outlet": outlet}), it == str(day)) for it in days],
        "articles per day",
    )
