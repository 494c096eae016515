"""List the values that filters accept: the outlets and sections of an archive."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from archive.store.reader import ArchiveReader

_RECENT = 5000  # the latest articles, whose sections are counted: the column has no index


def is_empty(archive: ArchiveReader) -> bool:
    """Return whether an archive has no article."""
    return not any(archive.query("SELECT 1 FROM articles LIMIT 1"))


def has_outlet(archive: ArchiveReader, name: str) -> bool:
    """Return whether an archive knows an outlet."""
    return any(archive.query("SELECT 1 FROM outlets WHERE id = ?", (name,)))


def outlet_ids(archive: ArchiveReader) -> list[str]:
    """Return the ids of the outlets that an archive knows."""
    return [row["id"] for row in archive.query("SELECT id FROM outlets ORDER BY id")]


def outlet_zones(archive: ArchiveReader) -> dict[str, tzinfo]:
    """Return the timezones of the outlets that an archive knows, by id; UTC where it knows none."""
    zones: dict[str, tzinfo] = {}
    for row in archive.query("SELECT id, timezone FROM outlets"):
        zones[row["id"]] = UTC
        with suppress(KeyError, ValueError, OSError):  # of a name that this machine does not know
            zones[row["id"]] = ZoneInfo(row["timezone"])
    return zones


def recent_sections(archive: ArchiveReader) -> list[str]:
    """Return the sections of recent articles, most frequent first."""
    rows = archive.query(
        "SELECT section, count(*) AS n FROM (SELECT section FROM articles ORDER BY number DESC LIMIT ?)"
        " WHERE section <> '' GROUP BY section ORDER BY n DESC",
        (_RECENT,),
    )
    return [row["section"] for row in rows]
