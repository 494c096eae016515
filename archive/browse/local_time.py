"""Format instants in the timezone of an outlet, as its readers saw them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAY_LENGTH = len("2026-02-04")


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def format_local(instant: str | None, zone: str) -> str:
    """Format an instant to the minute in a timezone, or in UTC with a Z if the zone is unknown.

    Args:
        instant: ISO 8601 with an offset; a bare day is returned as it is.
        zone: A name of the IANA timezone database; may be empty or wrong.
    """
    if not instant or len(instant) <= _DAY_LENGTH:
        return instant or ""
    moment, known = datetime.fromisoformat(instant), _zone(zone)
    return f"{moment.astimezone(known):%Y-%m-%d %H:%M}" if known else f"{moment.astimezone(UTC):%Y-%m-%d %H:%MZ}"


class LocalTimes:
    """Format instants in the timezones of the outlets."""

    def __init__(self, zones: Mapping[str, str]) -> None:
        """Set the timezones.

        Args:
            zones: The timezone of each outlet, by outlet id.
        """
        self._zones = zones

    def __call__(self, instant: str | None, outlet: str | None = None) -> str:
        """Format an instant in the zone of an outlet; without an outlet, in the most common zone."""
        zones = [zone for zone in self._zones.values() if zone]
        common = max(zones, key=zones.count, default="")
        return format_local(instant, self._zones.get(outlet or "") or common)
