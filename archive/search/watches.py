"""Search new articles for saved searches, and compare a week with the twelve weeks before.

Only articles that arrived since the last time are searched, so one check takes far less than a millisecond.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import pstdev
from typing import TYPE_CHECKING, Any

from archive.database.connection import Connection
from archive.database.values import format_instant
from archive.search.indexing import index_waiting
from archive.search.query import parse_query

if TYPE_CHECKING:
    from sqlite_utils import Database

WEEKS_BEFORE = 12
_FRESH_DAYS = 7  # days; an article that is older when it arrives was backfilled, and is not new
_FIRST_HITS = 50  # past matches with which the feed of a new search begins
_FEWEST = 5  # matching articles that a week must have to stand out
_DEVIATIONS = 3.0  # standard deviations above the expected number; chance exceeds them once in 700 weeks
_DAYS_OF_WEEK = 7

_NEW = """
SELECT a.number FROM articles_fts AS f JOIN articles AS a ON a.number = f.rowid
WHERE articles_fts MATCH :expression AND f.rowid > :after AND a.date >= :since
AND (:outlets = '[]' OR a.outlet IN (SELECT value FROM json_each(:outlets)))"""
_PAST = """
SELECT a.number FROM articles_fts AS f JOIN articles AS a ON a.number = f.rowid
WHERE articles_fts MATCH :expression AND (:outlets = '[]' OR a.outlet IN (SELECT value FROM json_each(:outlets)))
ORDER BY f.rowid DESC LIMIT :most"""
_HITS = """
SELECT a.number, a.id, a.url, a.outlet, o.name AS outlet_name, a.date, a.title, a.standfirst, a.noarchive, h.found_at
FROM watch_hits AS h JOIN articles AS a ON a.number = h.article JOIN outlets AS o ON o.id = a.outlet
WHERE h.watch = :name AND (:waiting = 0 OR h.sent_at IS NULL) ORDER BY h.article DESC LIMIT :most"""
_MATCHES_BY_DAY = """
SELECT a.date, count(*) FROM articles_fts AS f JOIN articles AS a ON a.number = f.rowid
WHERE articles_fts MATCH :expression AND a.date BETWEEN :first AND :last
AND (:outlets = '[]' OR a.outlet IN (SELECT value FROM json_each(:outlets))) GROUP BY a.date"""
_ARTICLES_BY_DAY = """
SELECT date, count(*) FROM articles WHERE date BETWEEN :first AND :last
AND (:outlets = '[]' OR outlet IN (SELECT value FROM json_each(:outlets))) GROUP BY date"""


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved search.

    Attributes:
        name: Its name.
        query: The query, words side by side as phrases.
        outlets: Ids of the outlets that are searched; empty for all.
    """

    name: str
    query: str
    outlets: tuple[str, ...] = ()

    @property
    def expression(self) -> str | None:
        """The query as an FTS5 expression; None if it contains nothing to search for."""
        parsed = parse_query(self.query)
        return parsed.as_phrases().expression() if parsed else None


@dataclass(frozen=True, slots=True)
class WatchState:
    """The state of a saved search.

    Attributes:
        watch: The search.
        sent_at: When its last message was sent; None before the first.
        checked_at: When its week was last compared with the weeks before.
        waiting: Number of hits that are not in a message yet.
    """

    watch: Watch
    sent_at: datetime | None
    checked_at: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class WeekComparison:
    """The matches of the last seven days, compared with the twelve weeks before.

    Attributes:
        found: Number of matching articles in the last seven days.
        expected: Number that is expected from the twelve weeks before.
        stands_out: The difference is larger than chance and the usual variation explain.
    """

    found: int
    expected: float
    stands_out: bool


def save_watches(db: Database, watches: Iterable[Watch], now: datetime) -> None:
    """Replace the stored searches by those of the settings.

    A new or changed search begins with past matches.
    """
    wanted = {watch.name: watch for watch in watches}
    stored = {watch.name: watch for watch in _load_watches(db)}
    for name in stored.keys() - wanted.keys():
        db.execute("DELETE FROM watches WHERE name = ?", (name,))
    for name, watch in wanted.items():
        if stored.get(name) != watch:
            db.execute("DELETE FROM watches WHERE name = ?", (name,))
            _insert(db, watch, now)


def _insert(db: Database, watch: Watch, now: datetime) -> None:
    at = format_instant(now)
    db.execute(
        "INSERT INTO watches (name, query, outlets, last_number)"
        " SELECT ?, ?, ?, coalesce(max(number), 0) FROM articles",
        (watch.name, watch.query, json.dumps(watch.outlets)),
    )
    if watch.expression:
        values = _values(watch) | {"most": _FIRST_HITS}
        hits = [(watch.name, number, at, at) for (number,) in db.execute(_PAST, values).fetchall()]
        db.conn.executemany("INSERT INTO watch_hits VALUES (?, ?, ?, ?)", hits)


