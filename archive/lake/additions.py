"""Add the new articles of an archive to a lake."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.articles.rows import row_record
from archive.lake.folder import LakeFolder
from archive.lake.layout import Reading, add_reader, all_readings
from archive.lake.parts import finish_reading, part_writer
from archive.lake.schema import PageReading
from archive.store.reader import ArchiveReader

_READER = "archive"
_LAST = "SELECT coalesce(max(id), 0) AS id FROM revisions"
_FIRST_RUN = "SELECT kind, started_at, arguments FROM runs ORDER BY id LIMIT 1"
_NEW = """
SELECT a.*, r.seen_at AS r_seen_at, c.file AS c_file, c.offset AS c_offset
FROM (SELECT article, max(id) AS id FROM revisions WHERE id > :since AND id <= :until GROUP BY article) AS n
    JOIN articles AS a ON a.id = n.article JOIN revisions AS r ON r.id = n.id
    LEFT JOIN captures AS c ON c.id = (
        SELECT k.id FROM captures AS k WHERE k.article = a.id AND k.fetched_at <= r.seen_at
        ORDER BY k.fetched_at DESC, k.id DESC LIMIT 1
    )
ORDER BY n.id"""


@dataclass(frozen=True, slots=True)
class AdditionResult:
    """The result of adding an archive.

    Attributes:
        articles: Number of articles that were new or had a new version.
        since: The number of the last version that was added before; 0 for none.
        until: The number of the last version that was added now.
    """

    articles: int
    since: int
    until: int


def add_archive(folder: LakeFolder, archive: ArchiveReader, captures: Path) -> AdditionResult:
    """Add the articles that are new, or have a new version, since the last addition.

    Args:
        folder: The lake.
        archive: The archive.
        captures: The folder of its captures.
    """
    prefix = f"{archive.path.resolve()}#{_identity(archive)}:"
    (last,) = (row["id"] for row in archive.query(_LAST, {}))
    ends = [int(reading.path.rpartition("-")[2]) for reading in all_readings(folder) if reading.path.startswith(prefix)]
    since = max(ends, default=0)
    if last <= since:
        return AdditionResult(0, since, since)
    reading = Reading(f"{prefix}{since + 1}-{last}", last - since, "", _READER)
    add_reader(folder, _READER)
    with part_writer(reading.path) as writer:
        for page, warc in _pages(archive.query(_NEW, {"since": since, "until": last}), captures):
            writer.add(page, warc)
        finish_reading(folder, reading, writer)
    return AdditionResult(writer.rows, since, last)


def _identity(archive: ArchiveReader) -> str:
    """Return a value that differs if another archive takes the place of this one."""
    first = next(iter(archive.query(_FIRST_RUN, {})), {})
    return hashlib.sha256(repr(sorted(first.items())).encode()).hexdigest()[:8]


def _pages(rows: Iterator[Mapping[str, Any]], captures: Path) -> Iterator[tuple[PageReading, str]]:
    """Yield each article with the file of its capture; without a capture: an empty name and offset -1."""
    for row in rows:
        record = row_record(row)
        offset = -1 if row["c_offset"] is None else row["c_offset"]
        warc = str(captures / row["c_file"]) if row["c_file"] else ""
        seen_at = datetime.fromisoformat(row["r_seen_at"])
        yield PageReading(offset, record.url or "", seen_at, record.outlet, record.id, record), warc
