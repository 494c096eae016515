"""Write CSV (RFC 4180): a table of articles, and the index beside dated documents."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive.atomic_files import atomic_text
from archive.exchange.jsonl import to_json
from archive.record import Record

TABLE, INDEX = "articles.csv", "index.csv"
_FIRST = ("id", "outlet", "date", "title", "url", "text")


def write_table(records: Iterable[Record], folder: Path) -> int:
    """Write records as rows of `articles.csv`, one column per field; return the number of rows.

    A list is a JSON array in its cell. A cell that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    count = 0
    with atomic_text(folder / TABLE) as file:
        writer = csv.writer(file, lineterminator="\n")
        for record in records:
            fields = to_json(record)
            names = [*_FIRST, *sorted(fields.keys() - {*_FIRST})]
            if not count:
                writer.writerow(names)
            writer.writerow([_cell(fields[name]) for name in names])
            count += 1
    return count


def _cell(value: Any) -> str:
    """Write a value as the text of a cell."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@contextmanager
def index_of(folder: Path) -> Iterator[Any]:
    """Write `index.csv` of files and articles; yield a function that adds a file name and its record."""
    with atomic_text(folder / INDEX) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "id", "outlet", "date", "title", "url"])

        def add(name: str, record: Record) -> None:
            document = record.document
            row = (name, record.id, record.outlet, document.date.isoformat(), document.title, record.url)
            writer.writerow([_cell(value) for value in row])

        yield add
