"""Read and write Parquet: typed columns, zstd, one folder per month; needs the extra `parquet`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from archive.atomic_files import atomic_path
from archive.errors import FormatError, MissingExtra
from archive.exchange.jsonl import INSTANTS, LISTS, from_json, to_json
from archive.exchange.model import ImportedItem, digest_of
from archive.record import Record

_ROWS = 1000  # records held in memory at a time
# Bounds for files from strangers, whose few compressed bytes may stand for gigabytes.
_LARGEST_COLUMN = 512_000_000  # decompressed bytes of one column of a row group
_MOST_DECODED = 256_000_000  # bytes that one batch may take in one column
_ADDED = frozenset({"rules", "doubts"})  # columns that exports of khobao 0.1 lack


def pyarrow_module() -> Any:
    """Import pyarrow with its Parquet module.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("Parquet needs pyarrow", "parquet") from None
    return pyarrow


def record_columns(arrow: Any) -> dict[str, Any]:
    """Return the types of a record's columns: a few important ones first, the others by name.

    Args:
        arrow: The module pyarrow.
    """
    texts = (
        "url",
        "standfirst",
        "signature",
        "section",
        "date_source",
        "date_raw",
        "language",
        "kind",
        "reader",
        "rules",
    )
    return {
        "id": arrow.string(),
        "outlet": arrow.string(),
        "date": arrow.date32(),
        "title": arrow.string(),
        "text": arrow.string(),
        **dict.fromkeys(texts, arrow.string()),
        **dict.fromkeys(sorted(LISTS), arrow.list_(arrow.string())),
        **dict.fromkeys(sorted(INSTANTS), arrow.timestamp("ms", "UTC")),
        "noarchive": arrow.bool_(),
        "words": arrow.int32(),
    }


def _schema(arrow: Any) -> Any:
    maybe = {"url", *INSTANTS}
    columns = record_columns(arrow)
    return arrow.schema([arrow.field(name, kind, nullable=name in maybe) for name, kind in columns.items()])


def write_tables(records: Iterable[Record], folder: Path) -> int:
    """Write records to `articles/month=YYYY-MM/part.parquet`; return how many were written.

    Args:
        records: The records, by date.
        folder: The folder for the month folders.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    arrow = pyarrow_module()
    schema, count = _schema(arrow), 0
    for month, of_month in groupby(records, key=lambda record: f"{record.document.date:%Y-%m}"):
        place = folder / "articles" / f"month={month}" / "part.parquet"
        place.parent.mkdir(parents=True)
        with atomic_path(place) as draft, arrow.parquet.ParquetWriter(draft, schema, compression="zstd") as file:
            while rows := [record_row(record) for record in islice(of_month, _ROWS)]:
                file.write_table(arrow.Table.from_pylist(rows, schema))
                count += len(rows)
    return count


def record_row(record: Record) -> dict[str, Any]:
    """Convert a record to the values of its columns."""
    instants = {name: getattr(record, name) for name in INSTANTS}
    return to_json(record) | instants | {"date": record.document.date, "words": record.words}


def read_table(path: Path) -> Iterator[ImportedItem]:
    """Read the records of a Parquet file that khobao wrote.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    arrow = pyarrow_module()
    try:
        with arrow.parquet.ParquetFile(path) as file:
            if problem := _difference(file.schema_arrow, _schema(arrow)):
                yield ImportedItem(str(path), "parquet", problem=problem)
                return
            columns = [name for name in _schema(arrow).names if name in file.schema_arrow.names]
            largest = _largest_column(file, columns)
            if largest > _LARGEST_COLUMN:
                limit = (
                    f"{largest // 1_000_000} MB in one column of a row group; at most {_LARGEST_COLUMN // 1_000_000}"
                )
                yield ImportedItem(str(path), "parquet", problem=f"{limit} are accepted; write smaller row groups")
                return
            # A dictionary repeats one long value in every row, so the largest column bounds how long a value can be.
            size = max(1, min(_ROWS, _MOST_DECODED // max(largest, 1)))
            batches = file.iter_batches(size, columns=columns)
            rows = (batch.slice(place, 1) for batch in batches for place in range(batch.num_rows))
            for number, row in enumerate(rows, start=1):
                yield _read_row(f"{path}, row {number}", row)
    except arrow.ArrowException as error:
        yield ImportedItem(str(path), "parquet", problem=f"not a readable Parquet file: {str(error).splitlines()[0]}")


def _largest_column(file: Any, columns: list[str]) -> int:
    """Return the decompressed bytes of the largest column of a row group, as the file declares them."""
    groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
    chunks = (group.column(place) for group in groups for place in range(group.num_columns))
    return max((c.total_uncompressed_size for c in chunks if c.path_in_schema.partition(".")[0] in columns), default=0)


def _difference(given: Any, ours: Any) -> str:
    """Name the columns that are missing or have another type; extra columns are allowed."""
    for field in ours:
        if field.name in _ADDED and field.name not in given.names:
            continue
        if field.name not in given.names:
            return f"Parquet of another schema: it has no column {field.name!r}; export writes one that import reads"
        if (kind := given.field(field.name).type) != field.type:
            return f"Parquet of another schema: {field.name!r} is {kind}; it should be {field.type}"
    return ""


def _read_row(place: str, slice_of_one: Any) -> ImportedItem:
    """Read a row of a batch; a value that Python cannot hold is a problem of this row alone."""
    try:
        (row,) = slice_of_one.to_pylist()
        told = {name: value.isoformat() if name in INSTANTS and value else value for name, value in row.items()}
        record = from_json(told | {"date": row["date"].isoformat()})
    except (FormatError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return ImportedItem(place, "parquet", problem=f"not a record: {error}")
    return ImportedItem(place, "parquet", record, digest=digest_of(repr(sorted(told.items()))))
