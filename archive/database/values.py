"""Convert between values and columns: instants as sortable text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

_HALVES = re.compile("[\ud800-\udfff]")


def format_instant(moment: datetime | None) -> str | None:
    """Format an instant as ISO 8601 in UTC with milliseconds and `Z`.

    Raises:
        ValueError: The instant has no timezone.
    """
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"an instant without a timezone: {moment}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse_instant(text: str | None) -> datetime | None:
    """Parse an instant that `format_instant` wrote."""
    return datetime.fromisoformat(text) if text else None


def parse_day(text: str | None) -> date | None:
    """Parse a day such as `2026-01-31`; None and the empty text are no day."""
    return date.fromisoformat(text) if text else None


def storable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Replace lone surrogates in a row: broken JSON contains them and SQLite cannot store them."""
    return {name: _whole(value) if isinstance(value, str) else value for name, value in row.items()}


def _whole(text: str) -> str:
    try:
        text.encode()  # encoding takes a tenth of the time of a search for surrogates
    except UnicodeEncodeError:
        return _HALVES.sub("\ufffd", text)
    return text
