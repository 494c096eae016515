"""Save articles and their revisions, within the caller's transaction; an edit never overwrites a text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from archive.articles.change_kinds import Change, classify
from archive.articles.churn import MEMORY, describe_churn
from archive.articles.model import SaveResult
from archive.articles.rows import record_row
from archive.database.values import format_instant
from archive.record import Document, Record


def save_record(
    db: Database, record: Record, now: datetime, *, asked: bool = False, reread: bool = False
) -> SaveResult:
    """Save a record as the newest revision of its article, or confirm that it is unchanged.

    Args:
        db: The archive, in a transaction.
        record: The article as it was read.
        now: The current time, UTC.
        asked: The outlet has just served it, so that parts that churn are not taken for edits.
        reread: It was read again from a stored capture, so that differences come from our reader, not from the outlet.
    """
    row = record_row(record)
    known = db.execute("SELECT date, title, text, revision FROM articles WHERE id = ?", (record.id,)).fetchone()
    if known is None:
        _insert(db, "articles", row | {"first_seen_at": format_instant(now)})
        _begin(db, record, 1, now, "first")
        return SaveResult("archived", 1)
    day, title, text, revision = known
    newest = Document(date.fromisoformat(day), title, text)
    change = classify(newest, record.document)
    if change is None:
        # No indexed column is written, so the triggers of the search index do not run.
        _update(db, {name: value for name, value in row.items() if name not in {"title", "text"}})
        return SaveResult("unchanged", revision)
    if asked and (what := describe_churn([*_older(db, record.id, revision), newest], record.document)):
        return SaveResult("churned", revision, what)
    db.execute(
        "UPDATE revisions SET date = ?, title = ?, text = ? WHERE article = ? AND revision = ?",
        (day, title, text, record.id, revision),
    )
    _begin(db, record, revision + 1, now, "reread" if reread else change)
    _update(db, row | {"revision": revision + 1})
    return SaveResult("revised", revision + 1)


def _older(db: Database, article: str, revision: int) -> list[Document]:
    """Return the revisions before the newest that are compared to detect churn, oldest first."""
    rows = db.execute(
        "SELECT date, title, text FROM revisions WHERE article = ? AND revision BETWEEN ? AND ? ORDER BY revision",
        (article, revision - MEMORY + 1, revision - 1),
    )
    return [Document(date.fromisoformat(day), title, text) for day, title, text in rows]


def _begin(db: Database, record: Record, revision: int, now: datetime, change: Change) -> None:
    _insert(
        db,
        "revisions",
        {
            "article": record.id,
            "revision": revision,
            "seen_at": format_instant(now),
            "change": change,
            "reader": record.reader,
            "rules": record.rules,
        },
    )


def _insert(db: Database, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join(f":{name}" for name in row)
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608 - column names are our own


def _update(db: Database, row: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = :{name}" for name in row if name != "id")
    db.execute(f"UPDATE articles SET {assignments} WHERE id = :id", row)  # noqa: S608 - our own names
