"""Convert polls and failures to rows of the ledger."""

from __future__ import annotations

from typing import Any

from archive.database.values import format_instant, storable
from archive.errors import Failure
from archive.ledger.model import SourcePoll


def failure_row(failure: Failure | None, notes: str = "") -> dict[str, str]:
    """Build the columns `reason` and `detail` from a failure, or from the notes if there is none."""
    return {"reason": failure.reason.value, "detail": failure.detail} if failure else {"reason": "", "detail": notes}


def poll_row(poll: SourcePoll) -> dict[str, Any]:
    """Build the columns of `sources` that a poll sets."""
    row = {
        "url": poll.url,
        "status": poll.status,
        "failures": poll.failures,
        "candidates": poll.candidates,
        "new": poll.new,
        "polled_at": format_instant(poll.polled_at),
        "interval": poll.interval,
        "overran": int(poll.overran),
        "disproved": int(poll.disproved),
        "next_due_at": format_instant(poll.next_due_at),
        "etag": poll.etag,
        "last_modified": poll.last_modified,
    }
    return storable(row | failure_row(poll.failure, poll.notes))
