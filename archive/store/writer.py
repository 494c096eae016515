"""Write to an archive in whole transactions, so a kill loses nothing and repeats nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlite_utils import Database

from archive.articles.boilerplate import forget_lines, learn_next_bucket
from archive.articles.deletions import mark_available, mark_missing, mark_redirected_away
from archive.articles.model import SaveResult
from archive.articles.revisions import save_record
from archive.database.connection import WriterLock, archive_errors, open_for_reading, open_for_writing
from archive.errors import UsageError
from archive.ledger.addresses import (
    accept_reextracted,
    alias_addresses,
    article_of,
    delete_captures,
    insert_capture,
    insert_request,
    release_claims,
    try_alias,
    update_address,
)
from archive.ledger.imports import Origin, ensure_address, ensure_outlet, save_origin
from archive.ledger.model import Visit
from archive.record import Record, StoredCapture
from archive.search.indexing import index_all, index_if_many_wait, index_waiting, wait_for_index
from archive.store.ledger_writer import LedgerWriter
from archive.store.merge import MergeResult, attached_archive, merge_archive
from archive.store.reader import ArchiveReader
from archive.store.runs import RunStore
from archive.store.terms import TermStore
from archive.store.transactions import Transactions
from archive.store.watches import WatchStore
from archive.stories.grouping import StoryGrouper


class ArchiveWriter:
    """Write to an archive, one process at a time; use it as a context manager.

    Attributes:
        path: The SQLite file.
        db: The open database.
        inode: The inode of the opened file; another file may take its place later.
        reader: Reads the archive, by the same connection.
        runs: Writes runs and the work of backfills.
        ledger: Writes what happens before and after each request.
        terms: Writes the word counts of weeks.
        watches: Keeps saved searches and their hits.
    """

    def __init__(self, path: Path, db: Database, resources: ExitStack) -> None:
        """Wrap an open database.

        Args:
            path: The SQLite file.
            db: The open database.
            resources: What `close` closes.
        """
        self.path = path
        self.db = db
        self.inode = path.stat().st_ino
        self._resources = resources
        self._grouper = StoryGrouper()
        transactions = Transactions(path, db, after_rollback=self._grouper.clear)
        self._transaction = transactions.begin
        self.reader = ArchiveReader(path, db)
        self.runs = RunStore(path, db, transactions)
        self.ledger = LedgerWriter(self.reader, transactions)
        self.terms = TermStore(path, db, transactions)
        self.watches = WatchStore(path, db, transactions)

    @classmethod
    def create_or_open(cls, path: Path) -> Self:
        """Open an archive for writing; create or upgrade it if needed.

        Raises:
            ArchiveLocked: Another process writes to it.
            ArchiveError: It cannot be used, is not an archive, or a newer khobao wrote it.
        """
        path = path.resolve()  # so that captures and locks are the same through any link
        with ExitStack() as resources, archive_errors(path):
            resources.enter_context(WriterLock(path))
            db = resources.enter_context(closing(open_for_writing(path)))
            # Nobody else may write now, so a run that is still recorded as running was killed.
            db.execute("UPDATE runs SET state = iif(served, 'waiting', 'killed') WHERE state = 'running'")
            release_claims(db)
            index_all(db)
            return cls(path, db, resources.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give up its lock."""
        self._resources.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Run all writes within in one transaction, which is much faster.

        The search index is updated once at the end, so a batch of some hundred articles is about right.
        """
        with self._transaction() as db:
            late = index_all(db)
            wait_for_index(db)
            yield
            index_all(db)
            if late:
                wait_for_index(db)

    @contextmanager
    def indexing_late(self) -> Iterator[None]:
        """Let new articles enter the search index twenty at a time, or when `index_waiting` is called."""
        with self._transaction() as db:
            wait_for_index(db)
        try:
            yield
        finally:
            with self._transaction() as db:
                index_all(db)

    def index_waiting(self) -> None:
        """Enter the articles that wait for the search index."""
        with self._transaction() as db:
            index_waiting(db)

    def _save(
        self, db: Database, record: Record, now: datetime, *, asked: bool = False, reread: bool = False
    ) -> SaveResult:
        """Save an article, and find its story if its text is new."""
        kept = save_record(db, record, now, asked=asked, reread=reread)
        if kept.outcome in {"archived", "revised"}:
            self._grouper.add(db, record)
        if kept.outcome == "archived":
            index_if_many_wait(db)
        return kept

    def save_record(
        self,
        record: Record,
        visit: Visit,
        capture: StoredCapture | None = None,
        aliases: Iterable[str] = (),
    ) -> SaveResult:
        """Archive a page: article, revision, capture, addresses and request in one transaction.

        An edit never overwrites: the previous text stays in `revisions`.

        Args:
            record: The article as read from the page.
            visit: The request and its result.
            capture: Where the response is stored; None if it is not stored.
            aliases: Other addresses that lead to the same article.
        """
        with self._transaction() as db:
            kept = self._save(db, record, visit.answered_at, asked=True)
            mark_available(db, record.id, visit.answered_at)
            mark_redirected_away(db, record, visit)
            update_address(db, visit, "archived", record)
            alias_addresses(db, record, visit, aliases)
            ref = insert_capture(db, visit.url, visit.status, capture, record.id)
            insert_request(db, visit, kept.outcome, ref, kept.detail)
        return kept

    def confirm_unchanged(self, visit: Visit) -> None:
        """Record that a page has not changed."""
        with self._transaction() as db:
            update_address(db, visit, "archived")
            mark_available(db, article_of(db, visit.url), visit.answered_at)
            insert_request(db, visit, "unchanged")

    def record_outcome(self, visit: Visit, capture: StoredCapture | None = None) -> bool:
        """Record why a page did not become a record. An archived article keeps its text.

        If the page is missing at its address, another known address of the same article becomes due.

        Returns:
            True if an archived article is now gone: it was missing before, and still is.
        """
        assert visit.failure is not None
        state = "rejected" if visit.rejected else "failed"
        with self._transaction() as db:
            update_address(db, visit, state)
            try_alias(db, visit, visit.answered_at)
            gone = mark_missing(db, visit)
            insert_request(db, visit, "gone" if gone else state, insert_capture(db, visit.url, visit.status, capture))
        return gone

    def save_part_capture(self, url: str, status: int, capture: StoredCapture) -> None:
        """Record where a further page of an article is stored; the article refers to its first page."""
        with self._transaction() as db:
            insert_capture(db, url, status, capture)

    def delete_captures(self, file: str, others: Sequence[int]) -> None:
        """Delete the capture rows of a file, and other capture rows by their number."""
        with self._transaction() as db:
            delete_captures(db, file, others)

    def save_document(
        self, record: Record, now: datetime, origin: Origin | None = None
    ) -> Literal["new", "unchanged", "clash"]:
        """Archive a record that came from a file, unless its id is archived with another text.

        Args:
            record: The record.
            now: The current time, UTC.
            origin: Where it came from; None to record no origin.
        """
        document = record.document
        with self._transaction() as db:
            told = db.execute("SELECT date, title, text FROM articles WHERE id = ?", (record.id,)).fetchone()
            if told and told != (document.date.isoformat(), document.title, document.text):
                return "clash"
            if not told:
                ensure_outlet(db, record)
                self._save(db, record, now)
                ensure_address(db, record, now)
            if origin:
                save_origin(db, record.id, origin, now)
        return "unchanged" if told else "new"

    def merge(self, other: Path, theirs: Path, ours: Path) -> MergeResult:
        """Merge another archive into this one: articles, revisions, captures and ledger.

        Args:
            other: The other archive's database file.
            theirs: The folder of its captures; captures that are missing here are copied.
            ours: The folder of this archive's captures.

        Raises:
            UsageError: It is this archive itself.
            ArchiveError: It does not exist, cannot be read, or has another version.
        """
        open_for_reading(other).close()
        if other.samefile(self.path):
            raise UsageError(f"{other}: the archive itself; name another one to merge into it")
        with archive_errors(other), attached_archive(self.db, other), self._transaction() as db:
            merged = merge_archive(db, theirs, ours)
            self._grouper.add_missing(db)
        return merged

    def regroup_stories(self) -> None:
        """Group all stories and detect all copies again, in the order of publication."""
        with self._transaction() as db:
            self._grouper.rebuild(db)

    def optimize(self) -> bool:
        """Update SQLite's statistics, merge the search indexes and truncate the write-ahead log.

        Returns:
            Whether the log was truncated; not while another connection still reads from it.
        """
        with self._transaction() as db:
            db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('merge', 500)")
            db.execute("INSERT INTO headlines_fts (headlines_fts, rank) VALUES ('merge', 500)")
        with archive_errors(self.path):
            self.db.execute("PRAGMA optimize")
            return truncate_log(self.db)

    def vacuum(self) -> None:
        """Return unused space to the disk; this temporarily needs as much free space again.

        Raises:
            ArchiveFull: The disk has too little free space; the archive is unchanged.
        """
        with archive_errors(self.path):
            reclaim_space(self.db)

    def save_reextracted(self, capture: int, reader: str, record: Record | None, now: datetime) -> SaveResult | None:
        """Record that a capture was read again, and store changes as a `reread` revision.

        Args:
            capture: The capture's number.
            reader: The reader that read it; it will not read this capture again.
            record: The article to store; None for none. If it was not archived before, its address is entered too.
            now: The current time, UTC.
        """
        with self._transaction() as db:
            kept = self._save(db, record, now, reread=True) if record else None
            if record and kept and kept.outcome == "archived":
                accept_reextracted(db, capture, record)
            db.execute("UPDATE captures SET reader = ? WHERE id = ?", (reader, capture))
        return kept

    def learn_recurring_lines(self, outlet: str) -> None:
        """Count the recurring lines in an outlet's articles that were not counted yet; see `boilerplate`."""
        more = True
        while more:
            with self._transaction() as db:
                more = learn_next_bucket(db, outlet)

    def forget_recurring_lines(self, outlet: str) -> None:
        """Delete the line counts of an outlet, because its articles are now read differently."""
        with self._transaction() as db:
            forget_lines(db, outlet)


def truncate_log(db: Database) -> bool:
    """Truncate the write-ahead log; return False without waiting if another connection reads from it."""
    (patience,) = db.execute("PRAGMA busy_timeout").fetchone()
    db.execute("PRAGMA busy_timeout = 0")
    try:
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {patience}")
    return not busy


def reclaim_space(db: Database) -> None:
    """Return unused space to the disk; this temporarily needs as much free space again."""
    db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")
    for statement in ("VACUUM", "PRAGMA optimize", "PRAGMA wal_checkpoint (TRUNCATE)"):
        db.execute(statement).fetchall()
