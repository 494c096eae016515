"""Sort the rows of many parts without holding them in memory.

The place of each row in the result is known beforehand, because the ledgers hold what rows are sorted by. So rows are
first spread over files, each for a range of places that fits into memory; then each file is sorted. DuckDB sorts
whole rows too, but needs more memory than a million texts leave it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError
from archive.lake.schema import pyarrow_module

_RANGE = 16_384  # rows that are sorted in memory at a time
_READ = 8_192  # rows that are read at a time, at least
_PLACE = "place"


@dataclass(frozen=True, slots=True)
class PartRows:
    """The wanted rows of a part.

    Attributes:
        path: The file.
        rows: The numbers of the rows, ascending.
        places: The place of each of them in the result, from 0; no two rows of all parts have the same.
    """

    path: Path
    rows: Sequence[int]
    places: Sequence[int]


def sorted_rows(parts: Sequence[PartRows], schema: Any, scratch: Path) -> Iterator[Any]:
    """Yield the wanted rows of all parts as tables, in the order of their places.

    Args:
        parts: The parts with their wanted rows.
        schema: The columns.
        scratch: A folder for temporary files, as large as the rows.

    Raises:
        ArchiveError: A part is missing or damaged.
    """
    arrow = pyarrow_module()
    count = sum(len(part.rows) for part in parts)
    files = [scratch / f"{number:05}.arrow" for number in range(-(-count // _RANGE))]
    with ExitStack() as resources:
        spilled = schema.append(arrow.field(_PLACE, arrow.int64()))
        sinks = [resources.enter_context(arrow.OSFile(str(file), "wb")) for file in files]
        writers = [resources.enter_context(arrow.ipc.new_stream(sink, spilled)) for sink in sinks]
        for part in parts:
            for table in _wanted_rows(part, schema):
                _spread(table, writers)
    for file in files:
        with arrow.memory_map(str(file)) as source, arrow.ipc.open_stream(source) as reader:
            table = reader.read_all().combine_chunks()
        file.unlink()
        order = arrow.compute.sort_indices(table[_PLACE])
        yield table.take(order).drop_columns([_PLACE])


def _wanted_rows(part: PartRows, schema: Any) -> Iterator[Any]:
    """Yield the wanted rows of a part with their places, sorted by place; other row groups are not read."""
    arrow = pyarrow_module()
    try:
        with arrow.parquet.ParquetFile(part.path) as file:
            for groups, first, end in _group_ranges(file.metadata, part.rows):
                low, high = bisect_left(part.rows, first), bisect_left(part.rows, end)
                table = file.read_row_groups(groups).select(schema.names).cast(schema).combine_chunks()
                chosen = sorted(range(low, high), key=part.places.__getitem__)
                rows, places = [part.rows[one] - first for one in chosen], [part.places[one] for one in chosen]
                yield table.take(arrow.array(rows, arrow.int64())).append_column(
                    _PLACE, arrow.array(places, arrow.int64())
                )
    except (arrow.ArrowException, OSError, KeyError) as error:
        lake = part.path.parent.parent
        detail = str(error).splitlines()[0][:300]
        raise ArchiveError(
            f"{part.path}: cannot be read: {detail}; `khobao lake check {lake}` finds all damaged files"
        ) from None


def _group_ranges(metadata: Any, rows: Sequence[int]) -> Iterator[tuple[list[int], int, int]]:
    """Yield adjacent row groups with a wanted row: their numbers, first row, and the row after the last."""
    groups: list[int] = []
    first = end = 0
    for number in range(metadata.num_row_groups):
        begin, end = end, end + metadata.row_group(number).num_rows
        is_wanted = bisect_left(rows, begin) < bisect_left(rows, end)
        if is_wanted:
            first = first if groups else begin
            groups.append(number)
        if groups and (not is_wanted or end - first >= _READ):
            yield groups, first, end if is_wanted else begin
            groups = []
    if groups:
        yield groups, first, end


def _spread(table: Any, writers: Sequence[Any]) -> None:
    """Append rows, sorted by place, to the files of their ranges."""
    places = table[_PLACE].to_pylist()
    start = 0
    while start < len(places):
        number = places[start] // _RANGE
        end = bisect_left(places, (number + 1) * _RANGE)
        writers[number].write_table(table.slice(start, end - start))
        start = end
