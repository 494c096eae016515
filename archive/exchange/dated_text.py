"""Read and write dated documents, one file each; see archive/docs/format.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from archive.atomic_files import atomic_text
from archive.errors import FormatError
from archive.exchange.model import LARGEST, ImportedItem, digest_of
from archive.record import Document, Record, article_id, dumps, loads

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
    return ImportedItem(str(path), "txt", _imported(document, path.stem, outlet), digest=digest_of(content))


def _imported(document: Document, stem: str, outlet: str) -> Record:
    named = _ID.search(stem)
    return Record(
        id=named[1] if named else article_id(outlet, f"sha256:{digest_of(dumps(document))}"),
        outlet=outlet,
        url=None,
        document=document,
        date_source="document",
        date_raw=document.date.isoformat(),
    )


def write_texts(records: Iterable[Record], folder: Path) -> int:
    """Write each record as `NNN_<id>.txt`; return how many were written."""
    count = 0
    for number, record in enumerate(records):
        with atomic_text(folder / f"{number:03}_{record.id}.txt") as file:
            file.write(dumps(record.document))
        count += 1
    return count
