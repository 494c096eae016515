"""How complete the archive is, as `khobao audit` found it last: days as a strip, and what is missing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup
from sqlite_utils import Database

from archive.browse.plots import squares
from archive.browse.sql import Query

_DAYS = 56
_MOST = 100  # days with something missing that are told one by one
_SHADES = ((0.995, "l4"), (0.9, "l3"), (0.5, "l2"), (0.0001, "l1"))
_LOST, _NOTHING = "lost", "l0"
_LAST = "SELECT max(day) AS day FROM coverage WHERE :outlet IN ('', outlet)"
_AUDITED = """
SELECT outlet, day, announced, archived, rejected, missing, unseen, reasons, audited_at FROM coverage
WHERE :outlet IN ('', outlet) AND day BETWEEN :since AND :until ORDER BY outlet, day"""
_MISSING = """
SELECT day, announced, archived, missing, unseen, reasons, audited_at FROM coverage
WHERE outlet = :outlet AND missing + unseen > 0 ORDER BY day DESC LIMIT :most"""


def audited(db: Database, names: Mapping[str, str], outlet: str = "") -> dict[str, Any]:
    """What was audited of the last weeks that were: a figure for each outlet, and a strip of days.

    Args:
        db: The archive.
        names: Of the outlets, by id.
        outlet: The one that is asked for; empty for all.
    """
    last = Query(_LAST, {"outlet": outlet}).first(db)
    if not last or not last["day"]:
        return {"shares": {}, "plot": ""}
    days = last_days(date.fromisoformat(last["day"]))
    query = Query(_AUDITED, {"outlet": outlet, "since": days[0], "until": days[-1]})
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in query.rows(db):
        rows[row["outlet"]].append(row)
    drawn = {names.get(name, name): {row["day"]: _square(row) for row in found} for name, found in rows.items()}
    plot = squares(days, drawn, "of each day, the part that is archived") if rows else Markup("")
    return {"shares": {name: _share(found) for name, found in rows.items()}, "plot": plot, "query": query.shown()}


def last_days(until: date) -> list[str]:
    """The days of the eight weeks that end with a day, the oldest first."""
    return [(until - timedelta(days=n)).isoformat() for n in reversed(range(_DAYS))]


def missing(db: Database, outlet: str) -> list[dict[str, Any]]:
    """The days of an outlet of which something is missing, the newest first, and why."""
    rows = Query(_MISSING, {"outlet": outlet, "most": _MOST}).rows(db)
    return [row | {"reasons": json.loads(row["reasons"])} for row in rows]


def _share(rows: Sequence[Mapping[str, Any]]) -> float | None:
    """Which part is here of what was published and is an article; None where nothing was."""
    archived = sum(row["archived"] for row in rows)
    published = archived + sum(row["missing"] + row["unseen"] for row in rows)
    return archived / published if published else None


def _square(row: Mapping[str, Any]) -> tuple[str, str]:
    """The shade of a day, and what it says."""
    part = _share([row])
    shade = _NOTHING if part is None else next((shade for least, shade in _SHADES if part >= least), _LOST)
    return shade, f"{row['archived']} / {row['archived'] + row['missing'] + row['unseen']} ({row['audited_at'][:10]})"
