"""The schema of the archive, as the migrations in `migrations/`; and the check that a file is one that we can use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database, Migrations

from archive.errors import ArchiveError, ArchiveTooNew, NotAnArchive

APPLICATION_ID = 0x6B686F62  # "khob"
MIGRATIONS = Migrations("khobao")


def _register(name: str, script: str) -> None:
    @MIGRATIONS(name=name)
    def apply(db: Database) -> None:
        for statement in statements(script):
            db.execute(statement)


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would commit the migration's transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""


for _file in sorted(files("archive").joinpath("migrations").iterdir(), key=lambda file: file.name):
    if _file.name.endswith(".sql"):
        _register(_file.name.removesuffix(".sql"), _file.read_text(encoding="utf-8"))


def require_archive(db: Database, path: Path, *, current: bool = False) -> None:
    """Refuse a file that is no archive of ours, or one that a newer khobao wrote; nothing is written to it.

    Args:
        db: The file, opened.
        path: Its name, for the message.
        current: Whether an empty file and an older archive, which only a writer can mend, are refused too.

    Raises:
        NotAnArchive: The file is something else.
        ArchiveTooNew: It holds migrations that this khobao does not know.
        ArchiveError: It lacks some, and `current` was asked for.
    """
    try:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if "not a database" not in str(error):
            raise
        raise NotAnArchive(f"{path}: not a khobao archive (it is no SQLite file)") from None
    if application != APPLICATION_ID and (tables or current):
        raise NotAnArchive(f"{path}: not a khobao archive (it is {'another SQLite file' if tables else 'empty'})")
    pending = [migration.name for migration in MIGRATIONS.pending(db)]
    applied = [migration.name for migration in MIGRATIONS.applied(db)]
    known = {*pending, *(migration.name for migration in MIGRATIONS.pending(Database(memory=True)))}
    if newer := [name for name in applied if name not in known]:
        raise ArchiveTooNew(f"{path}: written by a newer khobao (with {newer[0]}); upgrade khobao to open it")
    if pending and current:
        raise ArchiveError(f"{path}: written by an older khobao; any command that writes upgrades it")
