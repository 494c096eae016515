"""Format times for people: '3 d', '5 h', '12 min', '40 s'."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = (("d", 86400), ("h", 3600), ("min", 60))


def span(length: timedelta | float) -> str:
    """Format a length of time, or seconds, in the largest unit of which it has at least two."""
    number, unit = _count_units(length)
    return f"{number} {unit}"


def short_span(length: timedelta | float) -> str:
    """Format a length of time, or seconds, for a narrow column: '3d', '5h', '12m', '40s'."""
    number, unit = _count_units(length)
    return f"{number}{unit[0]}"


def _count_units(length: timedelta | float) -> tuple[str, str]:
    """Return a length of time, or seconds, as a rounded number and the name of its unit."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= 2 * size), ("s", 1))
    return f"{max(seconds, 0) / size:.0f}", unit


def ago(moment: datetime | None, now: datetime) -> str:
    """Format how long ago a moment was; '-' for None."""
    return f"{span(now - moment)} ago" if moment else "-"


def ahead(moment: datetime | None, now: datetime) -> str:
    """Format how long it is until a moment; 'now' if it has passed or is None."""
    return "now" if moment is None or moment <= now else f"in {span(moment - now)}"


def utc(moment: datetime | None) -> str:
    """Format an instant in UTC to the second; '-' for None."""
    return f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment else "-"
