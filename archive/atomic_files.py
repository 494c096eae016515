"""Writing files so that each is there whole or not at all, and folders of them that say what they hold."""

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
def draft_of(path: Path) -> Iterator[Path]:
    """A name beside a file, to write to; what is there at the end is synced and takes the file's place.

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
    for suffix in ("", "-journal", "-wal", "-shm"):  # what SQLite writes beside a database
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)


@contextmanager
def atomic(path: Path) -> Iterator[IO[str]]:
    """A text file, UTF-8 and LF, that is there whole or not at all; the errors are those of `draft_of`."""
    with draft_of(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_empty(folder: Path) -> None:
    """Make a folder, if it is not there.

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
    """Say in `manifest.json` what a folder holds: the number of articles, and the SHA-256 of each of its files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): sha256(path) for path in files}
    manifest: dict[str, Any] = {"format": kind, "records": count, "sha256": digests}
    with atomic(folder / MANIFEST) as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1, sort_keys=True)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
