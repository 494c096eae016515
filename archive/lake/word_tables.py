"""Sort and merge tables of words, whose rows are sorted by word, outlet and date in the end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from archive.lake.schema import pyarrow_module

_DIGIT = 12  # bits by which pyarrow sorts in linear time
SORTED_BY = ("word", "outlet", "date")


def words_schema() -> Any:
    """Return the columns of the table of words."""
    arrow = pyarrow_module()
    columns = {
        "word": arrow.string(),
        "outlet": arrow.string(),
        "date": arrow.date32(),
        "articles": arrow.int32(),
        "times": arrow.int64(),
    }
    return arrow.schema([arrow.field(name, kind, nullable=False) for name, kind in columns.items()])


class Runs(NamedTuple):
    """The runs of equal keys in an array.

    Attributes:
        first: The place of the first key of each run.
        last: The place of the last key of each run.
    """

    first: Any
    last: Any

    @classmethod
    def of(cls, keys: Any) -> Runs:
        """Find the runs of some keys."""
        arrow = pyarrow_module()
        ends = arrow.compute.run_end_encode(keys, run_end_type=arrow.int64()).run_ends
        first = arrow.concat_arrays([arrow.array([0] if len(ends) else [], arrow.int64()), ends[:-1]])
        return cls(first, arrow.compute.subtract(ends, 1))

    @property
    def lengths(self) -> Any:
        """The number of keys in each run."""
        compute = pyarrow_module().compute
        return compute.add(compute.subtract(self.last, self.first), 1)

    def sums(self, numbers: Any) -> Any:
        """Add up numbers, one for each key, over each run."""
        arrow = pyarrow_module()
        if len(self.last) == len(numbers):
            return numbers
        before = arrow.compute.cumulative_sum(numbers.cast(arrow.int64())).take(self.last)
        return arrow.compute.coalesce(arrow.compute.pairwise_diff(before), before)


def stable_order(keys: Any) -> Any:
    """Return the places of some whole numbers from 0 in ascending order; equal ones stay in their order.

    pyarrow sorts by comparison unless the numbers lie in a small range, which is slower. So they are sorted digit by
    digit.
    """
    compute = pyarrow_module().compute
    largest = compute.max(keys).as_py() or 0
    order = None
    for shift in range(0, max(largest.bit_length(), 1), _DIGIT):
        digits = compute.bit_wise_and(compute.shift_right(keys, shift), (1 << _DIGIT) - 1)
        if order is None:
            order = compute.array_sort_indices(digits)
        else:
            order = order.take(compute.array_sort_indices(digits.take(order)))
    return order


def sort_words(tables: Iterable[Any]) -> Any:
    """Return the rows of tables in their order; equal words of an outlet and day are added up.

    Args:
        tables: Tables with the columns of `words_schema`, but `word` and `outlet` as dictionaries.
    """
    arrow = pyarrow_module()
    compute = arrow.compute
    table = arrow.concat_tables(tables).unify_dictionaries().combine_chunks()
    word, outlet, date, articles, times = (column.chunk(0) for column in table.columns)
    days = date.cast(arrow.int32()).cast(arrow.int64())
    extent = compute.min_max(days).as_py()
    keys = compute.add(compute.multiply(_ranks(word), len(outlet.dictionary)), _ranks(outlet))
    keys = compute.multiply(keys, extent["max"] - extent["min"] + 1)
    keys = compute.add(keys, compute.subtract(days, extent["min"]))
    order = stable_order(keys)
    runs = Runs.of(keys.take(order))
    rows = order.take(runs.first)
    sums = [runs.sums(numbers.take(order)) for numbers in (articles, times)]
    columns = [*(column.take(rows) for column in (word, outlet, date)), sums[0].cast(arrow.int32()), sums[1]]
    return arrow.table(columns, names=table.column_names)


def _ranks(column: Any) -> Any:
    """Return the rank of each value of a column of a dictionary."""
    arrow = pyarrow_module()
    ranks = arrow.compute.rank(column.dictionary, tiebreaker="first").cast(arrow.int64())
    return arrow.compute.subtract(ranks, 1).take(column.indices)


def merge_words(sources: Sequence[Iterator[Any]], rows: int) -> Iterator[Any]:
    """Yield the rows of sorted tables of words in their order.

    Args:
        sources: For each sorted series of rows, its tables, as `sort_words` takes them.
        rows: Number of rows of each series that are in memory, about.
    """
    waiting = [_Source(tables) for tables in sources]
    while True:
        for source in waiting:
            source.fill(rows)
        waiting = [source for source in waiting if source.count]
        if not waiting:
            return
        limit = min((source.key(source.count - 1) for source in waiting if not source.has_ended), default=None)
        yield sort_words([source.take(limit) for source in waiting])


class _Source:
    """The next rows of a sorted series.

    Attributes:
        has_ended: The rows are the last ones.
    """

    def __init__(self, tables: Iterator[Any]) -> None:
        self.has_ended = False
        self._tables = tables
        self._rows: Any = None

    @property
    def count(self) -> int:
        return 0 if self._rows is None else self._rows.num_rows

    def fill(self, count: int) -> None:
        """Read tables until more than `count` rows are here, or the series ends."""
        while self.count <= count and not self.has_ended:
            table = next(self._tables, None)
            if table is None:
                self.has_ended = True
            else:
                self._rows = table if self._rows is None else pyarrow_module().concat_tables([self._rows, table])

    def key(self, number: int) -> tuple[Any, ...]:
        """Return the sort key of a row."""
        return tuple(self._rows[name][number].as_py() for name in SORTED_BY)

    def take(self, limit: tuple[Any, ...] | None) -> Any:
        """Remove and return the rows up to a key; all of them for None."""
        end = self.count if limit is None else bisect_right(range(self.count), limit, key=self.key)
        taken, self._rows = self._rows.slice(0, end), self._rows.slice(end)
        return taken
