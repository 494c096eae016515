"""Define a range of days; both ends may be open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from archive.errors import Failure, Reason

_LEGACY_OPEN = {"1970-01-01", "2999-12-31"}  # what khobao 0.1 wrote into the ledger for an open end


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from `since` to `until`, both included.

    Attributes:
        since: The first day; None if the range has no first day.
        until: The last day; None if the range has no last day.
    """

    since: date | None = None
    until: date | None = None

    @classmethod
    def parse(cls, since: str | None, until: str | None) -> DateRange:
        """Build a range from two ISO 8601 days, as in the ledger; an empty text or None is an open end."""
        first, last = (date.fromisoformat(day) if day and day not in _LEGACY_OPEN else None for day in (since, until))
        return cls(first, last)

    def __contains__(self, day: date) -> bool:
        return self.overlaps(day, day)

    def __str__(self) -> str:
        if self.since and self.until:
            return f"{self.since} to {self.until}"
        if self.since:
            return f"{self.since} or later"
        return f"{self.until} or earlier" if self.until else "any day"

    def is_before(self, day: date, margin: int = 0) -> bool:
        """Return whether the range ends more than `margin` days before a day."""
        return self.until is not None and day.toordinal() > self.until.toordinal() + margin

    def is_after(self, day: date, margin: int = 0) -> bool:
        """Return whether the range begins more than `margin` days after a day."""
        return self.since is not None and day.toordinal() < self.since.toordinal() - margin

    def overlaps(self, first: date | None, last: date | None, margin: int = 0) -> bool:
        """Return whether the range shares a day with the days from `first` to `last`.

        Args:
            first: The first of the other days; None if unknown.
            last: The last of the other days; None if unknown.
            margin: Days by which the range is first extended at both ends.
        """
        return not ((first and self.is_before(first, margin)) or (last and self.is_after(last, margin)))

    def days(self) -> list[date]:
        """List the days of the range, oldest first.

        Raises:
            ValueError: An end is open.
        """
        if self.since is None or self.until is None:
            raise ValueError(f"the days of an open range cannot be listed: {self}")
        return [self.since + timedelta(days=n) for n in range((self.until - self.since).days + 1)]

    def reject(self, day: date) -> Failure | None:
        """Return why an article of a day is left out; None if the range contains the day."""
        if day in self:
            return None
        return Failure(Reason.OUT_OF_RANGE, f"{day} is outside the requested days ({self})", article_date=day)
