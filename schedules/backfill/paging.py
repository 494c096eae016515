"""Decide which page of a list is read next, and which one is the last. Pure.

A list with pages normally shows the newest articles first. If its pages are numbered, pages that are newer than the
requested dates are skipped by bisection: the number is doubled until a page is old enough, and the gap before that
page is halved. From there on every page is read, until one is older than the requested dates.

New articles push the others to later pages while a list is read. So a page that was too new stays too new, and a
walk forwards sees some articles twice and misses none. A page that the bisection read before the page in front of it
is read again on the way. If the pages are not ordered by date, every page is read from the first one on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from string import Formatter

from archive.errors import Reason
from archive.ledger.backfill_model import ListFacts
from crawler.outlets.model import Source
from crawler.page import Listing
from schedules.timing.date_range import DateRange

MAX_PAGES = 20_000  # pages of one list
MAX_DAY_PAGES = 500  # pages of the archive of one day
MARGIN_DAYS = 3  # days by which a page must be outside the requested dates before its place in the order is trusted
_MAX_REPEATED = 2  # pages in a row that repeat the page before; one may have been pushed to the next page meanwhile
_MAX_STALE = 20  # pages in a row with no new link, if they differ from each other
_MAX_UNREADABLE = 3  # pages in a row that cannot be read
_MAX_UNORDERED = 0.2  # share of the articles of an ordered page that are newer than the article before them


@dataclass(frozen=True, slots=True)
class PageSummary:
    """A summary of one page of a list.

    Attributes:
        median_day: The median day of its articles, which a single wrong date does not move; None if unknown.
        newest_day: The newest day of its articles; None if unknown.
        new_links: The number of its links that were on no earlier page.
        digest: The digest of its links.
        is_ordered: Its articles are ordered by date, newest first.
        is_end: The page does not exist or is empty.
        is_unreadable: The page could not be read.
        sequence: The order of reading: higher than that of every page read before it.
    """

    median_day: date | None = None
    newest_day: date | None = None
    new_links: int = 0
    digest: str = ""
    is_ordered: bool = True
    is_end: bool = False
    is_unreadable: bool = False
    sequence: int = 0

    @classmethod
    def of(cls, days: Sequence[date | None], urls: Sequence[str], new_links: int) -> PageSummary:
        """Summarize a page.

        Args:
            days: The days of its articles, or of some of them, in page order; None for an article without one.
            urls: The addresses of all its articles.
            new_links: The number of its links that were on no earlier page.
        """
        known = [day for day in days if day]
        newer_than_previous = sum((later - earlier).days > MARGIN_DAYS for earlier, later in pairwise(known))
        complete = bool(known) and len(known) == len(days)
        return cls(
            median_day=sorted(known)[len(known) // 2] if complete else None,
            newest_day=max(known, default=None),
            new_links=new_links,
            digest=links_digest(urls),
            is_ordered=newer_than_previous <= _MAX_UNORDERED * len(known),
        )

    @classmethod
    def failed(cls, reason: Reason) -> PageSummary:
        """Summarize a page that could not be fetched or read."""
        return cls(is_end=reason == Reason.GONE, is_unreadable=reason != Reason.GONE)

    def is_newer(self, dates: DateRange) -> bool:
        """Return whether the page, and every page before it, is newer than the requested dates."""
        return bool(self.new_links and self.median_day and dates.is_before(self.median_day, MARGIN_DAYS))

    def is_older(self, dates: DateRange) -> bool:
        """Return whether every article of the page is older than the requested dates."""
        return self.newest_day is not None and dates.is_after(self.newest_day, MARGIN_DAYS)


@dataclass
class PageWalk:
    """The pages of one list that were read so far.

    Attributes:
        done: How many pages, from the first one on, an earlier process read one after the other.
        last_newer: The last page that an earlier process knew to be newer than the requested dates, or that comes
            before the next page to read.
        pages: The pages that this process read, by number.
        seen: The addresses on these pages.
    """

    done: int = 0
    last_newer: int = 0
    pages: dict[int, PageSummary] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    @classmethod
    def resumed(
        cls, page: int, median_days: Mapping[int, date | None], dates: DateRange, *, numbered: bool
    ) -> PageWalk:
        """Continue the walk of an earlier process.

        Args:
            page: The number of the page to read now.
            median_days: The median day of each page that was read, by number.
            dates: The requested dates.
            numbered: As in `next_page`.
        """
        if not numbered or all(number in median_days for number in range(1, page)):
            return cls(done=page - 1)
        newer = (number for number, day in median_days.items() if PageSummary(day, new_links=1).is_newer(dates))
        return cls(last_newer=page - 1 if page - 1 in median_days else max(newer, default=0))

    def add(self, number: int, page: PageSummary) -> None:
        """Add a page that was read; a page that was read before keeps its place and adds its new links."""
        before = self.pages.get(number)
        sequence = 1 + max((known.sequence for known in self.pages.values()), default=0)
        if before and before.new_links:
            newest = before.newest_day if page.digest == before.digest else page.newest_day
            page = replace(
                page,
                median_day=before.median_day,
                newest_day=newest,
                new_links=before.new_links + page.new_links,
                is_ordered=before.is_ordered,
            )
        self.pages[number] = replace(page, sequence=sequence)

    @property
    def _median_days(self) -> list[date | None]:
        return [page.median_day for _, page in sorted(self.pages.items()) if page.new_links]

    def _is_ordered(self) -> bool:
        """Return whether every page is as old as the page before it, or older."""
        known = [day for day in self._median_days if day]
        descending = all((later - earlier).days <= MARGIN_DAYS for earlier, later in pairwise(known))
        return descending and None not in self._median_days and all(page.is_ordered for page in self.pages.values())

    def _is_oldest_first(self) -> bool:
        """Return whether the oldest articles come first, so that an old page is not the end."""
        known = [day for day in self._median_days if day]
        return bool(known) and (known[-1] - known[0]).days > MARGIN_DAYS

    def next_page(self, dates: DateRange, *, numbered: bool = False, dated: bool = False) -> tuple[int | None, str]:
        """Decide which page is read next.

        Args:
            dates: The requested dates.
            numbered: Any page can be fetched by its number, not only the next one.
            dated: The address of the list limits it to the requested dates.

        Returns:
            The number of the page, or None for the end; and the reason of the end if it is unusual.
        """
        start = self.done + 1
        if numbered and self._is_ordered():
            newer = max((number for number, page in self.pages.items() if page.is_newer(dates)), default=0)
            newer = max(newer, self.last_newer, self.done)
            older = min((number for number in self.pages if number > newer), default=0)
            middle = (newer + older) // 2 if older else 2 * newer
            if newer < middle <= MAX_PAGES:
                return middle, ""
            start = older or start
        return self.advance(start, dates, dated=dated)

    def advance(self, start: int, dates: DateRange, *, dated: bool) -> tuple[int | None, str]:
        """Walk forwards from a page to the first one that was not read after the page before it.

        Returns:
            As in `next_page`.
        """
        number, streak = start, Streak()
        is_ordered, oldest_first = self._is_ordered(), self._is_oldest_first()
        while number in self.pages and self.pages[number].sequence > self._sequence(number - 1):
            streak = streak.extended(self.pages[number], dates)
            enough_older = (1 if number > 1 else 2) if is_ordered else _MAX_STALE  # a single page has no order
            if not dated and not oldest_first and streak.older >= enough_older:
                return None, ""
            ends, reason = streak.stop_reason(number, dated=dated)
            if ends:
                return None, reason
            number += 1
        most = MAX_DAY_PAGES if dated else MAX_PAGES
        return (number, "") if number <= most else (None, f"the list does not end; page {most} is the last one read")

    def _sequence(self, number: int) -> int:
        return self.pages[number].sequence if number in self.pages else 0


@dataclass(frozen=True, slots=True)
class Streak:
    """Count the pages in a row, up to the last one, that have something in common.

    Attributes:
        repeated: Pages with no new link that repeat the page before them.
        stale: Pages with no new link.
        unreadable: Pages that could not be read.
        older: Pages that are older than the requested dates.
        last: The last page.
    """

    repeated: int = 0
    stale: int = 0
    unreadable: int = 0
    older: int = 0
    last: PageSummary = field(default_factory=PageSummary)

    def extended(self, page: PageSummary, dates: DateRange) -> Streak:
        """Return the streak with one more page."""
        return Streak(
            repeated=self.repeated + 1 if not page.new_links and page.digest == self.last.digest else 0,
            stale=0 if page.new_links else self.stale + 1,
            unreadable=self.unreadable + 1 if page.is_unreadable else 0,
            older=self.older + 1 if page.is_older(dates) else 0,
            last=page,
        )

    def stop_reason(self, number: int, *, dated: bool) -> tuple[bool, str]:
        """Return whether the last page is the end of the list, and why if that is unusual."""
        if self.last.is_end or (dated and self.stale and not self.unreadable):
            return True, ""
        if self.unreadable >= _MAX_UNREADABLE:
            return True, f"{_MAX_UNREADABLE} pages in a row cannot be read; no page after page {number} is read"
        if self.repeated >= _MAX_REPEATED and not self.unreadable:
            return True, f"page {number} repeats an earlier page; no page after it is read"
        return self.stale >= _MAX_STALE, f"page {number} has no link that the pages before it do not have"


def links_digest(urls: Sequence[str]) -> str:
    """Compute a digest of a page's links: the same for the same articles; empty for no links."""
    return hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()[:16] if urls else ""


