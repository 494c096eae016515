"""Write runs and the work of backfills; every method but `cancel_run` is one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database

from archive.database.connection import open_beside
from archive.database.values import format_instant, storable
from archive.ledger.addresses import declare_source, enter_address, insert_capture
from archive.ledger.backfill_model import (
    Coverage,
    ListFacts,
    ListRead,
    ListState,
)
from archive.ledger.model import OutletFacts, SourceFacts
from archive.ledger.rows import failure_row
from archive.record import ArticleLink, StoredCapture
from archive.store.run_queries import RunQueries
from archive.store.transactions import Transactions

Ended = Literal["done", "stopped", "failed", "waiting"]
_FACTS = ", ".join(field.name for field in fields(ListFacts))


class RunStore(RunQueries):
    """Read and write the runs of an archive."""

    def __init__(self, path: Path, db: Database, transactions: Transactions | None = None) -> None:
        """Use an open database.

        Args:
            path: The SQLite file.
            db: The open database.
            transactions: The transactions of whoever shares this connection; None if nobody does.
        """
        super().__init__(path, db)
        self._transaction = (transactions or Transactions(path, db)).begin

    @classmethod
    @contextmanager
    def beside(cls, path: Path) -> Iterator[RunStore]:
        """Open the runs of an archive that another process writes to, to hand work over to it.

        Raises:
            ArchiveError: It does not exist, cannot be used, is not an archive, or has another version.
        """
        with ExitStack() as resources:
            yield cls(path, resources.enter_context(closing(open_beside(path))))

    def begin_run(
        self, kind: str, arguments: Mapping[str, Any], now: datetime, *, state: str = "running", served: bool = False
    ) -> int:
        """Enter a run into the ledger and return its id.

        Args:
            kind: crawl, add, backfill and so on.
            arguments: The arguments of the command.
            now: The current time, UTC.
            state: `waiting` leaves the run to the service.
            served: The service does the work.
        """
        with self._transaction() as db:
            row = (kind, format_instant(now), json.dumps(arguments, ensure_ascii=False, default=str), state, served)
            cursor = db.execute(
                "INSERT INTO runs (kind, started_at, arguments, state, served) VALUES (?, ?, ?, ?, ?)", row
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def end_run(self, run: int, state: Ended, counts: object, now: datetime) -> None:
        """Record the end of a run and its counts; a cancelled run stays cancelled."""
        with self._transaction() as db:
            row = (format_instant(now), state, json.dumps(counts, ensure_ascii=False), run)
            db.execute(
                "UPDATE runs SET ended_at = ?, state = CASE state WHEN 'cancelled' THEN state ELSE ? END, counts = ?"
                " WHERE id = ?",
                row,
            )

    def record_heartbeat(self, run: int, counts: object, now: datetime, troubles: Sequence[str] = ()) -> None:
        """Record that a run is alive, its counts so far, and its problems, one line each."""
        told = (json.dumps(value, ensure_ascii=False) for value in (counts, troubles))
        with self._transaction() as db:
            latest = "max(coalesce(beat_at, ''), ?)"  # keep the latest, so that a clock that is set back is noticed
            row = (format_instant(now), *told, run)
            db.execute(f"UPDATE runs SET beat_at = {latest}, counts = ?, troubles = ? WHERE id = ?", row)  # noqa: S608

    def set_run_state(self, run: int, state: str, *, served: bool | None = None) -> None:
        """Set the state of a run: resumed, handed over or cancelled."""
        with self._transaction() as db:
            db.execute(
                "UPDATE runs SET state = ?, ended_at = NULL, served = coalesce(?, served) WHERE id = ?",
                (state, served, run),
            )

    def save_plan(self, run: int, plan: Mapping[str, Any]) -> None:
        """Store the plan of a run, and how much of it is done."""
        with self._transaction() as db:
            db.execute("UPDATE runs SET plan = ? WHERE id = ?", (json.dumps(plan, ensure_ascii=False), run))

    def cancel_run(self, run: int, now: datetime) -> None:
        """Cancel a run for good, whoever runs it, and release its addresses."""
        with self._transaction() as db:
            self.set_run_state(run, "cancelled")
            self.release_addresses(run)
            db.execute("UPDATE runs SET ended_at = ? WHERE id = ?", (format_instant(now), run))

    def declare(self, outlets: Iterable[OutletFacts], sources: Iterable[SourceFacts] = ()) -> None:
        """Add or update outlets and sources, and keep their history."""
        with self._transaction() as db:
            for outlet in outlets:
                db.execute(
                    "INSERT INTO outlets (id, name, home, language, timezone, unproven)"
                    " VALUES (:id, :name, :home, :language, :timezone, :unproven)"
                    " ON CONFLICT (id) DO UPDATE SET name = iif(excluded.name = id, name, excluded.name),"
                    " home = excluded.home, language = excluded.language, timezone = excluded.timezone,"
                    " unproven = excluded.unproven",
                    asdict(outlet),
                )
            for source in sources:
                declare_source(db, source)

    def rename_outlet(self, outlet: str, before: str, after: str) -> None:
        """Rename an outlet that still has its earlier name, or its id for a name."""
        with self._transaction() as db:
            db.execute(
                "UPDATE outlets SET name = :after WHERE id = :outlet AND name IN (:outlet, :before)",
                {"outlet": outlet, "before": before, "after": after},
            )

    def enter_lists(self, run: int, lists: Iterable[ListFacts]) -> None:
        """Enter lists that a run has to read; lists that it knows stay as they are."""
        with self._transaction() as db:
            _enter_lists(db, run, lists)

    def record_list(
        self,
        state: ListState,
        read: ListRead,
        links: Sequence[ArticleLink],
        now: datetime,
        capture: StoredCapture | None = None,
        *,
        since: date | None = None,
        until: date | None = None,
    ) -> int:
        """Record the result of reading a list: the addresses that it contains and the lists that it links to.

        Args:
            state: The list as the ledger keeps it.
            read: The result of reading it.
            links: Its links to articles that the backfill wants.
            now: The current time, UTC.
            capture: Where the response is stored; None if it is not stored.
            since: The first day of the backfill; None for no bound.
            until: The last day of the backfill; None for no bound.

        Returns:
            How many pages became due.
        """
        facts = state.facts
        with self._transaction() as db:
            insert_capture(db, facts.url, read.status, capture)
            entered = sum(
                enter_address(db, facts.outlet, facts.url, link, now, state.run, since, until) for link in links
            )
            _enter_lists(db, state.run, read.following)
            if read.page:
                _enter_lists(db, state.run, [read.page])
                db.execute(
                    "UPDATE lists SET state = 'due', failures = 0, next_due_at = NULL,"
                    " id = (SELECT max(id) + 1 FROM lists) WHERE run = ? AND url = ? AND page = ? AND state <> 'due'",
                    (state.run, read.page.url, read.page.page),
                )
            row = {
                "id": state.id,
                "state": "due" if read.retry_at else "failed" if read.failure else "done",
                "failures": state.failures + 1 if read.failure else 0,
                "next_due_at": format_instant(read.retry_at),
                "candidates": read.candidates,
                "wanted": read.entered + entered,
                "left_out": read.left_out,
                "digest": read.digest,
                "middle": read.middle and read.middle.isoformat(),
            }
            db.execute(
                "UPDATE lists SET state = :state, reason = :reason, detail = :detail, failures = :failures,"
                " next_due_at = :next_due_at, candidates = :candidates, wanted = wanted + :wanted,"
                " left_out = :left_out, digest = :digest, middle = :middle WHERE id = :id",
                storable(row | failure_row(read.failure, read.notes)),
            )
        return entered

    def enter_wanted(
        self,
        outlet: str,
        links: Sequence[ArticleLink],
        run: int,
        now: datetime,
        source: str = "",
        *,
        since: date | None = None,
        until: date | None = None,
    ) -> int:
        """Enter addresses that a backfill has to fetch, and return how many became due.

        Args:
            outlet: The outlet's id.
            links: The links.
            run: The id of the backfill run.
            now: The current time, UTC.
            source: The list that contains the links; empty if a person gave them.
            since: The first day of the backfill; None for no bound.
            until: The last day of the backfill; None for no bound.
        """
        with self._transaction() as db:
            return sum(enter_address(db, outlet, source, link, now, run, since, until) for link in links)

    def postpone_list(self, number: int, until: datetime) -> None:
        """Postpone a list until its host may be requested."""
        with self._transaction() as db:
            db.execute("UPDATE lists SET next_due_at = ? WHERE id = ?", (format_instant(until), number))

    def defer_list(self, number: int, candidates: int, why: str) -> None:
        """Postpone the reading of a list's further pages; record the reason and its number of candidates."""
        with self._transaction() as db:
            db.execute("UPDATE lists SET candidates = ?, detail = ? WHERE id = ?", (candidates, why, number))

    def postpone_address(self, url: str, until: datetime) -> None:
        """Postpone a page until its host may be requested."""
        with self._transaction() as db:
            db.execute("UPDATE addresses SET next_due_at = ? WHERE url = ?", (format_instant(until), url))

    def release_addresses(self, run: int) -> None:
        """Release the addresses of a run: failed pages are retried as usual, the rest is dropped."""
        with self._transaction() as db:
            db.execute("UPDATE addresses SET next_due_at = NULL WHERE backfill = ? AND state = 'due'", (run,))
            db.execute("UPDATE addresses SET backfill = NULL WHERE backfill = ?", (run,))

    def save_coverage(self, outlet: str, rows: Iterable[Coverage], now: datetime) -> None:
        """Store the coverage of an outlet, one row per day; an audited day is replaced."""
        with self._transaction() as db:
            for row in rows:
                facts = row.facts() | {"reasons": json.dumps(row.reasons), "outlet": outlet, "now": format_instant(now)}
                db.execute(
                    "INSERT OR REPLACE INTO coverage (outlet, day, announced, archived, rejected, missing, unseen,"
                    " reasons, audited_at) VALUES (:outlet, :day, :announced, :archived, :rejected, :missing, :unseen,"
                    " :reasons, :now)",
                    facts,
                )


def _enter_lists(db: Database, run: int, lists: Iterable[ListFacts]) -> None:
    for facts in lists:
        row = {name.name: getattr(facts, name.name) for name in fields(ListFacts)} | {"run": run}
        days = {name: day.isoformat() if (day := row[name]) else None for name in ("first_day", "last_day")}
        db.execute(
            f"INSERT INTO lists (run, {_FACTS}) VALUES (:run, {', '.join(f':{name}' for name in _FACTS.split(', '))})"  # noqa: S608 - names are our own
            " ON CONFLICT DO NOTHING",
            storable(row | days),
        )
