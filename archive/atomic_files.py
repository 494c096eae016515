"""Write files completely or not at all, and write manifests of folders."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from archive.errors import ArchiveFull, ArchiveLocked, UsageError

MANIFEST = "manifest.json"
_BESIDE_DATABASES = ("-journal", "-wal", "-shm")  # suffixes of the files that SQLite writes beside a database
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; it is synced and renamed into place on success.

    Raises:
        ArchiveLocked: Another process is writing the same file.
        ArchiveFull: The disk is full; the file is as it was.
        UsageError: The folder is not there, or cannot be written to.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        with _lock_draft(draft):
            try:
                _discard(draft, _BESIDE_DATABASES)
                yield draft
                _sync(draft)
                draft.replace(path)
                _sync(path.parent)
            finally:
                _discard(draft, ("", *_BESIDE_DATABASES))
    except BlockingIOError:
        raise ArchiveLocked(f"{path}: another process is writing it; try again when that is done") from None
    except OSError as error:
        if error.errno in _FULL:
            raise ArchiveFull(f"{path}: the disk is full; nothing was written there") from None
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def _lock_draft(draft: Path) -> Iterator[None]:
    """Create and lock an empty draft file, or take over the one that a killed process left.

    Raises:
        BlockingIOError: Another process has locked it.
    """
    while True:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_same_file(descriptor, draft):  # if they differ, its owner has just renamed it into place
                os.ftruncate(descriptor, 0)
                yield
                return
        finally:
            os.close(descriptor)


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _discard(draft: Path, suffixes: Iterable[str]) -> None:
    for suffix in suffixes:
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)


@contextmanager
def atomic_text(path: Path) -> Iterator[IO[str]]:
    """Open a text file (UTF-8, LF) that replaces the old one on success."""
    with atomic_path(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_writable(path: Path) -> None:
    """Refuse a file that cannot be written, so that no work is done for nothing.

    Raises:
        UsageError: It is a folder, its folder is missing, or this user may not write there.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{path}: a folder; name a file in it")
        if not path.parent.is_dir():
            raise UsageError(f"{path}: cannot be written: there is no folder {path.parent}")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(f"{path}: cannot be written: {os.strerror(errno.EACCES)}")


def require_empty(folder: Path) -> None:
    """Create a folder, or accept one that exists and is empty.

    Raises:
        UsageError: The folder contains something, or cannot be made.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: not an empty folder; name one that is empty or not there yet")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}") from None


def require_writable_folder(folder: Path) -> None:
    """Create a folder, or accept one in which this user may read and write.

    Raises:
        UsageError: The folder cannot be made, or this user may not read or write in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}") from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise UsageError(f"{folder}: cannot be written: {os.strerror(errno.EACCES)}")


def write_manifest(folder: Path, kind: str, count: int) -> None:
    """Write `manifest.json`: the number of articles, and the SHA-256 of each file in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): sha256(path) for path in files}
    manifest: dict[str, Any] = {"format": kind, "records": count, "sha256": digests}
    with atomic_text(folder / MANIFEST) as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1, sort_keys=True)


def sha256(path: Path) -> str:
    """Compute the SHA-256 of a file, in hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
