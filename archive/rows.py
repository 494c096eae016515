"""Between values and rows: instants as sortable text, lists as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from archive.errors import Failure
from archive.ledger import SourcePoll
from archive.record import Document, Record

_JSON = json.JSONEncoder(ensure_ascii=False)  # `json.dumps` would make one at every call
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


def record_row(record: Record) -> dict[str, Any]:
    """The columns of `articles` that a record fills."""
    row = {
        "id": record.id,
        "outlet": record.outlet,
        "url": record.url,
        "date": record.document.date.isoformat(),
        "title": record.document.title,
        "text": record.document.text,
        "standfirst": record.standfirst,
        "captions": _listed(record.captions),
        "signature": record.signature,
        "byline": _listed(record.byline),
        "credits": _listed(record.credits),
        "tags": _listed(record.tags),
        "section": record.section,
        "published_at": instant(record.published_at),
        "date_source": record.date_source,
        "date_raw": record.date_raw,
        "modified_at": instant(record.modified_at),
        "language": record.language,
        "kind": record.kind,
        "words": record.words,
        "noarchive": int(record.noarchive),
        "reader": record.reader,
    }
    return storable(row)


def row_record(row: Mapping[str, Any]) -> Record:
    """The record of a row of `articles`."""
    return Record(
        id=row["id"],
        outlet=row["outlet"],
        url=row["url"],
        document=Document(date.fromisoformat(row["date"]), row["title"], row["text"]),
        standfirst=row["standfirst"],
        captions=tuple(json.loads(row["captions"])),
        signature=row["signature"],
        byline=tuple(json.loads(row["byline"])),
        credits=tuple(json.loads(row["credits"])),
        tags=tuple(json.loads(row["tags"])),
        section=row["section"],
        published_at=moment(row["published_at"]),
        date_source=row["date_source"],
        date_raw=row["date_raw"],
        modified_at=moment(row["modified_at"]),
        language=row["language"],
        kind=row["kind"],
        noarchive=bool(row["noarchive"]),
        reader=row["reader"],
    )


def failure_row(failure: Failure | None, notes: str = "") -> dict[str, str]:
    """The columns `reason` and `detail`: why something failed; if it did not, no reason, and what was odd."""
    return {"reason": failure.reason.value, "detail": failure.detail} if failure else {"reason": "", "detail": notes}


def poll_row(poll: SourcePoll) -> dict[str, Any]:
    """The columns of `sources` that a poll sets."""
    row = {
        "url": poll.url,
        "status": poll.status,
        "failures": poll.failures,
        "candidates": poll.candidates,
        "new": poll.new,
        "polled_at": instant(poll.polled_at),
        "interval": poll.interval,
        "overran": int(poll.overran),
        "next_due_at": instant(poll.next_due_at),
        "etag": poll.etag,
        "last_modified": poll.last_modified,
    }
    return storable(row | failure_row(poll.failure, poll.notes))


def _listed(items: tuple[str, ...]) -> str:
    return _JSON.encode(items) if items else "[]"
