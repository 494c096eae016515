"""Compute when sources and pages are fetched again, from what the ledger knows about them. Pure.

A source with new articles is polled sooner, and one without them later, within fixed bounds. So a bad source can
neither be polled without end nor be forgotten (the bounds are an idea of miniflux, internal/model/feed.go).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from archive.articles.deletions import is_missing
from archive.articles.model import Article
from archive.errors import Failure
from archive.ledger.model import AddressState, SourceState
from archive.record import Record
from crawler.fetching.backoff import DAY, HOUR, MINUTE
from crawler.outlets.model import Source
from schedules.timing.publishing_hours import PublishingHours

FIRST_INTERVAL = 900.0  # seconds, after the first poll of a source; a guess
SHORTEST_INTERVAL = 300.0
LONGEST_INTERVAL = 6 * 3600.0
CLAIM_SECONDS = 3600.0  # seconds after which an unrecorded request is due again, because its process was killed
_SHRINK_LIMIT, _GROW_LIMIT = 0.5, 1.5  # factors by which one poll may change the interval
_MEMORY = 24  # articles; the weight of the interval learned so far against one more poll
_MAX_REQUESTED_WAIT = 24 * 3600.0  # for a source's `ttl` or `max-age`; newspapers do not pause longer

# Ages in seconds at which an archived page is rechecked: most edits come in the first hours, few after a month.
RECHECK_AGES = (15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY)
MAX_RECHECK_RESTARTS = 10  # edits of an article after which another one no longer restarts the recheck schedule
MISSING_RECHECK_SECONDS = 7 * HOUR  # until a missing page is confirmed; longer than deletions.CONFIRMED_AFTER
GONE_RECHECK_SECONDS = 30 * DAY  # between two rechecks of a page whose deletion is confirmed
_MAX_ATTEMPTS = 3  # attempts at a failing archived page before it waits for its next recheck age


def add_seconds(time: datetime, seconds: float) -> datetime:
    """Return the time that is some seconds later."""
    return time + timedelta(seconds=seconds)


def next_poll(
    source: Source,
    known: SourceState,
    new: int,
    now: datetime,
    hours: PublishingHours,
    requested_wait: float | None = None,
) -> tuple[float, datetime]:
    """Decide when a source is polled again after a successful poll.

    Args:
        source: The declared source; `every` and `cron` fix its schedule.
        known: What the ledger knew about the source before this poll.
        new: The number of unknown links in this poll.
        now: The current time, UTC.
        hours: The hours in which the outlet publishes.
        requested_wait: Seconds to wait that the source asks for (`ttl`, `max-age`); ignored if its schedule is fixed.

    Returns:
        The interval to remember, in seconds of mean activity of the outlet for one new link; and the time of the next
        poll, between `SHORTEST_INTERVAL` and `LONGEST_INTERVAL` from now unless the schedule or the source says
        otherwise.
    """
    polling_hours = hours.for_polling()
    # Learn by the true hours, in which news is even. By the polling hours, a busy hour would count as more news.
    interval = next_interval(known.interval, known.polls, new, _activity(known, now, hours))
    if source.cron:
        return interval, _next_cron_time(source.cron, now, hours)
    if source.every is not None:
        return interval, next_grid_time(now, source.every, source.url)
    due = polling_hours.after_activity(now, interval)
    due = min(max(due, add_seconds(now, SHORTEST_INTERVAL)), add_seconds(now, LONGEST_INTERVAL))
    return interval, max(due, add_seconds(now, min(requested_wait or 0.0, _MAX_REQUESTED_WAIT)))


def next_interval(interval: float | None, polls: int, new: int, activity: float | None = None) -> float:
    """Learn from one more poll how long a source needs for one new link.

    The previous interval counts for as many links as there were polls, at most `_MEMORY`. So a new source is learned
    quickly, and chance hardly changes the interval of an old one.

    Args:
        interval: Seconds of mean activity for one new link before this poll; None before the first poll.
        polls: The number of polls before this one.
        new: The number of unknown links in this poll.
        activity: Seconds of mean activity since the previous poll; None if there was none.
    """
    if interval is None:
        return FIRST_INTERVAL
    weight = min(max(polls, 1), _MEMORY)
    learned = interval if activity is None else (weight * interval + activity) / (weight + new)
    shortest = max(interval * _SHRINK_LIMIT, SHORTEST_INTERVAL)
    longest = min(max(interval * _GROW_LIMIT, SHORTEST_INTERVAL), LONGEST_INTERVAL)
    return min(max(learned, shortest), longest)


def _activity(known: SourceState, now: datetime, hours: PublishingHours) -> float | None:
    """Return the seconds of mean activity since the last poll; None before the first poll."""
    return hours.activity(known.polled_at, now) if known.polled_at and known.polled_at <= now else None


def next_grid_time(now: datetime, every: float, url: str) -> datetime:
    """Return the next time on a grid of `every` seconds, however long a poll takes.

    Each address has its own offset on the grid, so that sources with the same interval are not all due together.
    """
    offset = zlib.crc32(url.encode()) % every
    return add_seconds(now, every - (now.timestamp() - offset) % every)


def _next_cron_time(expression: str, now: datetime, hours: PublishingHours) -> datetime:
    """Return the next time of a cron expression, in the outlet's timezone."""
    from apscheduler.triggers.cron import CronTrigger  # few outlets need it, and importing it is slow

    trigger = CronTrigger.from_crontab(expression, timezone=hours.zone)
    due: datetime | None = trigger.get_next_fire_time(None, add_seconds(now, 1).astimezone(hours.zone))
    return due.astimezone(UTC) if due else add_seconds(now, LONGEST_INTERVAL)


def next_check(changed_at: datetime, now: datetime, ages: Sequence[float] = RECHECK_AGES) -> datetime | None:
    """Return when an archived page is rechecked; None if it is older than every recheck age.

    Args:
        changed_at: When the article was published or last edited, UTC; a time in the future counts as now.
        now: The current time, UTC.
        ages: The ages in seconds at which a page is rechecked, ascending.
    """
    due = (add_seconds(min(changed_at, now), age) for age in ages)
    return next((time for time in due if time >= add_seconds(now, SHORTEST_INTERVAL)), None)


def next_visit(
    address: AddressState,
    article: Article | None,
    result: Record | Failure | None,
    now: datetime,
    retry_at: datetime | None,
    ages: Sequence[float] = RECHECK_AGES,
    moved_to: str = "",
) -> datetime | None:
    """Decide when a page is fetched again, before its record is compared with the archived one.

    Args:
        address: What the ledger knew about the address before this visit.
        article: The archived article that the address leads to; None if there is none.
        result: The result of the visit: a record, a failure, or None if the page has not changed.
        now: The current time, UTC.
        retry_at: When a failed request is retried; None if the request did not fail.
        ages: As in `next_check`.
        moved_to: The address that the page redirected to; empty if it did not redirect.

    Returns:
        The time, UTC; None if the page is not fetched again by itself.
    """
    failure = result if isinstance(result, Failure) else None
    if failure and address.state != "archived" and article:
        return None  # the article is archived under another address, so this one is tried only once
    missing = is_missing(failure, moved_to) or (isinstance(result, Record) and result.id != address.article)
    if article and (missing or (failure and article.gone_at)):
        return add_seconds(now, GONE_RECHECK_SECONDS if article.gone_at else MISSING_RECHECK_SECONDS)
    if failure and not (article and address.failures >= _MAX_ATTEMPTS):
        return retry_at
    published_at = article.record.published_at or article.first_seen_at if article else None
    return next_check(published_at or (isinstance(result, Record) and result.published_at) or now, now, ages)
