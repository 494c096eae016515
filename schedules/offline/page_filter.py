"""Decide by its address and time whether a page may be wanted, before it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.fetching.allowed_addresses import host_of
from crawler.outlets.model import Outlet
from crawler.parsing.dates import day_in_article_number, day_in_path
from schedules.timing.date_range import DateRange

_ANY_DAY = DateRange()


@dataclass(frozen=True, slots=True)
class PageFilter:
    """Select pages that may be wanted.

    Attributes:
        hosts: The hosts of the wanted outlets; None for any.
        dates: The wanted days.
    """

    hosts: frozenset[str] | None = None
    dates: DateRange = _ANY_DAY

    @classmethod
    def of(cls, outlets: Iterable[Outlet], dates: DateRange) -> PageFilter:
        """Create a filter for some outlets and days."""
        return cls(frozenset[str]().union(*(outlet.all_hosts for outlet in outlets)), dates)

    def is_wanted(self, url: str, fetched_at: datetime) -> bool:
        """Return whether a page may be an article of these outlets and days."""
        if self.hosts is not None and _host(url) not in self.hosts:
            return False
        if self.dates.is_after(fetched_at.date(), 1):  # a day for the timezone
            return False
        day, begun = day_in_path(url), day_in_article_number(url)
        return day in self.dates if day else begun is None or not self.dates.is_before(begun)


ANY_PAGE = PageFilter()


def _host(url: str) -> str:
    try:
        return host_of(url)
    except ValueError:
        return ""
