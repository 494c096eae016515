"""Sort the rows of many parts within a budget of memory.

The place of each row in the result is known beforehand, because the ledgers hold the sort keys. So rows are
distributed to ranges of places, and a range is yielded as soon as it and all ranges before it are complete. Most files
hold the news of few days, and they are read by their days, so few ranges wait at a time. Rows above the budget wait in
temporary files. DuckDB could sort whole rows too, but for a million texts it needs more memory than the budget.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError
from archive.lake.schema import pyarrow_module

_RANGE = 4_096  # rows that are sorted at a time; arrays of texts stay so small that their memory is used again
_READ = 2_000  # rows that are read at a time, at least
_BUDGET = 256_000_000  # bytes of rows that may wait in memory
_PLACE = "place"


@dataclass(frozen=True, slots=True)
class PartRows:
    """The wanted rows of a part.

    Attributes:
        path: The file.
        rows: The numbers of the rows, ascending, as an array of 64-bit numbers.
        places: The place of each of them in the result, from 0; no two rows of all parts have the same.
    """

    path: Path
    rows: Any
    places: Any


@dataclass(slots=True)
class _Range:
    """The rows of adjacent places that have been read so far.

    Attributes:
        first: The first place.
        missing: Number of rows that have not been read yet.
        tables: Rows in memory.
        spilled: Temporary files with rows, each with the number of its batch.
    """

    first: int
    missing: int
    tables: list[Any] = field(default_factory=list)
    spilled: list[tuple[Path, int]] = field(default_factory=list)


def sorted_rows(parts: Sequence[PartRows], schema: Any, scratch: Path) -> Iterator[Any]:
    """Yield the wanted rows of all parts as tables, in the order of their places.

    Args:
        parts: The parts with their wanted rows.
        schema: The columns.
        scratch: A folder for temporary files, which may become as large as the rows.

    Raises:
        ArchiveError: A part is missing or damaged.
    """
    arrow = pyarrow_module()
    count = sum(len(part.rows) for part in parts)
    ranges = deque(_Range(first, min(_RANGE, count - first)) for first in range(0, count, _RANGE))
    limit = arrow.total_allocated_bytes() + _BUDGET
    spills = 0
    for part in sorted(parts, key=lambda part: arrow.compute.approximate_median(part.places).as_py()):
        for table in _wanted_rows(part, schema):
            _deal_out(table, ranges)
            del table  # its rows are freed with the last range that holds some
            while ranges and not ranges[0].missing:
                yield _sorted_range(ranges.popleft())
            if arrow.total_allocated_bytes() > limit:
                _spill(ranges, scratch / f"{spills:05}.arrow")
                spills += 1


def _wanted_rows(part: PartRows, schema: Any) -> Iterator[Any]:
    """Yield the wanted rows of a part with their places, sorted by place; other row groups are not read."""
    arrow = pyarrow_module()
    try:
        with arrow.parquet.ParquetFile(part.path) as file:
            for groups, first, end in _group_ranges(file.metadata, part.rows):
                low, high = _count_below(part.rows, first), _count_below(part.rows, end)
                places = part.places.slice(low, high - low)
                order = arrow.compute.sort_indices(places)
                rows = arrow.compute.subtract(part.rows.slice(low, high - low), first).take(order)
                table = file.read_row_groups(groups, use_threads=False).select(schema.names).cast(schema)
                yield table.take(rows).append_column(_PLACE, places.take(order))
    except (arrow.ArrowException, OSError, KeyError) as error:
        lake = part.path.parent.parent
        detail = str(error).splitlines()[0][:300]
        raise ArchiveError(
            f"{part.path}: cannot be read: {detail}; `khobao lake check {lake}` finds all damaged files"
        ) from None


def _group_ranges(metadata: Any, rows: Any) -> Iterator[tuple[list[int], int, int]]:
    """Yield adjacent row groups with a wanted row: their numbers, first row, and the row after the last."""
    groups: list[int] = []
    first = end = 0
    for number in range(metadata.num_row_groups):
        begin, end = end, end + metadata.row_group(number).num_rows
        is_wanted = _count_below(rows, begin) < _count_below(rows, end)
        if is_wanted:
            first = first if groups else begin
            groups.append(number)
        if groups and (not is_wanted or end - first >= _READ):
            yield groups, first, end if is_wanted else begin
            groups = []
    if groups:
        yield groups, first, end


def _count_below(numbers: Any, limit: int) -> int:
    """Return how many of some ascending numbers are below a limit."""
    return bisect_left(range(len(numbers)), limit, key=lambda index: numbers[index].as_py())


def _deal_out(table: Any, ranges: Sequence[_Range]) -> None:
    """Add rows, sorted by place, to their ranges."""
    places = table[_PLACE].combine_chunks()
    start = 0
    while start < len(places):
        wanted = ranges[(places[start].as_py() - ranges[0].first) // _RANGE]
        end = _count_below(places, wanted.first + _RANGE)
        wanted.tables.append(table.slice(start, end - start))
        wanted.missing -= end - start
        start = end


def _spill(ranges: Iterable[_Range], path: Path) -> None:
    """Move the rows in memory to a temporary file."""
    arrow = pyarrow_module()
    writing = [waiting for waiting in ranges if waiting.tables]
    if not writing:
        return
    with arrow.OSFile(str(path), "wb") as sink, arrow.ipc.new_file(sink, writing[0].tables[0].schema) as writer:
        for number, waiting in enumerate(writing):
            writer.write_table(arrow.concat_tables(waiting.tables).combine_chunks())
            waiting.spilled.append((path, number))
            waiting.tables = []


def _sorted_range(complete: _Range) -> Any:
    """Return the rows of a range in their order."""
    arrow = pyarrow_module()
    tables = complete.tables
    for path, number in complete.spilled:
        with arrow.OSFile(str(path)) as source, arrow.ipc.open_file(source) as reader:
            tables.append(arrow.Table.from_batches([reader.get_batch(number)]))
    table = arrow.concat_tables(tables).combine_chunks()
    return table.take(arrow.compute.sort_indices(table[_PLACE])).drop_columns([_PLACE])
