"""Decode the data that pages contain for their scripts: JSON, Next.js flight rows, Nuxt payloads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import chompjs
from selectolax.lexbor import LexborHTMLParser

_DATA_SCRIPTS = "script[type='application/json'],script#__NEXT_DATA__,script[type='text/x-state']"
_CODE_SCRIPTS = (
    "script:not([src]):not([type]),script[type='text/javascript']:not([src]),"
    "script[type='application/javascript']:not([src])"
)
_ASSIGNED = re.compile(
    r"(?:^|[;{}\n])\s{0,20}(?:(?:window|self|globalThis|Fusion)(?:\.[\w$]{1,60}|\[['\"][\w$]{1,60}['\"]\]){1,4}|"
    r"(?:var|let|const)\s{1,9}[\w$]{1,60})\s{0,9}=\s{0,9}(?=[\[{('\"fJ])"
)
_QUOTED = re.compile(r"JSON\.parse\(\s*(?=['\"])")
_FLIGHT = re.compile(r"self\.__next_f\.push\((\[1,.*\])\)\s*;?\s*$", re.DOTALL)
_FLIGHT_ROW = re.compile(r"([0-9a-f]{1,8}):(T([0-9a-f]{1,8}),)?")
_FLIGHT_REFERENCE = re.compile(r"\$[L@]?([0-9a-f]{1,8})((?::\w{1,60}){0,20})")
_PROPERTIES = 3  # place of the properties in `["$", "p", key, properties]`
_NUXT_CALL = re.compile(r"^\(?function\s*\(([\w$,\s]{0,20000})\)\s*\{\s*return\s*")
_STATEMENTS = 12  # assignments of one script that are decoded
_SCRIPTS = 80  # scripts of one page that are decoded
_LEAST = 200  # characters; a shorter script contains no article
_MOST = 4_000_000  # characters; a longer script is not decoded
_DEEPEST = 200  # levels of a payload's references
_ROW_VALUES = 40_000  # values of one row of a flight stream, with all rows that it refers to
_VALUES = 200_000  # values of one payload that are resolved


def states_of(tree: LexborHTMLParser) -> Iterator[Any]:
    """Yield the data in the scripts of a page, in any of these forms.

    Args:
        tree: The whole page, with its scripts.
    """
    flight: list[str] = []
    for node in [*tree.css(_DATA_SCRIPTS), *tree.css(_CODE_SCRIPTS)][:_SCRIPTS]:
        text = node.text(deep=True)
        if row := _FLIGHT.search(text):
            flight.append(_flight_text(row[1]))
        elif _LEAST <= len(text) <= _MOST:
            yield from _state(text, node.attributes.get("id") or "")
    yield from _flight_values("".join(flight))


def _state(text: str, name: str) -> Iterator[Any]:
    """Yield the value of a script that is data, or of each assignment in it."""
    if text.lstrip()[:1] in {"{", "["}:
        value = _decode(text.lstrip())
        if value is not None:  # otherwise a block of statements, as SvelteKit writes
            yield _resolve_indexes(value) if name == "__NUXT_DATA__" and isinstance(value, list) else value
            return
    end = 0
    for assigned in islice(_ASSIGNED.finditer(text), _STATEMENTS):
        if assigned.start() < end:
            continue
        start = text[assigned.end() :]
        if quoted := _QUOTED.match(start):  # a text that the browser parses
            strings = _javascript(f"[{start[quoted.end() : start.rfind(')')]}]")
            start = strings[0] if isinstance(strings, list) and strings and isinstance(strings[0], str) else ""
        if start[:1] in {"{", "["}:
            value, length = _decode_prefix(start)
            end = assigned.end() + length
            yield value
        elif call := _NUXT_CALL.match(start):
            yield _evaluate_call(start, call)


def _decode(text: str) -> Any:
    """Decode JSON or a JavaScript object; None if a text is neither."""
    return _decode_prefix(text)[0]


def _decode_prefix(text: str) -> tuple[Any, int]:
    """Decode the value at the start of a text, and return how long it is; 0 if that is unknown."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return _javascript(text), 0


