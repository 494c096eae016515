"""Write the ledger's entries about pages, within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlite_utils import Database

from archive.database.values import format_instant, storable
from archive.ledger.model import SourceFacts, Visit
from archive.ledger.rows import failure_row
from archive.record import ArticleLink, Record, StoredCapture


def enter_address(
    db: Database,
    outlet: str,
    source: str,
    link: ArticleLink,
    now: datetime,
    backfill: int | None = None,
    since: date | None = None,
    until: date | None = None,
) -> bool:
    """Enter an address from a source, unless it is known; return whether it becomes due.

    If its article is archived, or waits under another address, the address is an alias and not due. If it waits for a
    backfill and is now listed as news, it is due now. If an earlier backfill left it, or found that it is of another
    day, a backfill that covers its day takes it over.

    Args:
        db: The archive, in a transaction.
        outlet: The outlet's id.
        source: The source that lists it.
        link: The address, and the article that it leads to.
        now: The current time, UTC.
        backfill: The id of the backfill run that wants it; None for news.
        since: The first day of this backfill; None for no bound.
        until: The last day of this backfill; None for no bound.
    """
    row = {
        "url": link.url,
        "outlet": outlet,
        "article": link.article,
        "source": source,
        "now": format_instant(now),
        "title": link.candidate.title,
        "hint": format_instant(link.candidate.published_at),
        "raw": link.candidate.published_raw,
        "run": backfill,
        "since": (since or date.min).isoformat(),
        "until": (until or date.max).isoformat(),
    }
    entered = db.execute(
        "INSERT INTO addresses (url, outlet, article, source, discovered_at, title_hint, published_hint, published_raw,"
        "  state, next_due_at, backfill)"
        " SELECT :url, :outlet, :article, :source, :now, :title, :hint, :raw, iif(known, 'alias', 'due'),"
        "  iif(known, NULL, :now), iif(known, NULL, :run)"
        " FROM (SELECT EXISTS (SELECT 1 FROM articles WHERE id = :article) OR EXISTS (SELECT 1 FROM addresses"
        "  WHERE article = :article AND state = 'due' AND next_due_at IS NOT NULL) AS known)"
        " WHERE true ON CONFLICT (url) DO UPDATE"
        "  SET backfill = :run, state = 'due', next_due_at = :now, reason = '', detail = '', article_date = NULL"
        "  WHERE (state = 'due' AND (next_due_at IS NULL OR (backfill IS NOT NULL AND :run IS NULL)))"
        "  OR (:run IS NOT NULL AND article_date BETWEEN :since AND :until)"
        " RETURNING state",
        storable(row),
    ).fetchone()
    return bool(entered == ("due",))


def article_of(db: Database, url: str) -> str:
    """Return the id of the article that an address leads to, archived or not."""
    (article,) = db.execute("SELECT article FROM addresses WHERE url = ?", (url,)).fetchone()
    return str(article)


def update_address(db: Database, visit: Visit, state: str, record: Record | None = None) -> None:
    """Update an address after a visit.

    An archived address stays archived, whatever happens to the page. If it now redirects to another article, it still
    leads to its own. Only an archived page keeps `etag` and `last_modified`, because "not modified" must mean that the
    archive has the text.

    Args:
        db: The archive, in a transaction.
        visit: The request and its result.
        state: archived, rejected or failed.
        record: The article that was read from the page, if any.
    """
    row = {
        "url": visit.url,
        "state": state,
        "article": record.id if record else None,
        "article_date": day.isoformat() if (day := visit.failure and visit.failure.article_date) else None,
        "moved": record is not None and record.url != visit.url,
        "status": visit.status,
        "failures": visit.failures,
        "asked_at": format_instant(visit.asked_at),
        "next_due_at": format_instant(visit.next_due_at),
        "etag": visit.etag,
        "last_modified": visit.last_modified,
        "text_digest": visit.text_digest,
    }
    settled = db.execute(
        "UPDATE addresses SET state = CASE state WHEN 'archived' THEN state ELSE :state END,"
        " article = CASE WHEN :article IS NULL OR (:moved AND state = 'archived') THEN article ELSE :article END,"
        " status = :status, reason = :reason, detail = :detail, article_date = :article_date,"
        " failures = :failures, asked_at = :asked_at, claims = 0,"
        " next_due_at = :next_due_at, backfill = CASE :state WHEN 'failed' THEN backfill END,"
        " etag = CASE :state WHEN 'archived' THEN :etag ELSE etag END,"
        " last_modified = CASE :state WHEN 'archived' THEN :last_modified ELSE last_modified END,"
        " text_digest = coalesce(nullif(:text_digest, ''), text_digest) WHERE url = :url",
        storable(row | failure_row(visit.failure)),
    )
    assert settled.rowcount == 1, f"not in the ledger: {visit.url}"


def alias_addresses(db: Database, record: Record, visit: Visit, aliases: Iterable[str]) -> None:
    """Make every other address of an article an alias, so that only one is fetched again.

    Args:
        db: The archive, in a transaction.
        record: The article.
        visit: The request that brought the article.
        aliases: Addresses that redirected to it.
    """
    for alias in dict.fromkeys(url for url in (record.url, *aliases) if url and url != visit.url):
        db.execute(
            "INSERT INTO addresses (url, outlet, article, discovered_at, state) VALUES (?, ?, ?, ?, 'alias')"
            " ON CONFLICT (url) DO UPDATE SET article = excluded.article WHERE state <> 'archived'",
            (alias, record.outlet, record.id, format_instant(visit.asked_at)),
        )
    db.execute(
        "UPDATE addresses SET state = 'alias', next_due_at = NULL, backfill = NULL WHERE article = ? AND url <> ?",
        (record.id, visit.url),
    )


def release_claims(db: Database) -> None:
    """Release the claims of a killed process, once.

    Args:
        db: The archive; the caller is its only writer.
    """
    db.execute("UPDATE sources SET next_due_at = NULL WHERE claims = 1")
    db.execute("UPDATE addresses SET next_due_at = asked_at WHERE claims = 1")


def try_alias(db: Database, visit: Visit, now: datetime) -> None:
    """Make another address of the same article due after this one failed: slugs and sections move.

    Each address is tried once, so that a deleted article is not requested at all its addresses for ever.
    """
    if visit.failure is None or not visit.failure.reason.traits.try_alias:
        return
    db.execute(
        "UPDATE addresses SET state = 'due', next_due_at = :now,"
        " backfill = (SELECT backfill FROM addresses WHERE url = :url) WHERE url = ("
        " SELECT other.url FROM addresses AS asked JOIN addresses AS other USING (article)"
        " WHERE asked.url = :url AND other.state = 'alias' AND other.asked_at IS NULL"
        " ORDER BY other.discovered_at DESC LIMIT 1)",
        {"url": visit.url, "now": format_instant(now)},
    )


def accept_reextracted(db: Database, capture: int, record: Record) -> None:
    """Make a rejected address lead to the article that re-extraction found on its page."""
    (url, fetched_at) = db.execute("SELECT url, fetched_at FROM captures WHERE id = ?", (capture,)).fetchone()
    db.execute("UPDATE captures SET article = ? WHERE id = ?", (record.id, capture))
    db.execute("UPDATE articles SET last_checked_at = ? WHERE id = ?", (fetched_at, record.id))
    db.execute(
        "UPDATE addresses SET state = 'archived', article = ?, reason = '', detail = '', article_date = NULL,"
        " failures = 0, next_due_at = NULL, backfill = NULL WHERE url = ?",
        (record.id, url),
    )
    db.execute(
        "UPDATE addresses SET state = 'alias', next_due_at = NULL, backfill = NULL WHERE article = ? AND url <> ?",
        (record.id, url),
    )


def insert_capture(
    db: Database, url: str, status: int | None, capture: StoredCapture | None, article: str | None = None
) -> int | None:
    """Insert a row of `captures`; return its number."""
    if capture is None:
        return None
    ref = capture.ref
    return db.execute(
        "INSERT INTO captures (article, url, fetched_at, status, file, offset, length, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (article, url, format_instant(capture.fetched_at), status, ref.file, ref.offset, ref.length, ref.digest),
    ).lastrowid


def insert_request(db: Database, visit: Visit, outcome: str, capture: int | None = None, detail: str = "") -> None:
    """Insert a row of `requests`; `detail` replaces the failure's detail unless it is empty."""
    row = {
        "url": visit.url,
        "run": visit.run,
        "asked_at": format_instant(visit.asked_at),
        "status": visit.status,
        "outcome": outcome,
        "size": visit.size,
        "milliseconds": round((visit.answered_at - visit.asked_at).total_seconds() * 1000),
        "capture": capture,
    }
    told = failure_row(visit.failure, visit.notes) | ({"detail": detail} if detail else {})
    db.execute(
        "INSERT INTO requests (url, run, asked_at, status, outcome, reason, detail, size, milliseconds, capture)"
        " VALUES (:url, :run, :asked_at, :status, :outcome, :reason, :detail, :size, :milliseconds, :capture)",
        storable(row | told),
    )


def declare_source(db: Database, source: SourceFacts) -> None:
    """Insert a source, or update its declaration and keep its history."""
    db.execute(
        "INSERT INTO sources (url, outlet, kind) VALUES (?, ?, ?)"
        " ON CONFLICT (url) DO UPDATE SET outlet = excluded.outlet, kind = excluded.kind",
        (source.url, source.outlet, source.kind),
    )


def delete_captures(db: Database, file: str, others: Sequence[int]) -> None:
    """Delete the capture rows of a file, and other capture rows by their number."""
    values = {"file": file, "others": json.dumps(list(others))}
    chosen = "SELECT id FROM captures WHERE file = :file UNION SELECT value FROM json_each(:others)"
    db.execute(f"UPDATE requests SET capture = NULL WHERE capture IN ({chosen})", values)  # noqa: S608 - our own words
    db.execute(f"DELETE FROM captures WHERE id IN ({chosen})", values)  # noqa: S608
