"""Read declarations: parse TOML, merge it over the declaration it extends, validate the outlet."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, get_args
from urllib.parse import urljoin

from pydantic import BaseModel, ValidationError

from archive.errors import UsageError
from crawler.outlets.model import Outlet, Reading, Source, SourceKind

JOINED = frozenset({"drop", "strip", "exclude", "hosts", "names"})
_OF_OUTLET = frozenset(Outlet.model_fields) | {"extends", "reading_until"}
_OF_READING = frozenset(Reading.model_fields) - {"until"}
_OF_SOURCE = frozenset(Source.model_fields) - {"kind"}
_KINDS = frozenset(get_args(SourceKind))
_LISTS = (_OF_READING - {"date_order"}) | {"article", "exclude", "hosts", "names"} | _KINDS

Schema = TypeVar("Schema", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The content of one declaration file.

    Attributes:
        id: The file name without `.toml`.
        file: The name of the file in error messages.
        extends: The id of the family or outlet that it extends; empty for none.
        values: Its keys. Only their names and the reading rules are checked yet: a family need not be a complete
            outlet.
    """

    id: str
    file: str
    extends: str
    values: dict[str, Any]


def read_declaration(stem: str, file: str, content: bytes) -> Declaration:
    """Parse one declaration file; check the names of its keys, and its reading rules.

    Args:
        stem: The file name without `.toml`, which is the outlet's id.
        file: The name of the file in error messages.
        content: The content of the file.

    Raises:
        UsageError: It is not TOML, a key is unknown, a table is needed, or a reading rule is wrong.
    """
    values = _wrap_in_lists(_parse_toml(content, file), file)
    _reject_unknown_keys(values, _OF_OUTLET, file, "")
    for kind, sources in _table(values, "sources", file).items():
        _reject_unknown_keys({kind: sources}, _KINDS, file, "sources.")
        for place, source in enumerate(sources):
            _reject_unknown_keys(
                source if isinstance(source, dict) else {}, _OF_SOURCE, file, f"sources.{kind}[{place}]."
            )
    rules = {"reading": _table(values, "reading", file)}
    for day in _table(values, "reading_until", file):
        rules[f"reading_until.{day}"] = _table(values["reading_until"], day, file, "reading_until.")
    for where, table in rules.items():
        _reject_unknown_keys(table, _OF_READING, file, f"{where}.")
        _validate(Reading, table, file, f"{where}.")
    if values.pop("id", stem) != stem:
        raise UsageError(f"{file}: id: differs from the file's name; leave it out, or rename the file")
    extends = values.pop("extends", "")
    if not isinstance(extends, str):
        raise UsageError(f"{file}: extends: not a text; write extends = 'ims'")
    return Declaration(stem, file, extends, values)


