"""Query runs, and the work that backfills still have to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from archive.database.values import format_instant, parse_day, parse_instant
from archive.errors import REASONS
from archive.ledger.backfill_model import (
    AnnouncedAddress,
    BackfillRun,
    ListFacts,
    ListState,
    Progress,
)
from archive.ledger.model import (
    AddressState,
)
from archive.store.ledger_queries import address_from_row
from archive.store.queries import Queries

_FACTS = ", ".join(field.name for field in fields(ListFacts))
_IN_WEB_ARCHIVE = ", ".join(f"'{reason}'" for reason, traits in REASONS.items() if traits.try_web_archive)
_SPAN = "iif(page > 1, 0, coalesce(CAST(julianday(last_day) - julianday(first_day) + 1 AS INTEGER), 0))"
_OPEN = ("running", "waiting", "stopped", "failed", "killed")


class RunQueries(Queries):
    """Query runs and backfills."""

    def load_plan(self, run: int) -> dict[str, Any]:
        """Return the plan that `save_plan` stored."""
        plan: dict[str, Any] = json.loads(self._fetch_all("SELECT plan FROM runs WHERE id = ?", (run,))[0]["plan"])
        return plan

    def next_list(self, run: int, outlet: str, now: datetime, after: int = 0) -> ListState | None:
        """Return the first due list of a run, after a given list number; None if none is due."""
        found = self._fetch_all(
            f"SELECT id, run, failures, {_FACTS} FROM lists WHERE run = ? AND outlet = ? AND state = 'due' AND id > ?"  # noqa: S608 - our own names
            " AND coalesce(next_due_at, '') <= ? ORDER BY id LIMIT 1",
            (run, outlet, after, format_instant(now)),
        )
        return ListState.from_row(found[0]) if found else None

    def pages_read(self, run: int, way: str) -> dict[int, date | None]:
        """Return the pages of a list that a run has read: their numbers, and the median day of each."""
        rows = self._fetch_all(
            "SELECT page, middle FROM lists WHERE run = ? AND way = ? AND state <> 'due'", (run, way)
        )
        return {row["page"]: parse_day(row["middle"]) for row in rows}

    def wanted_addresses(self, run: int, outlet: str, now: datetime, limit: int, tries: int) -> list[AddressState]:
        """List pages for a backfill to fetch now, except those that failed too often in a row."""
        rows = self._fetch_all(
            "SELECT * FROM addresses WHERE backfill = ? AND outlet = ? AND next_due_at <= ? AND failures < ?"
            " ORDER BY next_due_at, rowid LIMIT ?",
            (run, outlet, format_instant(now), tries, limit),
        )
        return [address_from_row(row) for row in rows]

    def next_retry_at(self, run: int, outlet: str, tries: int) -> datetime | None:
        """Return when a backfill's next list or page is due, except those that failed too often, or None."""
        found = self._fetch_all(
            "SELECT min(at) AS at FROM ("
            " SELECT next_due_at AS at FROM addresses WHERE backfill = :run AND outlet = :outlet AND failures < :tries"
            " UNION ALL SELECT coalesce(next_due_at, '1970-01-01T00:00:00Z') FROM lists"
            " WHERE run = :run AND outlet = :outlet AND state = 'due')",
            {"run": run, "outlet": outlet, "tries": tries},
        )
        return parse_instant(found[0]["at"])

    def has_work_left(self, run: int, outlet: str) -> bool:
        """Return whether a backfill has pages that it never fetched, or lists that it has not read."""
        return bool(
            self._fetch_all(
                "SELECT 1 FROM addresses WHERE backfill = :run AND outlet = :outlet AND state = 'due' UNION ALL"
                " SELECT 1 FROM lists WHERE run = :run AND outlet = :outlet AND state = 'due' LIMIT 1",
                {"run": run, "outlet": outlet},
            )
        )

    def missing_addresses(self, run: int, outlet: str, now: datetime) -> list[str]:
        """List a backfill's missing pages that were not looked up in a web archive yet."""
        rows = self._fetch_all(
            "SELECT url FROM addresses AS d WHERE outlet = :outlet AND (backfill = :run OR source IN"  # noqa: S608 - our own names
            " (SELECT url FROM lists WHERE run = :run)) AND ((state = 'due' AND next_due_at > :now) OR"
            f" (state IN ('failed', 'rejected') AND reason IN ({_IN_WEB_ARCHIVE}))) AND NOT EXISTS"
            " (SELECT 1 FROM lists WHERE run = :run AND kind = 'cdx' AND way = d.url) ORDER BY rowid",
            {"run": run, "outlet": outlet, "now": format_instant(now)},
        )
        return [row["url"] for row in rows]

    def run_state(self, run: int) -> str:
        """Return the state of a run."""
        return str(self._fetch_all("SELECT state FROM runs WHERE id = ?", (run,))[0]["state"])

    def waiting_runs(self) -> list[BackfillRun]:
        """List the runs that wait for the service, the oldest first."""
        return [
            BackfillRun.from_row(row)
            for row in self._fetch_all("SELECT * FROM runs WHERE state = 'waiting' ORDER BY id")
        ]

    def is_service_running(self) -> bool:
        """Return whether a service is recorded as running."""
        return bool(self._fetch_all("SELECT 1 FROM runs WHERE kind = 'run' AND state = 'running'"))

    def resumable_run(self, kind: str, arguments: Mapping[str, Any]) -> BackfillRun | None:
        """Return the last unfinished run with the same kind and arguments; None if there is none."""
        asked = json.dumps(arguments, ensure_ascii=False, default=str)
        marks = ", ".join("?" * len(_OPEN))
        found = self._fetch_all(
            f"SELECT * FROM runs WHERE kind = ? AND arguments = ? AND state IN ({marks}) ORDER BY id DESC LIMIT 1",  # noqa: S608 - marks alone
            (kind, asked, *_OPEN),
        )
        return BackfillRun.from_row(found[0]) if found else None

    def backfill(self, run: int) -> BackfillRun | None:
        """Return a backfill, an audit or an `add` with its progress; None if the run is of another kind."""
        found = self._fetch_all("SELECT * FROM runs WHERE id = ? AND kind IN ('backfill', 'audit', 'add')", (run,))
        return BackfillRun.from_row(found[0], self.progress(run)) if found else None

    def backfills(self) -> list[BackfillRun]:
        """List every backfill and audit, the newest first."""
        rows = self._fetch_all("SELECT * FROM runs WHERE kind IN ('backfill', 'audit') ORDER BY id DESC")
        return [BackfillRun.from_row(row, self.progress(row["id"])) for row in rows]

    def progress(self, run: int) -> dict[str, Progress]:
        """Return the progress of a backfill, by outlet."""
        lists = self._fetch_all(
            "SELECT outlet, count(*) AS lists, sum(state = 'done') AS read, sum(state = 'failed') AS failed,"  # noqa: S608
            " sum(wanted) AS found, sum(state = 'due' AND candidates > 0) AS untold,"
            " sum(iif(state = 'due', candidates, 0)) AS undated, sum(days) AS days,"
            " sum(iif(state = 'due', 0, days)) AS days_read FROM"
            f" (SELECT *, {_SPAN} AS days FROM lists) WHERE run = ? GROUP BY outlet ORDER BY outlet",
            (run,),
        )
        waiting = self._fetch_all(
            "SELECT outlet, count(*) AS n, iif(sum(claims) = 0, min(next_due_at), NULL) AS retry_at FROM addresses"
            " WHERE backfill = ? GROUP BY outlet ORDER BY outlet",
            (run,),
        )
        left = {row["outlet"]: {"waiting": row["n"], "retry_at": parse_instant(row["retry_at"])} for row in waiting}
        known = {row.pop("outlet"): row for row in lists}
        return {
            # Addresses that were entered from a list whose reading was then not recorded are not counted there.
            name: Progress(**{"found": 0, **known.get(name, {})}, **left.get(name, {})).sound()
            for name in sorted({*known, *left})
        }

    def announced_addresses(self, outlet: str) -> Iterator[AnnouncedAddress]:
        """Yield every address of an outlet, with everything that shows its day."""
        rows = self.query(
            "SELECT d.url, d.article, d.state, d.reason, coalesce(d.article_date, a.date) AS article_date,"
            " a.id IS NOT NULL AS is_archived, d.published_hint, l.first_day, l.last_day"
            " FROM addresses AS d LEFT JOIN articles AS a ON a.id = d.article LEFT JOIN lists AS l ON l.id ="
            "  (SELECT max(id) FROM lists WHERE lists.url = d.source) WHERE d.outlet = ?",
            (outlet,),
        )
        return map(AnnouncedAddress.from_row, rows)

    def archived_by_day(self, outlet: str, since: date | None, until: date | None) -> dict[date, int]:
        """Count the archived articles of an outlet, by day."""
        rows = self._fetch_all(
            "SELECT date, count(*) AS n FROM articles WHERE outlet = ? AND date BETWEEN ? AND ? GROUP BY date",
            (outlet, (since or date.min).isoformat(), (until or date.max).isoformat()),
        )
        return {date.fromisoformat(row["date"]): row["n"] for row in rows}

    def average_cost(self, outlet: str) -> tuple[float, float] | None:
        """Return the average bytes and seconds of a page of an outlet; None if none was fetched."""
        (row,) = self._fetch_all(
            "SELECT avg(size) AS size, avg(milliseconds) / 1000 AS seconds FROM ("
            " SELECT size, milliseconds FROM requests JOIN addresses USING (url)"
            " WHERE outlet = ? AND requests.status = 200 ORDER BY requests.id DESC LIMIT 1000)",
            (outlet,),
        )
        return (row["size"], row["seconds"]) if row["size"] else None
