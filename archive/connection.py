"""Opening the archive's file: one writer, any number of readers, and SQLite's errors told in our words."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from archive.errors import ArchiveError, ArchiveFull, ArchiveLocked
from archive.schema import MIGRATIONS, require_archive

_BUSY_SECONDS = 10.0


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says of the file into an `ArchiveError`; what is our own mistake stays what it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        said = str(error)
        if "locked" in said or "busy" in said:
            raise ArchiveLocked(f"{path}: another program holds it locked; try again when that is done") from error
        if "full" in said:
            raise ArchiveFull(f"{path}: the disk is full; nothing that was archived is lost") from error
        if any(sign in said for sign in ("malformed", "disk image", "not a database", "disk I/O error", "readonly")):
            raise ArchiveError(f"{path}: cannot be used: {said}; `khobao check` tells more") from error
        if "unable to open" in said:
            raise ArchiveError(
                f"{path}: cannot be opened; see that the folder is there and may be written to"
            ) from error
        raise


class WriterLock:
    """The right to write to an archive, held by one process at a time and given up by the system when it dies."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._file = archive.with_name(archive.name + ".lock")
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ArchiveError(f"{self._archive}: cannot be written to: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise ArchiveLocked(
                f"{self._archive}: another khobao (process {owner}) is writing to it; readers still work"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def open_for_writing(path: Path) -> Database:
    """Open an archive, making or migrating it as need be. The caller holds its `WriterLock`.

    Raises:
        ArchiveError: It cannot be used, is something else, or a newer khobao wrote it.
    """
    with explained(path):
        db = _connect(f"{path.absolute().as_uri()}?mode=rwc")
        try:
            require_archive(db, path)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            MIGRATIONS.apply(db)
        except BaseException:
            db.close()
            raise
    return db


def open_for_reading(path: Path) -> Database:
    """Open an archive to ask it; works beside a writer.

    Raises:
        ArchiveError: It is not there, cannot be used, is something else, or is older or newer than this khobao.
    """
    if not path.exists():
        raise ArchiveError(f"{path}: no archive there; `khobao init` makes one, `khobao crawl` fills it")
    with explained(path):
        db = _connect(f"{path.absolute().as_uri()}?mode=ro")
        try:
            require_archive(db, path, current=True)
        except BaseException:
            db.close()
            raise
    return db


def _connect(uri: str) -> Database:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
    return Database(connection)
