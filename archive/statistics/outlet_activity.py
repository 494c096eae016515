"""Measure the activity of each outlet: how its sources respond, and how many articles arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from archive.database.values import format_instant, parse_instant
from archive.statistics.rows import RunQuery

_WEEKS = 4
DISTRUST = timedelta(days=30)  # after this, the validators of a source get another chance
_SOURCES = """
SELECT outlet, count(*) AS sources, sum(failures > 0) AS failing, max(failures) AS streak, max(polled_at) AS polled_at,
    min(coalesce(next_due_at, '')) AS next_due_at, sum(overruns) AS overruns,
    sum(coalesce(disproved_at, '') >= :trusted_since) AS disproved FROM sources GROUP BY outlet"""
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
class OutletActivity:
    """The activity of an outlet.

    Attributes:
        outlet: The outlet's id.
        name: The outlet's name, as it writes it.
        sources: Number of its sources.
        failing: Number of its sources that failed when last polled.
        reasons: Why they failed, with the number of sources.
        streak: The largest number of failures in a row of any source.
        overruns: Number of polls in which every entry was new, so that some may have been missed.
        polled_at: When any source was last polled, UTC.
        next_due_at: When the next source is due, UTC; None for now.
        article_at: When its newest article was first seen, UTC.
        today: Number of archived articles with today's date in the outlet's timezone.
        expected: Mean number of articles on this weekday in the last weeks; None if unknown.
        per_day: Mean number of articles a day in the last weeks.
        due: Number of pages that are due now.
        gone: Number of articles that the outlet deleted.
        disproved: Number of its sources that call themselves unchanged although they change.
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
    disproved: int = 0


def outlet_activities(run: RunQuery, now: datetime) -> list[OutletActivity]:
    """Return the activity of every outlet, sorted by outlet id.

    Args:
        run: Runs a query on the archive.
        now: The current time, UTC; each outlet's timezone decides which day it is there.
    """
    sources = {row["outlet"]: row for row in run(_SOURCES, {"trusted_since": format_instant(now - DISTRUST)})}
    reasons: dict[str, dict[str, int]] = {}
    for row in run(_REASONS):
        reasons.setdefault(row["outlet"], {})[row["reason"]] = row["n"]
    due = {row["outlet"]: row["n"] for row in run(_DUE, {"now": format_instant(now)})}
    gone = {row["outlet"]: row["n"] for row in run(_GONE)}
    activities = []
    for zone in list(run("SELECT DISTINCT timezone FROM outlets")):
        today = now.astimezone(ZoneInfo(zone["timezone"] or "UTC")).date()
        days = {f"w{week}": (today - timedelta(weeks=week)).isoformat() for week in range(1, _WEEKS + 1)}
        values = {"today": today.isoformat(), "begin": days[f"w{_WEEKS}"], "zone": zone["timezone"], **days}
        activities += [
            _activity(row, sources.get(row["id"], {}), reasons.get(row["id"], {}), today)
            for row in run(_ARTICLES, values)
        ]
    activities = [replace(one, due=due.get(one.outlet, 0), gone=gone.get(one.outlet, 0)) for one in activities]
    return sorted(activities, key=lambda activity: activity.outlet)


def _activity(
    row: Mapping[str, Any], sources: Mapping[str, Any], reasons: Mapping[str, int], today: date
) -> OutletActivity:
    known_days = (today - date.fromisoformat(row["first"])).days if row["first"] else 0
    known_weeks = known_days // 7
    return OutletActivity(
        row["id"],
        row["name"],
        sources.get("sources", 0),
        sources.get("failing") or 0,
        reasons,
        sources.get("streak") or 0,
        sources.get("overruns") or 0,
        parse_instant(sources.get("polled_at")),
        parse_instant(sources.get("next_due_at") or None),
        parse_instant(row["article_at"]),
        row["today"],
        row["weekday"] / known_weeks if known_weeks else None,
        row["before"] / known_days if known_days else 0.0,
        disproved=sources.get("disproved") or 0,
    )
