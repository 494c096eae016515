"""Write to an archive in transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Literal

from sqlite_utils import Database

from archive.database.connection import archive_errors
from archive.errors import REASONS
from archive.ledger.backfill_model import (
    ListFacts,
)
from archive.store.queries import Queries

Ended = Literal["done", "stopped", "failed", "waiting"]
_FACTS = ", ".join(field.name for field in fields(ListFacts))
_IN_WEB_ARCHIVE = ", ".join(f"'{reason}'" for reason, traits in REASONS.items() if traits.try_web_archive)
_SPAN = "iif(page > 1, 0, coalesce(CAST(julianday(last_day) - julianday(first_day) + 1 AS INTEGER), 0))"
_OPEN = ("running", "waiting", "stopped", "failed", "killed")


class Transactions(Queries):
    """Write to an open archive in transactions."""

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
