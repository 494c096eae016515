"""Group days into weeks, months or years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

UNITS = ("day", "week", "month", "year")
_STRIDE = {"day": 1, "week": 7, "month": 31, "year": 366}  # days from the first day of a period into the next one
_MOST_DAYS = 120  # that are shown day by day
_MOST_WEEKS = 1200  # days that are shown week by week


@dataclass(frozen=True, slots=True)
class Span:
    """A range of days, grouped into periods.

    Attributes:
        since: First day.
        until: Last day, not before the first.
        unit: One of `UNITS`.
    """

    since: date
    until: date
    unit: str

    def periods(self) -> list[str]:
        """Return the first day of every period, ISO 8601, oldest first."""
        found = [period_of(self.since.isoformat(), self.unit)]
        last = period_of(self.until.isoformat(), self.unit)
        while found[-1] < last:
            found.append(_following(found[-1], self.unit))
        return found

    def period(self, day: str) -> str | None:
        """Return the first day of the period of a day; None for a day outside the span."""
        return period_of(day, self.unit) if self.since.isoformat() <= day <= self.until.isoformat() else None

    def lookup(self) -> Mapping[str, str | None]:
        """Return a mapping from each day to the first day of its period, for a caller that asks for many days."""
        return _PeriodsByDay(self)

    def bounds(self, period: str) -> tuple[str, str]:
        """Return the first and the last day of a period that lie in the span."""
        try:
            end = (date.fromisoformat(_following(period, self.unit)) - timedelta(days=1)).isoformat()
        except OverflowError:
            end = date.max.isoformat()
        return max(period, self.since.isoformat()), min(end, self.until.isoformat())


class _PeriodsByDay(dict[str, str | None]):
    """Compute the period of a day once."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self._span = span

    def __missing__(self, day: str) -> str | None:
        period = self[day] = self._span.period(day)
        return period


@lru_cache(maxsize=20_000)
def period_of(day: str, unit: str) -> str:
    """Return the first day of the period that contains a day; weeks begin on Monday (ISO 8601)."""
    if unit == "month":
        return f"{day[:7]}-01"
    if unit == "year":
        return f"{day[:4]}-01-01"
    if unit == "week":
        moment = date.fromisoformat(day)
        return date.fromordinal(max(moment.toordinal() - moment.weekday(), 1)).isoformat()
    return day


def _following(period: str, unit: str) -> str:
    return period_of((date.fromisoformat(period) + timedelta(days=_STRIDE[unit])).isoformat(), unit)


def choose_unit(since: date, until: date) -> str:
    """Return the unit that gives a chart a readable number of periods."""
    days = (until - since).days + 1
    return "day" if days <= _MOST_DAYS else "week" if days <= _MOST_WEEKS else "month"
