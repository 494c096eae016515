"""How alive each outlet is: what its sources answered of late, and when articles last came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from archive.database.values import instant, moment
from archive.store.reader import Answers

_WEEKS = 4
_SOURCES = """
SELECT outlet, count(*) AS sources, sum(failures > 0) AS failing, max(failures) AS streak, max(polled_at) AS polled_at,
    min(coalesce(next_due_at, '')) AS next_due_at, sum(overruns) AS overruns FROM sources GROUP BY outlet"""
_REASONS = "SELECT outlet, reason, count(*) AS n FROM sources WHERE failures > 0 GROUP BY outlet, reason"
_DUE = """
SELECT outlet, count(*) AS n FROM addresses WHERE next_due_at <= :now AND backfill IS NULL GROUP BY outlet"""
_GONE = """
SELECT a.outlet, count(*) AS n FROM tombstones AS t JOIN articles AS a ON a.id = t.article
WHERE t.confirmed_at IS NOT NULL AND t.back_at IS NULL GROUP BY a.outlet"""
_ARTICLES = """
SELECT o.id, o.name, o.timezone,
    (SELECT first_seen_at FROM articles WHERE outlet = o.id ORDER BY date DESC, number DESC LIMIT 1) AS article_at,
    (SELECT count(*) FROM articles WHERE outlet = o.id AND date = :today) AS today,
    (SELECT count(*) FROM articles WHERE outlet = o.id AND date >= :begin AND date < :today) AS before,
    (SELECT count(*) FROM articles WHERE outlet = o.id AND date IN (:w1, :w2, :w3, :w4)) AS weekday,
    (SELECT min(date) FROM articles WHERE outlet = o.id AND date >= :begin) AS first
FROM outlets AS o WHERE o.timezone = :zone"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How alive an outlet is.

    Attributes:
        outlet: Its id.
        name: As it writes it.
        sources: How many sources it has.
        failing: How many of them failed when last asked.
        reasons: Why, with how many.
        streak: The most failures in a row of any of them.
        overruns: Polls in which nothing was known, of all its sources.
        polled_at: When any was last asked, UTC.
        next_due_at: When the next is due, UTC; None for now.
        article_at: When its newest article came, UTC.
        today: Articles of today that are here.
        expected: Articles of a whole day like today, the mean of the last weeks; None where these are not known.
        per_day: Articles a day, the mean of the last weeks.
        due: Pages that are to be asked for now.
        gone: Articles that it took down.
    """

    outlet: str
    name: str
    sources: int = 0
    failing: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    streak: int = 0
    overruns: int = 0
    polled_at: datetime | None = None
    next_due_at: datetime | None = None
    article_at: datetime | None = None
    today: int = 0
    expected: float | None = None
    per_day: float = 0.0
    due: int = 0
    gone: int = 0


def pulses(archive: Answers, now: datetime) -> list[Pulse]:
    """The pulse of every outlet, in the order of their ids.

    Args:
        archive: The archive.
        now: The instant, UTC; which day it is each outlet's clock tells.
    """
    sources = {row["outlet"]: row for row in archive.all_rows(_SOURCES)}
    reasons: dict[str, dict[str, int]] = {}
    for row in archive.all_rows(_REASONS):
        reasons.setdefault(row["outlet"], {})[row["reason"]] = row["n"]
    due = {row["outlet"]: row["n"] for row in archive.all_rows(_DUE, {"now": instant(now)})}
    gone = {row["outlet"]: row["n"] for row in archive.all_rows(_GONE)}
    found = []
    for zone in list(archive.all_rows("SELECT DISTINCT timezone FROM outlets")):
        today = now.astimezone(ZoneInfo(zone["timezone"] or "UTC")).date()
        days = {f"w{week}": (today - timedelta(weeks=week)).isoformat() for week in range(1, _WEEKS + 1)}
        values = {"today": today.isoformat(), "begin": days[f"w{_WEEKS}"], "zone": zone["timezone"], **days}
        found += [
            _pulse(row, sources.get(row["id"], {}), reasons.get(row["id"], {}), today)
            for row in archive.all_rows(_ARTICLES, values)
        ]
    found = [replace(pulse, due=due.get(pulse.outlet, 0), gone=gone.get(pulse.outlet, 0)) for pulse in found]
    return sorted(found, key=lambda pulse: pulse.outlet)


def _pulse(row: Mapping[str, Any], sources: Mapping[str, Any], reasons: Mapping[str, int], today: date) -> Pulse:
    known = (today - date.fromisoformat(row["first"])).days if row["first"] else 0
    return Pulse(
        row["id"],
        row["name"],
        sources.get("sources", 0),
        sources.get("failing") or 0,
        reasons,
        sources.get("streak") or 0,
        sources.get("overruns") or 0,
        moment(sources.get("polled_at")),
        moment(sources.get("next_due_at") or None),
        moment(row["article_at"]),
        row["today"],
        row["weekday"] / (known // 7) if known >= 7 else None,  # noqa: PLR2004 - a week
        row["before"] / known if known else 0.0,
    )
