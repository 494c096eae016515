"""Detect drift: compare how pages were read in the last days with the weeks before.

Pure: statistics and `now` in, a result out. A share has changed if it moved both far and significantly: by `_FAR`,
and by more than chance does once in ten thousand outlets and days (the test of two proportions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import median

from archive.statistics.extraction_stats import FIELDS, ExtractionStats

_LAST = (2, 4, 7)  # days; the smallest number with enough pages is compared
_ENOUGH = 12  # pages of the last days that are needed
_BEFORE = 40  # pages of the weeks before that are needed
_FAR = 0.3
_SURE = 4.0  # standard errors
_LONGER = 2.0  # factor by which articles may become longer or shorter
_NAMES = {
    "standfirst": "a standfirst",
    "byline": "a byline",
    "captions": "captions",
    "tags": "tags",
    "section": "a section",
    "published_at": "an exact time",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """A change in how an outlet's pages are read.

    Attributes:
        outlet: The outlet's id.
        since: The first of the days that were compared with earlier days.
        signs: What changed, a sentence each, the most serious first.
    """

    outlet: str
    since: date
    signs: tuple[str, ...]

    def __str__(self) -> str:
        return f"since {self.since} {self.signs[0]}"


@dataclass(frozen=True, slots=True)
class _Share:
    part: int
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else 0.0

    def __str__(self) -> str:
        return f"{self.part} of {self.whole}"


def drift(outlet: str, days: Sequence[ExtractionStats], now: datetime) -> Drift | None:
    """Detect whether an outlet's pages are read differently from before.

    Args:
        outlet: The outlet's id.
        days: Its statistics, in any order.
        now: The current time, with a timezone.

    Returns:
        The changes; None if nothing changed, or if there are too few pages.
    """
    for last in _LAST:
        since = now.date() - timedelta(days=last - 1)
        recent = [day for day in days if day.day >= since]
        before = [day for day in days if day.day < since]
        if max(_sum(recent, "articles"), _sum(recent, "asked")) >= _ENOUGH:
            signs = sorted(_signs(before, recent), reverse=True)
            return Drift(outlet, since, tuple(told for _, told in signs)) if signs else None
    return None


def drifts(days: Mapping[str, Sequence[ExtractionStats]], now: datetime) -> dict[str, Drift]:
    """Detect drift for several outlets; return the drifting ones by outlet id."""
    found = ((outlet, drift(outlet, own, now)) for outlet, own in days.items())
    return {outlet: verdict for outlet, verdict in found if verdict}


def _signs(before: Sequence[ExtractionStats], recent: Sequence[ExtractionStats]) -> Iterator[tuple[float, str]]:
    """Yield each sign of drift with its size, from 0 to 1."""
    yield from _find_shifts(before, recent, "rejected", "asked", +1, "pages were rejected")
    yield from _find_shifts(before, recent, "generic", "articles", +1, "articles were read by no rule of the outlet's")
    for name in FIELDS:
        yield from _find_shifts(before, recent, name, "articles", -1, f"articles had {_NAMES[name]}")
    if _sum(before, "articles") >= _BEFORE and _sum(recent, "articles") >= _ENOUGH:
        was, is_ = _median(before), _median(recent)
        if max(was, is_) > _LONGER * min(was, is_):
            yield 0.5, f"articles have {is_:.0f} words, before {was:.0f} (the median)"


def _find_shifts(
    before: Sequence[ExtractionStats], recent: Sequence[ExtractionStats], part: str, whole: str, way: int, words: str
) -> Iterator[tuple[float, str]]:
    was, is_ = (_Share(_sum(days, part), _sum(days, whole)) for days in (before, recent))
    if was.whole < _BEFORE or is_.whole < _ENOUGH:
        return
    moved = way * (is_.value - was.value)
    if moved < _FAR:
        return
    both = (was.part + is_.part) / (was.whole + is_.whole)
    error = sqrt(both * (1 - both) * (1 / was.whole + 1 / is_.whole))
    if moved > _SURE * error:
        yield moved, f"{is_} {words}, before {was}"


def _sum(days: Sequence[ExtractionStats], name: str) -> int:
    of: Callable[[ExtractionStats], int] = (
        (lambda day: (day.filled or {}).get(name, 0)) if name in FIELDS else _plain(name)
    )
    return sum(map(of, days))


def _plain(name: str) -> Callable[[ExtractionStats], int]:
    return lambda day: int(getattr(day, name))


def _median(days: Sequence[ExtractionStats]) -> float:
    """Compute the median of the daily medians of words, weighted by articles."""
    return max(1.0, median(day.words for day in days for _ in range(day.articles)))
