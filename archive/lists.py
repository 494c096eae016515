"""The values of a backfill: which days are wanted, which lists are read for them, and how far that has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from archive.errors import Failure


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a backfill asks for: its run's id, and the first and the last day."""

    run: int
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFacts:
    """A list that may hold articles of the days wanted.

    Attributes:
        url: Its address; the path of a file.
        outlet: Whose it is.
        kind: As in `sources`, or warc or cdx.
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
    """A list in the ledger: its number, what it is, and how often it failed in a row."""

    id: int
    facts: ListFacts
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """What reading a list came to.

    Attributes:
        failure: Why it could not be read, if so.
        retry_at: When it is asked again; None for never.
        notes: What was odd, or why nothing behind it is read.
        candidates: The outlet's articles that it lists.
        left_out: How many of them are of other days.
        digest: Of what it lists.
        following: The lists that it leads to.
        status: Of HTTP.
    """

    failure: Failure | None = None
    retry_at: datetime | None = None
    notes: str = ""
    candidates: int = 0
    left_out: int = 0
    digest: str = ""
    following: tuple[ListFacts, ...] = ()
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill has come with one outlet.

    Attributes:
        lists: How many lists there are to read, as far as is known.
        read: How many of them were read.
        failed: How many of them could not be read.
        found: Addresses that were entered, to be asked for.
        waiting: How many of them were not dealt with yet.
    """

    lists: int = 0
    read: int = 0
    failed: int = 0
    found: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Backfill:
    """A backfill, or an audit, as the ledger has it.

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
