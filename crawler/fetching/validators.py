"""Decide which validators of a source can be believed.

Some servers answer 304 for ever, whatever they publish.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

_LATE = timedelta(days=1)  # by which a source may list an article that is newer than its own change, as clocks differ


class Validators(NamedTuple):
    """The validators of a response (RFC 9110, 8.8).

    Attributes:
        etag: The `ETag`; empty for none.
        last_modified: The `Last-Modified`; empty for none.
    """

    etag: str = ""
    last_modified: str = ""


def believed(
    sent: Validators, stored: Validators, newest: datetime | None, *, has_news: bool
) -> tuple[Validators, str]:
    """Return the validators to send with the next request, and why others are not sent.

    Args:
        sent: The validators of a response that was sent in full.
        stored: Those of the response before it; empty for none.
        newest: The latest publication time that the response lists, UTC; None if it lists none.
        has_news: The response lists articles that the response before it did not list.

    Returns:
        The validators, and a note for the ledger; empty if all are believed.
    """
    if has_news and (same := [name for name in sent if name and name in stored]):
        return Validators(), f"it has news under the validator that it had before, {same[0][:60]!r}; asked in full next"
    changed = _parsed(sent.last_modified)
    if changed and newest and newest - changed > _LATE:
        note = f"its Last-Modified {sent.last_modified[:40]!r} is older than its articles, and is not sent back"
        return Validators(sent.etag), note
    return sent, ""


def _parsed(words: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(words)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
