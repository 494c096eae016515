"""Store the word counts of every week, with which the words of some articles are compared.

Each week is counted as a whole, from at most 2,000 of its articles, spread evenly. A week is counted again if it has
grown. So the work of one night is limited, and the next night continues after a stop.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nlargest
from typing import TYPE_CHECKING, Any

from archive.database.connection import Connection
from archive.terms.counting import TermCounts, is_storable
from archive.terms.keyness import Background, Frequency

if TYPE_CHECKING:
    from sqlite_utils import Database

_SAMPLE = 2_000  # articles of a week that are read; two million words give stable frequencies
_MOST_TERMS = 30_000  # terms that are stored of a week, the most frequent ones
_FEWEST_ARTICLES = 2  # articles of a week in which a term must occur; most pairs occur in only one
_CHUNK = 200  # texts that are read at a time
_GROWTH = 0.02  # share of new articles in a week above which it is counted again

# The index on (date, outlet) contains all columns, so no row is read. To find Monday, go to the next Sunday, then back.
_WEEKS = """
SELECT date(date, 'weekday 0', '-6 days') AS week, count(*) AS articles, max(number) AS last_number
FROM articles INDEXED BY articles_by_date WHERE date GLOB '[0-9][0-9][0-9][0-9]-*' GROUP BY week"""
_COUNTED = "SELECT week, articles, last_number FROM weeks"
_NUMBERS = """
SELECT number FROM articles AS a WHERE date BETWEEN ? AND ?
AND NOT EXISTS (SELECT 1 FROM copies WHERE article = a.id) ORDER BY date, number"""
_TEXTS = "SELECT title || char(10) || text FROM articles WHERE number IN (SELECT value FROM json_each(?))"
_SUBTRACT = """
UPDATE terms SET occurrences = terms.occurrences - w.occurrences, articles = terms.articles - w.articles
FROM terms_by_week AS w WHERE w.week = ? AND w.term = terms.term"""
_ADD = """
INSERT INTO terms (term, occurrences, articles) SELECT term, occurrences, articles FROM terms_by_week WHERE week = ?
ON CONFLICT (term) DO UPDATE SET
    occurrences = occurrences + excluded.occurrences, articles = articles + excluded.articles"""
_TOTALS = "SELECT coalesce(sum(words), 0), coalesce(sum(pairs), 0), coalesce(sum(sampled), 0) FROM weeks"
_FREQUENCIES = """
SELECT term, occurrences, articles FROM terms WHERE term IN (SELECT value FROM json_each(?))"""
# Looking up each term in each week takes a tenth of the time of reading these weeks whole.
_FREQUENCIES_OF_WEEKS = """
SELECT t.term, sum(t.occurrences), sum(t.articles) FROM weeks AS w CROSS JOIN json_each(?) AS wanted
    CROSS JOIN terms_by_week AS t ON t.week = w.week AND t.term = wanted.value