def _javascript(text: str) -> Any:
    try:
        return chompjs.parse_js_object(text)
    except (ValueError, RecursionError):
        return None


def _flight_text(pushed: str) -> str:
    value = _decode(pushed)
    return value[1] if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str) else ""


def _flight_values(stream: str) -> Iterator[Any]:
    """Yield the rows of a flight stream: `id:json`, or `id:Tlength,text` with the length in bytes.

    A row refers to others: `$7`, `$L7`, or `$7:props:children` for a part of one. The format is that of React's server
    components (react-server-dom-webpack, ReactFlightClient).
    """
    rows: dict[str, Any] = {}
    at = 0
    while at < len(stream):
        row = _FLIGHT_ROW.match(stream, at)
        if row is None:
            at = stream.find("\n", at) + 1 or len(stream)
        elif row[2]:
            text = stream[row.end() :].encode("utf-8", "replace")[: int(row[3], 16)].decode("utf-8", "ignore")
            at = row.end() + len(text)
            rows[row[1]] = text
        else:
            end = stream.find("\n", row.end())
            line = stream[row.end() : end if end >= 0 else len(stream)]
            at = end + 1 if end >= 0 else len(stream)
            if line[:1] in {"[", "{", '"'}:
                rows[row[1]] = _decode(line)
    total = _VALUES
    for value in rows.values():
        left = [min(_ROW_VALUES, total)]
        yield _with_rows(value, rows, left, 0)
        total -= _ROW_VALUES - max(left[0], 0)


def _with_rows(value: Any, rows: Mapping[str, Any], left: list[int], depth: int) -> Any:
    """Replace the references in a row by the rows that they name."""
    left[0] -= 1
    if depth > _DEEPEST or left[0] < 0:
        return None
    if isinstance(value, str) and (named := _FLIGHT_REFERENCE.fullmatch(value)) and named[1] in rows:
        return _with_rows(_part(rows[named[1]], named[2].split(":")[1:]), rows, left, depth + 1)
    if isinstance(value, dict):
        return {key: _with_rows(item, rows, left, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_rows(item, rows, left, depth + 1) for item in value]
    return value


def _part(value: Any, path: list[str]) -> Any:
    """Return the part of a row that a path names; the properties of an element are its fourth item."""
    for key in path:
        if isinstance(value, list):
            place = _PROPERTIES if key == "props" else int(key) if key.isdigit() else len(value)
            value = value[place] if place < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def _evaluate_call(text: str, call: re.Match[str]) -> Any:
    """Evaluate a Nuxt 2 payload, `(function(a,b){return {…}}("x",…))`, with its arguments.

    chompjs parses a name as a string of its letters, so a string of one letter is taken for a name too.
    """
    value = _javascript(text[call.end() :])
    begin, end = text.rfind("}("), text.rfind(")")
    given = _javascript(f"[{text[begin + 2 : text.rfind(')', 0, end)]}]") if 0 <= begin < end else None
    names = [name.strip() for name in call[1].split(",")]
    arguments = dict(zip(names, given, strict=False)) if isinstance(given, list) else {}
    return _with_arguments(value, arguments)


def _with_arguments(value: Any, arguments: Mapping[str, Any], depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(value, str):
        return arguments.get(value, value)
    if isinstance(value, dict):
        return {key: _with_arguments(item, arguments, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_arguments(item, arguments, depth + 1) for item in value]
    return value


def _resolve_indexes(values: list[Any]) -> Any:
    """Resolve a Nuxt 3 payload: its objects and lists contain indexes into one list of values.

    The format is that of the JavaScript library devalue (https://github.com/Rich-Harris/devalue).
    """
    left = [_VALUES]

    def at(place: Any, depth: int) -> Any:
        left[0] -= 1
        if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(values):
            return None
        if depth > _DEEPEST or left[0] < 0:
            return None
        value = values[place]
        if isinstance(value, dict):
            return {key: at(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            if value and isinstance(value[0], str):  # a wrapper: ["Reactive", 1], ["Date", "2026-…"]
                return value[1] if value[0] == "Date" else at(value[1] if len(value) > 1 else None, depth + 1)
            return [at(item, depth + 1) for item in value]
        return value

    return at(0, 0) if values else None
