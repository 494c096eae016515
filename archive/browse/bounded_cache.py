"""Cache values up to a total size, and drop those that were used least recently."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Cache values by key; several threads may use it."""

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        """Make an empty cache.

        Args:
            most: The largest total size of all values.
            size: Returns the size of a value.
        """
        self._most = most
        self._size = size
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._total = 0
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """Return a cached value; None if there is none."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Key, value: Value) -> None:
        """Cache a value, and drop others if the total is too large; a value larger than the cache is not kept."""
        with self._lock:
            if key in self._values:
                self._total -= self._size(self._values.pop(key))
            if self._size(value) > self._most:
                return
            self._values[key] = value
            self._total += self._size(value)
            while self._total > self._most:
                _, dropped = self._values.popitem(last=False)
                self._total -= self._size(dropped)

    def clear(self) -> None:
        """Drop all values."""
        with self._lock:
            self._values.clear()
            self._total = 0
