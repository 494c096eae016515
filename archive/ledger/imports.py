"""Record the origin of articles that were imported from files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlite_utils import Database

from archive.database.values import format_instant, storable
from archive.record import Record


@dataclass(frozen=True, slots=True)
class Origin:
    """Describe where an imported record came from.

    Attributes:
        run: The run's id.
        format: txt, jsonl, parquet, news-please or fundus.
        place: The file, and the line or row in it.
        digest: SHA-256 of the imported file, line or row, in hex digits.
        facts: What the file says about how it got the article.
    """

    run: int
    format: str
    place: str
    digest: str
    facts: Mapping[str, str] = field(default_factory=dict)


def save_origin(db: Database, article: str, origin: Origin, now: datetime) -> None:
    """Save the origin of an article, once per content of a file, in the caller's transaction."""
    row = {
        "article": article,
        "run": origin.run,
        "imported_at": format_instant(now),
        "format": origin.format,
        "place": origin.place,
        "digest": origin.digest,
        "facts": json.dumps(dict(origin.facts), ensure_ascii=False, sort_keys=True),
    }
    db.execute(
        "INSERT INTO imports (article, run, imported_at, format, place, digest, facts)"
        " VALUES (:article, :run, :imported_at, :format, :place, :digest, :facts) ON CONFLICT DO NOTHING",
        storable(row),
    )


def ensure_outlet(db: Database, record: Record) -> None:
    """Insert the outlet of a record if it is unknown: a file may come from an archive with more outlets."""
    # Only the id is known; `RunStore.declare` adds the other facts.
    db.execute(
        "INSERT INTO outlets (id, name) VALUES (:outlet, :outlet) ON CONFLICT DO NOTHING", {"outlet": record.outlet}
    )


def ensure_address(db: Database, record: Record, now: datetime) -> None:
    """Make the address of a record, if it has one, lead to its article."""
    if record.url:
        db.execute(
            "INSERT INTO addresses (url, outlet, article, discovered_at, state) VALUES (?, ?, ?, ?, 'archived')"
            " ON CONFLICT (url) DO UPDATE SET article = excluded.article, state = 'archived', next_due_at = NULL"
            " WHERE state <> 'archived'",
            (record.url, record.outlet, record.id, format_instant(now)),
        )
