"""Export articles or their captures to an empty folder, with a manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from archive.atomic_files import require_empty, write_manifest
from archive.exchange.dated_text import write_texts
from archive.exchange.jsonl import write_lines
from archive.exchange.parquet import write_tables
from archive.exchange.warcs import write_captures
from archive.record import CaptureRef, Record

WRITERS: Mapping[str, Callable[[Iterable[Record], Path], int]] = {
    "txt": write_texts,
    "jsonl": write_lines,
    "parquet": write_tables,
}


def export_records(form: str, records: Iterable[Record], folder: Path) -> int:
    """Write records in one of the formats of `WRITERS`; return how many were written.

    Args:
        form: Its name.
        records: In the order of their dates.
        folder: Empty, or not there yet.

    Raises:
        UsageError: The folder holds something already, or pyarrow is wanted and not installed.
        ArchiveFull: The disk is full.
    """
    require_empty(folder)
    count = WRITERS[form](records, folder)
    write_manifest(folder, form, count)
    return count


def export_captures(refs: Iterable[CaptureRef], captures: Path, folder: Path) -> int:
    """Write captures as WARC; return how many were written.

    Args:
        refs: Which, in the order in which they are to stand.
        captures: The folder that they are in.
        folder: Empty, or not there yet.

    Raises:
        UsageError: The folder holds something already.
        ArchiveError: A capture cannot be read, or the disk is full.
    """
    require_empty(folder)
    count = write_captures(refs, captures, folder)
    write_manifest(folder, "warc", count)
    return count
