"""Decide which lists can contain the articles of a range of dates. Pure.

A list is a source of an outlet with its template filled in for one month or day of the requested dates. An index is
followed only to the sitemaps that can contain these dates. `paging` decides which pages of a list are read.
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
from crawler.parsing.dates import day_in_article_number, day_in_path
from schedules.timing.date_range import DateRange

MAX_INDEX_DEPTH = 3  # levels of nested sitemap indexes
_DRAFT_DAYS = 31  # days from the creation of an article, which its number shows, to its publication; a guess
_CLOCK_MARGIN = 1  # days of tolerance between the date of a list and the dates of its articles: clocks and timezones
_CAPTURE_DELAY = timedelta(days=31)  # time within which a web archive captures a new page; a guess
_MAX_CDX_PAGES = 1000  # pages of one query to a CDX server
_LAST_MONTH = 12

# Dates in the names of sitemaps: 2026-02-04, 2026-6-21-25, 2026-2, 20260204, 202602, 2026/7/article.xml.
_DATES_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?:(?P<mark>[-_/.]?)(?P<month>0[1-9]|1[0-2]|(?<=[-_/.])[1-9])"
    r"(?:(?P=mark)(?P<day>0[1-9]|[12]\d|3[01]|(?<=[-_/.])[1-9])"
    r"(?:(?P=mark)(?P<last>[12]\d|3[01]|0[1-9]|(?<=[-_/.])[1-9]))?)?)?(?!\d)"
)


def historic_sources(outlet: Outlet) -> list[Source]:
    """List the sources that contain old articles: archives, sitemaps, listings, numbered sections."""
    return [
        source
        for source in outlet.sources
        if source.kind in {"archive", "sitemap"} or source.next or "{page}" in source.url or source.pages > 1
    ]


def initial_lists(outlet: Outlet, dates: DateRange) -> list[ListFacts]:
    """List where a backfill starts: every historic source, filled in by date, newest first.

    Args:
        outlet: The outlet.
        dates: The requested dates, with both ends, none in the future.
    """
    lists = {facts.url: facts for source in historic_sources(outlet) for facts in _fill_in(outlet, source, dates)}
    return list(lists.values())


def cdx_lists(outlet: Outlet, dates: DateRange, server: str) -> list[ListFacts]:
    """List the queries to a CDX server, one for each month and host: it knows pages that no list has.

    Args:
        outlet: The outlet.
        dates: The requested dates, with both ends; a page may be captured some weeks later.
        server: The address of the CDX server.
    """
    assert dates.since is not None
    assert dates.until is not None
    hosts = sorted({host.removeprefix("www.") for host in outlet.all_hosts})
    captured = DateRange(dates.since, dates.until + _CAPTURE_DELAY)
    return [
        ListFacts(
            url=published_query(server, host, max(first, dates.since), min(last, dates.until + _CAPTURE_DELAY)),
            outlet=outlet.id,
            kind="captured",
            way=host,
        )
        for first, last in _periods({"month"}, captured)
        for host in hosts
    ]


def next_cdx_page(facts: ListFacts, resume_key: str, count: int) -> tuple[tuple[ListFacts, ...], str]:
    """Return the query that continues a truncated CDX response.

    Args:
        facts: The query.
        resume_key: The key to continue with; empty if the response was complete.
        count: The number of addresses in the response.

    Returns:
        The next query, or none; and why there is none if addresses may be missing.
    """
    if not resume_key:
        full = count >= MOST_ADDRESSES
        return (), f"the response has the maximum of {count} addresses and no key to continue with" if full else ""
    if facts.page >= _MAX_CDX_PAGES:
        return (), f"the response does not end; page {facts.page} is the last one that is read"
    url = f"{facts.url.partition('&resumeKey=')[0]}&resumeKey={quote(resume_key, safe='')}"
    return (replace(facts, url=url, page=facts.page + 1),), ""


def _fill_in(outlet: Outlet, source: Source, dates: DateRange) -> Iterator[ListFacts]:
    """Fill in the template of a source for every period of the requested dates."""
    names = {name for _, name, _, _ in Formatter().parse(source.url) if name}
    for first, last in _periods(names, dates):
        values = {"year": first.year, "month": first.month, "day": first.day, "page": 1}
        values |= {"from": _timestamp(outlet, first, time.min), "to": _timestamp(outlet, last, time.max)}
        dated = bool(names - {"page"})
        yield ListFacts(
            url=source.url.format(**values),
            outlet=outlet.id,
            kind=source.kind,
            way=source.url,
            first_day=first if dated else None,
            last_day=last if dated else None,
        )


def _periods(names: set[str], dates: DateRange) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each period for which a template is filled in, newest first."""
    days = dates.days()
    if names & {"day", "from", "to"}:
        yield from ((day, day) for day in reversed(days))
    elif "month" in names:
        for year, month in sorted({(day.year, day.month) for day in days}, reverse=True):
            yield date(year, month, 1), _end_of_month(year, month)
    elif "year" in names:
        for year in sorted({day.year for day in days}, reverse=True):
            yield date(year, 1, 1), date(year, _LAST_MONTH, 31)
    else:
        yield days[-1], days[-1]


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _timestamp(outlet: Outlet, day: date, local_time: time) -> int:
    """Return a local time of the outlet in seconds since 1970."""
    return int(datetime.combine(day, local_time, outlet.zone).timestamp())


