"""Forgetting old captures: which files go is pure; their rows go first, so that no row is without its capture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from archive.captures.store import Captures
from archive.errors import ArchiveError
from archive.record import CaptureRef
from archive.store.writer import Archive

_NAME = re.compile(r"khobao-(\d{4})(\d{2})(\d{2})-\d+\.warc")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long captures are kept.

    Attributes:
        days: That they are kept for; None for ever.
        size: Bytes that they may take; None for any.
    """

    days: int | None = None
    size: int | None = None


def expired(files: Sequence[tuple[str, int]], kept: Retention, today: date) -> list[str]:
    """The names of the files that are to go, the oldest first; never the last one, which is still written to.

    Args:
        files: Name and size in bytes of each.
        kept: How long they are kept.
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


def forget(archive: Archive, captures: Captures, folder: Path, kept: Retention, today: date) -> list[str]:
    """Remove the captures that are kept no longer, after their rows.

    A later `revisit` record whose payload stands in a file that goes is forgotten with it.

    Args:
        archive: Open for writing.
        captures: What appends to the folder.
        folder: Where the files are.
        kept: How long they are kept.
        today: The day.

    Returns:
        The names of the files that went.
    """
    files = [(path.name, path.stat().st_size) for path in folder.glob("khobao-*.warc")] if folder.exists() else []
    going = expired(files, kept, today)
    for name in going:
        archive.forget_captures(name, _pointing_to(archive, captures, name))
        captures.remove(name)
    return going


def _pointing_to(archive: Archive, captures: Captures, name: str) -> list[int]:
    """The rows whose payload stands in a file: revisits in other files."""
    rows = archive.all_rows(
        "SELECT DISTINCT later.id AS number, later.file, later.offset, later.length, later.digest FROM captures AS gone"
        " JOIN captures AS later ON later.digest = gone.digest AND later.file <> gone.file WHERE gone.file = ?",
        (name,),
    )
    pointing = []
    for row in list(rows):
        number = row.pop("number")
        try:
            if captures.original(CaptureRef(**row)) == name:
                pointing.append(number)
        except ArchiveError:
            continue  # the check tells of it
    return pointing
