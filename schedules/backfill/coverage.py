"""What an outlet published, as its lists, its addresses and its article numbers tell, against what is here. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from archive.ledger.backfill_model import Announced, Coverage
from crawler.outlets.article_urls import article_key
from crawler.outlets.model import Outlet
from crawler.parsing.dates import day_bound, day_in_path
from schedules.timing.date_range import Days

_DENSE = 0.5  # share of the numbers between a day's first and last that are seen, from which on the others are missed
_FEW = 5  # articles of a day that tell nothing of its numbers
_RANKS = {"archived": 0, "rejected": 1}  # what counts of an article that has several addresses


@dataclass
class _Day:
    """What is counted of one day."""

    archived: int = 0
    rejected: int = 0
    missing: int = 0
    numbers: set[int] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)


def coverage_of(
    outlet: Outlet, announced: Iterable[Announced], archived: Mapping[date, int], days: Days
) -> tuple[list[Coverage], int]:
    """What of an outlet's articles is here, day by day.

    Args:
        outlet: Whose.
        announced: Every address that the ledger has of it.
        archived: How many of its articles are archived, by day, wherever they came from.
        days: That are audited.

    Returns:
        A row for each day, the oldest first; and how many articles are not here and of unknown day.
    """
    articles: dict[str, list[Announced]] = {}
    for one in announced:
        articles.setdefault(one.article, []).append(one)
    dated = {article: _day(outlet, ones) for article, ones in articles.items()}
    numbers = {article: _number(outlet, ones[0].url) for article, ones in articles.items()}
    known = sorted((n, day) for article, day in dated.items() if day and (n := numbers[article]) is not None)
    found = {day: _Day() for day in days}
    unknown = 0
    for article, ones in articles.items():
        day = dated[article] or _between(known, numbers[article])
        best = min(ones, key=lambda one: _RANKS.get(one.state, 2))
        if day is None:
            unknown += best.state not in _RANKS
        elif day in found:
            _count(found[day], best, numbers[article])
    seen = sorted(n for n in numbers.values() if n is not None)
    return [_row(day, one, archived.get(day, 0), seen) for day, one in found.items()], unknown


def _count(day: _Day, one: Announced, number: int | None) -> None:
    if one.state == "rejected":
        day.rejected += 1
    elif one.state != "archived":
        day.missing += 1
    if one.state != "archived":
        day.reasons[one.reason or one.state] += 1
    if number is not None:
        day.numbers.add(number)


def _row(day: date, one: _Day, archived: int, seen: Sequence[int]) -> Coverage:
    unseen = 0
    if len(one.numbers) >= _FEW:
        first, last = min(one.numbers), max(one.numbers)
        dense = len(one.numbers) / (last - first + 1) >= _DENSE
        unseen = last - first + 1 - (bisect_left(seen, last + 1) - bisect_left(seen, first)) if dense else 0
    return Coverage(
        day=day,
        announced=archived + one.rejected + one.missing,
        archived=archived,
        rejected=one.rejected,
        missing=one.missing,
        unseen=max(unseen, 0),
        reasons=dict(sorted(one.reasons.items())),
    )


def _day(outlet: Outlet, ones: Sequence[Announced]) -> date | None:
    """The day of an article: as it was read, as a source or its address tells, or the one day of its list."""
    for one in ones:
        if one.read_on:
            return one.read_on
    for one in ones:
        told = one.published_at.astimezone(outlet.zone).date() if one.published_at else day_in_path(one.url)
        if told:
            return told
    one = ones[0]
    if one.first_day and one.first_day == one.last_day:
        return one.first_day
    return day_bound(one.url)


def _number(outlet: Outlet, url: str) -> int | None:
    key = article_key(outlet, url)
    return int(key) if key.isascii() and key.isdigit() else None


def _between(known: Sequence[tuple[int, date]], number: int | None) -> date | None:
    """The day of a number whose neighbours are of one day."""
    if number is None:
        return None
    place = bisect_left(known, (number, date.min))
    if not 0 < place < len(known):
        return None
    (_, before), (_, after) = known[place - 1], known[place]
    return before if before == after else None


def share(rows: Iterable[Coverage]) -> float | None:
    """Which part is here of what was published and is an article; None where nothing was."""
    archived, all_ = 0, 0
    for row in rows:
        archived += row.archived
        all_ += row.archived + row.missing + row.unseen
    return archived / all_ if all_ else None
