"""The ledger's entries on pages: found, asked, answered; written within a transaction of the caller's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlite_utils import Database

from archive.database.values import instant, storable
from archive.ledger.backfill_model import Wanted
from archive.ledger.model import SourceFacts, Visit
from archive.ledger.rows import failure_row
from archive.record import Candidate, CaptureRef, Record


def enter_address(
    db: Database,
    outlet: str,
    source: str,
    url: str,
    article: str,
    candidate: Candidate,
    now: datetime,
    wanted: Wanted | None = None,
) -> bool:
    """Enter an address that a source lists, unless it is known; whether it is due by this.

    One of an article that is archived, or waits under another address, is an alias and is not due. One that waits for
    a backfill is due now where it is news; one that a backfill left, or found to be of another day, is taken up by the
    next that wants it.

    Args:
        db: The archive, in a transaction.
        outlet: The outlet's id.
        source: Where it was found.
        url: Canonical.
        article: The id of the article it leads to.
        candidate: What the source says of it.
        now: When.
        wanted: The backfill that asks for it; None where it is news.
    """
    row = {
        "url": url,
        "outlet": outlet,
        "article": article,
        "source": source,
        "now": instant(now),
        "title": candidate.title,
        "hint": instant(candidate.published_at),
        "raw": candidate.published_raw,
        "run": wanted.run if wanted else None,
        "since": wanted.since.isoformat() if wanted else "",
        "until": wanted.until.isoformat() if wanted else "",
    }
    entered = db.execute(
        "INSERT INTO addresses (url, outlet, article, source, discovered_at, title_hint, published_hint, published_raw,"
        "  state, next_due_at, backfill)"
        " SELECT :url, :outlet, :article, :source, :now, :title, :hint, :raw, iif(known, 'alias', 'due'),"
        "  iif(known, NULL, :now), iif(known, NULL, :run)"
        " FROM (SELECT EXISTS (SELECT 1 FROM articles WHERE id = :article) OR EXISTS (SELECT 1 FROM addresses"
        "  WHERE article = :article AND state = 'due' AND next_due_at IS NOT NULL) AS known)"
        " WHERE true ON CONFLICT (url) DO UPDATE"
        "  SET backfill = :run, state = 'due', next_due_at = :now, reason = '', detail = ''"
        "  WHERE (state = 'due' AND (next_due_at IS NULL OR (backfill IS NOT NULL AND :run IS NULL)))"
        "  OR (:run IS NOT NULL AND reason = 'out_of_range' AND substr(detail, 1, 10) BETWEEN :since AND :until)"
        " RETURNING state",
        storable(row),
    ).fetchone()
    return bool(entered == ("due",))


def article_of(db: Database, url: str) -> str:
    """The id of the article that an address of the ledger leads to, archived or not."""
    (article,) = db.execute("SELECT article FROM addresses WHERE url = ?", (url,)).fetchone()
    return str(article)


def settle_address(db: Database, visit: Visit, state: str, record: Record | None = None) -> None:
    """Set an address to what a visit taught.

    One that is archived stays so, whatever becomes of the page; and where it redirects to another article by now, it
    goes on leading to the one that it had. What to ask on condition of is kept of an archived page alone: "not
    modified" means that the archive has it.

    Args:
        db: The archive, in a transaction.
        visit: How it was asked, and what came back.
        state: archived, rejected or failed.
        record: What was read from it, if anything was.
    """
    row = {
        "url": visit.url,
        "state": state,
        "article": record.id if record else None,
        "moved": record is not None and record.url != visit.url,
        "status": visit.status,
        "failures": visit.failures,
        "asked_at": instant(visit.asked_at),
        "next_due_at": instant(visit.next_due_at),
        "etag": visit.etag,
        "last_modified": visit.last_modified,
    }
    settled = db.execute(
        "UPDATE addresses SET state = CASE state WHEN 'archived' THEN state ELSE :state END,"
        " article = CASE WHEN :article IS NULL OR (:moved AND state = 'archived') THEN article ELSE :article END,"
        " status = :status, reason = :reason, detail = :detail, failures = :failures, asked_at = :asked_at, claims = 0,"
        " next_due_at = :next_due_at, backfill = CASE :state WHEN 'failed' THEN backfill END,"
        " etag = CASE :state WHEN 'archived' THEN :etag ELSE etag END,"
        " last_modified = CASE :state WHEN 'archived' THEN :last_modified ELSE last_modified END WHERE url = :url",
        storable(row | failure_row(visit.failure)),
    )
    assert settled.rowcount == 1, f"not in the ledger: {visit.url}"


def join_addresses(db: Database, record: Record, visit: Visit, aliases: Iterable[str]) -> None:
    """Let every other address of an article lead to it, so that only the one that answered is asked again.

    Args:
        db: The archive, in a transaction.
        record: The article.
        visit: The request that it came from.
        aliases: Addresses that were seen on the way to it.
    """
    for alias in dict.fromkeys(url for url in (record.url, *aliases) if url and url != visit.url):
        db.execute(
            "INSERT INTO addresses (url, outlet, article, discovered_at, state) VALUES (?, ?, ?, ?, 'alias')"
            " ON CONFLICT (url) DO UPDATE SET article = excluded.article WHERE state <> 'archived'",
            (alias, record.outlet, record.id, instant(visit.asked_at)),
        )
    db.execute(
        "UPDATE addresses SET state = 'alias', next_due_at = NULL, backfill = NULL WHERE article = ? AND url <> ?",
        (record.id, visit.url),
    )


def take_back(db: Database) -> None:
    """Let all be due now that was being asked when its process was killed, unless that happened before.

    Args:
        db: The archive, of which nobody else is a writer.
    """
    db.execute("UPDATE sources SET next_due_at = NULL WHERE claims = 1")
    db.execute("UPDATE addresses SET next_due_at = asked_at WHERE claims = 1")


def try_elsewhere(db: Database, visit: Visit, now: datetime) -> None:
    """Where an address leads nowhere, let another of the same article have its turn: slugs and sections move.

    Each has it once, so that an article that is gone is not asked for at all its addresses for ever.
    """
    if visit.failure is None or not visit.failure.reason.traits.try_alias:
        return
    db.execute(
        "UPDATE addresses SET state = 'due', next_due_at = :now,"
        " backfill = (SELECT backfill FROM addresses WHERE url = :url) WHERE url = ("
        " SELECT other.url FROM addresses AS asked JOIN addresses AS other USING (article)"
        " WHERE asked.url = :url AND other.state = 'alias' AND other.asked_at IS NULL"
        " ORDER BY other.discovered_at DESC LIMIT 1)",
        {"url": visit.url, "now": instant(now)},
    )


def admit(db: Database, capture: int, record: Record) -> None:
    """Let the address whose page was rejected lead to the article that is found on it after all, and others with it."""
    (url, fetched_at) = db.execute("SELECT url, fetched_at FROM captures WHERE id = ?", (capture,)).fetchone()
    db.execute("UPDATE captures SET article = ? WHERE id = ?", (record.id, capture))
    db.execute("UPDATE articles SET last_checked_at = ? WHERE id = ?", (fetched_at, record.id))
    db.execute(
        "UPDATE addresses SET state = 'archived', article = ?, reason = '', detail = '', failures = 0,"
        " next_due_at = NULL, backfill = NULL WHERE url = ?",
        (record.id, url),
    )
    db.execute(
        "UPDATE addresses SET state = 'alias', next_due_at = NULL, backfill = NULL WHERE article = ? AND url <> ?",
        (record.id, url),
    )


def keep_capture(
    db: Database, url: str, status: int | None, capture: tuple[CaptureRef, datetime] | None, article: str | None = None
) -> int | None:
    """Enter where an answer is kept; the number of that entry."""
    if capture is None:
        return None
    ref, fetched_at = capture
    return db.execute(
        "INSERT INTO captures (article, url, fetched_at, status, file, offset, length, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (article, url, instant(fetched_at), status, ref.file, ref.offset, ref.length, ref.digest),
    ).lastrowid


def log_request(db: Database, visit: Visit, outcome: str, capture: int | None = None, detail: str = "") -> None:
    """Enter a request and what it came to; `detail` where there is more to say than why it failed."""
    row = {
        "url": visit.url,
        "run": visit.run,
        "asked_at": instant(visit.asked_at),
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
    """Make a source known; what was learned of it stays."""
    db.execute(
        "INSERT INTO sources (url, outlet, kind) VALUES (?, ?, ?)"
        " ON CONFLICT (url) DO UPDATE SET outlet = excluded.outlet, kind = excluded.kind",
        (source.url, source.outlet, source.kind),
    )


def forget_captures(db: Database, file: str, others: Sequence[int]) -> None:
    """Forget where answers are kept: those of a file, and some others by their number."""
    values = {"file": file, "others": json.dumps(list(others))}
    chosen = "SELECT id FROM captures WHERE file = :file UNION SELECT value FROM json_each(:others)"
    db.execute(f"UPDATE requests SET capture = NULL WHERE capture IN ({chosen})", values)  # noqa: S608 - our own words
    db.execute(f"DELETE FROM captures WHERE id IN ({chosen})", values)  # noqa: S608
