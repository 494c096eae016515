"""Instants as the readers of an outlet saw them on their clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAY = len("2026-02-04")


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local(when: str | None, zone: str) -> str:
    """An instant to the minute in a time zone, or in UTC and then with a Z where the zone is not known.

    Args:
        when: ISO 8601 with an offset; of a bare day nothing more is known, and it stays as it is.
        zone: A name of the IANA time zone database; may be empty or wrong.
    """
    if not when or len(when) <= _DAY:
        return when or ""
    moment, known = datetime.fromisoformat(when), _zone(zone)
    return f"{moment.astimezone(known):%Y-%m-%d %H:%M}" if known else f"{moment.astimezone(UTC):%Y-%m-%d %H:%MZ}"


class Clock:
    """The clocks of the outlets."""

    def __init__(self, zones: Mapping[str, str]) -> None:
        """Set them.

        Args:
            zones: The time zone of each outlet, by its id.
        """
        self._zones = zones

    def __call__(self, when: str | None, outlet: str | None = None) -> str:
        """An instant on the clock of an outlet; without one, on the clock that most of them share."""
        zones = list(self._zones.values())
        common = max(zones, key=zones.count, default="")
        return local(when, self._zones.get(outlet or "") or common)
