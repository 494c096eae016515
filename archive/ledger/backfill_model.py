"""Define the values of a backfill: wanted days, lists to read, progress."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from archive.database.values import parse_instant
from archive.errors import Failure, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFacts:
    """Describe a list that may contain articles of the wanted days.

    Attributes:
        url: Its address; the path of a file.
        outlet: Whose it is.
        kind: As in `sources`, or cdx (the captures of one address) or captured (the addresses of a host).
        way: The source, as it is declared, that leads here.
        page: Its number, where it is one page of many.
        depth: How many indexes led to it.
        first_day: The first day that it can hold, as far as its address tells; None where it does not.
        last_day: Likewise the last.
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
        id: Its number.
        run: The id of the run that reads it.
        facts: What it is.
        failures: How often it failed in a row.
    """

    id: int
    run: int
    facts: ListFacts
    failures: int = 0

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> ListState:
        """Convert a row of `lists`."""
        days = {name: date.fromisoformat(day) if (day := row[name]) else None for name in ("first_day", "last_day")}
        facts = {field.name: row[field.name] for field in fields(ListFacts)} | days
        return cls(id=row["id"], run=row["run"], facts=ListFacts(**facts), failures=row["failures"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """Say what reading a list brought.

    Attributes:
        failure: Why it could not be read, if so.
        retry_at: When it is asked again; None for never.
        notes: What was odd, or why nothing behind it is read.
        candidates: The outlet's articles that it lists.
        left_out: How many of them are of other days.
        digest: Of what it lists.
        middle: The median of the days of its articles; None where they are not known.
        following: The lists that it leads to.
        page: The page of it that is read next, though that were once more; None for none.
        status: Of HTTP.
        entered: Addresses of it that were entered before.
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
    """Count how far a backfill has come with one outlet.

    Attributes:
        lists: How many lists there are to read, as far as is known.
        read: How many of them were read.
        failed: How many of them could not be read.
        found: Addresses that were entered, to be asked for.
        waiting: How many of them were not dealt with yet.
        untold: Lists that tell no days, and are turned only while articles are read.
        undated: Addresses on their first pages.
        days: Days that the lists stand for, where their addresses tell that.
        days_read: How many of these were read.
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

    def sound(self) -> Progress:
        """Return the same counts, with no more waiting than was found."""
        return replace(self, found=max(self.found, self.waiting))


@dataclass(frozen=True, slots=True)
class BackfillRun:
    """Hold a backfill or an audit as the ledger has it.

    Attributes:
        run: The run's id.
        kind: backfill or audit.
        state: As in `runs`.
        served: Whether the service does it.
        started_at: When it was begun, UTC.
        ended_at: When it ended, UTC; None while it goes on.
        arguments: What was asked of it.
        counts: What it did, by outlet.
        progress: How far it has come, by outlet.
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
    """Hold an address of an outlet, with everything that tells its day.

    Attributes:
        url: The address.
        article: The id of the article that it leads to.
        state: As in `addresses`.
        reason: Why it is not archived; empty where it was not asked yet.
        read_on: The day of its article, where that was read; None where it was not.
        published_at: When it was published, as a source says, UTC.
        first_day: The first day that the list in which it was found can hold.
        last_day: Likewise the last.
    """

    url: str
    article: str
    state: str
    reason: str = ""
    read_on: date | None = None
    published_at: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> AnnouncedAddress:
        """Convert a row of `addresses`, with the days of its article and of its list."""
        day = row["detail"][:10] if row["reason"] == Reason.OUT_OF_RANGE else row["date"]
        read, first, last = (
            date.fromisoformat(told) if told else None for told in (day, row["first_day"], row["last_day"])
        )
        state = "archived" if row["date"] else row["state"]
        hint = parse_instant(row["published_hint"])
        return cls(row["url"], row["article"], state, row["reason"], read, hint, first, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Count what is archived of what an outlet published on a day.

    Attributes:
        day: The day.
        announced: Articles that were published, as far as is known.
        archived: How many of them are archived.
        rejected: How many are no article by what was read.
        missing: How many were not had.
        unseen: Article numbers between those of the day of which nothing was seen, where most of them were.
        reasons: Why articles are rejected or missing, and how many.
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
