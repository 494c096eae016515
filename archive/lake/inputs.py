"""Find the WARC files to read into a lake, and download those of other machines."""

from __future__ import annotations

import gzip
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError, ArchiveFull, UsageError
from archive.lake.remote import RemoteError, is_remote, local_path, open_remote, remote_errors
from archive.lake.scratch import scratch_folder

_NO_LIST = "not a list of files; write one path or address a line"
_TRIES = 3  # attempts at a download that breaks off
_AT_ONCE = 32  # requests for the sizes of files on other machines at the same time
_GZIP = b"\x1f\x8b"
_RECORD = ("WARC/", "filedesc:")  # the beginnings of WARC and ARC files
_LONGEST_LINE = 4096  # characters: PATH_MAX of Linux


@dataclass(frozen=True, slots=True)
class InputFile:
    """A WARC file to read.

    Attributes:
        path: An absolute path, or an address that fsspec can open.
        size: Size in bytes.
        etag: Changes if the content changes: the server's ETag, or the time of the last change; empty if unknown.
    """

    path: str
    size: int
    etag: str = ""


@dataclass(frozen=True, slots=True)
class InputProblem:
    """A file that cannot be read, and the reason in one line."""

    path: str
    problem: str


def expand_inputs(names: Iterable[str]) -> list[str]:
    """Replace each `@LIST` by the files that it lists; return every file once, in order.

    A list contains one path or address per line. Empty lines and lines that begin with `#` are ignored. The list may be
    compressed with gzip.

    Raises:
        UsageError: A list cannot be read, is empty or is something else.
    """
    found: list[str] = []
    for name in names:
        found += _read_list(Path(name[1:])) if name.startswith("@") else [name]
    return list(dict.fromkeys(name if is_remote(name) else str(local_path(name)) for name in found))


def _read_list(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content.startswith(_GZIP) else content).decode()
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"@{path}: the list cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"@{path}: {_NO_LIST}") from None
    if text.startswith(_RECORD):
        raise UsageError(f"@{path}: a WARC file and not a list; write it without @")
    lines = [line.strip() for line in text.splitlines()]
    files = [line for line in lines if line and not line.startswith("#")]
    if not files:
        raise UsageError(f"@{path}: the list is empty; write one path or address a line")
    if files[0][0] in "<{[" or not all(line.isprintable() and len(line) <= _LONGEST_LINE for line in files):
        raise UsageError(f"@{path}: {_NO_LIST}")  # HTML, JSON and the like would be hundreds of missing files
    return files


def find_inputs(paths: Sequence[str]) -> list[InputFile | InputProblem]:
    """Look up the size of each file; files of other machines are looked up in parallel."""
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
    if facts.get("type") == "directory":
        return InputProblem(path, "a folder and not a file")
    if not facts.get("size"):
        return InputProblem(path, "the file is empty" if facts.get("size") == 0 else "the server does not say its size")
    return InputFile(path, int(facts["size"]), str(facts.get("ETag", "")).strip('"'))


@contextmanager
def fetched(file: InputFile) -> Iterator[Path]:
    """Yield a local path with the content of a file; a remote file is downloaded first.

    Raises:
        RemoteError: The file cannot be downloaded completely.
        ArchiveFull: The disk of the temporary folder is full.
    """
    if not is_remote(file.path):
        yield Path(file.path)
        return
    with scratch_folder() as scratch:
        target = scratch / ("page.warc.gz" if file.path.endswith(".gz") else "page.warc")
        free = shutil.disk_usage(scratch).free
        if free < file.size:
            raise ArchiveFull(f"{scratch}: the disk is too full for {file.path}, which has {file.size} bytes")
        _fetch(file, target)
        yield target


def _fetch(file: InputFile, target: Path) -> None:
    problem: ArchiveError = RemoteError(f"{file.path}: it was not requested")
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
        problem = RemoteError(f"{file.path}: only {target.stat().st_size} of {file.size} bytes arrived")
    raise problem
