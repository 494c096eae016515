"""When sources and pages are asked again: pure arithmetic on what is known of them.

A source that brings news is asked sooner, one that brings none later, within bounds: so a bad source can neither hammer
nor vanish (the clamp is miniflux's idea, miniflux/v2 internal/model/feed.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from archive.errors import Failure
from archive.ledger import AddressState, Article
from archive.record import Record
from archive.tombstones import is_missing
from crawler.policy import DAY, HOUR, MINUTE

FIRST = 900.0
SHORTEST = 300.0
LONGEST = 6 * 3600.0
_SOONER, _LATER = 0.5, 1.5
_ASKED_AT_MOST = 24 * 3600.0  # a ttl or max-age beyond a day is not believed of a newspaper


def next_interval(interval: float | None, new: int, every: float | None = None, asked: float | None = None) -> float:
    """Seconds from a successful poll to the next one.

    Args:
        interval: Seconds before this poll; None before the first.
        new: How many unknown addresses it brought.
        every: The declared pace, in seconds, which overrides the adaptive one.
        asked: Seconds the source asked to wait (`ttl`, `max-age`).

    Returns:
        Seconds, between `SHORTEST` and `LONGEST` unless declared or asked otherwise.
    """
    if every is not None:
        return max(every, 0.0)
    paced = FIRST if interval is None else interval * (_SOONER if new else _LATER)
    return max(min(max(paced, SHORTEST), LONGEST), min(asked or 0.0, _ASKED_AT_MOST))


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
