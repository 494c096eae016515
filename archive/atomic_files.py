"""Write files completely or not at all, and folders with a manifest."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from archive.errors import ArchiveError, ArchiveFull, UsageError

MANIFEST = "manifest.json"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; it is synced and renamed into place on success.

    Raises:
        ArchiveFull: The disk is full; the file is as it was.
        ArchiveError: The folder cannot be written to.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        _discard(draft)
        yield draft
        _sync(draft)
        draft.replace(path)
        _sync(path.parent)
    except OSError as error:
        if error.errno in _FULL:
            raise ArchiveFull(f"{path}: the disk is full; nothing was written there") from None
        raise ArchiveError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        _discard(draft)


def _discard(draft: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):  # SQLite writes these beside a database
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


def require_empty(folder: Path) -> None:
    """Make a folder, unless it exists and is empty.

    Raises:
        UsageError: It holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: not an empty folder; name one that is empty or not there yet")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{folder}: cannot be made: {error.strerror}") from None


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
