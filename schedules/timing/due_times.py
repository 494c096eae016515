"""When sources and pages are asked again: pure arithmetic on what is known of them.

A source that brings news is asked sooner, one that brings none later, within bounds: so a bad source can neither hammer
nor vanish (the clamp is miniflux's idea, miniflux/v2 internal/model/feed.go).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from archive.articles.deletions import is_missing
from archive.articles.model import Article
from archive.errors import Failure
from archive.ledger.model import AddressState, SourceState
from archive.record import Record
from crawler.fetching.backoff import DAY, HOUR, MINUTE
from crawler.outlets.model import Source
from schedules.timing.publishing_hours import Rhythm

FIRST = 900.0
SHORTEST = 300.0
LONGEST = 6 * 3600.0
_SOONER, _LATER = 0.5, 1.5  # of the interval, after one poll
_MEMORY = 24  # articles for which an interval that was learned stands
_ASKED_AT_MOST = 24 * 3600.0  # a ttl or max-age beyond a day is not believed of a newspaper


def next_poll(
    source: Source, known: SourceState, new: int, now: datetime, rhythm: Rhythm, asked: float | None = None
) -> tuple[float, datetime]:
    """When a source is polled again after a poll that succeeded.

    Args:
        source: As it is declared: `every` and `cron` fix its pace.
        known: What the ledger knew of it before this poll.
        new: How many unknown addresses this poll brought.
        now: The instant, UTC.
        rhythm: When its outlet publishes.
        asked: Seconds the source asked to wait (`ttl`, `max-age`); a declared pace does not mind it.

    Returns:
        The interval to remember, in seconds of the outlet's mean activity for one new address; and the instant, no
        sooner than `SHORTEST` and no later than `LONGEST` from now, unless declared or asked otherwise.
    """
    pace = rhythm.eased()
    # The plain rhythm, in which news comes evenly: by the eased one, busy hours would pass for more news than before.
    interval = next_interval(known.interval, known.polls, new, _activity(known, now, rhythm))
    if source.cron:
        return interval, _next_cron(source.cron, now, rhythm)
    if source.every is not None:
        return interval, on_grid(now, source.every, source.url)
    due = min(max(pace.ahead(now, interval), after(now, SHORTEST)), after(now, LONGEST))
    return interval, max(due, after(now, min(asked or 0.0, _ASKED_AT_MOST)))


def next_interval(interval: float | None, polls: int, new: int, activity: float | None = None) -> float:
    """Seconds of mean activity in which a source brings one new address, after one more poll.

    What is known already counts for as many addresses as there were polls, up to `_MEMORY`: a source that is new is
    soon known, and chance, by which polls bring now three and now none, hardly moves one that is.

    Args:
        interval: As it was before this poll; None before the first.
        polls: How many there were before this one.
        new: How many unknown addresses the poll brought.
        activity: Seconds of mean activity since the poll before; None where there was none.
    """
    if interval is None:
        return FIRST
    known = min(max(polls, 1), _MEMORY)
    learned = interval if activity is None else (known * interval + activity) / (known + new)
    return min(max(learned, interval * _SOONER, SHORTEST), max(interval * _LATER, SHORTEST), LONGEST)


def _activity(known: SourceState, now: datetime, rhythm: Rhythm) -> float | None:
    return rhythm.passed(known.polled_at, now) if known.polled_at and known.polled_at <= now else None


def on_grid(now: datetime, every: float, url: str) -> datetime:
    """The next of the instants that are so many seconds apart: however long a poll takes, a day has as many of them.

    Each address has a place of its own on the grid, so that not all sources of a pace are due at once.
    """
    phase = zlib.crc32(url.encode()) % every
    passed = (now.timestamp() - phase) % every
    return after(now, every - passed)


def _next_cron(expression: str, now: datetime, rhythm: Rhythm) -> datetime:
    due: datetime | None = CronTrigger.from_crontab(expression, timezone=rhythm.zone).get_next_fire_time(
        None, after(now, 1).astimezone(rhythm.zone)
    )
    return due.astimezone(UTC) if due else after(now, LONGEST)


def after(now: datetime, seconds: float) -> datetime:
    """The instant so many seconds on."""
    return now + timedelta(seconds=seconds)


# Ages in seconds at which an archived page is asked again: edits come in the first hours, and hardly after a month.
RECHECKS = (15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY)
RESTLESS = 10  # edits of an article after which another one no longer makes it young again
DOUBTED = 7 * HOUR  # until a page that was found missing is asked again; longer than tombstones.CONFIRMED_AFTER
GONE = 30 * DAY
_TRIES = 3  # of a page that is archived, when it fails, before its next age is waited for


def next_check(born_at: datetime, now: datetime, ages: Sequence[float] = RECHECKS) -> datetime | None:
    """When an archived page is asked again: at the next of the ages that it is to be asked at.

    Args:
        born_at: When it was published, or last edited, UTC; the future counts as now.
        now: The instant, UTC.
        ages: In seconds, ascending.

    Returns:
        None once it is older than all of them: it is never asked again by itself.
    """
    due = (after(min(born_at, now), age) for age in ages)
    return next((moment for moment in due if moment >= after(now, SHORTEST)), None)


def next_visit(
    address: AddressState,
    article: Article | None,
    result: Record | Failure | None,
    now: datetime,
    retry_at: datetime | None,
    ages: Sequence[float] = RECHECKS,
    moved_to: str = "",
) -> datetime | None:
    """When a page is asked again, as far as can be told before its record is compared with the archived one.

    Args:
        address: What the ledger knew of it before this visit.
        article: The archived article that it leads to, if there is one.
        result: What the visit brought: a record, a failure, or None where the page has not changed.
        now: The instant, UTC.
        retry_at: When a page that fails like this is tried again, if nothing else is known of it; None without failure.
        ages: As in `next_check`.
        moved_to: The address that it redirected to; empty for none.

    Returns:
        None for never by itself.
    """
    failure = result if isinstance(result, Failure) else None
    if failure and address.state != "archived" and article:
        return None  # one of the other addresses of an article, which had its turn
    missing = is_missing(failure, moved_to) or (isinstance(result, Record) and result.id != address.article)
    if article and (missing or (failure and article.gone_at)):
        return after(now, GONE if article.gone_at else DOUBTED)
    if failure and not (article and address.failures >= _TRIES):
        return retry_at
    born_at = article.record.published_at or article.first_seen_at if article else None
    return next_check(born_at or (isinstance(result, Record) and result.published_at) or now, now, ages)
