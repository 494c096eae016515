"""Query articles, their revisions and their captures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from archive.articles.change_kinds import Edit, Version
from archive.articles.model import Article
from archive.articles.rows import row_record
from archive.database.connection import archive_errors
from archive.database.values import format_instant, parse_instant
from archive.record import CaptureRef, Document, Record
from archive.search.engine import Clock, search
from archive.search.model import Filters, SearchResult
from archive.search.query import parse_query
from archive.store.queries import Queries
from archive.stories.queries import Story, stories

_SIMILAR_IDS = 5  # ids that are suggested for a mistyped id
_COMPARED_IDS = 200  # ids that are compared with a mistyped id


class ArticleQueries(Queries):
    """Query articles."""

    def article(self, name: str) -> Article | None:
        """Return the article with an id, or the one that an address leads to."""
        found = self._fetch_all(
            "SELECT * FROM articles WHERE id IN (:name, (SELECT article FROM addresses WHERE url = :name)) LIMIT 1",
            {"name": name},
        )
        return _article(found[0]) if found else None

    def versions(self, article: str) -> list[Version]:
        """List every revision of an article, oldest first; return an empty list if there is no such article."""
        rows = self._fetch_all("SELECT * FROM versions WHERE article = ? ORDER BY revision", (article,))
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
        """List edits and deletions of archived articles, latest first.

        Args:
            outlet: Only of this outlet.
            since: Noticed on this day or later, in UTC.
            until: Noticed on this day or earlier, in UTC.
            change: Only of this class; `gone` and `back` are classes too.
            limit: The largest number of edits.
        """
        values = {
            "outlet": outlet,
            "since": since.isoformat() if since else None,
            "end": (until + timedelta(days=1)).isoformat() if until else None,
            "change": change,
            "limit": limit,
        }
        rows = self._fetch_all(
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

    def similar_ids(self, name: str) -> list[str]:
        """Suggest ids like a mistyped one, most similar first; a prefix finds the ids that begin with it."""
        from difflib import SequenceMatcher

        ids = {
            row["id"]
            for row in self._fetch_all(
                # A single typing mistake leaves one half of the id right.
                f"SELECT * FROM (SELECT id FROM articles WHERE id >= :head AND id < :head || 'g' LIMIT {_COMPARED_IDS})"  # noqa: S608
                f" UNION SELECT * FROM (SELECT id FROM articles WHERE substr(id, 9) = :tail LIMIT {_COMPARED_IDS})",
                {"head": name[:8].lower(), "tail": name[-8:].lower()},
            )
        }
        return sorted(ids, key=lambda known: (-SequenceMatcher(None, name, known).ratio(), known))[:_SIMILAR_IDS]

    def records(self, filters: Filters | None = None, query: str = "") -> Iterator[Record]:
        """Yield the records of the articles that filters and a query select, by date, outlet and id.

        Words of the query may stand anywhere in an article; they need not be side by side.
        """
        conditions, values = _selection(filters, query)
        rows = self.query(
            f"SELECT * FROM articles WHERE true{conditions} ORDER BY date, outlet, id",  # noqa: S608 - our own
            values,
        )
        return map(row_record, rows)

    def captures(self, filters: Filters | None = None, query: str = "") -> Iterator[CaptureRef]:
        """Yield where the captures of the articles that `records` yields are stored, in the order of fetching."""
        conditions, values = _selection(filters, query)
        rows = self.query(
            "SELECT file, offset, length, digest FROM captures"  # noqa: S608 - our own
            f" WHERE article IN (SELECT id FROM articles WHERE true{conditions}) ORDER BY fetched_at, url, digest, id",
            values,
        )
        return (CaptureRef(**row) for row in rows)

    def has_capture(self, url: str, fetched_at: datetime, digest: str) -> bool:
        """Return whether this exact response is stored."""
        return bool(
            self._fetch_all(
                "SELECT 1 FROM captures WHERE url = ? AND fetched_at = ? AND digest = ?",
                (url, format_instant(fetched_at), digest),
            )
        )

    def search(
        self,
        query: str,
        filters: Filters | None = None,
        limit: int = 20,
        *,
        recent: bool = False,
        phrases: bool = False,
        clock: Clock | None = None,
    ) -> SearchResult:
        """Search articles, best or newest first; see `archive.search.engine`."""
        with archive_errors(self.path):
            return search(self.db, query, filters or Filters(), limit, recent=recent, phrases=phrases, clock=clock)

    def stories(
        self, since: date | None = None, outlet: str | None = None, limit: int = 20, number: int | None = None
    ) -> list[Story]:
        """List events that several articles report, newest first; see `archive.stories.queries`."""
        with archive_errors(self.path):
            return stories(self.db, since, outlet, limit, number)

    def published_times(self, outlet: str, since: date) -> list[datetime]:
        """List when an outlet published articles since a day, if the time of day is known."""
        rows = self._fetch_all(
            "SELECT published_at FROM articles WHERE outlet = ? AND date >= ? AND published_at IS NOT NULL",
            (outlet, since.isoformat()),
        )
        return [datetime.fromisoformat(row["published_at"]) for row in rows]


def _selection(filters: Filters | None, query: str) -> tuple[str, tuple[Any, ...]]:
    """Build SQL conditions on `articles`, each beginning with AND, and their values."""
    conditions, values = (filters or Filters()).conditions()
    if query:
        read = parse_query(query)
        conditions += (
            " AND number IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)" if read else " AND false"
        )
        values += [read.expression()] if read else []
    return conditions, tuple(values)


def _article(row: Mapping[str, Any]) -> Article:
    return Article(
        row_record(row),
        datetime.fromisoformat(row["first_seen_at"]),
        parse_instant(row["last_checked_at"]),
        row["revision"],
        parse_instant(row["gone_at"]),
    )
