"""The ways back: which lists can hold the articles of some days. Pure.

A way is a source of an outlet as it is declared. Its template is filled in for every month or day that is wanted, an
index is followed only to the sitemaps that can hold these days; how far what has pages is turned, `turning` says.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from string import Formatter
from urllib.parse import quote

from archive.ledger.backfill_model import ListFacts
from archive.record import Candidate
from crawler.discovery.wayback_cdx import MOST_ADDRESSES, published_query
from crawler.outlets.model import Outlet, Source
from crawler.page import Child
from crawler.parsing.dates import day_bound, day_in_path
from schedules.timing.date_range import SLACK, Days

DEEPEST = 3  # indexes below each other
_DRAFT = timedelta(days=31)  # between an article's number, which tells when it was begun, and its publication
_MONTH_NAMES = 12
_CAPTURED = timedelta(days=31)  # after the last day wanted, in which its pages may have been captured
_MOST_ANSWERS = 1000  # of a CDX server to one question

# How sitemaps are named by what they hold: 2026-02-04, 2026-6-21-25, 2026-2, 20260204, 202602, 2026/7/article.xml.
_NAMED = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?:(?P<mark>[-_/.]?)(?P<month>0[1-9]|1[0-2]|(?<=[-_/.])[1-9])"
    r"(?:(?P=mark)(?P<day>0[1-9]|[12]\d|3[01]|(?<=[-_/.])[1-9])"
    r"(?:(?P=mark)(?P<last>[12]\d|3[01]|0[1-9]|(?<=[-_/.])[1-9]))?)?)?(?!\d)"
)


def ways_back(outlet: Outlet) -> list[Source]:
    """The sources of an outlet that show what is old: archives, sitemaps, listings, and sections with more pages."""
    return [
        source
        for source in outlet.sources
        if source.kind in {"archive", "sitemap"} or source.next or "{page}" in source.url or source.pages > 1
    ]


def first_lists(outlet: Outlet, days: Days) -> list[ListFacts]:
    """The lists to begin with, the newest first: every way back, filled in for the days wanted.

    Args:
        outlet: Whose.
        days: That are wanted, none of them in the future.
    """
    found = {facts.url: facts for source in ways_back(outlet) for facts in _filled(outlet, source, days)}
    return list(found.values())


def captured_lists(outlet: Outlet, days: Days, server: str) -> list[ListFacts]:
    """What a CDX server is asked that knows pages which no list has: a question for each month and host of an outlet.

    Args:
        outlet: Whose.
        days: That are wanted; a page may have been captured some weeks after them.
        server: The CDX server.
    """
    hosts = sorted({host.removeprefix("www.") for host in outlet.all_hosts})
    later = Days(days.since, days.until + _CAPTURED)
    return [
        ListFacts(
            url=published_query(server, host, max(first, later.since), min(last, later.until)),
            outlet=outlet.id,
            kind="captured",
            way=host,
        )
        for first, last in _spans({"month"}, later)
        for host in hosts
    ]


def captured_after(facts: ListFacts, resume: str, count: int) -> tuple[tuple[ListFacts, ...], str]:
    """The question with which the answer to another is gone on with; or none, and why not where there may be more."""
    if not resume:
        return (), f"it tells no more than {count} addresses, and not how to go on" if count >= MOST_ADDRESSES else ""
    if facts.page >= _MOST_ANSWERS:
        return (), f"it has no end; answer {facts.page} is the last that is read"
    url = f"{facts.url.partition('&resumeKey=')[0]}&resumeKey={quote(resume, safe='')}"
    return (replace(facts, url=url, page=facts.page + 1),), ""


def _filled(outlet: Outlet, source: Source, days: Days) -> Iterator[ListFacts]:
    names = {name for _, name, _, _ in Formatter().parse(source.url) if name}
    for first, last in _spans(names, days):
        facts = {"year": first.year, "month": first.month, "day": first.day, "page": 1}
        facts |= {"from": _epoch(outlet, first, time.min), "to": _epoch(outlet, last, time.max)}
        dated = bool(names - {"page"})
        yield ListFacts(
            url=source.url.format(**facts),
            outlet=outlet.id,
            kind=source.kind,
            way=source.url,
            first_day=first if dated else None,
            last_day=last if dated else None,
        )


def _spans(names: set[str], days: Days) -> Iterator[tuple[date, date]]:
    """The days that each filled-in address stands for, the newest first."""
    if names & {"day", "from", "to"}:
        yield from ((day, day) for day in reversed(list(days)))
    elif "month" in names:
        for year, month in sorted({(day.year, day.month) for day in days}, reverse=True):
            yield date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    elif "year" in names:
        for year in range(days.until.year, days.since.year - 1, -1):
            yield date(year, 1, 1), date(year, 12, 31)
    else:
        yield days.until, days.until


def _epoch(outlet: Outlet, day: date, moment: time) -> int:
    return int(datetime.combine(day, moment, outlet.zone).timestamp())


def days_in_name(url: str) -> tuple[date, date] | None:
    """The days that a sitemap holds by its name; None where that tells none."""
    found = None
    for found in _NAMED.finditer(url.rsplit("://", maxsplit=1)[-1]):  # noqa: B007 - the last one is the closest to what it holds
        pass
    if found is None:
        return None
    year, month, day, last = (int(found[name]) if found[name] else 0 for name in ("year", "month", "day", "last"))
    try:
        if not month:
            return date(year, 1, 1), date(year, _MONTH_NAMES, 31)
        if not day:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), max(date(year, month, day), date(year, month, last or day))
    except ValueError:
        return None


def children_wanted(
    outlet: Outlet, children: Sequence[Child], days: Days, above: ListFacts
) -> tuple[list[ListFacts], str]:
    """The sitemaps of an index that can hold the days wanted, and what is odd about it, in one line.

    A name that tells days decides; else one that last changed before the first day wanted can hold none, where the
    index is believed: it is not where all have changed at once, or one changed before the days that it holds.

    Args:
        outlet: Whose.
        children: What the index lists.
        days: That are wanted.
        above: The index.
    """
    named = [(child, days_in_name(child.url)) for child in children]
    stamps = [child.modified_at.astimezone(outlet.zone).date() for child in children if child.modified_at]
    early = any(
        span and child.modified_at and child.modified_at.astimezone(outlet.zone).date() < span[0] - SLACK
        for child, span in named
    )
    believed = len(set(stamps)) > 1 and not early
    wanted = []
    for child, span in named:
        changed = child.modified_at.astimezone(outlet.zone).date() if child.modified_at and believed else None
        first, last = span or (None, changed)
        if days.may_hold(first, last):
            place = span or (None, None)
            wanted.append(_below(above, child.url, *place))
    odd = "its lastmod is not believed; its sitemaps are chosen by their names" if stamps and not believed else ""
    wanted.sort(key=lambda facts: facts.first_day or date.max, reverse=True)
    return wanted, odd if len(children) > 1 else ""


def _below(above: ListFacts, url: str, first: date | None, last: date | None) -> ListFacts:
    return replace(above, url=url, kind="sitemap", depth=above.depth + 1, page=1, first_day=first, last_day=last)


def day_of(candidate: Candidate, outlet: Outlet) -> date | None:
    """The day on which a source, or the path of an address, says that an article was published; None where neither."""
    if candidate.published_at:
        return candidate.published_at.astimezone(outlet.zone).date()
    return day_in_path(candidate.url)


def is_wanted(candidate: Candidate, outlet: Outlet, days: Days, facts: ListFacts) -> bool:
    """Whether an article can be of the days wanted, as far as can be told without reading it."""
    day = day_of(candidate, outlet)
    if day:
        return day in days
    begun = day_bound(candidate.url)
    if begun:
        return begun <= days.until and begun >= days.since - _DRAFT
    return days.overlap(facts.first_day, facts.last_day)


def days_of(candidates: Sequence[Candidate], outlet: Outlet) -> list[date | None]:
    """The day that a list tells of each article: of its publication, or when it was begun; None where it tells none."""
    return [day_of(candidate, outlet) or day_bound(candidate.url) for candidate in candidates]
