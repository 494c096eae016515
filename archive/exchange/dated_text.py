"""Read and write dated documents, one file each; see archive/docs/format.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from archive.atomic_files import atomic_text
from archive.errors import FormatError, UsageError
from archive.exchange.csv_files import index_of
from archive.exchange.model import LARGEST, ImportedItem, digest_of
from archive.record import Document, Record, article_id, dumps, loads

PATTERN = "{number:03}_{id}.txt"  # as the seed documents are named
_PLACEHOLDERS = {"number": 0, "id": "0" * 16, "outlet": "bao", "date": "2026-02-04", "year": "2026", "month": "02"}
_ID = re.compile(r"(?:^|_)([0-9a-f]{16})$")


def read_text(path: Path, outlet: str) -> ImportedItem:
    """Read a dated document; its id comes from the file name `NNN_<id>.txt`, else from its text."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST)
        document = loads(content.decode("utf-8"))
    except FormatError as error:
        return ImportedItem(str(path), "txt", problem=str(error))
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8, which a document is written in"
        return ImportedItem(str(path), "txt", problem=problem)
    return ImportedItem(str(path), "txt", _to_record(document, path.stem, outlet), digest=digest_of(content))


def _to_record(document: Document, stem: str, outlet: str) -> Record:
    named = _ID.search(stem)
    return Record(
        id=named[1] if named else article_id(outlet, f"sha256:{digest_of(dumps(document))}"),
        outlet=outlet,
        url=None,
        document=document,
        date_source="document",
        date_raw=document.date.isoformat(),
    )


def write_texts(records: Iterable[Record], folder: Path, pattern: str = PATTERN) -> int:
    """Write each record as a dated document, and `index.csv` beside them; return the number of documents.

    Args:
        records: The records, by date.
        folder: The folder for the files.
        pattern: The pattern of file names, see `check_pattern`.

    Raises:
        UsageError: The pattern is wrong, or gives two records the same name.
    """
    check_pattern(pattern)
    names: set[str] = set()
    with index_of(folder) as add:
        for number, record in enumerate(records):
            name = _name(pattern, number, record)
            if name in names:
                raise UsageError(f"--name {pattern!r}: two articles would be {name}; add {{id}} to the pattern")
            names.add(name)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with atomic_text(folder / name) as file:
                file.write(dumps(record.document))
            add(name, record)
    return len(names)


def check_pattern(pattern: str) -> None:
    """Refuse a pattern of file names that cannot be filled in, or that leads out of the folder.

    Raises:
        UsageError: One line that says what a pattern may contain.
    """
    allowed = ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
    try:
        filled = pattern.format(**_PLACEHOLDERS)
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        raise UsageError(f"--name {pattern!r}: not a pattern; it may hold {allowed}") from None
    parts = filled.split("/")
    if not filled.endswith(".txt") or any(part in {"", ".", "..", ".txt"} for part in parts) or "\0" in filled:
        raise UsageError(f"--name {pattern!r}: a name ends in .txt and stays in the folder, such as {PATTERN!r}")
    if "{id}" not in pattern and "{number" not in pattern:
        raise UsageError(f"--name {pattern!r}: two articles could get one name; add {{id}} to the pattern")


def _name(pattern: str, number: int, record: Record) -> str:
    day = record.document.date
    outlet = re.sub(r"[^\w.-]", "-", record.outlet).lstrip(".") or "outlet"
    return pattern.format(
        number=number, id=record.id, outlet=outlet, date=day.isoformat(), year=f"{day:%Y}", month=f"{day:%m}"
    )
