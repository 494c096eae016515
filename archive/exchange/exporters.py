"""Export articles or their captures to an empty folder, with a manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from archive.atomic_files import require_empty, write_manifest
from archive.errors import UsageError
from archive.exchange.csv_files import write_table
from archive.exchange.dated_text import check_pattern, write_texts
from archive.exchange.jsonl import write_lines
from archive.exchange.parquet import pyarrow_module, write_tables
from archive.exchange.warcs import write_captures
from archive.record import CaptureRef, Record

WRITERS: Mapping[str, Callable[[Iterable[Record], Path], int]] = {
    "txt": write_texts,
    "csv": write_table,
    "jsonl": write_lines,
    "parquet": write_tables,
}


def export_records(form: str, records: Iterable[Record], folder: Path, pattern: str | None = None) -> int:
    """Write records in one of the formats of `WRITERS`; return how many were written.

    Args:
        form: The name of the format.
        records: The records, by date.
        folder: A folder that is empty or does not exist yet.
        pattern: The pattern of file names for dated documents; None for the names of the seed documents.

    Raises:
        UsageError: The folder is not empty, the pattern is wrong, or pyarrow is needed and not installed.
        ArchiveFull: The disk is full.
    """
    if pattern is not None:
        if form != "txt":
            raise UsageError(f"--name needs --format txt; this format is {form}")
        check_pattern(pattern)
    if form == "parquet":
        pyarrow_module()  # before the folder is made
    require_empty(folder)
    count = write_texts(records, folder, pattern) if pattern else WRITERS[form](records, folder)
    write_manifest(folder, form, count)
    return count


def export_captures(refs: Iterable[CaptureRef], captures: Path, folder: Path) -> int:
    """Write captures as WARC; return how many were written.

    Args:
        refs: The captures, in the order in which they are written.
        captures: The folder that contains them.
        folder: A folder that is empty or does not exist yet.

    Raises:
        UsageError: The folder is not empty.
        ArchiveError: A capture cannot be read, or the disk is full.
    """
    require_empty(folder)
    count = write_captures(refs, captures, folder)
    write_manifest(folder, "warc", count)
    return count
