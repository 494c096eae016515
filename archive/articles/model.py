"""Define an archived article, and the result of saving one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.record import Record

Outcome = Literal["archived", "revised", "unchanged", "churned"]


@dataclass(frozen=True, slots=True)
class SaveResult:
    """The changes that saving a record made.

    Attributes:
        outcome: archived, revised, unchanged, or churned: only parts that change at every visit differ.
        revision: The number of the newest stored revision.
        detail: What churns, in one line.
    """

    outcome: Outcome
    revision: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """Hold an article as the archive has it.

    Attributes:
        record: The newest revision.
        first_seen_at: When it was first read, UTC.
        last_checked_at: When it was last requested from the outlet, UTC; None for an imported document.
        revision: The number of the newest revision, from 1.
        gone_at: When it was first found missing, UTC; None unless its deletion is confirmed and it is not back.
    """

    record: Record
    first_seen_at: datetime
    last_checked_at: datetime | None
    revision: int
    gone_at: datetime | None
