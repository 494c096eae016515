"""Write sorted rows to Parquet files whose names are hashes of their content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from archive.atomic_files import atomic_path, sha256
from archive.lake.manifest import TableFile
from archive.lake.schema import pyarrow_module

LARGEST = 256_000_000  # bytes after which a new file begins; files of 128 to 512 MB are the fastest to scan
_GROUP = 8192  # rows of a row group
_LEVEL = 2  # compression level of zstd, chosen by measure: see docs/lake.md


class SortedFiles:
    """Write the rows of one month or period of a table, in their order.

    Attributes:
        files: The files written so far.
    """

    def __init__(
        self,
        lake: Path,
        place: str,
        schema: Any,
        *,
        dictionaries: Sequence[str],
        sorted_by: Sequence[str],
        texts: Sequence[str] = (),
        bloom: str = "",
        group: int = 0,
        largest: int = LARGEST,
    ) -> None:
        """Begin a month or a period.

        Args:
            lake: The folder of the lake.
            place: The folder in the lake, such as `articles/month=2024-02`.
            schema: The columns.
            dictionaries: Columns with few distinct values.
            sorted_by: The columns by which the rows are sorted.
            texts: Columns without statistics in each row group.
            bloom: The column that gets a Bloom filter; empty for none.
            group: Rows of a row group; 0 for the usual number.
            largest: Bytes after which a new file begins.
        """
        arrow = pyarrow_module()
        self.files: list[TableFile] = []
        self._arrow, self._schema, self._largest = arrow, schema, largest
        self._lake, self._folder = lake, lake / place
        self._options = {
            "compression": "zstd",
            "compression_level": _LEVEL,
            "use_dictionary": list(dictionaries),
            "write_statistics": [name for name in schema.names if name not in texts],
            "sorting_columns": [arrow.parquet.SortingColumn(schema.get_field_index(name)) for name in sorted_by],
        }
        if bloom:
            self._options["bloom_filter_options"] = {bloom: {"ndv": _GROUP, "fpp": 0.01}}
        self._group = group or _GROUP
        self._waiting: list[Any] = []
        self._count = 0

    def write(self, tables: Iterable[Any]) -> None:
        """Write the rows of tables or record batches to as many files as needed."""
        batches = iter(tables)
        more = True
        while more:
            more = self._write_file(batches)

    def _write_file(self, batches: Any) -> bool:
        """Write one file; return whether rows are left for another one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft, rows = self._folder / f"{len(self.files):05}.parquet", 0
        with atomic_path(draft) as path:
            with self._arrow.parquet.ParquetWriter(path, self._schema, **self._options) as file:
                while (group := self._next_group(batches)) is not None:
                    file.write_table(group, row_group_size=self._group)
                    rows += group.num_rows
                    if path.stat().st_size >= self._largest:
                        break
            digest, size = sha256(path), path.stat().st_size
        named = draft.with_name(f"{digest[:16]}.parquet")
        draft.replace(named)
        if rows or not self.files:
            self.files.append(TableFile(named.relative_to(self._lake).as_posix(), rows, size, digest))
        else:
            named.unlink()
        return group is not None

    def _next_group(self, batches: Any) -> Any:
        """Return the next row group; None at the end."""
        while self._count < self._group:
            batch = next(batches, None)
            if batch is None:
                break
            table = batch if isinstance(batch, self._arrow.Table) else self._arrow.Table.from_batches([batch])
            table = table.select(self._schema.names).cast(self._schema)
            self._waiting.append(table)
            self._count += table.num_rows
        if not self._count:
            return None
        whole = self._arrow.concat_tables(self._waiting)
        rest = whole.slice(self._group)
        self._waiting, self._count = [rest] if rest.num_rows else [], rest.num_rows
        return whole.slice(0, self._group)
