"""Detect a redesign: the time from which an outlet's pages no longer fit its rules. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from math import sqrt

from archive.statistics.reading_history import PageReading

_BEFORE = 20  # pages before the change that are needed
_AFTER = 8  # pages since the change that are needed
_FELL = 0.5  # by which the share must have fallen
_SURE = 4.0  # standard errors of two proportions
_SIGNS = ("text", "title", "published", "byline", "standfirst")  # the most serious first


@dataclass(frozen=True, slots=True)
class Redesign:
    """A change in an outlet's pages.

    Attributes:
        since: When the first page of the new design was seen.
        sign: The part that is found on fewer pages since then: text, title, published, byline or standfirst.
        before: Share of earlier pages on which it was found, from 0 to 1.
        after: Share of later pages on which it was found, from 0 to 1.
        pages: The number of later pages.
    """

    since: datetime
    sign: str
    before: float
    after: float
    pages: int

    def __str__(self) -> str:
        found = {"text": "a text by rule", "title": "a headline by rule", "published": "an exact time"}.get(
            self.sign, f"a {self.sign}"
        )
        shares = f"{self.after:.0%} of {self.pages} pages have {found}, {self.before:.0%} before"
        return f"since {self.since:%Y-%m-%d %H:%M}Z {shares}"


def find_redesign(readings: Sequence[PageReading]) -> Redesign | None:
    """Find the point from which fewer pages fit the rules.

    Args:
        readings: How the newest pages were read, oldest first.

    Returns:
        The change; None if nothing changed, or there are too few pages to tell.
    """
    changes = (_change(readings, sign) for sign in _SIGNS)
    return next((change for change in changes if change), None)


def _change(readings: Sequence[PageReading], sign: str) -> Redesign | None:
    """Find the split at which the share of a sign fell most significantly (the test of two proportions)."""
    total = len(readings)
    found = [0, *accumulate(int(getattr(reading, sign)) for reading in readings)]
    best: tuple[float, int] = (_SURE, 0)
    for split in range(_BEFORE, total - _AFTER + 1):
        before, after = found[split] / split, (found[total] - found[split]) / (total - split)
        both = found[total] / total
        error = sqrt(max(both * (1 - both), 1e-9) * (1 / split + 1 / (total - split)))
        if before - after >= _FELL and (before - after) / error > best[0]:
            best = ((before - after) / error, split)
    if not best[1]:
        return None
    split = best[1]
    after = (found[total] - found[split]) / (total - split)
    return Redesign(readings[split].seen_at, sign, found[split] / split, after, total - split)
