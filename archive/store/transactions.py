"""Write to an open archive in transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from archive.database.connection import archive_errors


class Transactions:
    """Run the transactions of one connection, one after the other."""

    def __init__(self, path: Path, db: Database, after_rollback: Callable[[], None] = lambda: None) -> None:
        """Use an open database.

        Args:
            path: The SQLite file, for messages.
            db: The open database.
            after_rollback: Called when a transaction was rolled back, to forget what it held in memory.
        """
        self._path = path
        self._db = db
        self._after_rollback = after_rollback

    @contextmanager
    def begin(self) -> Iterator[Database]:
        """Run a transaction: commit on success, roll back on an exception; within one that runs, join it."""
        if self._db.conn.in_transaction:
            yield self._db
            return
        try:
            with archive_errors(self._path):
                # A deferred transaction fails at once if it writes while another program does; an immediate one waits.
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                except BaseException:
                    self._db.rollback()
                    raise
        except BaseException:
            self._after_rollback()
            raise
