"""Cache the index and the last counts of each archive until the archive changes."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

from sqlite_utils import Database

from archive.browse.bounded_cache import BoundedCache
from archive.search.counting import CellCounts, count_matches
from archive.search.day_outlet_index import DayOutletIndex, extend_index, read_index
from archive.search.query import Query

_MOST_ARCHIVES = 4
_MOST_BYTES = 6 * 2**20  # of cached counts of one archive; at a million articles, a common word takes half a megabyte
_MOST_RESULTS = 32  # cached results of pages, each up to 30 kB
_SECONDS = 1.5  # time limit of one count; after it, older articles are left out

FileId = tuple[int, int]
Result = TypeVar("Result")


@dataclass(slots=True)
class _Entry:
    index: DayOutletIndex | None = None
    counts: BoundedCache[str, CellCounts] = field(default_factory=lambda: BoundedCache(_MOST_BYTES, _bytes_of))
    lock: Lock = field(default_factory=Lock)


class CountCache:
    """Cache the counts of the archives that this process reads; several threads may use it."""

    def __init__(self) -> None:
        self._entries: OrderedDict[FileId, _Entry] = OrderedDict()
        self._lock = Lock()

    def index(self, db: Database) -> DayOutletIndex:
        """Return the up-to-date index of all articles of an archive."""
        return self._current(self._entry(db), db)

    def count(self, db: Database, query: Query) -> CellCounts:
        """Count the articles that match a query; see `count_matches`."""
        entry, expression = self._entry(db), query.expression()
        index = self._current(entry, db)
        known = entry.counts.get(expression)
        if known is not None and known.index is index:
            return known
        counts = count_matches(db, expression, index, seconds=_SECONDS, clock=time.monotonic)
        if counts.complete:
            entry.counts.put(expression, counts)
        return counts

    def _entry(self, db: Database) -> _Entry:
        file = _file_id(db)
        with self._lock:
            entry = self._entries.setdefault(file, _Entry())
            self._entries.move_to_end(file)
            while len(self._entries) > _MOST_ARCHIVES:
                self._entries.popitem(last=False)
        return entry

    @staticmethod
    def _current(entry: _Entry, db: Database) -> DayOutletIndex:
        """Bring the index of an archive up to date, and drop counts of its earlier state."""
        with entry.lock:
            index = extend_index(db, entry.index) if entry.index else read_index(db)
            if index is not entry.index:
                entry.index = index
                entry.counts.clear()
            return index


class ResultCache:
    """Cache what pages computed until the archive changes; several threads may use it."""

    def __init__(self) -> None:
        self._results: BoundedCache[Hashable, Any] = BoundedCache(_MOST_RESULTS, lambda _: 1)

    def get(self, db: Database, key: Hashable, compute: Callable[[], Result]) -> Result:
        """Return a cached result, or compute it.

        Args:
            db: The archive.
            key: What the result depends on, the state of the archive included.
            compute: The function that computes it.
        """
        full_key = (_file_id(db), key)
        known: Result | None = self._results.get(full_key)
        if known is not None:
            return known
        result = compute()
        self._results.put(full_key, result)
        return result


def _bytes_of(counts: CellCounts) -> int:
    return counts.positions.itemsize * len(counts.positions) + counts.numbers.itemsize * len(counts.numbers)


def _file_id(db: Database) -> FileId:
    """Return an identifier of a database's file, which changes if the file is replaced."""
    _, _, path = db.execute("PRAGMA database_list").fetchone()
    facts = os.stat(path)  # noqa: PTH116 - at every request
    return facts.st_dev, facts.st_ino


CACHE = CountCache()
RESULTS = ResultCache()
