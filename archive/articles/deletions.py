"""Mark articles that their outlet deleted or restored, within the caller's transaction.

The archived text always stays. A page counts as deleted only when a later recheck finds it missing again, because an
outlet that moves its pages or has an outage answers 404 for pages that come back soon.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.database.values import format_instant, parse_instant, storable
from archive.errors import Failure, Reason
from archive.ledger.addresses import article_of
from archive.ledger.model import Visit
from archive.ledger.rows import failure_row
from archive.record import Record

CONFIRMED_AFTER = timedelta(hours=6)


def is_missing(failure: Failure | None, moved_to: str = "") -> bool:
    """Decide whether a response means that the page is missing.

    That is 404, 410, an error page with another status, or a redirect to an unrelated page.

    Args:
        failure: Why the page gave no article; None if it gave one.
        moved_to: The address that it redirected to; empty for no redirect.
    """
    if failure is None:
        return False
    return failure.reason.traits.page_missing or (failure.reason is Reason.LISTING and bool(moved_to))


def is_gone(missed_at: datetime | None, now: datetime) -> bool:
    """Decide whether a missing article is gone: missing at two visits that are hours apart.

    Args:
        missed_at: Since when every visit has found it missing, UTC; None if the last visit found it.
        now: The current time, UTC.
    """
    return missed_at is not None and now - missed_at >= CONFIRMED_AFTER


def mark_missing(db: Database, visit: Visit) -> bool:
    """Record that an archived article was missing at this visit; return whether it is gone now."""
    if visit.failure is None or not is_missing(visit.failure, visit.moved_to):
        return False
    return _mark_missing(db, article_of(db, visit.url), visit, visit.failure)


def mark_redirected_away(db: Database, record: Record, visit: Visit) -> None:
    """Record that an article is missing because its address redirects to another article."""
    if visit.moved_to and record.url != visit.url and (meant := article_of(db, visit.url)) != record.id:
        _mark_missing(db, meant, visit, Failure(Reason.REDIRECTS, f"redirects to another article, {visit.moved_to}"))


def mark_available(db: Database, article: str, now: datetime) -> None:
    """Record that an article is available: end its tombstone, or forget an unconfirmed one."""
    db.execute("DELETE FROM tombstones WHERE article = ? AND confirmed_at IS NULL", (article,))
    db.execute(
        "UPDATE tombstones SET back_at = ? WHERE article = ? AND back_at IS NULL", (format_instant(now), article)
    )
    db.execute("UPDATE articles SET last_checked_at = ?, gone_at = NULL WHERE id = ?", (format_instant(now), article))


def _mark_missing(db: Database, article: str, visit: Visit, why: Failure) -> bool:
    known = db.execute(
        "SELECT missed_at, confirmed_at FROM tombstones WHERE article = ? AND back_at IS NULL", (article,)
    ).fetchone()
    if known is None:
        row = {"article": article, "missed_at": format_instant(visit.answered_at), "url": visit.url}
        db.execute(
            "INSERT INTO tombstones (article, missed_at, url, reason, detail)"
            " SELECT id, :missed_at, :url, :reason, :detail FROM articles WHERE id = :article",
            storable(row | failure_row(why)),
        )
        return False
    missed_at, confirmed_at = known
    if confirmed_at or not is_gone(parse_instant(missed_at), visit.answered_at):
        return False
    db.execute(
        "UPDATE tombstones SET confirmed_at = ? WHERE article = ? AND back_at IS NULL",
        (format_instant(visit.answered_at), article),
    )
    db.execute("UPDATE articles SET gone_at = ? WHERE id = ?", (missed_at, article))
    return True
