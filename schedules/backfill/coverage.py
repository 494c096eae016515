"""Compare what an outlet published, by its lists and numbers, with what the archive has. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from archive.ledger.backfill_model import AnnouncedAddress, Coverage
from crawler.outlets.article_urls import article_key
from crawler.outlets.model import Outlet
from crawler.parsing.dates import day_in_article_number, day_in_path
from schedules.timing.date_range import DateRange

_DENSE_SHARE = 0.5  # share of the numbers between a day's first and last; above it the unknown numbers count as missing
_FEWEST_NUMBERS = 5  # numbers of a day; fewer are not enough to count missing ones
_STATE_RANKS = {"archived": 0, "rejected": 1}  # the state that counts if an article has several addresses: the lowest


@dataclass
class _DayCount:
    """Counts of one day.

    Attributes:
        rejected: Articles whose pages were rejected.
        missing: Articles that were not fetched.
        numbers: The numbers of its articles.
        reasons: Articles that are not archived, by reason.
    """

    rejected: int = 0
    missing: int = 0
    numbers: set[int] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, address: AnnouncedAddress, number: int | None) -> None:
        """Count one article."""
        if address.state == "rejected":
            self.rejected += 1
        elif address.state != "archived":
            self.missing += 1
        if address.state != "archived":
            self.reasons[address.reason or address.state] += 1
        if number is not None:
            self.numbers.add(number)


def measure_coverage(
    outlet: Outlet, announced: Iterable[AnnouncedAddress], archived: Mapping[date, int], dates: DateRange
) -> tuple[list[Coverage], int]:
    """Measure which of an outlet's articles are archived, day by day.

    Args:
        outlet: The outlet.
        announced: All of its addresses in the ledger.
        archived: The number of its archived articles by day, from any origin.
        dates: The days to measure, with both ends.

    Returns:
        A row for each day, oldest first; and the number of articles that are not archived and have no known day.
    """
    articles: dict[str, list[AnnouncedAddress]] = {}
    for address in announced:
        articles.setdefault(address.article, []).append(address)
    days = {article: _day_of(outlet, addresses) for article, addresses in articles.items()}
    numbers = {article: _number_of(outlet, addresses[0].url) for article, addresses in articles.items()}
    dated = sorted((n, day) for article, day in days.items() if day and (n := numbers[article]) is not None)
    counts = {day: _DayCount() for day in dates.days()}
    undated = 0
    for article, addresses in articles.items():
        day = days[article] or _day_between(dated, numbers[article])
        best = min(addresses, key=lambda address: _STATE_RANKS.get(address.state, 2))
        if day is None:
            undated += best.state not in _STATE_RANKS
        elif day in counts:
            counts[day].add(best, numbers[article])
    known = sorted(n for n in numbers.values() if n is not None)
    return [_coverage(day, count, archived.get(day, 0), known) for day, count in counts.items()], undated


def _coverage(day: date, count: _DayCount, archived: int, known: Sequence[int]) -> Coverage:
    """Return the row of a day.

    Args:
        day: The day.
        count: The counts of the day.
        archived: The number of its archived articles.
        known: The numbers of all articles of the outlet, ascending.
    """
    unseen = 0
    if len(count.numbers) >= _FEWEST_NUMBERS:
        first, last = min(count.numbers), max(count.numbers)
        span = last - first + 1
        if len(count.numbers) / span >= _DENSE_SHARE:
            unseen = span - (bisect_left(known, last + 1) - bisect_left(known, first))
    return Coverage(
        day=day,
        announced=archived + count.rejected + count.missing,
        archived=archived,
        rejected=count.rejected,
        missing=count.missing,
        unseen=max(unseen, 0),
        reasons=dict(sorted(count.reasons.items())),
    )


def _day_of(outlet: Outlet, addresses: Sequence[AnnouncedAddress]) -> date | None:
    """Return the day of an article: as read, announced, limited by its list, or in its number."""
    for address in addresses:
        if address.article_date:
            return address.article_date
    for address in addresses:
        published_at = address.published_at
        if day := published_at.astimezone(outlet.zone).date() if published_at else day_in_path(address.url):
            return day
    first = addresses[0]
    if first.first_day and first.first_day == first.last_day:
        return first.first_day
    return day_in_article_number(first.url)


def _number_of(outlet: Outlet, url: str) -> int | None:
    """Return the article number in an address; None if the outlet has no numbers."""
    key = article_key(outlet, url)
    return int(key) if key.isascii() and key.isdigit() else None


def _day_between(dated: Sequence[tuple[int, date]], number: int | None) -> date | None:
    """Return the day of the articles with the neighbouring numbers, if both have the same day.

    Args:
        dated: Numbers with their days, ascending.
        number: The number of an article without a day.
    """
    if number is None:
        return None
    place = bisect_left(dated, (number, date.min))
    if not 0 < place < len(dated):
        return None
    (_, before), (_, after) = dated[place - 1], dated[place]
    return before if before == after else None


def archived_share(rows: Iterable[Coverage]) -> float | None:
    """Return the archived share of published articles, without rejected pages; None if there are none."""
    archived, published = 0, 0
    for row in rows:
        archived += row.archived
        published += row.archived + row.missing + row.unseen
    return archived / published if published else None
