"""Back up a database while others write to it, and verify the copy before using it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from archive.atomic_files import atomic_path, require_writable
from archive.database.connection import archive_errors, open_for_reading
from archive.errors import ArchiveError, NotAnArchive, UsageError


def backup(source: Path, target: Path) -> int:
    """Copy an archive's database as it is at one moment; return the number of articles in the copy.

    The copy replaces an older backup of that name in one step, after its integrity is checked. Captures are not copied:
    they are files that only grow, and any tool can copy them.

    Args:
        source: The archive's database file.
        target: The file for the copy; an older backup there is replaced.

    Raises:
        UsageError: The target is the archive itself, a folder, or a file that is not a backup.
        ArchiveFull: The disk is full; an older backup stays.
        ArchiveError: The source cannot be read, or the copy is damaged.
    """
    require_writable(target)
    if target.exists():
        if target.samefile(source):
            raise UsageError(f"{target}: the archive itself; name another file for its backup")
        _require_backup(target)
    with closing(open_for_reading(source, current=False)) as archive, atomic_path(target) as draft:
        if not archive.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise NotAnArchive(f"{source}: not a khobao archive (it is empty)")
        with archive_errors(target), closing(sqlite3.connect(draft)) as copy:
            archive.backup(copy)  # in one step; in WAL mode no writer has to wait
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a write-ahead log
            problems = [said for (said,) in copy.execute("PRAGMA integrity_check") if said != "ok"]
            (articles,) = copy.execute("SELECT count(*) FROM articles").fetchone()
        if problems:
            raise ArchiveError(f"{source}: damaged: {problems[0]}; no backup was made")
        return int(articles)


def _require_backup(target: Path) -> None:
    """Refuse to replace a file that is not an archive."""
    try:
        open_for_reading(target, current=False).close()
    except ArchiveError:
        raise UsageError(f"{target}: another file, not a backup, and left as it is; name a new file") from None
