"""Documents in and out: dated texts and JSONL, to files that another khobao, or a person, reads again."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from archive.errors import FormatError, UsageError
from archive.record import Document, Record, article_id, dumps, loads
from archive.rows import instant

OUTLET = "imported"
_ID = re.compile(r"(?:^|_)([0-9a-f]{16})$")
_LISTS = frozenset({"captions", "byline", "credits", "tags"})
_INSTANTS = frozenset({"published_at", "modified_at"})
_KINDS = {str: "a text", list: "a list of texts", bool: "true or false"}
_LARGEST = 50_000_000  # bytes of one document


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds: a record, or why it holds none.

    Attributes:
        place: The file, and the line of a JSONL file.
        record: What was read; None where nothing was.
        problem: One line that says what is wrong and what would be right; empty where nothing is.
    """

    place: str
    record: Record | None = None
    problem: str = ""


def read_files(paths: Iterable[Path], outlet: str = OUTLET) -> Iterator[Found]:
    """Read dated documents (`.txt`) and records (`.jsonl`) from files and folders.

    A document's id is the one in its file's name, `NNN_<id>.txt`; without one, that of its text.

    Args:
        paths: Files, or folders to be searched through.
        outlet: Whose the documents are; JSONL says it itself.
    """
    for path in paths:
        if not path.exists():
            yield Found(str(path), problem="no such file or folder")
        elif path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.suffix in {".txt", ".jsonl"} and p.is_file()):
                yield from _read_file(file, outlet)
        else:
            yield from _read_file(path, outlet)


def _read_file(path: Path, outlet: str) -> Iterator[Found]:
    if path.suffix == ".jsonl":
        yield from _read_lines(path)
        return
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)  # a document is a few thousand bytes
        document = loads(content.decode("utf-8"))
    except (OSError, FormatError) as error:
        yield Found(str(path), problem=str(error))
    except UnicodeDecodeError as error:
        yield Found(str(path), problem=f"byte {error.start} is not UTF-8, which a document is written in")
    else:
        yield Found(str(path), _imported(document, path.stem, outlet))


def _imported(document: Document, stem: str, outlet: str) -> Record:
    named = _ID.search(stem)
    key = "sha256:" + hashlib.sha256(dumps(document).encode()).hexdigest()
    return Record(
        id=named[1] if named else article_id(outlet, key),
        outlet=outlet,
        url=None,
        document=document,
        date_source="document",
        date_raw=document.date.isoformat(),
    )


def _read_lines(path: Path) -> Iterator[Found]:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _read_line(f"{path}, line {number}", line)
    except OSError as error:
        yield Found(str(path), problem=str(error))


def _read_line(place: str, line: str) -> Found:
    try:
        return Found(place, from_json(json.loads(line)))
    except json.JSONDecodeError as error:
        return Found(place, problem=f"not JSON: {error}")
    except (FormatError, KeyError, TypeError, ValueError, RecursionError) as error:
        return Found(place, problem=f"not a record: {type(error).__name__}: {error}")


def to_json(record: Record) -> dict[str, Any]:
    """Every field of a record, as JSONL has it: instants in ISO 8601 with `Z`, the document as date, title and text."""
    facts = asdict(record)
    document = facts.pop("document")
    facts |= {name: instant(getattr(record, name)) for name in _INSTANTS}
    return facts | {"date": document["date"].isoformat(), "title": document["title"], "text": document["text"]}


def from_json(facts: dict[str, Any]) -> Record:
    """The record that `to_json` wrote.

    Raises:
        FormatError: The headline is empty.
        KeyError: `id`, `outlet`, `date`, `title` or `text` is missing.
        TypeError: It is no object, or a field is of another kind.
        ValueError: A date or an instant cannot be read.
    """
    if not isinstance(facts, dict):
        raise TypeError("a line is to hold one JSON object")
    day, title, text = (_text(name, facts[name]) for name in ("date", "title", "text"))
    known = {field.name for field in fields(Record)} - {"document", "id", "outlet"}
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
    if name in _LISTS:
        return tuple(_text(name, item) for item in _of(list, name, told))
    return _instant(name, _text(name, told)) if name in _INSTANTS else _text(name, told)


def _instant(name: str, told: str) -> datetime:
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        raise ValueError(f"{name} is {told!r}; it should have an offset or Z")
    return moment


def _text(name: str, told: Any) -> str:
    # Half a surrogate pair, which JSON can write, has no UTF-8.
    return str(_of(str, name, told)).encode("utf-8", "replace").decode()


def _of(kind: type, name: str, told: Any) -> Any:
    if not isinstance(told, kind):
        raise TypeError(f"{name} is {str(told)[:60]!r}; it should be {_KINDS[kind]}")
    return told


def write_texts(records: Iterable[Record], folder: Path) -> int:
    """Write each record as a dated document `NNN_<id>.txt`, and a manifest; the number written.

    Raises:
        UsageError: The folder holds something already.
    """
    _require_empty(folder)
    digests = {}
    for number, record in enumerate(records):
        name = f"{number:03}_{record.id}.txt"
        text = dumps(record.document)
        with atomic(folder / name) as file:
            file.write(text)
        digests[name] = hashlib.sha256(text.encode()).hexdigest()
    _write_manifest(folder, "txt", len(digests), digests)
    return len(digests)


def write_lines(records: Iterable[Record], folder: Path) -> int:
    """Write every field of each record as a line of `records.jsonl`, and a manifest; the number written.

    Raises:
        UsageError: The folder holds something already.
    """
    _require_empty(folder)
    digest, count = hashlib.sha256(), 0
    with atomic(folder / "records.jsonl") as file:
        for count, record in enumerate(records, start=1):  # noqa: B007 - the last one is the number
            line = json.dumps(to_json(record), ensure_ascii=False, sort_keys=True) + "\n"
            digest.update(line.encode())
            file.write(line)
    _write_manifest(folder, "jsonl", count, {"records.jsonl": digest.hexdigest()})
    return count


@contextmanager
def atomic(path: Path) -> Iterator[IO[str]]:
    """A text file that is there whole or not at all: written beside its place, synced, and renamed into it."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: not an empty folder; name one that is empty or not there yet")
    folder.mkdir(parents=True, exist_ok=True)


def _write_manifest(folder: Path, kind: str, count: int, digests: dict[str, str]) -> None:
    manifest = {"format": kind, "records": count, "sha256": digests}
    with atomic(folder / "manifest.json") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1, sort_keys=True)
