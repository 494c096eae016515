"""Apply the schema's migrations, and check that a file is an archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import ArchiveError, ArchiveTooNew, NotAnArchive

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

    from archive.database.connection import Connection

APPLICATION_ID = 0x6B686F62  # "khob"
_SET = "khobao"
SCRIPTS = {
    file.stem: file.read_text(encoding="utf-8") for file in sorted(Path(__file__).with_name("migrations").glob("*.sql"))
}


def statements(script: str) -> Iterator[str]:
    """Split a script into statements; `executescript` would commit the migration's transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""


def migrations() -> Migrations:
    """Return the migrations in `SCRIPTS`, in order."""
    from sqlite_utils import Migrations

    found = Migrations(_SET)
    for name, script in SCRIPTS.items():

        @found(name=name)
        def apply(db: Database, script: str = script) -> None:
            for statement in statements(script):
                db.execute(statement)

    return found


def applied_migrations(db: Connection) -> list[str]:
    """Return the names of the migrations applied to a file, oldest first."""
    table = "_sqlite_migrations"  # created by sqlite-utils, whose import takes longer than most reads
    if not db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
        return []
    rows = db.execute(f"SELECT name FROM {table} WHERE migration_set = ? ORDER BY rowid", (_SET,))  # noqa: S608
    return [name for (name,) in rows]


def migrate(db: Database) -> None:
    """Migrate an archive, or an empty file, to the current schema, completely or not at all."""
    with db.atomic():
        migrations().apply(db)


def require_archive(db: Connection, path: Path, *, current: bool = False) -> None:
    """Refuse a file that is not an archive, or that a newer khobao wrote; nothing is written to it.

    Args:
        db: The opened file.
        path: The file's path, for the message.
        current: Also refuse an empty file and an older archive, which only a writer can create or upgrade.

    Raises:
        NotAnArchive: The file is not a khobao archive.
        ArchiveTooNew: It holds migrations that this khobao does not know.
        ArchiveError: It lacks migrations, and `current` is set.
    """
    try:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise NotAnArchive(f"{path}: not a khobao archive (it is no SQLite file)") from None
    if application != APPLICATION_ID and (tables or current):
        raise NotAnArchive(f"{path}: not a khobao archive (it is {'another SQLite file' if tables else 'empty'})")
    applied = applied_migrations(db)
    if newer := [name for name in applied if name not in SCRIPTS]:
        raise ArchiveTooNew(f"{path}: written by a newer khobao (with {newer[0]}); upgrade khobao to open it")
    if current and SCRIPTS.keys() - applied:
        raise ArchiveError(f"{path}: written by an older khobao; `khobao upgrade-check` shows how to upgrade it")
