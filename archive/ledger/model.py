"""Define the values of the ledger: outlets, sources, addresses, requests and due times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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
    """The facts of the ledger about a source.

    Attributes:
        url: Its address.
        outlet: The outlet's id.
        kind: feed, sitemap, section, listing, archive or unknown.
        etag: The `ETag` of the stored response; empty for none.
        last_modified: The `Last-Modified` of the stored response; empty for none.
        interval: Average seconds between two new addresses, at the outlet's mean activity; None before the first.
        polls: How many times it was requested.
        failures: How many polls failed in a row.
        polled_at: When it was last requested, UTC.
        news_at: When it last listed an unknown address, UTC.
        next_due_at: When it is due again, UTC; None means now.
        reason: Why the last poll failed; empty if it did not.
        detail: The same reason, explained in one line; after a success, what was unusual about the response.
        disproved_at: When its content last contradicted its ETag or Last-Modified, UTC; None for never.
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
    disproved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePoll:
    """Describe the result of a poll: the fields of `SourceState` that it sets, and its links.

    Attributes:
        candidates: Listed links that are the outlet's articles.
        new: How many of these were unknown.
        overran: All were unknown although the source was polled before: links may have come and gone in between.
        failure: Why it failed; None if it did not.
        notes: What was unusual about the response, in one line.
        status: The HTTP status, if there was a response.
        disproved: The content contradicted the ETag or the Last-Modified.
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
    disproved: bool = False


@dataclass(frozen=True, slots=True)
class AddressState:
    """The facts of the ledger about the address of a page.

    Attributes:
        url: The canonical address.
        outlet: The outlet's id.
        article: The id of the article it leads to.
        source: The source that first listed it; empty if a person gave it.
        discovered_at: When it was first listed, UTC.
        title_hint: The headline in the source.
        published_hint: The instant of publication in the source, UTC.
        published_raw: The time as the source writes it.
        state: due, archived, rejected, failed, or alias if another address of the article is requested instead.
        reason: Why it is not archived; empty if it is archived or was not requested yet.
        detail: The same reason, explained in one line; after a success, what was unusual about the response.
        article_date: The date of its article, if that was read but not asked for; None otherwise.
        status: The last HTTP status.
        failures: How many requests failed in a row.
        asked_at: When it was last requested, UTC.
        next_due_at: When it is due again, UTC; None means never by itself.
        etag: The `ETag` of the stored response; empty for none.
        last_modified: The `Last-Modified` of the stored response; empty for none.
        text_digest: The digest of the host and the text that was read last; empty if none was.
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
    article_date: date | None = None
    status: int | None = None
    failures: int = 0
    asked_at: datetime | None = None
    next_due_at: datetime | None = None
    etag: str = ""
    last_modified: str = ""
    text_digest: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Count the unknown and the known candidates of a listing."""

    new: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Describe one request for a page, and its result.

    Attributes:
        url: The requested address, as in the ledger.
        run: The run's id.
        asked_at: When it was requested, UTC.
        answered_at: When its result was known, UTC.
        status: The HTTP status, if there was a response.
        size: Bytes transferred.
        failure: Why it gave no record; None if it gave one.
        rejected: The page was read and is not an article; otherwise a failure means that it could not be read.
        notes: What was unusual about the response, in one line.
        failures: How many requests of this address failed in a row, this one included.
        next_due_at: When it is due again, UTC; None means never by itself.
        etag: The `ETag` of the response.
        last_modified: The `Last-Modified` of the response.
        moved_to: The address that it redirected to; empty for none.
        text_digest: The digest of the host and the text that was read; empty if none was.
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
    text_digest: str = ""


@dataclass(frozen=True, slots=True)
class AddressHistory:
    """Hold everything that the ledger knows about an address.

    Attributes:
        address: Its state.
        requests: All requests for it, oldest first, as in the table `requests`.
        article: Its article, if that is archived: id, date, title, url, revision, first_seen_at, last_checked_at,
            gone_at, rules, confidence, doubts (JSON).
        aliases: Other addresses of the same article.
        captures: Where its responses are stored: fetched_at, status, file, offset, length.
        tombstones: When its article was missing, gone and back, as in the table `tombstones`.
        imports: The imported files that contain its article, as in the table `imports`.
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
    """Describe what the archive holds of an outlet, and how well its sources work.

    Attributes:
        id: The outlet's id.
        name: The outlet's name, as it writes it.
        articles: How many articles are archived.
        newest: The newest article's date; empty for none.
        last_polled_at: When any of its sources was last requested, UTC.
        sources: How many sources it has.
        failing: How many of its sources failed at the last poll.
        due: Pages that wait to be fetched.
        rejected: Pages that are not articles, by reason.
        failed: Pages that could not be fetched or read, by reason.
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
    """Describe the service as the ledger last knew it.

    Attributes:
        state: running, done, or killed.
        started_at: When it began, UTC.
        beat_at: Its last heartbeat, UTC; None for never.
        troubles: The problems that it had then, one line each.
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
        expires_at: Until when it is used, UTC.
    """

    origin: str
    status: int
    text: str
    fetched_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HostFacts:
    """Describe the health and the limits of a host, stored across restarts.

    Attributes:
        host: `host` or `host:port`.
        crawl_delay: Seconds between two requests that its robots.txt asks for.
        free_at: When the next request is allowed, UTC.
        failures: How many times in a row the host itself failed.
        reason: The reason of the last such failure; empty for none.
        failed_at: When the host last failed, UTC.
        resting_until: Until when no request is sent to it, UTC.
    """

    host: str
    crawl_delay: float = 0.0
    free_at: datetime | None = None
    failures: int = 0
    reason: str = ""
    failed_at: datetime | None = None
    resting_until: datetime | None = None
