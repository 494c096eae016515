"""Between values and rows: instants as sortable text, lists as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_HALVES = re.compile("[\ud800-\udfff]")


def instant(moment: datetime | None) -> str | None:
    """An instant as the archive has it: ISO 8601 in UTC, milliseconds, `Z`.

    Raises:
        ValueError: The instant has no timezone.
    """
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"an instant without a timezone: {moment}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def moment(text: str | None) -> datetime | None:
    """What `instant` wrote, read again."""
    return datetime.fromisoformat(text) if text else None


def storable(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row that SQLite can take: half a surrogate pair, which broken JSON brings, has no UTF-8."""
    return {name: _whole(value) if isinstance(value, str) else value for name, value in row.items()}


def _whole(text: str) -> str:
    try:
        text.encode()  # takes a tenth of the time of looking for halves
    except UnicodeEncodeError:
        return _HALVES.sub("\ufffd", text)
    return text
