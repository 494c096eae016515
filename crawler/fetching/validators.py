"""Decide which validators of a source can be trusted.

Some servers answer 304 forever, even after they publish something new.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

_LATE = timedelta(
    days=1
)  # tolerance for wrong clocks: by this time an article may be newer than the source's last change


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
        sent: The validators of the current response, which is a full one.
        stored: The validators of the previous response; empty for none.
        newest: The latest publication time that the response lists, UTC; None if it lists none.
        has_news: The response lists articles that the previous response did not list.

    Returns:
        The validators, and a note for the ledger; the note is empty if all are trusted.
    """
    if has_news and (same := [name for name in sent if name and name in stored]):
        return (
            Validators(),
            f"its content changed but its validator {same[0][:60]!r} did not; the next request is unconditional",
        )
    changed = _parse_date(sent.last_modified)
    if changed and newest and newest - changed > _LATE:
        note = f"its Last-Modified {sent.last_modified[:40]!r} is older than its articles, and is not sent back"
        return Validators(sent.etag), note
    return sent, ""


def _parse_date(words: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(words)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
