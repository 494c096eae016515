"""Programs that read the archive for long, while it is written to."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime

import shelf

from archive.ledger.model import OutletFacts
from archive.store.writer import ArchiveWriter

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)


def test_a_reader_holds_up_no_tidying(tmp_path):
    """While a reader pins the write-ahead log, the writer goes on and tidying does not wait; later it is truncated."""
    path = tmp_path / "archive.db"
    log = tmp_path / "archive.db-wal"
    with ArchiveWriter.create_or_open(path) as archive, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        archive.runs.declare([OutletFacts("vntin", "VnTin")])
        reader.execute("BEGIN")
        assert 0 == reader.execute("SELECT count(*) FROM articles").fetchone()[0]
        archive.save_document(shelf.record("1"), NOON)
        began = time.monotonic()
        assert not archive.optimize()
        assert time.monotonic() - began < 5  # SQLite's own patience is 10 s
        archive.save_document(shelf.record("2"), NOON)
        assert 0 == reader.execute("SELECT count(*) FROM articles").fetchone()[0]
        assert log.stat().st_size
        reader.execute("COMMIT")

        assert archive.optimize()
        assert (0, 2) == (log.stat().st_size, reader.execute("SELECT count(*) FROM articles").fetchone()[0])
