"""Convert records to rows of `articles`, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from archive.database.values import format_instant, parse_instant, storable
from archive.record import Document, Record

_JSON = json.JSONEncoder(ensure_ascii=False)  # `json.dumps` would build a new encoder at every call


def record_row(record: Record) -> dict[str, Any]:
    """Convert a record to the columns of `articles` that it fills."""
    row = {
        "id": record.id,
        "outlet": record.outlet,
        "url": record.url,
        "date": record.document.date.isoformat(),
        "title": record.document.title,
        "text": record.document.text,
        "standfirst": record.standfirst,
        "captions": _encode_list(record.captions),
        "signature": record.signature,
        "byline": _encode_list(record.byline),
        "credits": _encode_list(record.credits),
        "tags": _encode_list(record.tags),
        "section": record.section,
        "published_at": format_instant(record.published_at),
        "date_source": record.date_source,
        "date_raw": record.date_raw,
        "modified_at": format_instant(record.modified_at),
        "language": record.language,
        "kind": record.kind,
        "words": record.words,
        "noarchive": int(record.noarchive),
        "reader": record.reader,
        "rules": record.rules,
        "doubts": _encode_list(record.doubts),
    }
    return storable(row)


def row_record(row: Mapping[str, Any]) -> Record:
    """Convert a row of `articles` to a record."""
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
        published_at=parse_instant(row["published_at"]),
        date_source=row["date_source"],
        date_raw=row["date_raw"],
        modified_at=parse_instant(row["modified_at"]),
        language=row["language"],
        kind=row["kind"],
        noarchive=bool(row["noarchive"]),
        reader=row["reader"],
        rules=row["rules"],
        doubts=tuple(json.loads(row["doubts"] or "[]")),
    )


def _encode_list(items: tuple[str, ...]) -> str:
    return _JSON.encode(items) if items else "[]"