def search_new(db: Database, now: datetime) -> int:
    """Search the articles that arrived since the last time; return the number of hits.

    An article with a date more than seven days ago was backfilled, and is not a hit.
    """
    index_waiting(db)
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM articles").fetchone()
    since = (now.date() - timedelta(days=_FRESH_DAYS)).isoformat()
    found = 0
    for watch, after in _pending(db, last):
        if watch.expression:
            values = _values(watch) | {"after": after, "since": since}
            hits = [(watch.name, number, format_instant(now)) for (number,) in db.execute(_NEW, values).fetchall()]
            db.conn.executemany("INSERT OR IGNORE INTO watch_hits (watch, article, found_at) VALUES (?, ?, ?)", hits)
            found += len(hits)
        db.execute("UPDATE watches SET last_number = ? WHERE name = ?", (last, watch.name))
    return found


def _pending(db: Connection, last: int) -> list[tuple[Watch, int]]:
    rows = db.execute("SELECT name, query, outlets, last_number FROM watches WHERE last_number < ?", (last,)).fetchall()
    return [(Watch(name, query, tuple(json.loads(outlets))), after) for name, query, outlets, after in rows]


def _load_watches(db: Connection) -> list[Watch]:
    rows = db.execute("SELECT name, query, outlets FROM watches ORDER BY name").fetchall()
    return [Watch(name, query, tuple(json.loads(outlets))) for name, query, outlets in rows]


def read_watches(db: Connection) -> list[WatchState]:
    """Return the stored searches and their states, by name."""
    rows = db.execute(
        "SELECT name, query, outlets, sent_at, checked_at,"
        " (SELECT count(*) FROM watch_hits WHERE watch = name AND sent_at IS NULL) FROM watches ORDER BY name"
    ).fetchall()
    return [
        WatchState(
            Watch(name, query, tuple(json.loads(outlets))),
            datetime.fromisoformat(sent) if sent else None,
            datetime.fromisoformat(checked) if checked else None,
            waiting,
        )
        for name, query, outlets, sent, checked, waiting in rows
    ]


def read_hits(db: Connection, name: str, most: int, *, waiting: bool = False) -> list[dict[str, Any]]:
    """Return hits of a saved search, latest first.

    Args:
        db: The archive.
        name: The name of the search.
        most: The largest number of hits.
        waiting: Only hits that are not in a message yet.
    """
    cursor = db.execute(_HITS, {"name": name, "waiting": waiting, "most": most})
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def mark_sent(db: Database, name: str, now: datetime) -> None:
    """Record that all hits of a search were sent."""
    at = format_instant(now)
    db.execute("UPDATE watch_hits SET sent_at = ? WHERE watch = ? AND sent_at IS NULL", (at, name))
    db.execute("UPDATE watches SET sent_at = ? WHERE name = ?", (at, name))


def mark_checked(db: Database, name: str, now: datetime) -> None:
    """Record that the week of a search was compared with the weeks before."""
    db.execute("UPDATE watches SET checked_at = ? WHERE name = ?", (format_instant(now), name))


def count_weeks(db: Connection, watch: Watch, today: date) -> WeekComparison:
    """Compare the matches of the last seven days with those of the twelve weeks before.

    Args:
        db: The archive.
        watch: The search.
        today: The last day.
    """
    first = today - timedelta(days=_DAYS_OF_WEEK * (WEEKS_BEFORE + 1) - 1)
    values = _values(watch) | {"first": first.isoformat(), "last": today.isoformat()}
    expression = watch.expression
    months = sorted({(first + timedelta(days=day)).strftime("%Y%m") for day in range((today - first).days + 1)})
    if expression is None:
        return WeekComparison(0, 0.0, stands_out=False)
    values["expression"] = f"({expression}) AND month : ({' OR '.join(months)})"
    matches = _by_week(db.execute(_MATCHES_BY_DAY, values).fetchall(), today)
    articles = _by_week(db.execute(_ARTICLES_BY_DAY, _values(watch) | values).fetchall(), today)
    return compare_weeks(matches, articles)


def _by_week(rows: Iterable[Sequence[Any]], today: date) -> list[int]:
    """Sum up groups of seven days, the last seven days first."""
    sums = [0] * (WEEKS_BEFORE + 1)
    for day, number in rows:
        sums[(today - date.fromisoformat(day)).days // _DAYS_OF_WEEK] += number
    return sums


def compare_weeks(matches: Sequence[int], articles: Sequence[int]) -> WeekComparison:
    """Decide whether a week stands out from the weeks before.

    The expected number is this week's number of articles, times the share of matches in the weeks before. A number
    stands out if it is at least `_FEWEST`, and more than three standard deviations above the expected one: those of
    chance (Poisson), or of the weeks if larger.

    Args:
        matches: Number of matching articles of each week, this week first.
        articles: Number of all articles of each week, this week first.
    """
    found, before = matches[0], [(hits, total) for hits, total in zip(matches[1:], articles[1:], strict=True) if total]
    if not before or not articles[0]:
        return WeekComparison(found, 0.0, stands_out=False)
    expected = articles[0] * sum(hits for hits, _ in before) / sum(total for _, total in before)
    usual = pstdev(articles[0] * hits / total for hits, total in before)
    deviation = max(sqrt(max(expected, 1.0)), usual)
    return WeekComparison(found, expected, stands_out=found >= _FEWEST and found > expected + _DEVIATIONS * deviation)


def _values(watch: Watch) -> dict[str, Any]:
    return {"expression": watch.expression, "outlets": json.dumps(watch.outlets)}
