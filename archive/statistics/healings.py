"""List the last healing of each outlet: the drafting of new rules after a redesign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.statistics.rows import RunQuery

_HEALINGS = """
SELECT r.ended_at, h.key AS outlet, json_extract(h.value, '$.state') AS state,
    json_extract(h.value, '$.detail') AS detail
FROM runs AS r, json_each(r.counts) AS h
WHERE r.kind = 'heal' AND r.ended_at IS NOT NULL AND r.counts IS NOT NULL ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class LastHealing:
    """The last healing of an outlet.

    Attributes:
        at: When it ended, UTC.
        state: in force, proposed or not drafted.
        detail: One sentence for a person.
    """

    at: datetime
    state: str
    detail: str

    def __str__(self) -> str:
        return f"new rules {self.state} since {self.at:%Y-%m-%d}: {self.detail}"


def last_healings(query: RunQuery) -> dict[str, LastHealing]:
    """Return the last healing of each outlet that was ever healed, by outlet id."""
    return {
        row["outlet"]: LastHealing(datetime.fromisoformat(row["ended_at"]), row["state"] or "", row["detail"] or "")
        for row in query(_HEALINGS)
    }
