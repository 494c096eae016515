"""The archive, to write to: every method is one transaction, so a kill at any moment loses and repeats nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlite_utils import Database

from archive.articles.boilerplate import forget, learn_bucket
from archive.articles.deletions import find_again, miss, miss_another
from archive.articles.model import Kept
from archive.articles.revisions import keep_record
from archive.database.connection import WriterLock, explained, open_for_reading, open_for_writing
from archive.database.values import instant
from archive.errors import UsageError
from archive.ledger.addresses import (
    admit,
    article_of,
    declare_source,
    enter_address,
    forget_captures,
    join_addresses,
    keep_capture,
    log_request,
    settle_address,
    take_back,
    try_elsewhere,
)
from archive.ledger.clock_skew import bring_forward, how_far_back
from archive.ledger.imports import Origin, admit_address, admit_outlet, keep_origin
from archive.ledger.model import Discovery, HostFacts, RobotsKept, SourceFacts, SourcePoll, SourceState, Visit
from archive.ledger.rows import poll_row
from archive.record import Candidate, CaptureRef, Record
from archive.store.merge import Merged, attached, take_in
from archive.store.runs import Runs
from archive.stories.grouping import Grouping


class Archive(Runs):
    """An open archive. Use it as a context manager.

    Attributes:
        path: The SQLite file.
        db: The open database.
        inode: The number of the file that was opened; another may be in its place by now.
    """

    def __init__(self, path: Path, db: Database, resources: ExitStack) -> None:
        super().__init__(path, db)
        self._resources = resources
        self._grouping = Grouping()
        self.inode = path.stat().st_ino

    @classmethod
    def create_or_open(cls, path: Path) -> Self:
        """Open an archive for writing, making or upgrading it as need be.

        Raises:
            ArchiveLocked: Another process writes to it.
            ArchiveError: It cannot be used, is something else, or a newer khobao wrote it.
        """
        if path.exists():
            open_for_reading(path, current=False).close()  # a lock file beside somebody else's file would be litter
        with ExitStack() as resources, explained(path):
            resources.enter_context(WriterLock(path))
            db = resources.enter_context(closing(open_for_writing(path)))
            # Nobody else may write now, so a run that still seems to go on was killed.
            db.execute("UPDATE runs SET state = iif(served, 'waiting', 'killed') WHERE state = 'running'")
            take_back(db)
            return cls(path, db, resources.pop_all())

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an archive to ask it, beside whoever writes to it.

        Raises:
            ArchiveError: It is not there, cannot be used, is something else, or of another version.
        """
        with ExitStack() as resources:
            db = resources.enter_context(closing(open_for_reading(path)))
            return cls(path, db, resources.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give up the right to write."""
        self._resources.close()

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        if self.db.conn.in_transaction:
            yield self.db  # of `together`, which ends it
            return
        try:
            with super()._transaction() as db:
                yield db
        except BaseException:
            self._grouping.forget()
            raise

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of what is written within, which is much quicker: all of it is kept, or nothing.

        The search index learns of new articles at the end, all at once, so that some hundreds are about right.
        """
        with self._transaction() as db:
            db.execute("INSERT INTO unindexed SELECT coalesce(max(number), 0) + 1 FROM articles")
            yield
            db.execute("DELETE FROM unindexed")

    def _keep(self, db: Database, record: Record, now: datetime, *, asked: bool = False, reread: bool = False) -> Kept:
        """Write an article, and find the story that it belongs to if what it says is new."""
        kept = keep_record(db, record, now, asked=asked, reread=reread)
        if kept.outcome in {"archived", "revised"}:
            self._grouping.place(db, record)
        return kept

    def set_back(self, now: datetime) -> timedelta | None:
        """Where the clock was set back, let what was due later be due by as much sooner; by how much that is."""
        back = how_far_back(self.db, now)
        if back:
            with self._transaction() as db:
                bring_forward(db, back, now)
        return back

    # Outlets, hosts.

    def save_robots(self, facts: RobotsKept) -> None:
        """Keep what a site's robots.txt said."""
        with self._transaction() as db:
            row = (facts.origin, facts.status, facts.text, instant(facts.fetched_at), instant(facts.expires_at))
            db.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?, ?)", row)

    def save_host(self, facts: HostFacts) -> None:
        """Keep how a host fares."""
        with self._transaction() as db:
            times = (instant(facts.failed_at), instant(facts.resting_until))
            row = (facts.host, facts.crawl_delay, instant(facts.free_at), facts.failures, facts.reason, *times)
            db.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    # Sources.

    def claim_source(self, source: SourceFacts, next_due_at: datetime) -> SourceState:
        """Write down, before a source is asked, when it is due again should nothing come of it; what is known of it."""
        with self._transaction() as db:
            declare_source(db, source)
            row = (instant(next_due_at), source.url)
            db.execute("UPDATE sources SET next_due_at = ?, claims = claims + 1 WHERE url = ?", row)
        state = self.source(source.url)
        assert state is not None
        return state

    def settle_source(self, poll: SourcePoll, capture: tuple[CaptureRef, datetime] | None = None) -> None:
        """Write down what a poll taught, and where its answer is kept."""
        with self._transaction() as db:
            keep_capture(db, poll.url, poll.status, capture)
            settled = db.execute(
                "UPDATE sources SET polls = polls + 1, polled_at = :polled_at, next_due_at = :next_due_at,"
                " news_at = CASE WHEN :new THEN :polled_at ELSE news_at END, status = :status, reason = :reason,"
                " detail = :detail, etag = :etag, last_modified = :last_modified, interval = :interval,"
                " failures = :failures, candidates = :candidates, new = new + :new, overruns = overruns + :overran,"
                " claims = 0"
                " WHERE url = :url",
                poll_row(poll),
            )
            assert settled.rowcount == 1, f"not in the ledger: {poll.url}"

    def hurry_sources(self, outlet: str, kinds: Sequence[str], now: datetime) -> None:
        """Make the sources of some kinds of an outlet due now."""
        with self._transaction() as db:
            marks = ",".join("?" * len(kinds))
            db.execute(
                f"UPDATE sources SET next_due_at = ? WHERE outlet = ? AND failures = 0 AND kind IN ({marks})",  # noqa: S608 - marks alone
                (instant(now), outlet, *kinds),
            )

    def give_back_source(self, url: str, now: datetime) -> None:
        """Let a source be due now that was claimed and not asked after all."""
        with self._transaction() as db:
            db.execute("UPDATE sources SET next_due_at = ?, claims = 0 WHERE url = ?", (instant(now), url))

    def discover(
        self, outlet: str, source: str, found: Sequence[tuple[str, str, Candidate]], now: datetime
    ) -> Discovery:
        """Enter addresses into the ledger, those that are unknown as due.

        An address of an article that is archived, or waits under another address, becomes an alias and is not asked.

        Args:
            outlet: The outlet's id.
            source: Where they were found; empty where a person gave them.
            found: Canonical address, article id and candidate of each.
            now: When.
        """
        new = 0
        with self._transaction() as db:
            for url, article, candidate in found:
                new += enter_address(db, outlet, source, url, article, candidate, now)
        return Discovery(new, len(found) - new)

    # Pages.

    def claim_address(self, url: str, asked_at: datetime, next_due_at: datetime) -> None:
        """Write down, before a page is asked for, when it is due again should nothing come of it."""
        with self._transaction() as db:
            row = (instant(asked_at), instant(next_due_at), url)
            db.execute("UPDATE addresses SET asked_at = ?, next_due_at = ?, claims = claims + 1 WHERE url = ?", row)

    def give_back_address(self, url: str, now: datetime) -> None:
        """Let a page be due now that was claimed and not asked for after all."""
        with self._transaction() as db:
            db.execute("UPDATE addresses SET next_due_at = ?, claims = 0 WHERE url = ?", (instant(now), url))

    def keep(
        self,
        record: Record,
        visit: Visit,
        capture: tuple[CaptureRef, datetime] | None = None,
        aliases: Iterable[str] = (),
    ) -> Kept:
        """Archive what was read from a page: article, revision, capture, addresses and request in one transaction.

        An edit never overwrites: the version that it supersedes goes to `revisions` with its text.

        Args:
            record: What was read.
            visit: How it was fetched.
            capture: Where the answer is kept, and when it began; None where it is not kept.
            aliases: Other addresses that were seen to lead to the same article.
        """
        with self._transaction() as db:
            kept = self._keep(db, record, visit.answered_at, asked=True)
            find_again(db, record.id, visit.answered_at)
            miss_another(db, record, visit)
            settle_address(db, visit, "archived", record)
            join_addresses(db, record, visit, aliases)
            ref = keep_capture(db, visit.url, visit.status, capture, record.id)
            log_request(db, visit, kept.outcome, ref, kept.detail)
        return kept

    def call_again(self, url: str, next_due_at: datetime | None) -> None:
        """Set when a page is due again; None means never by itself."""
        with self._transaction() as db:
            db.execute("UPDATE addresses SET next_due_at = ? WHERE url = ?", (instant(next_due_at), url))

    def confirm(self, visit: Visit) -> None:
        """Write down that a page has not changed."""
        with self._transaction() as db:
            settle_address(db, visit, "archived")
            find_again(db, article_of(db, visit.url), visit.answered_at)
            log_request(db, visit, "unchanged")

    def settle(self, visit: Visit, capture: tuple[CaptureRef, datetime] | None = None) -> bool:
        """Write down why a page did not become a record. An article that is archived already keeps its text.

        Where the page is not at its address, another address that was found for the same article becomes due.

        Returns:
            Whether an archived article is gone by this: it was missing before, and still is.
        """
        assert visit.failure is not None
        state = "rejected" if visit.rejected else "failed"
        with self._transaction() as db:
            settle_address(db, visit, state)
            try_elsewhere(db, visit, visit.answered_at)
            gone = miss(db, visit)
            log_request(db, visit, "gone" if gone else state, keep_capture(db, visit.url, visit.status, capture))
        return gone

    def keep_part(self, url: str, status: int, capture: tuple[CaptureRef, datetime]) -> None:
        """Write down where a further page of an article is kept; the article's own capture is that of its first."""
        with self._transaction() as db:
            keep_capture(db, url, status, capture)

    def forget_captures(self, file: str, others: Sequence[int]) -> None:
        """Forget where answers are kept that are kept no longer: those of a file, and some others by their number."""
        with self._transaction() as db:
            forget_captures(db, file, others)

    # Records that no request brought.

    def keep_document(
        self, record: Record, now: datetime, origin: Origin | None = None
    ) -> Literal["new", "unchanged", "clash"]:
        """Take in a record that came from a file; one that differs from what is archived under its id is left out.

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
                admit_outlet(db, record)
                self._keep(db, record, now)
                admit_address(db, record, now)
            if origin:
                keep_origin(db, record.id, origin, now)
        return "unchanged" if told else "new"

    def merge(self, other: Path, theirs: Path, ours: Path) -> Merged:
        """Take in all that another archive knows: articles, versions, captures and ledger; see `archive.store.merge`.

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
        with explained(other), attached(self.db, other), self._transaction() as db:
            merged = take_in(db, theirs, ours)
            self._grouping.catch_up(db)
        return merged

    def regroup(self) -> None:
        """Find all stories and copies anew, in the order of publication."""
        with self._transaction() as db:
            self._grouping.rebuild(db)

    def tidy(self) -> None:
        """Do what SQLite wants done now and then: statistics, the search indexes merged, the write-ahead log cut."""
        with self._transaction() as db:
            db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('merge', 500)")
            db.execute("INSERT INTO headlines_fts (headlines_fts, rank) VALUES ('merge', 500)")
        with explained(self.path):
            self.db.execute("PRAGMA optimize")
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def vacuum(self) -> None:
        """Give back the space that the database no longer uses; for a while that takes as much again.

        Raises:
            ArchiveFull: The disk is too full for that; the archive is as it was.
        """
        with explained(self.path):
            vacuum(self.db)

    def reread(self, capture: int, reader: str, record: Record | None, now: datetime) -> Kept | None:
        """Write down that a capture was read again, and take in what was read: what differs becomes a `reread`.

        Args:
            capture: Its number.
            reader: What read it; it need not do so again.
            record: The article to take in; None for none. One that was not archived is entered with its address.
            now: When.
        """
        with self._transaction() as db:
            kept = self._keep(db, record, now, reread=True) if record else None
            if record and kept and kept.outcome == "archived":
                admit(db, capture, record)
            db.execute("UPDATE captures SET reader = ? WHERE id = ?", (reader, capture))
        return kept

    def learn_lines(self, outlet: str) -> None:
        """Count the lines that recur in those of an outlet's articles that were not counted yet; see `boilerplate`."""
        more = True
        while more:
            with self._transaction() as db:
                more = learn_bucket(db, outlet)

    def forget_lines(self, outlet: str) -> None:
        """Forget which lines recur in an outlet's articles, for they read otherwise now."""
        with self._transaction() as db:
            forget(db, outlet)


def vacuum(db: Database) -> None:
    """Give back the space that a database no longer uses; for a while that takes as much again."""
    db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")
    for statement in ("VACUUM", "PRAGMA optimize", "PRAGMA wal_checkpoint (TRUNCATE)"):
        db.execute(statement).fetchall()
