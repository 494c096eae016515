"""Open the database for one writer or any number of readers, and translate SQLite's errors."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from archive.database.schema import SCRIPTS, applied_migrations, migrate, require_archive
from archive.errors import ArchiveError, ArchiveFull, ArchiveLocked, NotAnArchive

if TYPE_CHECKING:
    from sqlite_utils import Database

_BUSY_SECONDS = 10.0
# Beyond any database's size, and beyond the bytes that SQLite locks at 1 GiB (https://sqlite.org/src/file/src/os.h).
_LOCKED_BYTE = 1 << 60
# Primary result codes (https://www.sqlite.org/rescode.html) that blame the file. Any other code is a bug in khobao.
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
    }
)


class Connection(Protocol):
    """An open database: SQLite's connection for reading, or that of sqlite-utils for writing.

    Importing sqlite-utils takes a quarter of the time of a short command, so commands that only read avoid it.
    """

    def execute(self, sql: str, parameters: Any = ..., /) -> sqlite3.Cursor:
        """Run one statement."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


@contextmanager
def archive_errors(path: Path) -> Iterator[None]:
    """Raise SQLite's errors about the file as `ArchiveError`; do not catch our own errors."""
    try:
        yield
    except UnicodeDecodeError as error:  # Python raises this for a message that quotes a damaged schema
        raise ArchiveError(f"{path}: cannot be used: its schema is damaged; `khobao check` shows details") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        if code in _LOCKED:
            raise ArchiveLocked(f"{path}: another program holds it locked; try again when that is done") from error
        if code == sqlite3.SQLITE_FULL:
            raise ArchiveFull(f"{path}: the disk is full; nothing that was archived is lost") from error
        if code in _UNUSABLE:
            raise ArchiveError(f"{path}: cannot be used: {error}; `khobao check` shows details") from error
        if code == sqlite3.SQLITE_CANTOPEN:
            raise ArchiveError(
                f"{path}: cannot be opened; see that the folder is there and may be written to"
            ) from error
        raise


class WriterLock:
    """Lock an archive for one writing process; the system releases the lock when the process dies.

    A file beside the archive names the writing process. Somebody may delete that file, or open the archive by another
    name, so the database file itself is locked too.
    """

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._file = archive.with_name(archive.name + ".lock")
        self._descriptors: list[int] = []

    def __enter__(self) -> Self:
        if archive_exists(self._archive) and self._archive.is_dir():
            raise NotAnArchive(f"{self._archive}: not a khobao archive (it is a folder)")
        try:
            exists = archive_exists(self._archive)
            if exists:
                self._lock_database()
                # Check first that this is an archive, so that no lock file is left beside another program's file.
                open_for_reading(self._archive, current=False).close()
            self._lock_named_file()
            if not exists:
                self._lock_database()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _open(self, path: Path) -> int:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ArchiveError(f"{self._archive}: cannot be written to: {error.strerror}") from None
        self._descriptors.append(descriptor)
        return descriptor

    def _lock_named_file(self) -> None:
        """Lock the file beside the archive, and write the id of this process into it."""
        descriptor = self._open(self._file)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._locked_error() from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def _lock_database(self) -> None:
        """Lock a byte of the database file that SQLite never locks, by a lock of this file descriptor."""
        descriptor = self._open(self._archive)
        command = getattr(fcntl, "F_OFD_SETLK", None)  # Linux only; elsewhere the file beside the archive must suffice
        if command is None:
            return
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, _LOCKED_BYTE, 1, 0)
        try:
            fcntl.fcntl(descriptor, command, lock)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.EACCES}:
                raise self._locked_error() from None
            if error.errno not in {errno.EINVAL, errno.ENOLCK, errno.ENOTSUP}:  # the file system has no such locks
                raise

    def _locked_error(self) -> ArchiveLocked:
        try:
            owner = self._file.read_text("ascii", "replace").strip()
        except OSError:
            owner = ""
        return ArchiveLocked(
            f"{self._archive}: another khobao (process {owner or 'unknown'}) is writing to it; readers still work"
        )

    def _release(self) -> None:
        while self._descriptors:
            os.close(self._descriptors.pop())


def open_for_writing(path: Path) -> Database:
    """Open an archive for writing, and create or migrate it; the caller holds its `WriterLock`.

    Raises:
        ArchiveError: It cannot be used, is not an archive, or a newer khobao wrote it.
    """
    from sqlite_utils import Database

    with archive_errors(path), _open_connection(path, "rwc") as connection:
        db = Database(connection)
        require_archive(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        migrate(db)
        return db


def archive_exists(path: Path) -> bool:
    """Return whether something lies where an archive is expected.

    Raises:
        ArchiveError: The path cannot be followed, for example through a folder that this user may not enter.
    """
    try:
        return path.exists()
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be used: {error.strerror}") from None


def open_for_reading(path: Path, *, current: bool = True) -> sqlite3.Connection:
    """Open an archive for reading, while another process may write to it.

    Args:
        path: The database file.
        current: Refuse an archive that a writer must first create or upgrade.

    Raises:
        ArchiveError: It does not exist, cannot be used, is not an archive, or is older or newer than this khobao.
    """
    if not archive_exists(path):
        raise ArchiveError(f"{path}: no archive there; `khobao init` makes one, `khobao crawl` fills it")
    if path.is_dir():
        raise NotAnArchive(f"{path}: not a khobao archive (it is a folder)")
    with archive_errors(path), _open_connection(path, reading_mode(path)) as db:
        require_archive(db, path, current=current)
        return db


def pending_migrations(path: Path) -> list[str]:
    """Return the names of the migrations that the next writer will apply to an archive.

    Raises:
        ArchiveError: It is missing, cannot be used, is something else, or a newer khobao wrote it.
    """
    with archive_errors(path), closing(open_for_reading(path, current=False)) as db:
        applied = applied_migrations(db)
        return [name for name in SCRIPTS if name not in applied]


def reading_mode(path: Path) -> str:
    """Return the `mode` of an SQLite URI that reads an archive, even in a read-only folder.

    In WAL mode SQLite needs files beside the database, and creates them. If it cannot create them and nobody has the
    database open, `immutable` tells SQLite that the file does not change (https://www.sqlite.org/wal.html#readonly).
    """
    closed = not any(path.with_name(f"{path.name}{suffix}").exists() for suffix in ("-wal", "-shm"))
    return "ro&immutable=1" if closed and not is_writable_folder(path.absolute().parent) else "ro"


def is_writable_folder(folder: Path) -> bool:
    """Return whether this user can create files in a folder."""
    try:
        return not os.statvfs(folder).f_flag & os.ST_RDONLY and os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        return False


def open_beside(path: Path) -> Database:
    """Open an archive to write a few rows, taking turns with the process that holds its `WriterLock`.

    Raises:
        ArchiveError: It does not exist, cannot be used, is not an archive, or has another version.
    """
    from sqlite_utils import Database

    open_for_reading(path).close()
    with archive_errors(path), _open_connection(path, "rw") as connection:
        db = Database(connection)
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        return db


def _log_of(path: Path) -> Path:
    """Return the path of the write-ahead log; it exists while the file is open, or after a kill."""
    return path.with_name(f"{path.name}-wal")


@contextmanager
def _open_connection(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """Open a connection; close it if its set-up fails."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
    try:
        yield db
    except BaseException:
        db.close()
        raise
