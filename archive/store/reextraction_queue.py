"""Stream the captures to read again, each with its archived record.

For each article this is the newest capture from which its newest revision was read: an older capture must not replace
it. Captures of a page that merely churned are skipped. Articles whose newest revision has no capture are skipped too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.articles.rows import row_record
from archive.database.values import parse_instant
from archive.record import Candidate, CaptureRef, Record
from archive.store.reader import ArchiveReader

_PAGE = 100  # rows that are in memory at a time

_ARTICLES = """
FROM articles AS a
    JOIN captures AS c ON c.id = (
        SELECT k.id FROM captures AS k WHERE k.article = a.id
            AND NOT EXISTS (SELECT 1 FROM requests AS r WHERE r.capture = k.id AND r.outcome = 'churned')
        ORDER BY k.fetched_at DESC, k.id DESC LIMIT 1
    )
    LEFT JOIN addresses AS d ON d.url = c.url
WHERE a.outlet = :outlet AND a.date <= :until AND (a.date, a.number) > (max(:since, :day), :number)
    AND (:again OR (a.reader <> :reader AND c.reader <> :reader))
    AND NOT EXISTS (
        SELECT 1 FROM addresses AS o JOIN requests AS r ON r.url = o.url
        WHERE o.article = a.id AND r.capture IS NULL AND r.outcome IN ('archived', 'revised')
            AND r.asked_at > c.fetched_at
    )
"""
_REJECTED = """
FROM addresses AS d
    JOIN captures AS c ON c.id = (
        SELECT k.id FROM captures AS k WHERE k.url = d.url AND k.article IS NULL
        ORDER BY k.fetched_at DESC, k.id DESC LIMIT 1
    )
WHERE d.outlet = :outlet AND d.state = 'rejected' AND (d.reason, d.rowid) > (:day, :number)
    AND c.status BETWEEN 200 AND 299 AND date(c.fetched_at) BETWEEN :since AND :until
    AND (:again OR c.reader <> :reader) AND NOT EXISTS (SELECT 1 FROM articles AS a WHERE a.id = d.article)
"""
_COLUMNS = """
c.id AS c_id, c.url AS c_url, c.file AS c_file, c.offset AS c_offset, c.length AS c_length, c.digest AS c_digest,
coalesce(d.title_hint, '') AS d_title, d.published_hint AS d_hint, coalesce(d.published_raw, '') AS d_raw
"""


@dataclass(frozen=True, slots=True)
class QueuedCapture:
    """A capture to read again.

    Attributes:
        capture: The capture's number in `captures`.
        url: The requested address.
        ref: Where the capture is stored.
        candidate: The link to the address, as a source lists it.
        record: The article as archived; None if the page was rejected.
    """

    capture: int
    url: str
    ref: CaptureRef
    candidate: Candidate
    record: Record | None


@dataclass(frozen=True, slots=True)
class ReextractionScope:
    """Select which captures of an outlet are read again.

    Attributes:
        outlet: The outlet's id.
        reader: The current reader of its pages; captures that this reader has already read are left out.
        since: The first day of the article, or of the request if the page was rejected; None for no bound.
        until: The last day; None for no bound.
        again: Also yield captures that this reader has already read.
    """

    outlet: str
    reader: str
    since: date | None = None
    until: date | None = None
    again: bool = False

    def values(self) -> dict[str, Any]:
        """Return the parameters for the queries, positioned at the start of the scope."""
        since, until = (self.since or date.min).isoformat(), (self.until or date.max).isoformat()
        facts = {"outlet": self.outlet, "reader": self.reader, "again": self.again}
        return facts | {"since": since, "until": until, "day": "", "number": 0}


def queued_captures(archive: ArchiveReader, scope: ReextractionScope) -> Iterator[QueuedCapture]:
    """Yield the captures of a scope to read again: of articles by date, then of rejected pages.

    Each is looked up shortly before it is yielded, so rows that are written meanwhile do no harm.
    """
    yield from _iterate_pages(
        archive, scope, f"SELECT a.*, a.date AS at, a.number AS n, {_COLUMNS} {_ARTICLES}", "a.date, n"
    )
    yield from _iterate_pages(
        archive, scope, f"SELECT d.reason AS at, d.rowid AS n, {_COLUMNS} {_REJECTED}", "d.reason, n"
    )


def count_queued(archive: ArchiveReader, scope: ReextractionScope) -> int:
    """Count the captures that `queued_captures` yields."""
    values = scope.values()
    counts = (archive.query(f"SELECT count(*) AS n {body}", values) for body in (_ARTICLES, _REJECTED))
    return sum(row["n"] for rows in counts for row in rows)


def count_stale_articles(archive: ArchiveReader, scope: ReextractionScope) -> int:
    """Count the articles of a scope that an earlier reader has read, and whose capture is stored."""
    return sum(row["n"] for row in archive.query(f"SELECT count(*) AS n {_ARTICLES}", scope.values()))


def _iterate_pages(archive: ArchiveReader, scope: ReextractionScope, query: str, order: str) -> Iterator[QueuedCapture]:
    values = scope.values()
    while rows := list(archive.query(f"{query} ORDER BY {order} LIMIT {_PAGE}", values)):
        yield from map(_to_queued_capture, rows)
        values |= {"day": rows[-1]["at"], "number": rows[-1]["n"]}


def _to_queued_capture(row: Mapping[str, Any]) -> QueuedCapture:
    return QueuedCapture(
        row["c_id"],
        row["c_url"],
        CaptureRef(row["c_file"], row["c_offset"], row["c_length"], row["c_digest"]),
        Candidate(row["c_url"], row["d_title"], parse_instant(row["d_hint"]), row["d_raw"]),
        row_record(row) if "text" in row else None,
    )


def find_part_capture(archive: ArchiveReader, url: str) -> CaptureRef | None:
    """Find the last capture of a further page of an article; None if it is not stored."""
    query = (
        "SELECT file, offset, length, digest FROM captures WHERE url = ? AND article IS NULL"
        " AND status BETWEEN 200 AND 299 ORDER BY fetched_at DESC, id DESC LIMIT 1"
    )
    return next((CaptureRef(**row) for row in archive.query(query, (url,))), None)
