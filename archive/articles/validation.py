"""Validate records and rows from files and other archives, before they enter the archive."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from archive.articles.rows import row_record
from archive.errors import FormatError
from archive.record import Record

# The first newspaper, the Relation of Strasbourg, appeared in 1605; no real article is dated after the next century.
FIRST_DAY, LAST_DAY = date(1600, 1, 1), date(2199, 12, 31)
_LONGEST_ADDRESS = 2083  # characters, the longest address that browsers accept
_LONGEST_TEXT = 10_000_000  # characters; a page of more bytes is not fetched either
_ID = re.compile(r"[0-9a-f]{16}")
_OUTLET = re.compile(r"[^\s/\x00-\x1f\x7f]{1,100}")
_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f\x7f]+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")

# The kind of value in the columns of the archive's tables, by column name.
_INSTANTS = frozenset({"published_hint"})  # and every column whose name ends with `_at`
_DAYS = frozenset({"date", "article_date", "first_day", "last_day"})
_LISTS = frozenset({"captions", "byline", "credits", "tags", "doubts", "troubles"})
_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (int, float)}
_OBJECTS = frozenset({"arguments", "plan", "counts", "facts"})


def record_problem(record: Record) -> str:
    """Return the first problem of an imported record in one line; empty if the record is valid."""
    if not _ID.fullmatch(record.id):
        return f"the id is {record.id[:40]!r}; it should be 16 hex digits"
    if not _OUTLET.fullmatch(record.outlet):
        return f"the outlet is {record.outlet[:40]!r}; it should be a name without blanks, such as 'vnexpress'"
    if record.url is not None and (problem := address_problem(record.url)):
        return problem
    if problem := day_problem(record.document.date) or _length_problem(record.document.text):
        return problem
    for name in ("published_at", "modified_at"):
        instant: datetime | None = getattr(record, name)
        if instant is not None and (problem := instant_problem(instant)):
            return f"{name}: {problem}"
    return ""


def _length_problem(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return ""
    return f"a text of {len(text)} characters; at most {_LONGEST_TEXT} are accepted"


def address_problem(url: str) -> str:
    """Return the problem of an address; empty if the address is valid."""
    if len(url) > _LONGEST_ADDRESS:
        return f"an address of {len(url)} characters; at most {_LONGEST_ADDRESS} are accepted"
    if not _ADDRESS.fullmatch(url):
        return f"the address is {url[:60]!r}; it should be like 'https://example.vn/a.html'"
    return ""


def day_problem(day: date) -> str:
    """Return the problem of an article's date; empty if the date is valid."""
    if FIRST_DAY <= day <= LAST_DAY:
        return ""
    return f"the date is {day.isoformat()}; it should lie between {FIRST_DAY} and {LAST_DAY}"


def instant_problem(moment: datetime) -> str:
    """Return the problem of an instant; empty if the instant is valid."""
    if moment.tzinfo is None:
        return f"{moment.isoformat()} has no offset; write it like 2026-02-04T12:25:00Z"
    try:
        return day_problem(moment.astimezone(UTC).date())
    except OverflowError:
        return f"{moment.isoformat()} is beyond the calendar"


def row_problem(table: str, row: Mapping[str, Any], types: Mapping[str, tuple[str, bool]]) -> str:
    """Return the problem of a row of another archive; empty if the row is valid.

    Args:
        table: The table's name.
        row: The row, by column name.
        types: For each column: its type in our schema, and whether it may be NULL.
    """
    for name, (kind, nullable) in types.items():
        if problem := _value_problem(name, row[name], kind, nullable=nullable):
            return f"{name} {problem}"
    if table != "articles":
        return ""
    try:
        return record_problem(row_record(row))
    except (FormatError, ValueError, TypeError) as error:
        return str(error)


def _value_problem(name: str, value: Any, kind: str, *, nullable: bool) -> str:
    if value is None:
        return "" if nullable else "is missing"
    if type(value) not in _PYTHON_TYPES[kind]:
        return f"is {type(value).__name__}; it should be {kind}"
    if name.endswith("_at") or name in _INSTANTS:
        return "" if _is_instant(value) else f"is {value[:40]!r}; it should be like 2026-02-04T12:25:00.000Z"
    if name in _DAYS:
        return "" if _is_day(value) else f"is {value[:40]!r}; it should be like 2026-02-04"
    if name in _LISTS or name in _OBJECTS:
        return "" if _is_json(value, name) else f"is {value[:40]!r}; it should be JSON"
    return ""


def _is_instant(text: str) -> bool:
    try:
        return _INSTANT.fullmatch(text) is not None and not instant_problem(datetime.fromisoformat(text))
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-02-04") and not day_problem(date.fromisoformat(text))
    except ValueError:
        return False


def _is_json(text: str, name: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if name in _OBJECTS:
        return isinstance(value, dict)
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
