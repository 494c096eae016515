"""Define the values of the ledger: requests, their results, and due times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.errors import Failure


@dataclass(frozen=True, slots=True)
class OutletFacts:
    """Describe an outlet as the archive knows it; fields as in `crawler.outlets.model.Outlet`."""

    id: str
    name: str
    home: str = ""
    language: str = ""
    timezone: str = ""
    unproven: bool = False


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """Describe a declared source: its address, its outlet's id and its kind."""

    url: str
    outlet: str
    kind: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """Hold what the ledger knows about a source.

    Attributes:
        url: Its address.
        outlet: Whose it is.
        kind: feed, sitemap, section, listing or archive.
        etag: Of the answer we have; empty for none.
        last_modified: Likewise.
        interval: Seconds of its outlet's mean activity in which it brings one unknown address; None before the first.
        polls: How often it was asked.
        failures: Polls that failed in a row.
        polled_at: When it was last asked, UTC.
        news_at: When it last brought an unknown address, UTC.
        next_due_at: When it is due again, UTC; None means now.
        reason: Why the last poll failed; empty if it did not.
        detail: That in one line.
    """

    url: str
    outlet: str
    kind: str
    etag: str = ""
    last_modified: str = ""
    interval: float | None = None
    polls: int = 0
    failures: int = 0
    polled_at: datetime | None = None
    news_at: datetime | None = None
    next_due_at: datetime | None = None
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePoll:
    """Say what a poll taught: the fields of `SourceState` that it sets, and what it brought.

    Attributes:
        candidates: Links it lists that are the outlet's articles.
        new: How many of them were unknown.
        overran: None of them was known, though it was polled before: some may have come and gone in between.
        failure: Why it failed, if it did.
        notes: What was odd about the answer, in one line.
        status: The HTTP status, if there was an answer.
    """

    url: str
    polled_at: datetime
    next_due_at: datetime
    status: int | None = None
    failure: Failure | None = None
    notes: str = ""
    etag: str = ""
    last_modified: str = ""
    interval: float | None = None
    failures: int = 0
    candidates: int = 0
    new: int = 0
    overran: bool = False


@dataclass(frozen=True, slots=True)
class AddressState:
    """Hold what the ledger knows about the address of a page.

    Attributes:
        url: The canonical address.
        outlet: Whose it is.
        article: The id of the article it leads to.
        source: The source in which it was first found; empty where a person gave it.
        discovered_at: When, UTC.
        title_hint: The headline in the source.
        published_hint: The instant of publication in the source, UTC.
        published_raw: The source's own words for it.
        state: due, archived, rejected, failed, or alias where another address of the article is asked.
        reason: Why it is not archived; empty if it is or was not asked yet.
        detail: That in one line.
        status: The last HTTP status.
        failures: Requests that failed in a row.
        asked_at: When it was last asked, UTC.
        next_due_at: When it is due again, UTC; None means never by itself.
        etag: Of the answer we have; empty for none.
        last_modified: Likewise.
    """

    url: str
    outlet: str
    article: str
    source: str = ""
    discovered_at: datetime | None = None
    title_hint: str = ""
    published_hint: datetime | None = None
    published_raw: str = ""
    state: str = "due"
    reason: str = ""
    detail: str = ""
    status: int | None = None
    failures: int = 0
    asked_at: datetime | None = None
    next_due_at: datetime | None = None
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Count the unknown and the known candidates of a listing."""

    new: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Describe one request for a page, and what follows from it.

    Attributes:
        url: The address in the ledger that was asked.
        run: The run's id.
        asked_at: When, UTC.
        answered_at: When it was dealt with, UTC.
        status: The HTTP status, if there was an answer.
        size: Bytes transferred.
        failure: Why no record came of it, if none did.
        rejected: The page itself was read and is no article, rather than not to be had.
        notes: What was odd about the answer, in one line.
        failures: Requests of this address that failed in a row, this one included.
        next_due_at: When it is due again, UTC; None means never by itself.
        etag: Of the answer.
        last_modified: Of the answer.
        moved_to: The address that it redirected to; empty for none.
    """

    url: str
    run: int
    asked_at: datetime
    answered_at: datetime
    status: int | None = None
    size: int = 0
    failure: Failure | None = None
    rejected: bool = False
    notes: str = ""
    failures: int = 0
    next_due_at: datetime | None = None
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class AddressHistory:
    """Hold everything that the ledger knows about an address.

    Attributes:
        address: Its state.
        requests: Every request for it, oldest first, as in the table `requests`.
        article: The article it leads to, if that is archived: id, date, title, revision.
        aliases: Other addresses of the same article.
        captures: Where its answers are kept: fetched_at, status, file, offset, length.
        tombstones: When its article was missing, gone and back, as in the table `tombstones`.
        imports: The files that had its article, as in the table `imports`.
    """

    address: AddressState
    requests: tuple[Mapping[str, Any], ...] = ()
    article: Mapping[str, Any] | None = None
    aliases: tuple[str, ...] = ()
    captures: tuple[Mapping[str, Any], ...] = ()
    tombstones: tuple[Mapping[str, Any], ...] = ()
    imports: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class OutletStatus:
    """Say what the archive holds of an outlet, and how its sources fare.

    Attributes:
        id: The outlet's id.
        name: As the outlet writes it.
        articles: How many are archived.
        newest: The newest article's date; empty for none.
        last_polled_at: When any of its sources was last asked, UTC.
        sources: How many sources it has.
        failing: How many of them failed when last asked.
        due: Pages that wait to be asked for.
        rejected: Pages that are no article, by reason.
        failed: Pages that could not be had, by reason.
    """

    id: str
    name: str
    articles: int = 0
    newest: str = ""
    last_polled_at: datetime | None = None
    sources: int = 0
    failing: int = 0
    due: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Describe the service as it was last heard of.

    Attributes:
        state: running, done, or killed.
        started_at: When it began, UTC.
        beat_at: When it last said that it is alive, UTC; None for never.
        troubles: What kept it from its work then, a line each.
    """

    state: str
    started_at: datetime
    beat_at: datetime | None = None
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredRobots:
    """Hold a robots.txt response, stored across restarts.

    Attributes:
        origin: `https://host` or `https://host:port`.
        status: The HTTP status.
        text: The body.
        fetched_at: When, UTC.
        expires_at: Until when it is believed, UTC.
    """

    origin: str
    status: int
    text: str
    fetched_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HostFacts:
    """Describe how a host fares, stored across restarts.

    Attributes:
        host: `host` or `host:port`.
        crawl_delay: Seconds between two requests that its robots.txt asks for.
        free_at: When its next turn begins, UTC.
        failures: Failures of the host itself in a row.
        reason: Of the last of them; empty for none.
        failed_at: When that was, UTC.
        resting_until: It is left alone until then, UTC.
    """

    host: str
    crawl_delay: float = 0.0
    free_at: datetime | None = None
    failures: int = 0
    reason: str = ""
    failed_at: datetime | None = None
    resting_until: datetime | None = None
