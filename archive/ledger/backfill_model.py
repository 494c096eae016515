"""Define the values of a backfill: lists to read, results, progress and coverage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from archive.database.values import parse_day, parse_instant
from archive.errors import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFacts:
    """Describe a list that may contain articles of the wanted days.

    Attributes:
        url: Its address, or the path of a file.
        outlet: The outlet's id.
        kind: As in `sources`, or cdx (the captures of one address) or captured (the addresses of a host).
        way: The declared source that leads to this list; for cdx that address, for captured that host.
        page: Its page number, if the list has several pages.
        depth: How many indexes lead to it.
        first_day: The first day that it can contain, if its address shows that; None otherwise.
        last_day: The last day that it can contain, if its address shows that; None otherwise.
    """

    url: str
    outlet: str
    kind: str
    way: str = ""
    page: int = 1
    depth: int = 0
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """Hold a list as the ledger has it.

    Attributes:
        id: The list's number.
        run: The id of the run that reads it.
        facts: The list's address, kind and days.
        failures: How many times in a row it failed.
    """

    id: int
    run: int
    facts: ListFacts
    failures: int = 0

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> ListState:
        """Convert a row of `lists`."""
        days = {name: parse_day(row[name]) for name in ("first_day", "last_day")}
        facts = {field.name: row[field.name] for field in fields(ListFacts)} | days
        return cls(id=row["id"], run=row["run"], facts=ListFacts(**facts), failures=row["failures"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """Describe the result of reading a list.

    Attributes:
        failure: Why it could not be read; None if it was read.
        retry_at: When it is requested again, UTC; None for never.
        notes: What was unusual, or why the backfill stops here.
        candidates: How many of the outlet's articles it lists.
        left_out: How many of these are of other days.
        digest: A digest of the listed links.
        middle: The median of the days of its articles; None if they are unknown.
        following: The lists that it links to.
        page: The page to read next, which may be the same page again; None at the end.
        status: The HTTP status.
        entered: How many of its addresses were entered in the transactions before the last one.
    """

    failure: Failure | None = None
    retry_at: datetime | None = None
    notes: str = ""
    candidates: int = 0
    left_out: int = 0
    digest: str = ""
    middle: date | None = None
    following: tuple[ListFacts, ...] = ()
    page: ListFacts | None = None
    status: int | None = None
    entered: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Count how far a backfill of one outlet has come.

    Attributes:
        lists: Lists to read, as far as they are known.
        read: Lists that were read.
        failed: Lists that could not be read.
        found: Addresses that were entered to be fetched.
        waiting: Addresses among these that still wait.
        untold: Lists without dates; their further pages are read while their articles are fetched.
        undated: Addresses on the first pages of these lists.
        days: Days that the lists cover, if their addresses show that.
        days_read: Days among these whose lists were read.
        retry_at: When the next page is requested again, UTC; None if pages are in flight or none waits for a retry.
    """

    lists: int = 0
    read: int = 0
    failed: int = 0
    found: int = 0
    waiting: int = 0
    untold: int = 0
    undated: int = 0
    days: int = 0
    days_read: int = 0
    retry_at: datetime | None = None

    def sound(self) -> Progress:
        """Return the same counts, with `found` raised to `waiting` if it is smaller."""
        return replace(self, found=max(self.found, self.waiting))


@dataclass(frozen=True, slots=True)
class BackfillRun:
    """Hold a backfill, an audit or an `add` as the ledger has it.

    Attributes:
        run: The run's id.
        kind: backfill, audit or add.
        state: Its state, as in `runs`.
        served: The service does the work.
        started_at: When it began, UTC.
        ended_at: When it ended, UTC; None while it runs.
        arguments: The arguments of the command.
        counts: The results, by outlet.
        progress: The progress, by outlet.
    """

    run: int
    kind: str
    state: str
    served: bool
    started_at: datetime
    ended_at: datetime | None
    arguments: Mapping[str, Any]
    counts: Mapping[str, Any] = field(default_factory=dict)
    progress: Mapping[str, Progress] = field(default_factory=dict)

    @classmethod
    def from_row(cls, row: Mapping[str, Any], progress: Mapping[str, Progress] | None = None) -> BackfillRun:
        """Convert a row of `runs` and its progress."""
        return cls(
            row["id"],
            row["kind"],
            row["state"],
            bool(row["served"]),
            datetime.fromisoformat(row["started_at"]),
            parse_instant(row["ended_at"]),
            json.loads(row["arguments"]),
            json.loads(row["counts"]),
            progress or {},
        )


@dataclass(frozen=True, slots=True)
class AnnouncedAddress:
    """Hold an address of an outlet, with everything that shows its day.

    Attributes:
        url: The address.
        article: The id of the article that it leads to.
        state: Its state, as in `addresses`.
        reason: Why it is not archived; empty if it was not fetched yet.
        article_date: The date of its article; None if the article was not read.
        published_at: When a source says it was published, UTC.
        first_day: The first day that the list with this address can contain.
        last_day: The last day that the list with this address can contain.
    """

    url: str
    article: str
    state: str
    reason: str = ""
    article_date: date | None = None
    published_at: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> AnnouncedAddress:
        """Convert a row of `addresses`, with the days of its article and of its list."""
        read, first, last = (parse_day(row[name]) for name in ("article_date", "first_day", "last_day"))
        state = "archived" if row["is_archived"] else row["state"]
        hint = parse_instant(row["published_hint"])
        return cls(row["url"], row["article"], state, row["reason"], read, hint, first, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Compare the archived articles with the published ones of an outlet on one day.

    Attributes:
        day: The day.
        announced: Articles that the outlet published, as far as is known.
        archived: How many of these are archived.
        rejected: How many of these turned out not to be articles.
        missing: How many of these could not be fetched, or were not fetched yet.
        unseen: Article numbers missing between the numbers of this day, if most of that range was seen.
        reasons: For each reason why articles are rejected or missing: how many.
    """

    day: date
    announced: int = 0
    archived: int = 0
    rejected: int = 0
    missing: int = 0
    unseen: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Convert to a row of `coverage`."""
        return {name: getattr(self, name) for name in self.__slots__} | {"day": self.day.isoformat()}
