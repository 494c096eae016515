"""Write to an archive: each method is one transaction, so a kill loses and repeats nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
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
from archive.store.ledger_writer import LedgerWriter
from archive.store.merge import MergeResult, attached_archive, merge_archive
from archive.store.reader import ArchiveReader
from archive.store.runs import RunStore
from archive.stories.grouping import StoryGrouper


class ArchiveWriter(ArchiveReader, RunStore, LedgerWriter):
    """Write to an archive, one process at a time; use it as a context manager.

    Attributes:
        inode: The number of the opened file, since another file may take its place later.
    """

    def __init__(self, path: Path, db: Database, resources: ExitStack) -> None:
        super().__init__(path, db, resources)
        self._grouper = StoryGrouper()
        self.inode = path.stat().st_ino

    @classmethod
    def create_or_open(cls, path: Path) -> Self:
        """Open an archive for writing; create or upgrade it if needed.

        Raises:
            ArchiveLocked: Another process writes to it.
            ArchiveError: It cannot be used, is something else, or a newer khobao wrote it.
        """
        path = path.resolve()  # so that captures and locks are the same, whatever link leads here
        with ExitStack() as resources, archive_errors(path):
            resources.enter_context(WriterLock(path))
            db = resources.enter_context(closing(open_for_writing(path)))
            # Nobody else may write now, so a run that still seems to go on was killed.
            db.execute("UPDATE runs SET state = iif(served, 'waiting', 'killed') WHERE state = 'running'")
            release_claims(db)
            return cls(path, db, resources.pop_all())

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        if self.db.conn.in_transaction:
            yield self.db  # of `batch`, which ends it
            return
        try:
            with super()._transaction() as db:
                yield db
        except BaseException:
            self._grouper.clear()
            raise

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make one transaction of all writes within, which is much faster.

        The search index learns of new articles at the end, all at once, so that some hundreds are about right.
        """
        with self._transaction() as db:
            db.execute("INSERT INTO unindexed SELECT coalesce(max(number), 0) + 1 FROM articles")
            yield
            db.execute("DELETE FROM unindexed")

    def _save(
        self, db: Database, record: Record, now: datetime, *, asked: bool = False, reread: bool = False
    ) -> SaveResult:
        """Save an article, and find its story if its text is new."""
        kept = save_record(db, record, now, asked=asked, reread=reread)
        if kept.outcome in {"archived", "revised"}:
            self._grouper.add(db, record)
        return kept

    def save_record(
        self,
        record: Record,
        visit: Visit,
        capture: StoredCapture | None = None,
        aliases: Iterable[str] = (),
    ) -> SaveResult:
        """Archive a page: article, revision, capture, addresses and request in one transaction.

        An edit never overwrites: the version that it supersedes goes to `revisions` with its text.

        Args:
            record: What was read.
            visit: How it was fetched.
            capture: Where the response is kept; None where it is not kept.
            aliases: Other addresses that were seen to lead to the same article.
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

        Where the page is not at its address, another address that was found for the same article becomes due.

        Returns:
            Whether an archived article is gone by this: it was missing before, and still is.
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
        """Delete the rows of captures: those of a file, and others by their number."""
        with self._transaction() as db:
            delete_captures(db, file, others)

    def save_document(
        self, record: Record, now: datetime, origin: Origin | None = None
    ) -> Literal["new", "unchanged", "clash"]:
        """Archive a record that came from a file, unless its id is archived with another text.

        Args:
            record: The record.
            now: When.
            origin: Where it came from; None leaves no trace of that.
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
        """Merge another archive into this one: articles, versions, captures and ledger.

        Args:
            other: Its file.
            theirs: The folder of its captures, of which those that are not here go to ours.
            ours: The folder of ours.

        Raises:
            UsageError: It is this archive.
            ArchiveError: It is not there, cannot be read, or is of another version.
        """
        open_for_reading(other).close()
        if other.samefile(self.path):
            raise UsageError(f"{other}: the archive itself; name another one to merge into it")
        with archive_errors(other), attached_archive(self.db, other), self._transaction() as db:
            merged = merge_archive(db, theirs, ours)
            self._grouper.add_missing(db)
        return merged

    def regroup_stories(self) -> None:
        """Find all stories and copies again, in the order of publication."""
        with self._transaction() as db:
            self._grouper.rebuild(db)

    def optimize(self) -> None:
        """Update SQLite's statistics, merge the search indexes and truncate the write-ahead log."""
        with self._transaction() as db:
            db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('merge', 500)")
            db.execute("INSERT INTO headlines_fts (headlines_fts, rank) VALUES ('merge', 500)")
        with archive_errors(self.path):
            self.db.execute("PRAGMA optimize")
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def vacuum(self) -> None:
        """Give unused space back to the disk; this needs as much free space for a while.

        Raises:
            ArchiveFull: The disk is too full for that; the archive is as it was.
        """
        with archive_errors(self.path):
            reclaim_space(self.db)

    def save_reextracted(self, capture: int, reader: str, record: Record | None, now: datetime) -> SaveResult | None:
        """Record that a capture was read again, and store what differs as a `reread` revision.

        Args:
            capture: Its number.
            reader: What read it; it need not do so again.
            record: The article to take in; None for none. One that was not archived is entered with its address.
            now: When.
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
        """Forget the recurring lines of an outlet's articles, because they are read differently now."""
        with self._transaction() as db:
            forget_lines(db, outlet)


def reclaim_space(db: Database) -> None:
    """Give back the space that a database no longer uses; for a while that takes as much again."""
    db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")
    for statement in ("VACUUM", "PRAGMA optimize", "PRAGMA wal_checkpoint (TRUNCATE)"):
        db.execute(statement).fetchall()
