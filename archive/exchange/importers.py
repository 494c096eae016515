"""Find the files to import, and read each one in the format that its name shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from archive.articles.validation import address_problem, day_problem, instant_problem, record_problem
from archive.atomic_files import MANIFEST
from archive.exchange.dated_text import read_text
from archive.exchange.jsonl import read_lines
from archive.exchange.model import OUTLET, ImportedItem
from archive.exchange.other_tools import read_other_tool
from archive.exchange.parquet import read_table
from archive.record import Record

WARCS = (".warc", ".warc.gz")
_READERS: dict[str, Callable[[Path], Iterator[ImportedItem]]] = {
    ".jsonl": read_lines,
    ".parquet": read_table,
    ".json": read_other_tool,
}


def find_files(paths: Iterable[Path]) -> Iterator[Path | ImportedItem]:
    """Yield the readable files among paths and in folders at any depth; report every other path."""
    for path in paths:
        try:
            is_folder, exists = path.is_dir(), path.exists()
        except OSError as error:
            yield ImportedItem(str(path), problem=f"cannot be read: {error.strerror}")
            continue
        if is_folder:
            yield from _files_below(path)
        elif not exists:
            yield ImportedItem(str(path), problem="no such file or folder")
        elif not _is_meant(path):
            yield ImportedItem(
                str(path),
                problem="this kind of file cannot be imported; it should be .txt, .jsonl, .parquet, .json, .warc",
            )
        else:
            yield path


def _files_below(folder: Path) -> Iterator[Path | ImportedItem]:
    """Yield the readable files of a folder at any depth, sorted; report every folder that cannot be read."""
    unreadable: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unreadable.append):
        folders.sort()
        files = (Path(parent, name) for name in sorted(names))
        yield from (file for file in files if _is_meant(file) and file.is_file())
    for error in unreadable:
        yield ImportedItem(str(error.filename), problem=f"cannot be read: {error.strerror}")


def read_files(paths: Iterable[Path], outlet: str = OUTLET) -> Iterator[ImportedItem]:
    """Read the articles of files and folders, except web pages; the arguments are those of `read_file`."""
    for file in find_files(paths):
        if isinstance(file, ImportedItem):
            yield file
        elif not is_warc(file):
            yield from read_file(file, outlet)


def is_warc(path: Path) -> bool:
    """Return whether a file is a web archive, whose pages must be read first."""
    return path.name.endswith(WARCS)


def _is_meant(path: Path) -> bool:
    return path.name != MANIFEST and (is_warc(path) or path.suffix in {".txt", *_READERS})


def read_file(path: Path, outlet: str = OUTLET) -> Iterator[ImportedItem]:
    """Read the articles of a file.

    Args:
        path: Dated document, JSONL, Parquet, or the export of another tool.
        outlet: The outlet of dated documents; other formats contain it.

    Raises:
        UsageError: It is a Parquet file, and pyarrow is not installed.
    """
    try:
        items = iter((read_text(path, outlet),)) if path.suffix == ".txt" else _READERS[path.suffix](path)
        yield from map(_validate, items)
    except OSError as error:
        yield ImportedItem(str(path), problem=f"cannot be read: {error.strerror or error}")


def _validate(found: ImportedItem) -> ImportedItem:
    """Replace an article that the archive would refuse by the problem with it."""
    problem = ""
    if isinstance(found.item, Record):
        problem = record_problem(found.item)
    elif found.item:
        problem = day_problem(found.item.day) or (found.item.url and address_problem(found.item.url))
        if not problem and found.item.published_at:
            problem = instant_problem(found.item.published_at)
    return replace(found, item=None, problem=f"not accepted: {problem}") if problem else found
