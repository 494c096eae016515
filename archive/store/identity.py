"""Find the archived article that a record belongs to, even if its address changed."""

from __future__ import annotations

from archive.database.values import format_instant
from archive.record import Record
from archive.store.reader import ArchiveReader


def find_same_article(archive: ArchiveReader, record: Record) -> str:
    """Find an archived article of the outlet with the same headline and instant of publication.

    Args:
        archive: The archive.
        record: The article as read from a page.

    Returns:
        The article's id; empty if there is none, or if the record has no exact time.
    """
    if record.published_at is None:
        return ""
    rows = archive.query(
        "SELECT id FROM articles WHERE outlet = ? AND date = ? AND title = ? AND published_at = ? LIMIT 1",
        (
            record.outlet,
            record.document.date.isoformat(),
            record.document.title,
            format_instant(record.published_at),
        ),
    )
    return next((str(row["id"]) for row in rows), "")
