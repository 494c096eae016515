"""Count exactly how many articles match a query, by day and outlet, in the whole archive at once.

SQLite lists the numbers of all matches as one JSON string, its fastest form of output. An index in memory gives the
day and the outlet of each. At a million articles, a phrase in a third of them takes about 0.25 s of one processor.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from archive.database.connection import Connection
from archive.search.day_outlet_index import Cell, DayOutletIndex

Key = TypeVar("Key", bound=Hashable)

_SLICE = 250_000  # article numbers in one query; the clock is read between two queries
_FIRST_SLICE = 10_000  # size of the first slice, with the last articles; each slice is twice as long as the one before
_MATCHES = """
SELECT json_group_array(rowid) FROM articles_fts WHERE articles_fts MATCH ? AND rowid > ? AND rowid <= ?"""


@dataclass(frozen=True, slots=True, eq=False)
class CellCounts:
    """Numbers of articles by cell.

    Attributes:
        index: The index that the positions refer to.
        positions: Positions of cells in `index.cells`, each once.
        numbers: Number of articles in each of these cells.
        counted_from: The number of the first article that was counted; 1 if all were.
    """

    index: DayOutletIndex
    positions: array[int]
    numbers: array[int]
    counted_from: int = 1

    @property
    def complete(self) -> bool:
        """Whether all articles were counted."""
        return self.counted_from == 1

    def by(self, key: Callable[[Cell], Key | None]) -> Counter[Key]:
        """Sum the counts of cells by a key; cells with the key None are left out."""
        sums: Counter[Key] = Counter()
        cells = self.index.cells
        for position, number in zip(self.positions, self.numbers, strict=True):
            group = key(cells[position])
            if group is not None:
                sums[group] += number
        return sums


def count_articles(index: DayOutletIndex) -> CellCounts:
    """Count all articles."""
    return CellCounts(index, array("I", range(len(index.cells))), index.sizes)


def count_matches(
    db: Connection, expression: str, index: DayOutletIndex, *, seconds: float, clock: Callable[[], float]
) -> CellCounts:
    """Count the articles that match an FTS5 expression, latest first, until the time is over.

    Args:
        db: The archive.
        expression: The result of `Query.expression`.
        index: The cells of all articles.
        seconds: After this time, older articles are left out; at least one slice is counted.
        clock: Returns seconds, such as `time.monotonic`.
    """
    begun, counts = clock(), Counter[int]()
    low = index.state.last_number
    while low > 0:
        low, high = max(low - _SLICE, 0), low
        (numbers,) = db.execute(_MATCHES, (expression, low, high)).fetchone()
        counts.update(map(index.cell_of.__getitem__, json.loads(numbers)))
        if clock() - begun > seconds:
            break
    return _pack_counts(index, counts.items(), low + 1)


def _pack_counts(index: DayOutletIndex, counts: Iterable[tuple[int, int]], counted_from: int) -> CellCounts:
    """Pack counts into arrays, which take an eighth of the memory of a dictionary."""
    positions, numbers = array("I"), array("I")
    for position, number in counts:
        if position:
            positions.append(position)
            numbers.append(number)
    return CellCounts(index, positions, numbers, counted_from)


def list_matches(
    db: Connection, expression: str, index: DayOutletIndex, wanted: Callable[[Cell], bool], most: int
) -> list[int]:
    """Return the numbers of the articles that match an FTS5 expression, latest first.

    Args:
        db: The archive.
        expression: The result of `Query.expression`.
        index: The cells of all articles.
        wanted: Decides by day and outlet whether an article is wanted.
        most: The largest number of articles.
    """
    found: list[int] = []
    low, size = index.state.last_number, _FIRST_SLICE
    while low > 0 and len(found) < most:
        low, high, size = max(low - size, 0), low, min(2 * size, _SLICE)
        (numbers,) = db.execute(_MATCHES, (expression, low, high)).fetchone()
        cells, cell_of = index.cells, index.cell_of
        found += [number for number in reversed(json.loads(numbers)) if wanted(cells[cell_of[number]])]
    return found[:most]


def list_articles(index: DayOutletIndex, wanted: Callable[[Cell], bool], most: int) -> list[int]:
    """Return the numbers of all articles of some cells, latest first.

    Args:
        index: The cells of all articles.
        wanted: Decides by day and outlet whether an article is wanted.
        most: The largest number of articles.
    """
    cells = {position for position, cell in enumerate(index.cells) if position and wanted(cell)}
    numbers = range(len(index.cell_of) - 1, 0, -1)
    return list(islice((number for number in numbers if index.cell_of[number] in cells), most))
