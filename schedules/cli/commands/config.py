"""Run `khobao config`: print the settings in force, and the place that sets each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from schedules.cli.session import Session, command
from schedules.config_layers import ENVIRONMENT, FLAGS, KEYS, PREFIX, source_of

_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


@command(name="config")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, by `section.key`.")
def config_command(session: Session, as_json: bool) -> None:
    """Print every setting in force and where its value comes from.

    The first of these places that has a setting decides it: a flag of the command line, a variable such as
    KHOBAO_NETWORK__GAP, the settings file, the default.
    """
    values = session.settings.model_dump(mode="json")
    rows = [
        (f"{name}.{key}", table[key], _source(session, section, key))
        for section, keys in KEYS.items()
        for name, table in _tables(section, values[section])
        for key in keys
    ]
    if as_json:
        session.print_json({name: {"value": value, "source": source} for name, value, source in rows})
        return
    session.note(f"settings file: {session.settings_file or 'none; `khobao init` writes one'}")
    width = max(len(name) for name, _, _ in rows)
    for name, value, source in rows:
        session.print(f"{name:<{width}}  {_toml(value)}" + ("" if source == "default" else f"  # {source}"))


def _tables(section: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a section, or each table of an array of tables such as [[watch]], numbered from 1."""
    if isinstance(value, list):
        yield from ((f"{section}.{number}", table) for number, table in enumerate(value, 1))
    else:
        yield section, value


def _source(session: Session, section: str, key: str) -> str:
    place = source_of(session.layers, section, key)
    if place == ENVIRONMENT:
        return f"{PREFIX}{section}__{key}".upper()
    if place == FLAGS:
        return "--archive" if (section, key) == ("archive", "path") else "this command"
    return place


def _toml(value: Any) -> str:
    """Write a value as in a settings file."""
    if isinstance(value, dict):
        value = _retention(value["days"], value["size"])
    if isinstance(value, list):
        value = [_age(item) if isinstance(item, float) else item for item in value]
    return json.dumps("" if value is None else value, ensure_ascii=False)


def _retention(days: int | None, size: int | None) -> str:
    """Write how long and up to which size captures are stored, as in a settings file."""
    parts = (None if days is None else f"{days}d", None if size is None else f"{size // 10**9}GB")
    return " ".join(filter(None, parts))


def _age(seconds: float) -> str:
    """Write an age of `outlets.recheck` as in a settings file."""
    unit, size = next((unit, size) for unit, size in _UNITS if not seconds % size)
    return f"{seconds / size:.0f}{unit}"
