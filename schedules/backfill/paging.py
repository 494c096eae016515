"""Turning the pages of a list: which one is read next, and when that was the last. Pure.

A list of pages is taken to show the newest first. Where its pages are numbered, those that are newer than what is
wanted are leapt over: the number is doubled until a page is old enough, and what lies between it and the last one that
was not is halved. From there on every page is read, until one is older than what is wanted. While pages are turned, new
articles push the others to later pages: so a page that was too new stays so, and whoever walks on sees some articles
twice and misses none; a page that a leap had shown before the one in front of it is asked for again on the way. Where
pages turn out not to stand in that order, every one of them is read from the first on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from string import Formatter

from archive.errors import Reason
from archive.ledger.backfill_model import ListFacts
from crawler.outlets.model import Source
from crawler.page import Listing
from schedules.timing.date_range import Days

MOST_PAGES = 20_000  # of one way; a day's archive has no more than `MOST_DAY_PAGES`
MOST_DAY_PAGES = 500
STRAYS = timedelta(days=3)  # by which a page is newer, or older, than what is wanted before it is believed
_SAME = 2  # pages in a row that repeat the one before them, after which there is no more; one may have been pushed here
_STALE = 20  # pages in a row without anything new, likewise, where they differ
_BROKEN = 3  # pages in a row that cannot be read, likewise
_UPS = 0.2  # share of the articles of a page that may be newer than the one before them, where these stand in order


@dataclass(frozen=True, slots=True)
class Turn:
    """What a page came to.

    Attributes:
        middle: The median of the days of its articles, which no stray one moves; None where they are not known.
        newest: The newest of these days, likewise.
        fresh: How many of its articles no page before it had.
        digest: Of its articles.
        ordered: Whether they stand by their days, the newest first.
        ends: Whether there is nothing on it at all, or no such page.
        broken: Whether it could not be read.
        at: When it was read: a number that is higher for each page.
    """

    middle: date | None = None
    newest: date | None = None
    fresh: int = 0
    digest: str = ""
    ordered: bool = True
    ends: bool = False
    broken: bool = False
    at: int = 0

    @classmethod
    def of(cls, days: Sequence[date | None], urls: Sequence[str], fresh: int) -> Turn:
        """A page of a list.

        Args:
            days: Of its articles, or of some of them, in the order of the page; None for one that tells none.
            urls: Of all of its articles.
            fresh: How many of them no page before it had.
        """
        told = [day for day in days if day]
        up = sum(later > earlier + STRAYS for earlier, later in pairwise(told))
        whole = bool(told) and len(told) == len(days)
        return cls(
            middle=sorted(told)[len(told) // 2] if whole else None,
            newest=max(told, default=None),
            fresh=fresh,
            digest=digest_of(urls),
            ordered=up <= _UPS * len(told),
        )

    @classmethod
    def failed(cls, reason: Reason) -> Turn:
        """A page that could not be had."""
        return cls(ends=reason == Reason.GONE, broken=reason != Reason.GONE)

    def is_newer(self, days: Days) -> bool:
        """Whether it lies before what is wanted: pages before it hold nothing of that, and it was read itself."""
        return bool(self.fresh and self.middle and self.middle > days.until + STRAYS)

    def is_past(self, days: Days) -> bool:
        """Whether all of it is older than what is wanted."""
        return self.newest is not None and self.newest < days.since - STRAYS


@dataclass
class Walk:
    """The pages of one list as far as they are read.

    Attributes:
        done: So many from the first on were read one after another before this program was begun.
        newer: The last one that was known then to be newer than what is wanted, or to be followed by the next to read.
        read: What each came to since, by its number.
        seen: The addresses that they had.
    """

    done: int = 0
    newer: int = 0
    read: dict[int, Turn] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    @classmethod
    def resumed(cls, page: int, read: Mapping[int, date | None], days: Days, *, numbered: bool) -> Walk:
        """A walk that goes on with a page, after others were read by a program that was stopped.

        Args:
            page: Its number.
            read: The median of the days of each page that was read, by its number.
            days: That are wanted.
            numbered: As in `next_number`.
        """
        if not numbered or all(number in read for number in range(1, page)):
            return cls(done=page - 1)
        newer = (number for number, day in read.items() if Turn(day, fresh=1).is_newer(days))
        return cls(newer=page - 1 if page - 1 in read else max(newer, default=0))

    def take(self, number: int, turn: Turn) -> None:
        """Take in what a page came to; one that is read again has what it had, and what is new."""
        before, at = self.read.get(number), 1 + max((one.at for one in self.read.values()), default=0)
        if before and before.fresh:
            newest = before.newest if turn.digest == before.digest else turn.newest  # of what it holds by now
            fresh = before.fresh + turn.fresh
            turn = replace(turn, middle=before.middle, newest=newest, fresh=fresh, ordered=before.ordered)
        self.read[number] = replace(turn, at=at)

    @property
    def _middles(self) -> list[date | None]:
        return [turn.middle for _, turn in sorted(self.read.items()) if turn.fresh]

    def _is_ordered(self) -> bool:
        """Whether each page that brings something is as old as the one before it, or older."""
        middles = [day for day in self._middles if day]
        down = all(later <= earlier + STRAYS for earlier, later in pairwise(middles))
        return down and None not in self._middles and all(turn.ordered for turn in self.read.values())

    def _goes_up(self) -> bool:
        """Whether the oldest come first, so that what is older than wanted is no end."""
        middles = [day for day in self._middles if day]
        return bool(middles) and middles[-1] > middles[0] + STRAYS

    def next_number(self, days: Days, *, numbered: bool = False, dated: bool = False) -> tuple[int | None, str]:
        """The number of the page to read next; or none, and why not where that is odd.

        Args:
            days: That are wanted.
            numbered: Whether any page can be asked for, and not only the one behind another.
            dated: Whether all pages are of the days wanted by their address.
        """
        start = self.done + 1
        if numbered and self._is_ordered():
            newer = max((n for n, turn in self.read.items() if turn.is_newer(days)), default=0)
            newer = max(newer, self.newer, self.done)
            further = min((n for n in self.read if n > newer), default=0)
            leap = (newer + further) // 2 if further else 2 * newer
            if newer < leap <= MOST_PAGES:
                return leap, ""
            start = further or start
        return self._walked(start, days, dated=dated)

    def _walked(self, start: int, days: Days, *, dated: bool) -> tuple[int | None, str]:
        """The first page from one on that was not read after the one before it, unless that was the last."""
        number, row, ordered, up = start, _Row(), self._is_ordered(), self._goes_up()
        while number in self.read and self.read[number].at > self.read.get(number - 1, Turn()).at:
            row = row.then(self.read[number], days)
            believed = (1 if number > 1 else 2) if ordered else _STALE  # a single page has no order
            if not dated and not up and row.past >= believed:
                return None, ""
            over, why = row.verdict(number, dated=dated)
            if over:
                return None, why
            number += 1
        most = MOST_DAY_PAGES if dated else MOST_PAGES
        return (number, "") if number <= most else (None, f"it has no end; page {most} is the last that is read")


@dataclass(frozen=True, slots=True)
class _Row:
    """How many pages in a row, up to one, were of a kind.

    Attributes:
        same: Without anything new, and repeating the one before.
        stale: Without anything new.
        broken: Not to be read.
        past: Older than what is wanted.
        last: The page.
    """

    same: int = 0
    stale: int = 0
    broken: int = 0
    past: int = 0
    last: Turn = field(default_factory=Turn)

    def then(self, turn: Turn, days: Days) -> _Row:
        """With the page behind it."""
        return _Row(
            same=self.same + 1 if not turn.fresh and turn.digest == self.last.digest else 0,
            stale=0 if turn.fresh else self.stale + 1,
            broken=self.broken + 1 if turn.broken else 0,
            past=self.past + 1 if turn.is_past(days) else 0,
            last=turn,
        )

    def verdict(self, number: int, *, dated: bool) -> tuple[bool, str]:
        """Whether there is no more, and why where that is odd."""
        if self.last.ends or (dated and self.stale and not self.broken):
            return True, ""
        if self.broken >= _BROKEN:
            return True, f"{_BROKEN} pages in a row cannot be read; nothing behind page {number} is asked for"
        if self.same >= _SAME and not self.broken:
            return True, f"page {number} repeats an earlier one; nothing behind it is read"
        return self.stale >= _STALE, f"page {number} brings nothing that the pages before it had not"


def digest_of(urls: Sequence[str]) -> str:
    """What tells a page of a list from one that lists something else, whatever stands around it."""
    return hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()[:16] if urls else ""


def is_numbered(source: Source | None) -> bool:
    """Whether any page of a list can be asked for by its number."""
    return source is not None and ("{page}" in source.url or "{page}" in source.next)


def page_at(source: Source | None, facts: ListFacts, number: int, listing: Listing | None) -> ListFacts | None:
    """Another page of a list; None where its address is not known.

    Args:
        source: The way's declaration; None where it is no longer declared.
        facts: A page of it.
        number: That of the page wanted.
        listing: What the page of `facts` lists; None where it could not be read.
    """
    if source and "{page}" in source.url:
        return replace(facts, url=_numbered(source.url, facts, number), page=number)
    if source and source.next:
        return replace(facts, url=source.next.replace("{page}", str(number)), page=number)
    return replace(facts, url=listing.next_page, page=number) if listing and listing.next_page else None


def _numbered(template: str, facts: ListFacts, number: int) -> str:
    """The address of another page of the same list: only the number of the page differs."""
    before, _, after = template.partition("{page}")
    parts = (_literal(before), _literal(after))
    found = re.fullmatch(f"({parts[0]}){facts.page}({parts[1]})", facts.url)
    return f"{found[1]}{number}{found[2]}" if found else template.replace("{page}", str(number))


def _literal(template: str) -> str:
    """A pattern of what a template becomes: numbers where it has names."""
    parts: list[str] = []
    for text, name, _, _ in Formatter().parse(template):
        parts += [re.escape(text), r"\d+" if name else ""]
    return "".join(parts)