def dates_in_name(url: str) -> tuple[date, date] | None:
    """Return the first and last day in a sitemap's address; None if it has no dates."""
    matches = list(_DATES_IN_NAME.finditer(url.rsplit("://", maxsplit=1)[-1]))
    if not matches:
        return None
    closest = matches[-1]  # /2024/sitemap-2024-05.xml: the last part of the address is the most precise
    year, month, day, last = (int(closest[name] or 0) for name in ("year", "month", "day", "last"))
    try:
        if not month:
            return date(year, 1, 1), date(year, _LAST_MONTH, 31)
        if not day:
            return date(year, month, 1), _end_of_month(year, month)
        return date(year, month, day), max(date(year, month, day), date(year, month, last or day))
    except ValueError:
        return None


def select_children(
    outlet: Outlet, children: Sequence[Child], dates: DateRange, index: ListFacts
) -> tuple[list[ListFacts], str]:
    """Select the sitemaps of an index that can contain the requested dates, newest first.

    The dates in the name of a sitemap decide. A sitemap without dates is left out if its `lastmod` is before the
    requested dates, unless the index is wrong about `lastmod`: all of its sitemaps changed on the same day, or one
    changed before the dates in its own name.

    Args:
        outlet: The outlet.
        children: The sitemaps that the index lists.
        dates: The requested dates.
        index: The index.

    Returns:
        The sitemaps; and what is unusual about the index, in one line.
    """
    changed = {child.url: child.modified_at.astimezone(outlet.zone).date() for child in children if child.modified_at}
    named = {child.url: dates_in_name(child.url) for child in children}
    too_early = any(
        period and (day := changed.get(url)) and DateRange(period[0]).is_after(day, _CLOCK_MARGIN)
        for url, period in named.items()
    )
    believed = len(set(changed.values())) > 1 and not too_early
    selected = []
    for url, period in named.items():
        first, last = period or (None, changed.get(url) if believed else None)
        if dates.overlaps(first, last, _CLOCK_MARGIN):
            first, last = period or (None, None)
            depth = index.depth + 1
            selected.append(
                replace(index, url=url, kind="sitemap", depth=depth, page=1, first_day=first, last_day=last)
            )
    selected.sort(key=lambda facts: facts.first_day or date.max, reverse=True)
    odd = "lastmod of this index is not reliable; its sitemaps are selected by their names"
    return selected, odd if changed and not believed and len(children) > 1 else ""


def published_day(candidate: Candidate, outlet: Outlet) -> date | None:
    """Return the day of an article that its source or its address gives; None if neither does."""
    if candidate.published_at:
        return candidate.published_at.astimezone(outlet.zone).date()
    return day_in_path(candidate.url)


def may_be_in(dates: DateRange, candidate: Candidate, outlet: Outlet, list_dates: DateRange) -> bool:
    """Return whether the date of an unread article may be in the requested range.

    Args:
        dates: The requested dates.
        candidate: The link to the article.
        outlet: The outlet.
        list_dates: The dates that its list can contain.
    """
    if day := published_day(candidate, outlet):
        return day in dates
    if begun := day_in_article_number(candidate.url):
        return not dates.is_before(begun) and not dates.is_after(begun, _DRAFT_DAYS)
    return dates.overlaps(list_dates.since, list_dates.until)


def link_days(candidates: Sequence[Candidate], outlet: Outlet) -> list[date | None]:
    """Return the day that a list gives for each article; None if it gives none."""
    return [published_day(candidate, outlet) or day_in_article_number(candidate.url) for candidate in candidates]
