"""Hold the pages of a file in a temporary file, because with their articles they take much memory."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from schedules.lake.page_reading import FoundPage


class FoundPages:
    """The pages of a file, in their order.

    Attributes:
        offsets: The offset of the latest capture of each address.
    """

    def __init__(self, path: Path) -> None:
        """Start without pages.

        Args:
            path: The temporary file; it is replaced.
        """
        self.offsets: dict[str, int] = {}
        self._latest: dict[str, datetime] = {}
        self._path = path
        path.write_bytes(b"")

    def add(self, pages: Sequence[FoundPage]) -> None:
        """Add the next pages."""
        for page in pages:
            if page.fetched_at and page.article and page.fetched_at >= self._latest.get(page.url, page.fetched_at):
                self._latest[page.url], self.offsets[page.url] = page.fetched_at, page.offset
        with self._path.open("ab") as file:
            pickle.dump(pages, file, pickle.HIGHEST_PROTOCOL)

    def __iter__(self) -> Iterator[FoundPage]:
        with self._path.open("rb") as file:
            while file.peek(1):
                yield from pickle.load(file)  # noqa: S301 - our own file
