"""The archive, to write to: every method is one transaction, so a kill at any moment loses and repeats nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from sqlite_utils import Database

from archive.answers import Answers
from archive.changes import classify
from archive.connection import WriterLock, explained, open_for_reading, open_for_writing
from archive.ledger import (
    Discovery,
    HostFacts,
    Kept,
    OutletFacts,
    SourceFacts,
    SourcePoll,
    SourceState,
    Visit,
)
from archive.record import Candidate, CaptureRef, Document, Record
from archive.rows import instant, record_row


class Archive(Answers):
    """An open archive. Use it as a context manager.

    Attributes:
        path: The SQLite file.
        db: The open database.
    """

    def __init__(self, path: Path, db: Database, resources: ExitStack | None = None) -> None:
        super().__init__(path, db)
        self._resources = resources or ExitStack()

    @classmethod
    def create_or_open(cls, path: Path) -> Self:
        """Open an archive for writing, making or upgrading it as need be.

        Raises:
            ArchiveLocked: Another process writes to it.
            ArchiveError: It cannot be used, is something else, or a newer khobao wrote it.
        """
        with ExitStack() as resources:
            resources.enter_context(WriterLock(path))
            db = open_for_writing(path)
            return cls(path, db, resources.pop_all())

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an archive to ask it, beside whoever writes to it.

        Raises:
            ArchiveError: It is not there, cannot be used, is something else, or of another version.
        """
        return cls(path, open_for_reading(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give up the right to write."""
        with self._resources:
            self.db.close()

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        with explained(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
            except BaseException:
                self.db.rollback()
                raise
            try:
                self.db.execute("COMMIT")
            except BaseException:
                self.db.rollback()
                raise

    # Runs, outlets, hosts.

    def begin_run(self, kind: str, arguments: Mapping[str, Any], now: datetime) -> int:
        """Enter a run into the ledger; its id."""
        with self._transaction() as db:
            row = (kind, instant(now), json.dumps(arguments, ensure_ascii=False, default=str))
            cursor = db.execute("INSERT INTO runs (kind, started_at, arguments) VALUES (?, ?, ?)", row)
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def end_run(self, run: int, state: Literal["done", "stopped", "failed"], counts: object, now: datetime) -> None:
        """Say how a run ended, and what it came to."""
        with self._transaction() as db:
            row = (instant(now), state, json.dumps(counts, ensure_ascii=False), run)
            db.execute("UPDATE runs SET ended_at = ?, state = ?, counts = ? WHERE id = ?", row)

    def declare(self, outlets: Iterable[OutletFacts], sources: Iterable[SourceFacts] = ()) -> None:
        """Make outlets and sources known; what was learned of them stays."""
        with self._transaction() as db:
            for o in outlets:
                db.execute(
                    "INSERT INTO outlets (id, name, home, language, timezone, unproven) VALUES (?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, home = excluded.home,"
                    " language = excluded.language, timezone = excluded.timezone, unproven = excluded.unproven",
                    (o.id, o.name, o.home, o.language, o.timezone, int(o.unproven)),
                )
            for source in sources:
                self._declare_source(db, source)

    @staticmethod
    def _declare_source(db: Database, source: SourceFacts) -> None:
        db.execute(
            "INSERT INTO sources (url, outlet, kind) VALUES (?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET outlet = excluded.outlet, kind = excluded.kind",
            (source.url, source.outlet, source.kind),
        )

    def save_host(self, facts: HostFacts) -> None:
        """Keep what a host's robots.txt said."""
        with self._transaction() as db:
            row = (facts.origin, facts.status, facts.text, instant(facts.fetched_at), instant(facts.expires_at))
            db.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?, ?, ?)", row)

    # Sources.

    def claim_source(self, source: SourceFacts, next_due_at: datetime) -> SourceState:
        """Write down, before a source is asked, when it is due again should nothing come of it; what is known of it."""
        with self._transaction() as db:
            self._declare_source(db, source)
            db.execute("UPDATE sources SET next_due_at = ? WHERE url = ?", (instant(next_due_at), source.url))
        state = self.source(source.url)
        assert state is not None
        return state

    def settle_source(self, poll: SourcePoll, capture: tuple[CaptureRef, datetime] | None = None) -> None:
        """Write down what a poll taught, and where its answer is kept."""
        with self._transaction() as db:
            self._keep_capture(db, poll.url, poll.status, capture, None)
            db.execute(
                "UPDATE sources SET polls = polls + 1, polled_at = :polled_at, next_due_at = :next_due_at,"
                " news_at = CASE WHEN :new THEN :polled_at ELSE news_at END, status = :status, reason = :reason,"
                " detail = :detail, etag = :etag, last_modified = :last_modified, interval = :interval,"
                " failures = :failures, candidates = :candidates, new = new + :new WHERE url = :url",
                {
                    "url": poll.url,
                    "polled_at": instant(poll.polled_at),
                    "next_due_at": instant(poll.next_due_at),
                    "status": poll.status,
                    "reason": poll.failure.reason.value if poll.failure else "",
                    "detail": poll.failure.detail if poll.failure else "",
                    "etag": poll.etag,
                    "last_modified": poll.last_modified,
                    "interval": poll.interval,
                    "failures": poll.failures,
                    "candidates": poll.candidates,
                    "new": poll.new,
                },
            )

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
                new += self._discover_one(
                    db,
                    {
                        "url": url,
                        "outlet": outlet,
                        "article": article,
                        "source": source,
                        "now": instant(now),
                        "title": candidate.title,
                        "hint": instant(candidate.published_at),
                        "raw": candidate.published_raw,
                    },
                )
        return Discovery(new, len(found) - new)

    @staticmethod
    def _discover_one(db: Database, row: dict[str, str | None]) -> bool:
        inserted = db.execute(
            "INSERT INTO addresses (url, outlet, article, source, discovered_at, title_hint, published_hint,"
            " published_raw, state, next_due_at)"
            " SELECT :url, :outlet, :article, :source, :now, :title, :hint, :raw, s.state,"
            "  CASE s.state WHEN 'due' THEN :now END"
            " FROM (SELECT CASE WHEN EXISTS (SELECT 1 FROM articles WHERE id = :article)"
            "  OR EXISTS (SELECT 1 FROM addresses WHERE article = :article AND state = 'due')"
            "  THEN 'alias' ELSE 'due' END AS state) AS s"
            " WHERE true ON CONFLICT (url) DO NOTHING RETURNING state",
            row,
        ).fetchone()
        return inserted is not None and inserted[0] == "due"

    # Pages.

    def claim_address(self, url: str, asked_at: datetime, next_due_at: datetime) -> None:
        """Write down, before a page is asked for, when it is due again should nothing come of it."""
        with self._transaction() as db:
            row = (instant(asked_at), instant(next_due_at), url)
            db.execute("UPDATE addresses SET asked_at = ?, next_due_at = ? WHERE url = ?", row)

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
            kept = self._keep_record(db, record, visit.answered_at, checked=True)
            self._settle_address(db, visit, "archived", record.id)
            for alias in dict.fromkeys(a for a in (record.url, *aliases) if a and a != visit.url):
                db.execute(
                    "INSERT INTO addresses (url, outlet, article, discovered_at, state) VALUES (?, ?, ?, ?, 'alias')"
                    " ON CONFLICT (url) DO UPDATE SET article = excluded.article, state = 'alias', next_due_at = NULL"
                    " WHERE state <> 'archived'",
                    (alias, record.outlet, record.id, instant(visit.asked_at)),
                )
            self._log(db, visit, kept.outcome)
            self._keep_capture(db, visit.url, visit.status, capture, record.id)
        return kept

    def confirm(self, visit: Visit) -> None:
        """Write down that a page has not changed."""
        with self._transaction() as db:
            self._settle_address(db, visit, "archived", None)
            db.execute(
                "UPDATE articles SET last_checked_at = ? WHERE id = (SELECT article FROM addresses WHERE url = ?)",
                (instant(visit.answered_at), visit.url),
            )
            self._log(db, visit, "unchanged")

    def settle(self, visit: Visit, capture: tuple[CaptureRef, datetime] | None = None) -> None:
        """Write down why a page did not become a record. An article that is archived already stays as it is."""
        assert visit.failure is not None
        state = "rejected" if visit.rejected else "failed"
        with self._transaction() as db:
            self._settle_address(db, visit, state, None)
            self._log(db, visit, state)
            self._keep_capture(db, visit.url, visit.status, capture, None)

    def keep_document(self, record: Record, now: datetime) -> Literal["new", "unchanged", "clash"]:
        """Take in a record that came from a file; one that differs from what is archived under its id is left out."""
        archived = self.article(record.id)
        if archived:
            return "unchanged" if archived.record.document == record.document else "clash"
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO outlets (id, name) VALUES (?, ?)", (record.outlet, record.outlet))
            self._keep_record(db, record, now, checked=False)
        return "new"

    @staticmethod
    def _keep_record(db: Database, record: Record, now: datetime, *, checked: bool) -> Kept:
        row = record_row(record) | {"last_checked_at": instant(now) if checked else None}
        old = db.execute("SELECT title, text, revision FROM articles WHERE id = ?", (record.id,)).fetchone()
        if old is None:
            row["first_seen_at"] = instant(now)
            marks = ", ".join(f":{name}" for name in row)
            db.execute(f"INSERT INTO articles ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608 - our own names
            first = (record.id, instant(now))
            db.execute("INSERT INTO revisions (article, revision, seen_at, change) VALUES (?, 1, ?, 'first')", first)
            return Kept("archived", 1)
        title, text, revision = old
        change = classify(Document(record.document.date, title, text), record.document)
        if change is None:
            row = {name: value for name, value in row.items() if name not in {"title", "text"}}
        else:
            superseded = (title, text, record.id, revision)
            db.execute("UPDATE revisions SET title = ?, text = ? WHERE article = ? AND revision = ?", superseded)
            revision += 1
            newest = (record.id, revision, instant(now), change)
            db.execute("INSERT INTO revisions (article, revision, seen_at, change) VALUES (?, ?, ?, ?)", newest)
        row |= {"revision": revision, "gone_at": None}
        assignments = ", ".join(f"{name} = :{name}" for name in row)
        db.execute(f"UPDATE articles SET {assignments} WHERE id = :id", row)  # noqa: S608 - our own names
        return Kept("revised" if change else "unchanged", revision)

    @staticmethod
    def _settle_address(db: Database, visit: Visit, state: str, article: str | None) -> None:
        db.execute(
            "UPDATE addresses SET state = CASE state WHEN 'archived' THEN state ELSE :state END,"
            " article = coalesce(:article, article), status = :status, reason = :reason, detail = :detail,"
            " failures = :failures, asked_at = :asked_at, next_due_at = :next_due_at,"
            " etag = CASE :state WHEN 'failed' THEN etag ELSE :etag END,"
            " last_modified = CASE :state WHEN 'failed' THEN last_modified ELSE :last_modified END WHERE url = :url",
            {
                "url": visit.url,
                "state": state,
                "article": article,
                "status": visit.status,
                "reason": visit.failure.reason.value if visit.failure else "",
                "detail": visit.failure.detail if visit.failure else "",
                "failures": visit.failures,
                "asked_at": instant(visit.asked_at),
                "next_due_at": instant(visit.next_due_at),
                "etag": visit.etag,
                "last_modified": visit.last_modified,
            },
        )

    @staticmethod
    def _log(db: Database, visit: Visit, outcome: str) -> None:
        took = round((visit.answered_at - visit.asked_at).total_seconds() * 1000)
        failure = visit.failure
        db.execute(
            "INSERT INTO requests (url, run, asked_at, status, outcome, reason, detail, size, milliseconds)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                visit.url,
                visit.run,
                instant(visit.asked_at),
                visit.status,
                outcome,
                failure.reason.value if failure else "",
                failure.detail if failure else "",
                visit.size,
                took,
            ),
        )

    @staticmethod
    def _keep_capture(
        db: Database, url: str, status: int | None, capture: tuple[CaptureRef, datetime] | None, article: str | None
    ) -> None:
        if capture is None:
            return
        ref, fetched_at = capture
        db.execute(
            "INSERT INTO captures (article, url, fetched_at, status, file, offset, length, digest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (article, url, instant(fetched_at), status, ref.file, ref.offset, ref.length, ref.digest),
        )
