"""Find the WARC files that a lake is to read, and bring those of other machines here."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.errors import ArchiveError, ArchiveFull, UsageError
from archive.lake.remote import RemoteError, is_remote, local_path, open_remote, remote_errors

_TRIES = 3  # of a file that breaks off on its way
_AT_ONCE = 32  # files of other machines whose sizes are asked for at the same time
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read.

    Attributes:
        path: Its address: an absolute path, or an address that fsspec can open.
        size: In bytes.
        etag: What changes when its content does: the server's ETag, or the time of the last change; empty for unknown.
    """

    path: str
    size: int
    etag: str = ""


@dataclass(frozen=True, slots=True)
class InputProblem:
    """A file that cannot be read, and why in one line."""

    path: str
    problem: str


def expand_inputs(names: Iterable[str]) -> list[str]:
    """Return the addresses of files, with those of each `@LIST` in its place; each once, in order.

    A list has one path or address a line. Empty lines and lines that begin with `#` are left out; the list itself may
    be compressed with gzip.

    Raises:
        UsageError: A list cannot be read or is empty.
    """
    found: list[str] = []
    for name in names:
        found += _read_list(Path(name[1:])) if name.startswith("@") else [name]
    return list(dict.fromkeys(name if is_remote(name) else str(local_path(name)) for name in found))


def _read_list(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content.startswith(_GZIP) else content).decode()
    except (OSError, EOFError) as error:
        raise UsageError(f"@{path}: the list cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"@{path}: not a list of files; write one path or address a line") from None
    lines = [line.strip() for line in text.splitlines()]
    files = [line for line in lines if line and not line.startswith("#")]
    if not files:
        raise UsageError(f"@{path}: the list is empty; write one path or address a line")
    return files


def find_inputs(paths: Sequence[str]) -> list[InputFile | InputProblem]:
    """Look up the size of each file; those of other machines are asked for side by side."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        remote = [path for path in paths if is_remote(path)]
        sizes = dict(zip(remote, threads.map(_remote_input, remote), strict=True))
    return [sizes[path] if path in sizes else _local_input(path) for path in paths]


def _local_input(path: str) -> InputFile | InputProblem:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a folder and a file without permission fail here
            facts = os.fstat(file.fileno())
    except OSError as error:
        return InputProblem(path, f"cannot be read: {error.strerror}")
    if not facts.st_size:
        return InputProblem(path, "the file is empty")
    return InputFile(path, facts.st_size, f"{facts.st_mtime_ns:x}")


def _remote_input(path: str) -> InputFile | InputProblem:
    try:
        files, place = open_remote(path)
        with remote_errors(path):
            facts = files.info(place)
    except (RemoteError, UsageError) as error:
        return InputProblem(path, str(error).removeprefix(f"{path}: "))
    if not facts.get("size"):
        return InputProblem(path, "the file is empty" if facts.get("size") == 0 else "the server does not say its size")
    return InputFile(path, int(facts["size"]), str(facts.get("ETag", "")).strip('"'))


@contextmanager
def fetched(file: InputFile) -> Iterator[Path]:
    """Yield a local path with the content of a file; a remote file is fetched whole first.

    Raises:
        RemoteError: It cannot be fetched, or breaks off.
        ArchiveFull: The disk of the temporary folder is full.
    """
    if not is_remote(file.path):
        yield Path(file.path)
        return
    with TemporaryDirectory(prefix="khobao-lake-") as scratch:
        target = Path(scratch) / ("page.warc.gz" if file.path.endswith(".gz") else "page.warc")
        free = shutil.disk_usage(scratch).free
        if free < file.size:
            raise ArchiveFull(f"{scratch}: the disk has no room for {file.path}, which has {file.size} bytes")
        _fetch(file, target)
        yield target


def _fetch(file: InputFile, target: Path) -> None:
    problem: ArchiveError = RemoteError(f"{file.path}: it was not asked for")
    for _ in range(_TRIES):
        files, place = open_remote(file.path)
        try:
            with remote_errors(file.path):
                files.get_file(place, str(target))
        except RemoteError as error:
            problem = error
            continue
        if target.stat().st_size == file.size:
            return
        problem = RemoteError(f"{file.path}: breaks off after {target.stat().st_size} of {file.size} bytes")
    raise problem
