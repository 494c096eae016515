"""Read and write JSONL: every field of a record, one record per line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from archive.atomic_files import atomic_text
from archive.database.values import format_instant
from archive.errors import FormatError
from archive.exchange.model import LARGEST, ImportedItem, digest_of
from archive.exchange.other_tools import read_article, tool_of
from archive.record import Document, Record

LISTS = frozenset({"captions", "byline", "credits", "tags", "doubts"})
INSTANTS = frozenset({"published_at", "modified_at"})
# Until 0.1, exports had the rules behind the version of the reader, in one field.
_READER_AND_RULES = re.compile(r"(\S+ trafilatura-\S+ rules-\S+) (.+)")
_FIELDS = tuple(field.name for field in fields(Record) if field.name != "document")
_KINDS = {str: "a text", list: "a list of texts", bool: "true or false"}


def read_lines(path: Path) -> Iterator[ImportedItem]:
    """Read the records of a JSONL file; a bad line is reported and the others are read."""
    with path.open("rb") as lines:
        number = 0
        while line := lines.readline(LARGEST):
            number += 1
            if line.strip():
                yield _read_line(f"{path}, line {number}", line)


def _read_line(place: str, line: bytes) -> ImportedItem:
    try:
        facts = json.loads(line)
        if tool_of(facts):
            return read_article(place, facts)
        return ImportedItem(place, "jsonl", from_json(facts), digest=digest_of(line.strip()))
    except json.JSONDecodeError as error:
        half = "" if line.endswith(b"\n") else "; the line has no end: the file may have been cut short"
        return ImportedItem(place, "jsonl", problem=f"not JSON: {error}{half}")
    except UnicodeDecodeError as error:
        return ImportedItem(
            place, "jsonl", problem=f"byte {error.start} of the line is not UTF-8, which JSON is written in"
        )
    except (FormatError, KeyError, TypeError, ValueError, RecursionError) as error:
        return ImportedItem(place, "jsonl", problem=f"not a record: {type(error).__name__}: {error}")


def to_json(record: Record) -> dict[str, Any]:
    """Convert a record to JSON: instants in ISO 8601 with `Z`; date, title and text of the document."""
    document = record.document
    facts = {name: getattr(record, name) for name in _FIELDS}  # `asdict` copies deeply, and takes ten times as long
    facts |= {name: format_instant(getattr(record, name)) for name in INSTANTS}
    return facts | {"date": document.date.isoformat(), "title": document.title, "text": document.text}


def from_json(facts: dict[str, Any]) -> Record:
    """Convert the JSON of `to_json` back to a record.

    Raises:
        FormatError: The headline is empty.
        KeyError: `id`, `outlet`, `date`, `title` or `text` is missing.
        TypeError: It is not an object, or a field has another type.
        ValueError: A date or an instant cannot be parsed.
    """
    if not isinstance(facts, dict):
        raise TypeError("a line must hold one JSON object")
    day, title, text = (_text(name, facts[name]) for name in ("date", "title", "text"))
    known = {field.name for field in fields(Record)} - {"document", "id", "outlet"}
    if "rules" not in facts and (read_by := _READER_AND_RULES.fullmatch(str(facts.get("reader")))):
        facts = facts | {"reader": read_by[1], "rules": read_by[2]}
    given = {"url": None} | {name: _value(name, facts[name]) for name in known if facts.get(name) is not None}
    document = Document(date.fromisoformat(day), title, text)
    return Record(id=_id(facts["id"]), outlet=_text("outlet", facts["outlet"]), document=document, **given)


def _id(told: Any) -> str:
    if not isinstance(told, str) or not re.fullmatch("[0-9a-f]{16}", told):
        raise ValueError(f"the id is {told!r}; it should be 16 hex digits")
    return told


def _value(name: str, told: Any) -> Any:
    if name == "noarchive":
        return _of(bool, name, told)
    if name in LISTS:
        return tuple(_text(name, item) for item in _of(list, name, told))
    return _instant(name, _text(name, told)) if name in INSTANTS else _text(name, told)


def _instant(name: str, told: str) -> datetime:
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        raise ValueError(f"{name} is {told!r}; it should have an offset or Z")
    return moment


def _text(name: str, told: Any) -> str:
    # JSON can contain a lone surrogate, which cannot be encoded in UTF-8.
    return str(_of(str, name, told)).encode("utf-8", "replace").decode()


def _of(kind: type, name: str, told: Any) -> Any:
    if not isinstance(told, kind):
        raise TypeError(f"{name} is {str(told)[:60]!r}; it should be {_KINDS[kind]}")
    return told


def write_lines(records: Iterable[Record], folder: Path) -> int:
    """Write each record as a line of `records.jsonl`; return how many were written."""
    count = 0
    with atomic_text(folder / "records.jsonl") as file:
        for record in records:
            file.write(json.dumps(to_json(record), ensure_ascii=False, sort_keys=True) + "\n")
            count += 1
    return count
