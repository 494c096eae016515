"""Write the ledger: hosts, sources and addresses; every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from archive.database.values import format_instant
from archive.ledger.addresses import (
    declare_source,
    enter_address,
    insert_capture,
)
from archive.ledger.clock_skew import clock_setback, shift_due_times
from archive.ledger.model import Discovery, HostFacts, SourceFacts, SourcePoll, SourceState, StoredRobots
from archive.ledger.rows import poll_row
from archive.record import ArticleLink, StoredCapture
from archive.store.ledger_queries import LedgerQueries
from archive.store.transactions import Transactions


class LedgerWriter:
    """Record what happens before and after each request."""

    def __init__(self, reader: LedgerQueries, transactions: Transactions) -> None:
        """Use an open archive.

        Args:
            reader: Reads the ledger, by the same connection.
            transactions: The transactions of that connection.
        """
        self._reader = reader
        self._transaction = transactions.begin

    def shift_due_times(self, now: datetime) -> timedelta | None:
        """Shift due times back after the system clock was set back; return by how much, or None."""
        with self._transaction() as db:
            back = clock_setback(db, now)
            if back:
                shift_due_times(db, back, now)
        return back

    def save_robots(self, facts: StoredRobots) -> None:
        """Store a site's response for its robots.txt."""
        with self._transaction() as db:
            row = (
                facts.origin,
                facts.status,
                facts.text,
                format_instant(facts.fetched_at),
                format_instant(facts.expires_at),
            )
            db.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?, ?)", row)

    def save_host(self, facts: HostFacts) -> None:
        """Store the state of a host."""
        with self._transaction() as db:
            times = (format_instant(facts.failed_at), format_instant(facts.resting_until))
            row = (facts.host, facts.crawl_delay, format_instant(facts.free_at), facts.failures, facts.reason, *times)
            db.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def claim_source(self, source: SourceFacts, next_due_at: datetime) -> SourceState:
        """Claim a source before it is requested, with its next due time in case the process dies."""
        with self._transaction() as db:
            declare_source(db, source)
            row = (format_instant(next_due_at), source.url)
            db.execute("UPDATE sources SET next_due_at = ?, claims = claims + 1 WHERE url = ?", row)
        state = self._reader.source(source.url)
        assert state is not None
        return state

    def record_poll(self, poll: SourcePoll, capture: StoredCapture | None = None) -> None:
        """Record the result of a poll, and where its response is stored."""
        with self._transaction() as db:
            insert_capture(db, poll.url, poll.status, capture)
            settled = db.execute(
                "UPDATE sources SET polls = polls + 1, polled_at = :polled_at, next_due_at = :next_due_at,"
                " news_at = CASE WHEN :new THEN :polled_at ELSE news_at END, status = :status, reason = :reason,"
                " detail = :detail, etag = :etag, last_modified = :last_modified, interval = :interval,"
                " failures = :failures, candidates = :candidates, new = new + :new, overruns = overruns + :overran,"
                " disproved_at = CASE WHEN :disproved THEN :polled_at ELSE disproved_at END, claims = 0"
                " WHERE url = :url",
                poll_row(poll),
            )
            assert settled.rowcount == 1, f"not in the ledger: {poll.url}"

    def make_sources_due(self, outlet: str, kinds: Sequence[str], now: datetime) -> None:
        """Make the sources of some kinds of an outlet due now."""
        with self._transaction() as db:
            marks = ",".join("?" * len(kinds))
            db.execute(
                f"UPDATE sources SET next_due_at = ? WHERE outlet = ? AND failures = 0 AND kind IN ({marks})",  # noqa: S608 - marks alone
                (format_instant(now), outlet, *kinds),
            )

    def release_source(self, url: str, now: datetime) -> None:
        """Release the claim on a source that was not requested after all, so that it is due now."""
        with self._transaction() as db:
            db.execute("UPDATE sources SET next_due_at = ?, claims = 0 WHERE url = ?", (format_instant(now), url))

    def discover(self, outlet: str, source: str, links: Sequence[ArticleLink], now: datetime) -> Discovery:
        """Enter addresses into the ledger; unknown ones become due.

        An address is an alias and is not fetched if its article is archived, or waits under another address.

        Args:
            outlet: The outlet's id.
            source: The source that lists them; empty if a person gave them.
            links: The links to articles.
            now: The current time, UTC.
        """
        with self._transaction() as db:
            new = sum(enter_address(db, outlet, source, link, now) for link in links)
        return Discovery(new, len(links) - new)

    def claim_address(self, url: str, asked_at: datetime, next_due_at: datetime) -> None:
        """Claim a page before it is fetched, with its next due time in case the process dies."""
        with self._transaction() as db:
            row = (format_instant(asked_at), format_instant(next_due_at), url)
            db.execute("UPDATE addresses SET asked_at = ?, next_due_at = ?, claims = claims + 1 WHERE url = ?", row)

    def release_address(self, url: str, now: datetime) -> None:
        """Release the claim on a page that was not fetched after all, so that it is due now."""
        with self._transaction() as db:
            db.execute("UPDATE addresses SET next_due_at = ?, claims = 0 WHERE url = ?", (format_instant(now), url))

    def reschedule(self, url: str, next_due_at: datetime | None) -> None:
        """Set when a page is due again; None means never by itself."""
        with self._transaction() as db:
            db.execute("UPDATE addresses SET next_due_at = ? WHERE url = ?", (format_instant(next_due_at), url))
