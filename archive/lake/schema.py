"""Define the columns of the lake's tables, and convert records to rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.database.values import storable
from archive.errors import Failure
from archive.exchange.jsonl import LISTS
from archive.exchange.parquet import record_columns, record_row
from archive.lake.extras import needs_extra
from archive.record import Record

DICTIONARIES = ("outlet", "section", "language", "kind", "reader")  # columns with few distinct values
TEXTS = ("title", "text", "standfirst")  # columns whose least and greatest values say nothing


def pyarrow_module() -> Any:
    """Import pyarrow with its modules for Parquet and for computing.

    Raises:
        UsageError: pyarrow is not installed.
    """
    with needs_extra("lake"):
        import pyarrow.compute
        import pyarrow.parquet
    return pyarrow


@dataclass(frozen=True, slots=True)
class PageReading:
    """The result of one page of a file.

    Attributes:
        offset: Where the record of the page begins in the file, in bytes.
        url: The canonical address; the address in the record if it has no canonical form.
        fetched_at: When the response began, UTC; None for a damaged record.
        outlet: The outlet's id; empty if it was not identified.
        article: The id of the article at this address; empty if it is not an article's address.
        result: The article, or the reason why there is none.
    """

    offset: int
    url: str
    fetched_at: datetime | None
    outlet: str
    article: str
    result: Record | Failure


def article_schema() -> Any:
    """Return the columns of an article: those of `export --format parquet`, and its place in a WARC file."""
    arrow = pyarrow_module()
    columns = {
        **record_columns(arrow),
        "fetched_at": arrow.timestamp("ms", "UTC"),
        "warc": arrow.string(),
        "offset": arrow.int64(),
    }
    nullable = {"url", "published_at", "modified_at"}
    return arrow.schema([arrow.field(name, kind, nullable=name in nullable) for name, kind in columns.items()])


def ledger_schema() -> Any:
    """Return the columns of the ledger: every page of a file, with its article or its reason."""
    arrow = pyarrow_module()
    text = arrow.string()
    return arrow.schema(
        [
            arrow.field("warc", text, nullable=False),
            arrow.field("offset", arrow.int64(), nullable=False),
            arrow.field("url", text, nullable=False),
            arrow.field("fetched_at", arrow.timestamp("ms", "UTC")),
            arrow.field("outlet", text, nullable=False),
            arrow.field("id", text, nullable=False),
            arrow.field("reason", text, nullable=False),
            arrow.field("detail", text, nullable=False),
            arrow.field("date", arrow.date32()),
            arrow.field("wording", text),
            arrow.field("row", arrow.int64()),
        ]
    )


def article_row(page: PageReading, record: Record, warc: str) -> dict[str, Any]:
    """Convert an article to a row of a part."""
    row = storable(record_row(record))
    row |= {name: [text.encode("utf-8", "replace").decode() for text in row[name]] for name in LISTS}
    return row | {"fetched_at": page.fetched_at, "warc": warc, "offset": page.offset}


def ledger_row(page: PageReading, warc: str, row: int | None) -> dict[str, Any]:
    """Convert a page to a row of the ledger.

    Args:
        page: The page.
        warc: The address of its file.
        row: The number of its article in the part, from 0; None if it has no article.
    """
    record = page.result if isinstance(page.result, Record) else None
    failure = page.result if isinstance(page.result, Failure) else None
    facts = {
        "warc": warc,
        "offset": page.offset,
        "url": page.url,
        "fetched_at": page.fetched_at,
        "outlet": record.outlet if record else page.outlet,
        "id": record.id if record else page.article,
        "reason": failure.reason.value if failure else "",
        "detail": failure.detail if failure else "",
        "date": record.document.date if record else None,
        "wording": wording(record) if record else None,
        "row": row,
    }
    return storable(facts)


def wording(record: Record) -> str:
    """Hash the parts in which two versions may differ (date, headline, text): 16 hex digits of SHA-256."""
    document = record.document
    told = f"{document.date.isoformat()}\n{document.title}\n{document.text}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]
