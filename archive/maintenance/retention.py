"""Delete old captures: choose the files, delete their rows, then delete the files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from archive.captures.store import Captures
from archive.errors import ArchiveError
from archive.record import CaptureRef
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter

_NAME = re.compile(r"khobao-(\d{4})(\d{2})(\d{2})-\d+\.warc")


@dataclass(frozen=True, slots=True)
class Retention:
    """Set how long captures are stored.

    Attributes:
        days: Days that they are stored; None for ever.
        size: Largest total size in bytes; None for no limit.
    """

    days: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ExpiredFile:
    """A captures file to delete.

    Attributes:
        name: The name of the file.
        revisits: The numbers of capture rows in other files whose payload is in this one.
    """

    name: str
    revisits: tuple[int, ...] = ()


def expired_files(files: Sequence[tuple[str, int]], kept: Retention, today: date) -> list[str]:
    """Return the names of the files to delete, oldest first; never the last one, which is being written.

    Args:
        files: Name and size in bytes of each file.
        kept: The limits.
        today: The day.
    """
    dated = sorted(
        (match[0], size, date(*map(int, match.groups()))) for name, size in files if (match := _NAME.fullmatch(name))
    )
    total, going = sum(size for _, size, _ in dated), []
    for name, size, day in dated[:-1]:
        old = kept.days is not None and day < today - timedelta(days=kept.days)
        if not old and (kept.size is None or total <= kept.size):
            break
        going.append(name)
        total -= size
    return going


def find_expired(
    archive: ArchiveReader, captures: Captures, folder: Path, kept: Retention, today: date
) -> list[ExpiredFile]:
    """Find the files to delete, oldest first; with many captures this takes seconds.

    Args:
        archive: The archive.
        captures: The captures of the folder.
        folder: The folder of the captures files.
        kept: The limits.
        today: The day.
    """
    files = [(path.name, path.stat().st_size) for path in folder.glob("khobao-*.warc")] if folder.exists() else []
    going = expired_files(files, kept, today)
    revisits = _revisits_of(archive, captures, going) if going else {}
    return [ExpiredFile(name, tuple(revisits.get(name, ()))) for name in going]


def delete_file(archive: ArchiveWriter, captures: Captures, file: ExpiredFile) -> None:
    """Delete the rows of an expired file, then the file; the revisits of its payloads are forgotten too.

    Args:
        archive: The archive, open for writing.
        captures: The captures store that appends to the folder.
        file: The file.
    """
    archive.delete_captures(file.name, file.revisits)
    captures.remove(file.name)


def _revisits_of(archive: ArchiveReader, captures: Captures, names: Sequence[str]) -> dict[str, list[int]]:
    """Return the rows whose payload is in one of these files, by that file: revisits in other files.

    One query serves all files, because each would read the whole table.
    """
    rows = archive.query(
        "SELECT DISTINCT later.id AS number, gone.file AS gone, later.file, later.offset, later.length, later.digest"
        " FROM captures AS gone JOIN captures AS later ON later.digest = gone.digest AND later.file <> gone.file"
        " WHERE gone.file IN (SELECT value FROM json_each(?))",
        (json.dumps(names),),
    )
    revisits: dict[str, list[int]] = {}
    for row in list(rows):
        number, name = row.pop("number"), row.pop("gone")
        try:
            if captures.original(CaptureRef(**row)) == name:
                revisits.setdefault(name, []).append(number)
        except ArchiveError:
            continue  # `check` reports it
    return revisits
