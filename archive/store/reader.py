"""The archive, to ask: articles, the ledger's facts on an address, and how the outlets fare."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import fields
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.articles.change_kinds import Edit, Version
from archive.articles.model import Article
from archive.articles.rows import row_record
from archive.database.connection import explained
from archive.database.values import instant, moment
from archive.ledger.model import AddressState, HostFacts, OutletStatus, RobotsKept, Served, SourceState, Why
from archive.record import CaptureRef, Document, Record
from archive.search.engine import Clock, search
from archive.search.model import Filters, Found
from archive.search.query import read_query
from archive.stories.queries import Story, stories

_INSTANTS = frozenset(
    "polled_at news_at next_due_at discovered_at published_hint asked_at fetched_at expires_at free_at failed_at"
    " resting_until started_at beat_at".split()
)
_ADDRESS = [field.name for field in fields(AddressState)]
_NEAR = 5
_LIKE = 200  # ids that are compared to find the nearest


class Answers:
    """What an open archive answers; `archive.store.writer.Archive` adds the writing."""

    def __init__(self, path: Path, db: Database) -> None:
        self.path = path
        self.db = db

    def _rows(self, sql: str, values: dict[str, Any] | tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        return list(self.all_rows(sql, values))

    def all_rows(self, sql: str, values: dict[str, Any] | tuple[Any, ...] = ()) -> Iterator[dict[str, Any]]:
        """The rows of a query one by one, whatever their number, all as they are when the first is asked for."""
        with explained(self.path), closing(self.db.execute(sql, values)) as cursor:
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))

    # Articles.

    def article(self, name: str) -> Article | None:
        """The article of an id, or of any address that leads to it."""
        found = self._rows(
            "SELECT * FROM articles WHERE id IN (:name, (SELECT article FROM addresses WHERE url = :name)) LIMIT 1",
            {"name": name},
        )
        return _article(found[0]) if found else None

    def versions(self, article: str) -> list[Version]:
        """Every version of the article of an id, the oldest first; none where there is no such article."""
        rows = self._rows("SELECT * FROM versions WHERE article = ? ORDER BY revision", (article,))
        return [
            Version(
                row["revision"],
                datetime.fromisoformat(row["seen_at"]),
                row["change"],
                Document(date.fromisoformat(row["date"]), row["title"], row["text"]),
            )
            for row in rows
        ]

    def changes(
        self,
        outlet: str | None = None,
        since: date | None = None,
        until: date | None = None,
        change: str | None = None,
        limit: int = 50,
    ) -> list[Edit]:
        """What outlets did to articles that were archived, the latest first.

        Args:
            outlet: Only of this outlet.
            since: Noticed from this day on, in UTC.
            until: Noticed up to this day, in UTC.
            change: Only of this class; gone and back are classes too.
            limit: How many at the most.
        """
        values = {
            "outlet": outlet,
            "since": since.isoformat() if since else None,
            "end": (until + timedelta(days=1)).isoformat() if until else None,
            "change": change,
            "limit": limit,
        }
        rows = self._rows(
            "SELECT e.at, e.change, e.article, a.outlet, a.date, a.title, a.url, e.revision FROM ("
            " SELECT seen_at AS at, change, article, revision FROM revisions WHERE revision > 1 UNION ALL"
            " SELECT confirmed_at, 'gone', article, NULL FROM tombstones WHERE confirmed_at IS NOT NULL UNION ALL"
            " SELECT back_at, 'back', article, NULL FROM tombstones WHERE back_at IS NOT NULL"
            ") AS e JOIN articles AS a ON a.id = e.article WHERE (:outlet IS NULL OR a.outlet = :outlet)"
            " AND (:since IS NULL OR e.at >= :since) AND (:end IS NULL OR e.at < :end)"
            " AND (:change IS NULL OR e.change = :change) ORDER BY e.at DESC, e.article LIMIT :limit",
            values,
        )
        return [Edit(**row | {"at": datetime.fromisoformat(row["at"])}) for row in rows]

    def near_ids(self, name: str) -> list[str]:
        """Ids like a mistyped one, the nearest first; of one that was cut short, those that begin so."""
        ids = {
            row["id"]
            for row in self._rows(
                # Whoever slips once has one half of the id right.
                f"SELECT * FROM (SELECT id FROM articles WHERE id >= :head AND id < :head || 'g' LIMIT {_LIKE})"  # noqa: S608
                f" UNION SELECT * FROM (SELECT id FROM articles WHERE substr(id, 9) = :tail LIMIT {_LIKE})",
                {"head": name[:8].lower(), "tail": name[-8:].lower()},
            )
        }
        return sorted(ids, key=lambda known: (-SequenceMatcher(None, name, known).ratio(), known))[:_NEAR]

    def records(self, filters: Filters | None = None, query: str = "") -> Iterator[Record]:
        """Records in the order of their date, outlet and id: of all articles, or of all that a query finds."""
        conditions, values = _selection(filters, query)
        rows = self.all_rows(
            f"SELECT * FROM articles WHERE true{conditions} ORDER BY date, outlet, id",  # noqa: S608 - our own
            values,
        )
        return map(row_record, rows)

    def captures(self, filters: Filters | None = None, query: str = "") -> Iterator[CaptureRef]:
        """Where the captures of the same articles are kept, in the order in which they were fetched."""
        conditions, values = _selection(filters, query)
        rows = self.all_rows(
            "SELECT file, offset, length, digest FROM captures"  # noqa: S608 - our own
            f" WHERE article IN (SELECT id FROM articles WHERE true{conditions}) ORDER BY fetched_at, url, digest, id",
            values,
        )
        return (CaptureRef(**row) for row in rows)

    def has_capture(self, url: str, fetched_at: datetime, digest: str) -> bool:
        """Whether this very answer is kept here."""
        return bool(
            self._rows(
                "SELECT 1 FROM captures WHERE url = ? AND fetched_at = ? AND digest = ?",
                (url, instant(fetched_at), digest),
            )
        )

    def search(
        self,
        query: str,
        filters: Filters | None = None,
        limit: int = 20,
        *,
        recent: bool = False,
        clock: Clock | None = None,
    ) -> Found:
        """Articles that a query finds, the best or the most recent first; see `archive.search.engine`."""
        with explained(self.path):
            return search(self.db, query, filters or Filters(), limit, recent=recent, clock=clock)

    def stories(
        self, since: date | None = None, outlet: str | None = None, limit: int = 20, number: int | None = None
    ) -> list[Story]:
        """Events that several articles tell of, the newest first; see `archive.stories.queries`."""
        with explained(self.path):
            return stories(self.db, since, outlet, limit, number)

    # The ledger.

    def source(self, url: str) -> SourceState | None:
        """What the ledger knows of a source."""
        found = self._rows(f"SELECT {_columns(SourceState)} FROM sources WHERE url = ?", (url,))  # noqa: S608 - our own
        return SourceState(**_timed(found[0])) if found else None

    def sources(self, outlet: str) -> list[SourceState]:
        """Every source of an outlet."""
        rows = self._rows(
            f"SELECT {_columns(SourceState)} FROM sources WHERE outlet = ? ORDER BY url",  # noqa: S608 - our own names
            (outlet,),
        )
        return [SourceState(**_timed(row)) for row in rows]

    def resting_sources(self, now: datetime) -> set[str]:
        """The addresses of the sources that are not due yet."""
        return {row["url"] for row in self._rows("SELECT url FROM sources WHERE next_due_at > ?", (instant(now),))}

    def brought_news(self, source: str, since: datetime | None) -> bool:
        """Whether any address was first found in a source since then; None means ever."""
        return bool(
            self._rows(
                "SELECT 1 FROM addresses WHERE source = ? AND source <> '' AND discovered_at > ? LIMIT 1",
                (source, instant(since) or ""),
            )
        )

    def outlets_with_due_pages(self, now: datetime) -> list[str]:
        """The outlets that have a page to be asked for now."""
        found = self._rows(
            "SELECT DISTINCT outlet FROM addresses WHERE next_due_at <= ? AND backfill IS NULL", (instant(now),)
        )
        return [row["outlet"] for row in found]

    def home(self, outlet: str) -> str:
        """The front page of an outlet; empty where it is not known."""
        found = self._rows("SELECT home FROM outlets WHERE id = ?", (outlet,))
        return str(found[0]["home"]) if found else ""

    def served(self) -> Served | None:
        """The service, as it was last heard of; None where there never was one."""
        rows = self._rows(
            "SELECT state, started_at, beat_at, troubles FROM runs WHERE kind = 'run' ORDER BY id DESC LIMIT 1"
        )
        return next((Served(**_timed(row) | {"troubles": tuple(json.loads(row["troubles"]))}) for row in rows), None)

    def published_times(self, outlet: str, since: date) -> list[datetime]:
        """When an outlet published articles, from a day on, as far as the time of day is known."""
        rows = self._rows(
            "SELECT published_at FROM articles WHERE outlet = ? AND date >= ? AND published_at IS NOT NULL",
            (outlet, since.isoformat()),
        )
        return [datetime.fromisoformat(row["published_at"]) for row in rows]

    def address(self, url: str) -> AddressState | None:
        """What the ledger knows of a page's canonical address."""
        found = self._rows(f"SELECT {_columns(AddressState)} FROM addresses WHERE url = ?", (url,))  # noqa: S608 - our own
        return AddressState(**_timed(found[0])) if found else None

    def due_addresses(self, outlet: str, now: datetime, limit: int | None = None) -> list[AddressState]:
        """Pages of an outlet that are due: what is not archived yet first, and of that what was published last."""
        rows = self._rows(
            f"SELECT {_columns(AddressState)} FROM addresses"  # noqa: S608 - our own
            " WHERE outlet = ? AND next_due_at <= ? AND backfill IS NULL"
            " ORDER BY state = 'archived', coalesce(published_hint, discovered_at) DESC, rowid LIMIT ?",
            (outlet, instant(now), -1 if limit is None else limit),
        )
        return [address_of(row) for row in rows]

    def robots(self, origin: str) -> RobotsKept | None:
        """What a site's robots.txt said."""
        found = self._rows(f"SELECT {_columns(RobotsKept)} FROM robots WHERE origin = ?", (origin,))  # noqa: S608 - our own
        return RobotsKept(**_timed(found[0])) if found else None

    def hosts(self, host: str | None = None) -> list[HostFacts]:
        """How one host fares, or every one that was asked."""
        rows = self._rows(
            f"SELECT {_columns(HostFacts)} FROM hosts WHERE :host IS NULL OR host = :host ORDER BY host",  # noqa: S608 - our own
            {"host": host},
        )
        return [HostFacts(**_timed(row)) for row in rows]

    def why(self, url: str) -> Why | None:
        """Every fact the ledger has on an address; None if it has none."""
        address = self.address(url)
        if address is None:
            return None
        articles = self._rows(
            "SELECT id, date, title, url, revision, first_seen_at, last_checked_at, gone_at FROM articles WHERE id = ?",
            (address.article,),
        )
        aliases = self._rows(
            "SELECT url FROM addresses WHERE article = ? AND url <> ? ORDER BY url", (address.article, url)
        )
        return Why(
            address,
            tuple(self._rows("SELECT * FROM requests WHERE url = ? ORDER BY id", (url,))),
            articles[0] if articles else None,
            tuple(row["url"] for row in aliases),
            tuple(self._rows("SELECT * FROM captures WHERE url = ? ORDER BY id", (url,))),
            tuple(self._rows("SELECT * FROM tombstones WHERE article = ? ORDER BY missed_at", (address.article,))),
            tuple(self._rows("SELECT * FROM imports WHERE article = ? ORDER BY id", (address.article,))),
        )

    def status(self) -> list[OutletStatus]:
        """How every outlet fares, in the order of their ids."""
        sources = {
            row["outlet"]: row
            for row in self._rows(
                "SELECT outlet, count(*) AS sources, sum(reason <> '') AS failing, max(polled_at) AS polled"
                " FROM sources GROUP BY outlet"
            )
        }
        tallies: dict[str, dict[str, dict[str, int]]] = {}
        for row in self._rows("SELECT outlet, what, reason, n FROM tallies WHERE n > 0"):
            tallies.setdefault(row["outlet"], {}).setdefault(row["what"], {})[row["reason"]] = row["n"]
        newest = "(SELECT max(date) FROM articles WHERE outlet = o.id) AS newest"
        return [
            OutletStatus(
                row["id"],
                row["name"],
                sum(tallied.get("article", {}).values()),
                row["newest"] or "",
                moment(polled.get("polled")),
                polled.get("sources", 0),
                polled.get("failing", 0),
                sum(tallied.get("due", {}).values()),
                tallied.get("rejected", {}),
                tallied.get("failed", {}),
            )
            for row in self._rows(f"SELECT id, name, {newest} FROM outlets AS o ORDER BY id")  # noqa: S608 - our own
            for polled, tallied in [(sources.get(row["id"], {}), tallies.get(row["id"], {}))]
        ]


def _selection(filters: Filters | None, query: str) -> tuple[str, tuple[Any, ...]]:
    """SQL conditions on `articles`, each beginning with AND, and their values."""
    conditions, values = (filters or Filters()).conditions()
    if query:
        read = read_query(query)
        conditions += (
            " AND number IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)" if read else " AND false"
        )
        values += [read.expression()] if read else []
    return conditions, tuple(values)


def _columns(kind: type) -> str:
    return ", ".join(field.name for field in fields(kind))


def address_of(row: dict[str, Any]) -> AddressState:
    """The state of an address, of a row that may have more columns."""
    return AddressState(**_timed({name: row[name] for name in _ADDRESS}))


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: moment(value) if name in _INSTANTS else value for name, value in row.items()}


def _article(row: Mapping[str, Any]) -> Article:
    return Article(
        row_record(row),
        datetime.fromisoformat(row["first_seen_at"]),
        moment(row["last_checked_at"]),
        row["revision"],
        moment(row["gone_at"]),
    )
