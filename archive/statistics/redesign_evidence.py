"""Find captures of an outlet's old and new design, and what the archive knows of their articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from archive.articles.rows import row_record
from archive.database.values import format_instant, parse_instant
from archive.record import Candidate, CaptureRef, Record
from archive.store.reader import ArchiveReader

_COLUMNS = """
a.*, c.url AS c_url, c.file AS c_file, c.offset AS c_offset, c.length AS c_length, c.digest AS c_digest,
coalesce(d.title_hint, '') AS d_title, d.published_hint AS d_hint, coalesce(d.published_raw, '') AS d_raw
"""
_CAPTURED = """
FROM articles AS a
    JOIN captures AS c ON c.id = (
        SELECT k.id FROM captures AS k WHERE k.article = a.id AND k.status BETWEEN 200 AND 299
            AND k.fetched_at {when} ORDER BY k.fetched_at DESC, k.id DESC LIMIT 1
    )
    LEFT JOIN addresses AS d ON d.url = c.url
WHERE a.outlet = :outlet AND a.first_seen_at {seen} ORDER BY a.first_seen_at DESC LIMIT :most
"""
_KNOWN = """
SELECT * FROM articles
WHERE outlet = :outlet AND first_seen_at < :since AND rules <> 'generic' AND gone_at IS NULL
    AND url IS NOT NULL
ORDER BY first_seen_at DESC LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class CapturedArticle:
    """An archived article with one of its captures.

    Attributes:
        record: The article as archived.
        ref: Where the capture is stored.
        candidate: The link to the captured address, as a source lists it.
    """

    record: Record
    ref: CaptureRef
    candidate: Candidate


def captured_since(archive: ArchiveReader, outlet: str, since: datetime, most: int) -> list[CapturedArticle]:
    """List new articles with a capture in the new design, newest first."""
    return _query_captured(archive, outlet, since, most, seen=">= :since", when=">= :since")


def captured_again(archive: ArchiveReader, outlet: str, since: datetime, most: int) -> list[CapturedArticle]:
    """List older articles that a recheck captured in the new design, newest first."""
    return _query_captured(archive, outlet, since, most, seen="< :since", when=">= :since")


def captured_before(archive: ArchiveReader, outlet: str, since: datetime, most: int) -> list[CapturedArticle]:
    """List older articles with a capture in the old design, newest first."""
    return _query_captured(archive, outlet, since, most, seen="< :since", when="< :since")


def known_articles(archive: ArchiveReader, outlet: str, since: datetime, most: int) -> list[Record]:
    """List the newest articles that the outlet's rules read before a given time, newest first."""
    values = {"outlet": outlet, "since": format_instant(since), "most": most}
    return [row_record(row) for row in archive.query(_KNOWN, values)]


def first_day_captured_since(archive: ArchiveReader, outlet: str, since: datetime) -> date | None:
    """Return the day of the oldest article with a capture in the new design; None if there is none."""
    query = (
        "SELECT min(a.date) AS day FROM articles AS a JOIN captures AS c ON c.article = a.id"
        " WHERE a.outlet = :outlet AND c.fetched_at >= :since"
    )
    (row,) = archive.query(query, {"outlet": outlet, "since": format_instant(since)})
    return date.fromisoformat(row["day"]) if row["day"] else None


def _query_captured(
    archive: ArchiveReader, outlet: str, since: datetime, most: int, *, seen: str, when: str
) -> list[CapturedArticle]:
    query = f"SELECT {_COLUMNS} {_CAPTURED.format(seen=seen, when=when)}"
    values = {"outlet": outlet, "since": format_instant(since), "most": most}
    return list(_articles(archive.query(query, values)))


def _articles(rows: Iterable[Mapping[str, Any]]) -> Iterable[CapturedArticle]:
    for row in rows:
        ref = CaptureRef(row["c_file"], row["c_offset"], row["c_length"], row["c_digest"])
        candidate = Candidate(row["c_url"], row["d_title"], parse_instant(row["d_hint"]), row["d_raw"])
        yield CapturedArticle(row_record(row), ref, candidate)