def is_numbered(source: Source | None) -> bool:
    """Return whether any page of a list can be fetched by its number."""
    return source is not None and ("{page}" in source.url or "{page}" in source.next)


def page_at(source: Source | None, facts: ListFacts, number: int, listing: Listing | None) -> ListFacts | None:
    """Return another page of a list; None if its address is unknown.

    Args:
        source: The declared source of the list; None if it is no longer declared.
        facts: A page of the list.
        number: The number of the other page.
        listing: The links of the page in `facts`; None if it could not be read.
    """
    if source and "{page}" in source.url:
        return replace(facts, url=_with_page_number(source.url, facts, number), page=number)
    if source and source.next:
        return replace(facts, url=source.next.replace("{page}", str(number)), page=number)
    return replace(facts, url=listing.next_page, page=number) if listing and listing.next_page else None


def _with_page_number(template: str, facts: ListFacts, number: int) -> str:
    """Return the address of a page with only the page number replaced."""
    before, _, after = template.partition("{page}")
    found = re.fullmatch(f"({_pattern(before)}){facts.page}({_pattern(after)})", facts.url)
    return f"{found[1]}{number}{found[2]}" if found else template.replace("{page}", str(number))


def _pattern(template: str) -> str:
    """Return a regular expression for a filled-in template: digits replace its names."""
    parts: list[str] = []
    for text, name, _, _ in Formatter().parse(template):
        parts += [re.escape(text), r"\d+" if name else ""]
    return "".join(parts)