WHERE w.week BETWEEN ? AND ? GROUP BY t.term"""
_WEEK = "SELECT sampled, words, pairs FROM weeks WHERE week = ?"
_TERMS_OF_WEEK = "SELECT term, occurrences, articles FROM terms_by_week WHERE week = ?"


@dataclass(frozen=True, slots=True)
class WeekToCount:
    """A week whose words are to be counted.

    Attributes:
        week: Its Monday.
        articles: Number of its articles.
        last_number: The largest number of these articles.
    """

    week: date
    articles: int
    last_number: int


def weeks_to_count(db: Connection, most: int) -> list[WeekToCount]:
    """Return weeks that are not counted or have grown: the two newest, then those that grew most.

    Args:
        db: The archive.
        most: The largest number of weeks.
    """
    known = {week: (articles, last) for week, articles, last in db.execute(_COUNTED).fetchall()}
    stale: list[tuple[float, WeekToCount]] = []
    rows = sorted(db.execute(_WEEKS).fetchall(), reverse=True)
    for place, (week, articles, last) in enumerate(rows):
        counted, counted_last = known.get(week, (0, 0))
        growth = (articles - counted) / articles
        if growth > _GROWTH or (place < 2 and last != counted_last):  # noqa: PLR2004 - the two newest weeks
            stale.append((2.0 if place < 2 else growth, WeekToCount(date.fromisoformat(week), articles, last)))  # noqa: PLR2004
    stale.sort(key=lambda one: (one[0], one[1].week), reverse=True)
    return [week for _, week in stale[:most]]


def read_sample(db: Connection, week: WeekToCount) -> Iterator[list[str]]:
    """Yield headline and text of the sampled articles of a week, in chunks; copies are left out."""
    last_day = min(week.week.toordinal() + 6, date.max.toordinal())
    numbers = [
        number
        for (number,) in db.execute(
            _NUMBERS, (week.week.isoformat(), date.fromordinal(last_day).isoformat())
        ).fetchall()
    ]
    step = max(len(numbers) / _SAMPLE, 1.0)
    sampled = [numbers[int(place * step)] for place in range(int(len(numbers) / step))]
    for start in range(0, len(sampled), _CHUNK):
        chunk = json.dumps(sampled[start : start + _CHUNK])
        yield [text for (text,) in db.execute(_TEXTS, (chunk,)).fetchall()]


def replace_week(db: Database, week: WeekToCount, counts: TermCounts) -> None:
    """Store the counts of a week in place of its earlier ones."""
    name = week.week.isoformat()
    kept = [
        (name, term, counts.occurrences(term), articles)
        for term, articles in counts.articles.items()
        if articles >= _FEWEST_ARTICLES and is_storable(term)
    ]
    kept = nlargest(_MOST_TERMS, kept, key=lambda row: (row[2], row[1]))
    db.execute(_SUBTRACT, (name,))
    db.execute("DELETE FROM terms_by_week WHERE week = ?", (name,))
    db.conn.executemany("INSERT INTO terms_by_week VALUES (?, ?, ?, ?)", sorted(kept))
    db.execute(_ADD, (name,))
    db.execute("DELETE FROM terms WHERE occurrences <= 0")
    db.execute(
        "INSERT OR REPLACE INTO weeks VALUES (?, ?, ?, ?, ?, ?)",
        (name, week.articles, week.last_number, counts.sampled, counts.words, counts.pairs),
    )


def read_totals(db: Connection) -> Background:
    """Return the totals of the samples of all weeks, without frequencies."""
    return Background({}, *db.execute(_TOTALS).fetchone())


def read_frequencies(db: Connection, terms: Sequence[str]) -> Mapping[str, Frequency]:
    """Return the frequencies of terms in the samples of all weeks."""
    return _frequencies(db.execute(_FREQUENCIES, (json.dumps(terms, ensure_ascii=False),)).fetchall())


def read_totals_of_weeks(db: Connection, first: date, last: date) -> Background:
    """Return the totals of the samples of the weeks from one Monday to another, without frequencies."""
    between = (first.isoformat(), last.isoformat())
    return Background({}, *db.execute(f"{_TOTALS} WHERE week BETWEEN ? AND ?", between).fetchone())


def read_frequencies_of_weeks(db: Connection, first: date, last: date, terms: Sequence[str]) -> Mapping[str, Frequency]:
    """Return the frequencies of terms in the samples of the weeks from one Monday to another."""
    values = (json.dumps(terms, ensure_ascii=False), first.isoformat(), last.isoformat())
    return _frequencies(db.execute(_FREQUENCIES_OF_WEEKS, values).fetchall())


def read_week_counts(db: Connection, week: date) -> TermCounts:
    """Return the stored counts of a week; nothing is counted in a week that has none."""
    name = week.isoformat()
    sampled, words, pairs = db.execute(_WEEK, (name,)).fetchone() or (0, 0, 0)
    counts = TermCounts(words=words, pairs=pairs, sampled=sampled)
    for term, occurrences, articles in db.execute(_TERMS_OF_WEEK, (name,)).fetchall():
        counts.articles[term], counts.repeats[term] = articles, occurrences - articles
    return counts


def counted_weeks(db: Connection) -> list[date]:
    """Return the Mondays of the weeks that are counted, newest first."""
    return [date.fromisoformat(week) for (week,) in db.execute("SELECT week FROM weeks ORDER BY week DESC").fetchall()]


def _frequencies(rows: Iterable[Sequence[Any]]) -> Mapping[str, Frequency]:
    return {term: Frequency(occurrences, articles) for term, occurrences, articles in rows}


def count_state(db: Connection) -> tuple[int, int, int]:
    """Return numbers that change when weeks are counted."""
    state: tuple[int, int, int] = db.execute(
        "SELECT count(*), coalesce(sum(articles), 0), coalesce(sum(last_number), 0) FROM weeks"
    ).fetchone()
    return state
