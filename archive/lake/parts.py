"""Write the results of a file, page by page, to a part and a ledger, and its marker last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive.atomic_files import sha256
from archive.lake.folder import LakeFolder
from archive.lake.layout import Reading
from archive.lake.schema import (
    DICTIONARIES,
    PageReading,
    article_row,
    article_schema,
    ledger_row,
    ledger_schema,
    pyarrow_module,
)
from archive.lake.scratch import scratch_folder
from archive.record import Record

_ROWS = 1000  # rows that are held in memory and form a row group


class PartWriter:
    """Write the results of the pages of one file, in their order.

    Attributes:
        rows: Number of articles written.
        pages: Number of pages written.
        reasons: Number of pages without an article, by reason.
    """

    def __init__(self, warc: str, folder: Path) -> None:
        """Create the two files in a folder of this machine.

        Args:
            warc: The address of the file that is read.
            folder: The folder for the two files.
        """
        self.rows = 0
        self.pages = 0
        self.reasons: Counter[str] = Counter()
        self._warc = warc
        self.part = _Table(folder / "part.parquet", article_schema(), DICTIONARIES)
        self.ledger = _Table(folder / "ledger.parquet", ledger_schema(), ("warc", "outlet", "reason"))

    def add(self, page: PageReading, warc: str | None = None) -> None:
        """Add a page to the ledger, and its article to the part.

        Args:
            page: The page.
            warc: The file that contains it; None for the file that is read.
        """
        place = self._warc if warc is None else warc
        row = None
        if isinstance(page.result, Record):
            self.part.add(article_row(page, page.result, place))
            row, self.rows = self.rows, self.rows + 1
        else:
            self.reasons[page.result.reason.value] += 1
        self.ledger.add(ledger_row(page, place, row))
        self.pages += 1

    def close(self) -> None:
        """Complete both files."""
        self.part.close()
        self.ledger.close()


class _Table:
    """Write a Parquet file one row group at a time."""

    def __init__(self, path: Path, schema: Any, dictionaries: tuple[str, ...]) -> None:
        self.path = path
        self._arrow, self._schema = pyarrow_module(), schema
        self._rows: list[dict[str, Any]] = []
        self._file = self._arrow.parquet.ParquetWriter(
            path, schema, compression="zstd", compression_level=3, use_dictionary=list(dictionaries)
        )

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= _ROWS:
            self._write()

    def close(self) -> None:
        if self._file.is_open:
            if self._rows:
                self._write()
            self._file.close()

    def _write(self) -> None:
        self._file.write_table(self._arrow.Table.from_pylist(self._rows, self._schema))
        self._rows = []


@contextmanager
def part_writer(warc: str) -> Iterator[PartWriter]:
    """Yield a writer for the part and the ledger of a file, in a temporary folder."""
    with scratch_folder() as scratch:
        writer = PartWriter(warc, scratch)
        try:
            yield writer
        finally:
            writer.close()


def finish_reading(folder: LakeFolder, reading: Reading, writer: PartWriter) -> Reading:
    """Copy the files of a reading into the lake, its marker last; return the reading with its counts.

    Args:
        folder: The lake.
        reading: The file, its reader and the filters.
        writer: The writer of its pages; it is closed here.
    """
    writer.close()
    finished = replace(
        reading,
        rows=writer.rows,
        pages=writer.pages,
        reasons=dict(sorted(writer.reasons.items())),
        sha256={"part": sha256(writer.part.path), "ledger": sha256(writer.ledger.path)},
    )
    folder.put(writer.part.path, finished.part)
    folder.put(writer.ledger.path, finished.ledger)
    folder.write_json(finished.marker, finished.to_json())
    return finished
