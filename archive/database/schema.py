"""Apply the schema's migrations, and check that a file is an archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database, Migrations

from archive.errors import ArchiveError, ArchiveTooNew, NotAnArchive

APPLICATION_ID = 0x6B686F62  # "khob"
SCRIPTS = {
    file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
    for file in sorted(files("archive.database").joinpath("migrations").iterdir(), key=lambda file: file.name)
    if file.name.endswith(".sql")
}


def statements(script: str) -> Iterator[str]:
    """Split a script into statements; `executescript` would commit the migration's transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""


def _migrations() -> Migrations:
    migrations = Migrations("khobao")
    for name, script in SCRIPTS.items():

        @migrations(name=name)
        def apply(db: Database, script: str = script) -> None:
            for statement in statements(script):
                db.execute(statement)

    return migrations


MIGRATIONS = _migrations()


def migrate(db: Database) -> None:
    """Migrate an archive, or an empty file, to the current schema, completely or not at all."""
    with db.atomic():
        MIGRATIONS.apply(db)


def require_archive(db: Database, path: Path, *, current: bool = False) -> None:
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
    if newer := [migration.name for migration in MIGRATIONS.applied(db) if migration.name not in SCRIPTS]:
        raise ArchiveTooNew(f"{path}: written by a newer khobao (with {newer[0]}); upgrade khobao to open it")
    if current and MIGRATIONS.pending(db):
        raise ArchiveError(f"{path}: written by an older khobao; any command that writes upgrades it")
