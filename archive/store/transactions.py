"""Write to an archive in transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database

from archive.database.connection import archive_errors
from archive.store.queries import Queries


class Transactions(Queries):
    """Write to an open archive in transactions."""

    db: Database

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        """Run a transaction: commit on success, roll back on an exception."""
        with archive_errors(self.path):
            # A deferred transaction fails at once if it writes while another program writes; an immediate one waits.
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                self.db.rollback()
                raise
