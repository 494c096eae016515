"""A range of civil days, both ends included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from archive.errors import Failure, Reason

SLACK = timedelta(days=1)  # between the day of a list and that of its articles: clocks and timezones


@dataclass(frozen=True, slots=True)
class Days:
    """The days that are wanted, both ends among them."""

    since: date
    until: date

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.until

    def may_hold(self, first: date | None, last: date | None) -> bool:
        """Whether something from one day to another can be of these days; an end that is None is not known."""
        return (first is None or first <= self.until + SLACK) and (last is None or last >= self.since - SLACK)

    def overlap(self, first: date | None, last: date | None) -> bool:
        """Whether any of these days is from one day to another; an end that is None is not known."""
        return (first is None or first <= self.until) and (last is None or last >= self.since)

    def __iter__(self) -> Iterator[date]:
        return (self.since + timedelta(days=n) for n in range((self.until - self.since).days + 1))

    def objection(self, day: date) -> Failure | None:
        """Why an article of that day is not wanted; the ledger finds the day at the beginning of the detail."""
        if day in self:
            return None
        return Failure(Reason.OUT_OF_RANGE, f"{day} is its day, and not from {self.since} to {self.until}")

    @property
    def count(self) -> int:
        """How many they are."""
        return (self.until - self.since).days + 1