def merge_values(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Merge a declaration over its base: tables by key, lists in `JOINED` appended, the rest replaced."""
    merged = dict(base)
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge_values(merged[key], value)
        elif key in JOINED and isinstance(value, list):
            merged[key] = [*merged.get(key, []), *(new for new in value if new not in merged.get(key, []))]
        else:
            merged[key] = value
    return merged


def build_outlet(declared: Declaration, values: Mapping[str, Any]) -> Outlet:
    """Validate merged values into an outlet.

    Args:
        declared: The declaration.
        values: Its values, merged over those of all that it extends.

    Raises:
        UsageError: A value is wrong or missing.
    """
    plain = {key: value for key, value in values.items() if key not in {"sources", "reading", "reading_until"}}
    outlet = _validate(Outlet, {"id": declared.id, **plain}, declared.file, "")
    sources = [
        _validate(Source, _source(kind, source, outlet.home), declared.file, f"sources.{kind}[{place}].")
        for kind, listed in values.get("sources", {}).items()
        for place, source in enumerate(listed)
    ]
    today = values.get("reading", {})
    reading = [_validate(Reading, today, declared.file, "reading.")] if today else []
    for day, rules in values.get("reading_until", {}).items():
        older = {**_before(rules, today), "until": _day(day, declared.file)}
        reading.append(_validate(Reading, older, declared.file, f"reading_until.{day}."))
    reading.sort(key=lambda rules: rules.until or date.max, reverse=True)
    return outlet.model_copy(update={"sources": tuple(sources), "reading": tuple(reading)})


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Suggest the known name with the closest spelling, or list all names."""
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there is {', '.join(names)}"


def toml_string(text: str) -> str:
    """Write a text as a TOML string: in single quotes if possible, else with the escapes of JSON."""
    plain = "'" not in text and text.isprintable()
    return f"'{text}'" if plain else json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _reject_unknown_keys(table: Mapping[str, Any], keys: frozenset[str], file: str, where: str) -> None:
    for key in table:
        if key not in keys:
            raise UsageError(f"{file}: {where}{key}: unknown key; {suggest_name(key, keys)}")


def _table(values: Mapping[str, Any], key: str, file: str, where: str = "") -> dict[str, Any]:
    table = values.get(key, {})
    if not isinstance(table, dict):
        raise UsageError(f"{file}: {where}{key}: not a table; write it as [{where}{key}]")
    return table


def _parse_toml(content: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file}: not UTF-8 (at line {line}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: not TOML: {error}") from None


def _wrap_in_lists(values: Mapping[str, Any], file: str, where: str = "") -> dict[str, Any]:
    """Wrap single values into lists if the schema requires lists."""
    listed: dict[str, Any] = {}
    for key, value in values.items():
        if key not in _LISTS:
            listed[key] = _wrap_in_lists(value, file, f"{where}{key}.") if isinstance(value, dict) else value
        elif isinstance(value, list | str | dict):
            listed[key] = value if isinstance(value, list) else [value]
        else:
            raise UsageError(f"{file}: {where}{key}: not a list; write {key} = ['…', '…']")
    return listed


def _source(kind: str, source: object, home: str) -> dict[str, Any]:
    given = dict(source) if isinstance(source, dict) else {"url": source}
    absolute = {key: _resolve_address(home, value) for key, value in given.items() if key in {"url", "next"}}
    return {**given, **absolute, "kind": kind}


def _resolve_address(home: str, address: object) -> object:
    """Resolve an address against the home page; leave an invalid one for the schema to reject."""
    try:
        return urljoin(home, address) if address and isinstance(address, str) else address
    except ValueError:
        return address


def _before(rules: Mapping[str, Any], today: Mapping[str, Any]) -> dict[str, Any]:
    """Append today's rules to rules of an earlier time: outlets show old articles in new layouts too."""
    both = {
        key: [*value, *(new for new in today.get(key, []) if new not in value)]
        for key, value in rules.items()
        if isinstance(value, list)
    }
    return {**today, **rules, **both}


def _day(text: str, file: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{file}: reading_until.{text}: not a day; write [reading_until.2018-12-31]") from None


def _validate(schema: type[Schema], values: Mapping[str, Any], file: str, where: str) -> Schema:
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name, *places = map(str, first["loc"]) if first["loc"] else ("",)
        key = where + name + "".join(f"[{place}]" for place in places)
        raise UsageError(f"{file}: {key.rstrip('.') or 'declaration'}: {_plain(first['type'], first['msg'])}") from None


def _plain(kind: str, message: str) -> str:
    """Explain a validation error in the terms of TOML instead of Python."""
    words = {
        "missing": "missing; every outlet has one",
        "tuple_type": "not a list; write it in square brackets",
        "string_type": "not a text; put it in quotes",
        "string_pattern_mismatch": "not an id; name the file in lower-case letters, digits, '_', '-' and '.'",
    }
    return words.get(kind, re.sub(r"^(?:Value error, |Input (?=should)|String (?=should))", "", message))
