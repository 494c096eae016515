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

from archive.search.counting import CellCounts, count_matches
from archive.search.day_outlet_index import DayOutletIndex, extend_index, read_index
from archive.search.query import Query

_MOST_ARCHIVES = 4
_MOST_COUNTS = (
    32  # cached counts of one archive; each takes up to 8 bytes a cell, half a megabyte at a million articles
)
_MOST_RESULTS = 32  # cached results of pages, each up to 30 kB
_SECONDS = 1.5  # time limit of one count; after it, older articles are left out

FileId = tuple[int, int]
Result = TypeVar("Result")


@dataclass(slots=True)
class _Entry:
    index: DayOutletIndex | None = None
    counts: OrderedDict[str, CellCounts] = field(default_factory=OrderedDict)
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
        if not counts.complete:
            return counts
        with entry.lock:
            entry.counts[expression] = counts
            while len(entry.counts) > _MOST_COUNTS:
                entry.counts.popitem(last=False)
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
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, db: Database, key: Hashable, compute: Callable[[], Result]) -> Result:
        """Return a cached result, or compute it.

        Args:
            db: The archive.
            key: What the result depends on, the state of the archive included.
            compute: The function that computes it.
        """
        full_key = (_file_id(db), key)
        with self._lock:
            if full_key in self._results:
                self._results.move_to_end(full_key)
                known: Result = self._results[full_key]
                return known
        result = compute()
        with self._lock:
            self._results[full_key] = result
            while len(self._results) > _MOST_RESULTS:
                self._results.popitem(last=False)
        return result


def _file_id(db: Database) -> FileId:
    """Return an identifier of a database's file, which changes if the file is replaced."""
    _, _, path = db.execute("PRAGMA database_list").fetchone()
    facts = os.stat(path)  # noqa: PTH116 - at every request
    return facts.st_dev, facts.st_ino


CACHE = CountCache()
RESULTS = ResultCache()
