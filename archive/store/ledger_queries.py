"""Query the ledger: sources, addresses, hosts and the service."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from archive.database.values import format_instant, parse_instant
from archive.ledger.model import (
    AddressHistory,
    AddressState,
    HostFacts,
    OutletFacts,
    OutletStatus,
    ServiceStatus,
    SourceState,
    StoredRobots,
)
from archive.store.queries import Queries, columns_of, parse_times

_ADDRESS = [field.name for field in fields(AddressState)]


class LedgerQueries(Queries):
    """Query requests, their results, and due times."""

    def source(self, url: str) -> SourceState | None:
        """Return what the ledger knows about a source."""
        found = self._fetch_all(f"SELECT {columns_of(SourceState)} FROM sources WHERE url = ?", (url,))  # noqa: S608 - our own
        return SourceState(**parse_times(found[0])) if found else None

    def sources(self, outlet: str) -> list[SourceState]:
        """List every source of an outlet."""
        rows = self._fetch_all(
            f"SELECT {columns_of(SourceState)} FROM sources WHERE outlet = ? ORDER BY url",  # noqa: S608 - our own names
            (outlet,),
        )
        return [SourceState(**parse_times(row)) for row in rows]

    def sources_not_due(self, now: datetime) -> set[str]:
        """Return the addresses of the sources that are not due yet."""
        return {
            row["url"]
            for row in self._fetch_all("SELECT url FROM sources WHERE next_due_at > ?", (format_instant(now),))
        }

    def has_new_addresses(self, source: str, since: datetime | None) -> bool:
        """Return whether a source listed a new address after an instant; None means ever."""
        return bool(
            self._fetch_all(
                "SELECT 1 FROM addresses WHERE source = ? AND source <> '' AND discovered_at > ? LIMIT 1",
                (source, format_instant(since) or ""),
            )
        )

    def outlets_with_due_pages(self, now: datetime) -> list[str]:
        """List the outlets with a page that is due now."""
        found = self._fetch_all(
            "SELECT DISTINCT outlet FROM addresses WHERE next_due_at <= ? AND backfill IS NULL", (format_instant(now),)
        )
        return [row["outlet"] for row in found]

    def home_page(self, outlet: str) -> str:
        """Return the home page of an outlet; empty if it is unknown."""
        found = self._fetch_all("SELECT home FROM outlets WHERE id = ?", (outlet,))
        return str(found[0]["home"]) if found else ""

    def outlets(self) -> list[OutletFacts]:
        """Return every outlet that the archive knows, by id."""
        rows = self._fetch_all(f"SELECT {columns_of(OutletFacts)} FROM outlets ORDER BY id")  # noqa: S608 - our own
        return [OutletFacts(**row | {"unproven": bool(row["unproven"])}) for row in rows]

    def service_status(self) -> ServiceStatus | None:
        """Return the last known state of the service; None if it never ran."""
        rows = self._fetch_all(
            "SELECT state, started_at, beat_at, troubles FROM runs WHERE kind = 'run' ORDER BY id DESC LIMIT 1"
        )
        if not rows:
            return None
        return ServiceStatus(**parse_times(rows[0]) | {"troubles": tuple(json.loads(rows[0]["troubles"]))})

    def address(self, url: str) -> AddressState | None:
        """Return what the ledger knows about a page's canonical address."""
        found = self._fetch_all(f"SELECT {columns_of(AddressState)} FROM addresses WHERE url = ?", (url,))  # noqa: S608 - our own
        return AddressState(**parse_times(found[0])) if found else None

    def due_addresses(self, outlet: str, now: datetime, limit: int | None = None) -> list[AddressState]:
        """List due pages of an outlet: new pages first, the most recently published of them first."""
        rows = self._fetch_all(
            f"SELECT {columns_of(AddressState)} FROM addresses"  # noqa: S608 - our own
            " WHERE outlet = ? AND next_due_at <= ? AND backfill IS NULL"
            " ORDER BY state = 'archived', coalesce(published_hint, discovered_at) DESC, rowid LIMIT ?",
            (outlet, format_instant(now), -1 if limit is None else limit),
        )
        return [address_from_row(row) for row in rows]

    def count_articles_with_text(self, digest: str, article: str, most: int) -> int:
        """Count the articles whose address gave a text.

        Args:
            digest: The digest of the host and the text.
            article: An article that is counted in any case.
            most: Where the count ends.
        """
        others = (  # the index has only the addresses with a digest, and is used only by a query that says so
            "SELECT DISTINCT article FROM addresses"
            " WHERE text_digest = ? AND text_digest <> '' AND article <> ? LIMIT ?"
        )
        return 1 + len(self._fetch_all(others, (digest, article, most - 1)))

    def robots(self, origin: str) -> StoredRobots | None:
        """Return the stored response of a site for its robots.txt."""
        found = self._fetch_all(f"SELECT {columns_of(StoredRobots)} FROM robots WHERE origin = ?", (origin,))  # noqa: S608 - our own
        return StoredRobots(**parse_times(found[0])) if found else None

    def hosts(self, host: str | None = None) -> list[HostFacts]:
        """List the state of one host, or of every known host."""
        rows = self._fetch_all(
            f"SELECT {columns_of(HostFacts)} FROM hosts WHERE :host IS NULL OR host = :host ORDER BY host",  # noqa: S608 - our own
            {"host": host},
        )
        return [HostFacts(**parse_times(row)) for row in rows]

    def why(self, url: str) -> AddressHistory | None:
        """Return every fact that the ledger has about an address; None if it has none."""
        address = self.address(url)
        if address is None:
            return None
        articles = self._fetch_all(
            "SELECT id, date, title, url, revision, first_seen_at, last_checked_at, gone_at, rules, confidence, doubts"
            " FROM articles WHERE id = ?",
            (address.article,),
        )
        aliases = self._fetch_all(
            "SELECT url FROM addresses WHERE article = ? AND url <> ? ORDER BY url", (address.article, url)
        )
        return AddressHistory(
            address,
            tuple(self._fetch_all("SELECT * FROM requests WHERE url = ? ORDER BY id", (url,))),
            articles[0] if articles else None,
            tuple(row["url"] for row in aliases),
            tuple(self._fetch_all("SELECT * FROM captures WHERE url = ? ORDER BY id", (url,))),
            tuple(self._fetch_all("SELECT * FROM tombstones WHERE article = ? ORDER BY missed_at", (address.article,))),
            tuple(self._fetch_all("SELECT * FROM imports WHERE article = ? ORDER BY id", (address.article,))),
        )

    def status(self) -> list[OutletStatus]:
        """List the state of every outlet, sorted by id."""
        sources = {
            row["outlet"]: row
            for row in self._fetch_all(
                "SELECT outlet, count(*) AS sources, sum(reason <> '') AS failing, max(polled_at) AS polled"
                " FROM sources GROUP BY outlet"
            )
        }
        tallies: dict[str, dict[str, dict[str, int]]] = {}
        for row in self._fetch_all("SELECT outlet, what, reason, n FROM tallies WHERE n > 0"):
            tallies.setdefault(row["outlet"], {}).setdefault(row["what"], {})[row["reason"]] = row["n"]
        newest = "(SELECT max(date) FROM articles WHERE outlet = o.id) AS newest"
        return [
            OutletStatus(
                row["id"],
                row["name"],
                sum(tallied.get("article", {}).values()),
                row["newest"] or "",
                parse_instant(polled.get("polled")),
                polled.get("sources", 0),
                polled.get("failing", 0),
                sum(tallied.get("due", {}).values()),
                tallied.get("rejected", {}),
                tallied.get("failed", {}),
            )
            for row in self._fetch_all(f"SELECT id, name, {newest} FROM outlets AS o ORDER BY id")  # noqa: S608 - our own
            for polled, tallied in [(sources.get(row["id"], {}), tallies.get(row["id"], {}))]
        ]


def address_from_row(row: dict[str, Any]) -> AddressState:
    """Convert a row, which may have more columns, to the state of an address."""
    return AddressState(**parse_times({name: row[name] for name in _ADDRESS}))
