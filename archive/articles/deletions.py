"""Articles that their outlet took down, and those that came back; written within a transaction of the caller's.

The text stays, whatever happens to the page. That a page is not there is believed when a later recheck finds the same:
an outlet that moves its pages or has a bad hour answers 404 for what is there again soon after.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.database.values import instant, moment, storable
from archive.errors import Failure, Reason
from archive.ledger.addresses import article_of
from archive.ledger.model import Visit
from archive.ledger.rows import failure_row
from archive.record import Record

CONFIRMED_AFTER = timedelta(hours=6)


def is_missing(failure: Failure | None, moved_to: str = "") -> bool:
    """Whether an answer says that a page is not there: 404, 410, a page that says so, a redirect elsewhere.

    Args:
        failure: Why the page gave no article, if it gave none.
        moved_to: The address that it redirected to; empty for none.
    """
    if failure is None:
        return False
    return failure.reason.traits.page_missing or (failure.reason is Reason.LISTING and bool(moved_to))


def is_gone(missed_at: datetime | None, now: datetime) -> bool:
    """Whether an article that is missing now is gone: not the first time, and not within hours of that.

    Args:
        missed_at: Since when every visit has found it missing, UTC; None if the last one did not.
        now: The instant, UTC.
    """
    return missed_at is not None and now - missed_at >= CONFIRMED_AFTER


def miss(db: Database, visit: Visit) -> bool:
    """Note that an article is missing, if it is archived and the visit says so; whether that makes it gone."""
    if visit.failure is None or not is_missing(visit.failure, visit.moved_to):
        return False
    return _miss(db, article_of(db, visit.url), visit, visit.failure)


def miss_another(db: Database, record: Record, visit: Visit) -> None:
    """Note that the article of an address is missing, where that redirects to another article by now."""
    if visit.moved_to and record.url != visit.url and (meant := article_of(db, visit.url)) != record.id:
        _miss(db, meant, visit, Failure(Reason.REDIRECTS, f"redirects to another article, {visit.moved_to}"))


def find_again(db: Database, article: str, now: datetime) -> None:
    """Note that an article is there: if it was gone it is back, and if that was only feared it is forgotten."""
    db.execute("DELETE FROM tombstones WHERE article = ? AND confirmed_at IS NULL", (article,))
    db.execute("UPDATE tombstones SET back_at = ? WHERE article = ? AND back_at IS NULL", (instant(now), article))
    db.execute("UPDATE articles SET last_checked_at = ?, gone_at = NULL WHERE id = ?", (instant(now), article))


def _miss(db: Database, article: str, visit: Visit, why: Failure) -> bool:
    known = db.execute(
        "SELECT missed_at, confirmed_at FROM tombstones WHERE article = ? AND back_at IS NULL", (article,)
    ).fetchone()
    if known is None:
        row = {"article": article, "missed_at": instant(visit.answered_at), "url": visit.url}
        db.execute(
            "INSERT INTO tombstones (article, missed_at, url, reason, detail)"
            " SELECT id, :missed_at, :url, :reason, :detail FROM articles WHERE id = :article",
            storable(row | failure_row(why)),
        )
        return False
    missed_at, confirmed_at = known
    if confirmed_at or not is_gone(moment(missed_at), visit.answered_at):
        return False
    db.execute(
        "UPDATE tombstones SET confirmed_at = ? WHERE article = ? AND back_at IS NULL",
        (instant(visit.answered_at), article),
    )
    db.execute("UPDATE articles SET gone_at = ? WHERE id = ?", (missed_at, article))
    return True
