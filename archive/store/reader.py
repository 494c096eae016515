"""Read an archive, while another process may write to it."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.database.connection import Connection, open_for_reading
from archive.store.article_queries import ArticleQueries
from archive.store.ledger_queries import LedgerQueries
from archive.store.run_queries import RunQueries
from archive.store.term_queries import TermQueries


class ArchiveReader(ArticleQueries, LedgerQueries, RunQueries, TermQueries):
    """Read an archive; use it as a context manager.

    It has no method that writes; `archive.store.writer.ArchiveWriter` has those, and reads by one of these.
    """

    def __init__(self, path: Path, db: Connection, resources: ExitStack | None = None) -> None:
        """Wrap an open database.

        Args:
            path: The SQLite file.
            db: The open database.
            resources: What `close` closes.
        """
        super().__init__(path, db)
        self._resources = resources or ExitStack()

    @staticmethod
    def open(path: Path) -> ArchiveReader:
        """Open an archive for reading.

        Raises:
            ArchiveError: The file is missing, unusable, not an archive, or of another version.
        """
        with ExitStack() as resources:
            db = resources.enter_context(closing(open_for_reading(path)))
            return ArchiveReader(path, db, resources.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._resources.close()
