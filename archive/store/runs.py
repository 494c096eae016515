"""The runs of the archive, and what backfills have still to do; every method that writes is one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database

from archive.database.connection import explained, open_beside
from archive.database.values import instant, moment, storable
from archive.errors import REASONS
from archive.ledger.addresses import declare_source, enter_address, keep_capture
from archive.ledger.backfill_model import (
    Announced,
    Backfill,
    Coverage,
    ListFacts,
    ListRead,
    ListState,
    Progress,
    Wanted,
)
from archive.ledger.model import AddressState, OutletFacts, SourceFacts
from archive.ledger.rows import failure_row
from archive.record import Candidate, CaptureRef
from archive.store.reader import Answers, address_of

Found = Sequence[tuple[str, str, Candidate]]  # canonical address, article id and candidate of each
Ended = Literal["done", "stopped", "failed", "waiting"]
_FACTS = ", ".join(field.name for field in fields(ListFacts))
_IN_WEB_ARCHIVE = ", ".join(f"'{reason}'" for reason, traits in REASONS.items() if traits.try_web_archive)
_SPAN = "iif(page > 1, 0, coalesce(CAST(julianday(last_day) - julianday(first_day) + 1 AS INTEGER), 0))"
_OPEN = ("running", "waiting", "stopped", "failed", "killed")


class Runs(Answers):
    """What an archive that is open to write to knows of runs."""

    @classmethod
    @contextmanager
    def beside(cls, path: Path) -> Iterator[Runs]:
        """The runs of an archive that another process writes to: to hand it work, in a transaction of a moment.

        Raises:
            ArchiveError: It is not there, cannot be used, is something else, or of another version.
        """
        with ExitStack() as resources:
            yield cls(path, resources.enter_context(closing(open_beside(path))))

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        """A transaction: all of it happens, or nothing."""
        with explained(self.path):
            # A deferred transaction that comes to write would be refused at once beside another program's, not wait.
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                self.db.rollback()
                raise

    # Runs.

    def begin_run(
        self, kind: str, arguments: Mapping[str, Any], now: datetime, *, state: str = "running", served: bool = False
    ) -> int:
        """Enter a run into the ledger; its id.

        Args:
            kind: crawl, add, backfill and so on.
            arguments: What is asked of it.
            now: When.
            state: `waiting` leaves it to the service.
            served: Whether the service does it.
        """
        with self._transaction() as db:
            row = (kind, instant(now), json.dumps(arguments, ensure_ascii=False, default=str), state, served)
            cursor = db.execute(
                "INSERT INTO runs (kind, started_at, arguments, state, served) VALUES (?, ?, ?, ?, ?)", row
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def end_run(self, run: int, state: Ended, counts: object, now: datetime) -> None:
        """Say how a run ended, and what it came to; one that was cancelled meanwhile stays so."""
        with self._transaction() as db:
            row = (instant(now), state, json.dumps(counts, ensure_ascii=False), run)
            db.execute(
                "UPDATE runs SET ended_at = ?, state = CASE state WHEN 'cancelled' THEN state ELSE ? END, counts = ?"
                " WHERE id = ?",
                row,
            )

    def beat(self, run: int, counts: object, now: datetime, troubles: Sequence[str] = ()) -> None:
        """Say that a run is alive, what it came to so far, and what keeps it from its work, a line each."""
        told = (json.dumps(value, ensure_ascii=False) for value in (counts, troubles))
        with self._transaction() as db:
            latest = "max(coalesce(beat_at, ''), ?)"  # so that a clock that is set back is noticed
            row = (instant(now), *told, run)
            db.execute(f"UPDATE runs SET beat_at = {latest}, counts = ?, troubles = ? WHERE id = ?", row)  # noqa: S608

    def set_run(self, run: int, state: str, *, served: bool | None = None) -> None:
        """Set where a run stands: taken up, handed over or cancelled."""
        with self._transaction() as db:
            db.execute(
                "UPDATE runs SET state = ?, ended_at = NULL, served = coalesce(?, served) WHERE id = ?",
                (state, served, run),
            )

    def plan_run(self, run: int, plan: Mapping[str, Any]) -> None:
        """Write down what a run comes to, and what of it is done."""
        with self._transaction() as db:
            db.execute("UPDATE runs SET plan = ? WHERE id = ?", (json.dumps(plan, ensure_ascii=False), run))

    def plan_of(self, run: int) -> dict[str, Any]:
        """What `plan_run` wrote."""
        plan: dict[str, Any] = json.loads(self._rows("SELECT plan FROM runs WHERE id = ?", (run,))[0]["plan"])
        return plan

    def cancel(self, run: int, now: datetime) -> None:
        """End a run for good, whoever does it: it goes on with nothing new."""
        self.set_run(run, "cancelled")
        self.release(run)
        with self._transaction() as db:
            db.execute("UPDATE runs SET ended_at = ? WHERE id = ?", (instant(now), run))

    def declare(self, outlets: Iterable[OutletFacts], sources: Iterable[SourceFacts] = ()) -> None:
        """Make outlets and sources known; what was learned of them stays."""
        with self._transaction() as db:
            for outlet in outlets:
                db.execute(
                    "INSERT INTO outlets (id, name, home, language, timezone, unproven)"
                    " VALUES (:id, :name, :home, :language, :timezone, :unproven)"
                    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, home = excluded.home,"
                    " language = excluded.language, timezone = excluded.timezone, unproven = excluded.unproven",
                    asdict(outlet),
                )
            for source in sources:
                declare_source(db, source)

    # The lists and addresses of a backfill.

    def enter_lists(self, run: int, lists: Iterable[ListFacts]) -> None:
        """Enter lists that a run is to read; those that it has already stay as they are."""
        with self._transaction() as db:
            _enter_lists(db, run, lists)

    def settle_list(
        self,
        one: ListState,
        read: ListRead,
        found: Found,
        wanted: Wanted,
        now: datetime,
        capture: tuple[CaptureRef, datetime] | None = None,
    ) -> int:
        """Write down what a list came to, with the addresses found in it and the lists behind it.

        Returns:
            How many addresses are to be asked for by this.
        """
        facts = one.facts
        with self._transaction() as db:
            keep_capture(db, facts.url, read.status, capture)
            entered = sum(
                enter_address(db, facts.outlet, facts.url, url, article, candidate, now, wanted)
                for url, article, candidate in found
            )
            _enter_lists(db, wanted.run, read.following)
            if read.page:
                _enter_lists(db, wanted.run, [read.page])
                db.execute(
                    "UPDATE lists SET state = 'due', failures = 0, next_due_at = NULL,"
                    " id = (SELECT max(id) + 1 FROM lists) WHERE run = ? AND url = ? AND page = ? AND state <> 'due'",
                    (wanted.run, read.page.url, read.page.page),
                )
            state = "due" if read.retry_at else "failed" if read.failure else "done"
            row = {
                "id": one.id,
                "state": state,
                "failures": one.failures + 1 if read.failure else 0,
                "next_due_at": instant(read.retry_at),
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

    def want(self, outlet: str, found: Found, wanted: Wanted, now: datetime, source: str = "") -> int:
        """Enter addresses that a backfill is to ask for; how many are due by this."""
        with self._transaction() as db:
            return sum(enter_address(db, outlet, source, *one, now, wanted) for one in found)

    def postpone_list(self, number: int, until: datetime) -> None:
        """Let a list wait until its host can be asked."""
        with self._transaction() as db:
            db.execute("UPDATE lists SET next_due_at = ? WHERE id = ?", (instant(until), number))

    def leave_list(self, number: int, candidates: int, why: str) -> None:
        """Leave a list that was looked at to be read later, with what it was seen to hold and why."""
        with self._transaction() as db:
            db.execute("UPDATE lists SET candidates = ?, detail = ? WHERE id = ?", (candidates, why, number))

    def postpone_address(self, url: str, until: datetime) -> None:
        """Let a page wait until its host can be asked."""
        with self._transaction() as db:
            db.execute("UPDATE addresses SET next_due_at = ? WHERE url = ?", (instant(until), url))

    def release(self, run: int) -> None:
        """Let go of what a run has not dealt with: what failed is tried again as any page, the rest is left alone."""
        with self._transaction() as db:
            db.execute("UPDATE addresses SET next_due_at = NULL WHERE backfill = ? AND state = 'due'", (run,))
            db.execute("UPDATE addresses SET backfill = NULL WHERE backfill = ?", (run,))

    def keep_coverage(self, outlet: str, rows: Iterable[Coverage], now: datetime) -> None:
        """Write down what is here of what an outlet published; a day that was audited before gets its new row."""
        with self._transaction() as db:
            for row in rows:
                facts = row.facts() | {"reasons": json.dumps(row.reasons), "outlet": outlet, "now": instant(now)}
                db.execute(
                    "INSERT OR REPLACE INTO coverage (outlet, day, announced, archived, rejected, missing, unseen,"
                    " reasons, audited_at) VALUES (:outlet, :day, :announced, :archived, :rejected, :missing, :unseen,"
                    " :reasons, :now)",
                    facts,
                )

    # What of it is still to be done.

    def next_list(self, run: int, outlet: str, now: datetime, after: int = 0) -> ListState | None:
        """The first list, of those behind a number, that a run has still to read; None where none is due."""
        found = self._rows(
            f"SELECT id, failures, {_FACTS} FROM lists WHERE run = ? AND outlet = ? AND state = 'due' AND id > ?"  # noqa: S608 - our own names
            " AND coalesce(next_due_at, '') <= ? ORDER BY id LIMIT 1",
            (run, outlet, after, instant(now)),
        )
        return ListState.from_row(found[0]) if found else None

    def pages_read(self, run: int, way: str) -> dict[int, date | None]:
        """The pages of a way that a run has read, by their numbers, with the median of the days of each."""
        rows = self._rows("SELECT page, middle FROM lists WHERE run = ? AND way = ? AND state <> 'due'", (run, way))
        return {row["page"]: date.fromisoformat(day) if (day := row["middle"]) else None for row in rows}

    def wanted_addresses(self, run: int, outlet: str, now: datetime, limit: int, tries: int) -> list[AddressState]:
        """Pages of an outlet that a backfill has to ask for now, less those that failed so often in a row."""
        rows = self._rows(
            "SELECT * FROM addresses WHERE backfill = ? AND outlet = ? AND next_due_at <= ? AND failures < ?"
            " ORDER BY next_due_at, rowid LIMIT ?",
            (run, outlet, instant(now), tries, limit),
        )
        return [address_of(row) for row in rows]

    def due_again(self, run: int, outlet: str, tries: int) -> datetime | None:
        """When the next list or page of a backfill is due that did not fail so often yet; None for none."""
        found = self._rows(
            "SELECT min(at) AS at FROM ("
            " SELECT next_due_at AS at FROM addresses WHERE backfill = :run AND outlet = :outlet AND failures < :tries"
            " UNION ALL SELECT coalesce(next_due_at, '1970-01-01T00:00:00Z') FROM lists"
            " WHERE run = :run AND outlet = :outlet AND state = 'due')",
            {"run": run, "outlet": outlet, "tries": tries},
        )
        return moment(found[0]["at"])

    def is_left(self, run: int, outlet: str) -> bool:
        """Whether there are pages that a backfill has not asked for once, or lists that it has not read."""
        return bool(
            self._rows(
                "SELECT 1 FROM addresses WHERE backfill = :run AND outlet = :outlet AND state = 'due' UNION ALL"
                " SELECT 1 FROM lists WHERE run = :run AND outlet = :outlet AND state = 'due' LIMIT 1",
                {"run": run, "outlet": outlet},
            )
        )

    def gone_addresses(self, run: int, outlet: str, now: datetime) -> list[str]:
        """Pages of a backfill that are gone from their site, or whose host is; less those that were sought."""
        rows = self._rows(
            "SELECT url FROM addresses AS d WHERE outlet = :outlet AND (backfill = :run OR source IN"  # noqa: S608 - our own names
            " (SELECT url FROM lists WHERE run = :run)) AND ((state = 'due' AND next_due_at > :now) OR"
            f" (state IN ('failed', 'rejected') AND reason IN ({_IN_WEB_ARCHIVE}))) AND NOT EXISTS"
            " (SELECT 1 FROM lists WHERE run = :run AND kind = 'cdx' AND way = d.url) ORDER BY rowid",
            {"run": run, "outlet": outlet, "now": instant(now)},
        )
        return [row["url"] for row in rows]

    def state_of(self, run: int) -> str:
        """Where a run stands."""
        return str(self._rows("SELECT state FROM runs WHERE id = ?", (run,))[0]["state"])

    def waiting_runs(self) -> list[Backfill]:
        """What was handed to the service and is not begun, the oldest first."""
        return [Backfill.from_row(row) for row in self._rows("SELECT * FROM runs WHERE state = 'waiting' ORDER BY id")]

    def is_served(self) -> bool:
        """Whether a service says that it is at work."""
        return bool(self._rows("SELECT 1 FROM runs WHERE kind = 'run' AND state = 'running'"))

    def open_run(self, kind: str, arguments: Mapping[str, Any]) -> Backfill | None:
        """The last run of the same kind that was asked the same and is not done, to go on with."""
        asked = json.dumps(arguments, ensure_ascii=False, default=str)
        marks = ", ".join("?" * len(_OPEN))
        found = self._rows(
            f"SELECT * FROM runs WHERE kind = ? AND arguments = ? AND state IN ({marks}) ORDER BY id DESC LIMIT 1",  # noqa: S608 - marks alone
            (kind, asked, *_OPEN),
        )
        return Backfill.from_row(found[0]) if found else None

    def backfill(self, run: int) -> Backfill | None:
        """A backfill or an audit, and how far it has come; None where that run is none."""
        found = self._rows("SELECT * FROM runs WHERE id = ? AND kind IN ('backfill', 'audit', 'add')", (run,))
        return Backfill.from_row(found[0], self.progress(run)) if found else None

    def backfills(self) -> list[Backfill]:
        """Every backfill and audit, the newest first."""
        rows = self._rows("SELECT * FROM runs WHERE kind IN ('backfill', 'audit') ORDER BY id DESC")
        return [Backfill.from_row(row, self.progress(row["id"])) for row in rows]

    def progress(self, run: int) -> dict[str, Progress]:
        """How far a backfill has come, by outlet."""
        lists = self._rows(
            "SELECT outlet, count(*) AS lists, sum(state = 'done') AS read, sum(state = 'failed') AS failed,"  # noqa: S608
            " sum(wanted) AS found, sum(state = 'due' AND candidates > 0) AS untold,"
            " sum(iif(state = 'due', candidates, 0)) AS undated, sum(days) AS days,"
            " sum(iif(state = 'due', 0, days)) AS days_read FROM"
            f" (SELECT *, {_SPAN} AS days FROM lists) WHERE run = ? GROUP BY outlet ORDER BY outlet",
            (run,),
        )
        waiting = self._rows(
            "SELECT outlet, count(*) AS n FROM addresses WHERE backfill = ? GROUP BY outlet ORDER BY outlet", (run,)
        )
        left = {row["outlet"]: row["n"] for row in waiting}
        known = {row.pop("outlet"): row for row in lists}
        return {
            # What was entered of a list that was then not settled is not counted there.
            name: Progress(**{"found": 0, **known.get(name, {})}, waiting=left.get(name, 0)).sound()
            for name in sorted({*known, *left})
        }

    def announced(self, outlet: str) -> Iterator[Announced]:
        """Every address of an outlet, with all that tells its day."""
        rows = self.all_rows(
            "SELECT d.url, d.article, d.state, d.reason, d.detail, d.published_hint, a.date, l.first_day, l.last_day"
            " FROM addresses AS d LEFT JOIN articles AS a ON a.id = d.article LEFT JOIN lists AS l ON l.id ="
            "  (SELECT max(id) FROM lists WHERE lists.url = d.source) WHERE d.outlet = ?",
            (outlet,),
        )
        return map(Announced.from_row, rows)

    def archived_by_day(self, outlet: str, since: date, until: date) -> dict[date, int]:
        """How many articles of an outlet are archived, by day."""
        rows = self._rows(
            "SELECT date, count(*) AS n FROM articles WHERE outlet = ? AND date BETWEEN ? AND ? GROUP BY date",
            (outlet, since.isoformat(), until.isoformat()),
        )
        return {date.fromisoformat(row["date"]): row["n"] for row in rows}

    def averages(self, outlet: str) -> tuple[float, float] | None:
        """Bytes and seconds that a page of an outlet took on average; None where none was asked for."""
        (row,) = self._rows(
            "SELECT avg(size) AS size, avg(milliseconds) / 1000 AS seconds FROM ("
            " SELECT size, milliseconds FROM requests JOIN addresses USING (url)"
            " WHERE outlet = ? AND requests.status = 200 ORDER BY requests.id DESC LIMIT 1000)",
            (outlet,),
        )
        return (row["size"], row["seconds"]) if row["size"] else None


def _enter_lists(db: Database, run: int, lists: Iterable[ListFacts]) -> None:
    for facts in lists:
        row = {name.name: getattr(facts, name.name) for name in fields(ListFacts)} | {"run": run}
        days = {name: day.isoformat() if (day := row[name]) else None for name in ("first_day", "last_day")}
        db.execute(
            f"INSERT INTO lists (run, {_FACTS}) VALUES (:run, {', '.join(f':{name}' for name in _FACTS.split(', '))})"  # noqa: S608 - our own names
            " ON CONFLICT DO NOTHING",
            storable(row | days),
        )
