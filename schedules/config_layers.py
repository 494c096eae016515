"""Read settings from their places: defaults, a TOML file, the environment, flags.

This module uses only the standard library. A command that only queries the archive reads `archive.path` here, and
need not load the schema.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_data_path

from archive.errors import UsageError

FILE = "khobao.toml"
PREFIX = "KHOBAO_"
ENVIRONMENT, FLAGS = "the environment", "the command line"

# Every setting by its section; a test compares it with the schema in `schedules.config`.
KEYS: Mapping[str, tuple[str, ...]] = {
    "archive": ("path", "captures", "keep_captures"),
    "outlets": ("folder", "enabled", "recheck", "heal"),
    "network": (
        "contact",
        "gap",
        "longest_gap",
        "proxy",
        "ca_bundle",
        "allow_private_addresses",
        "trust_proxy",
        "concurrency",
        "connect_seconds",
        "read_seconds",
        "total_seconds",
        "max_page_megabytes",
        "max_list_megabytes",
        "max_redirects",
        "max_header_kilobytes",
        "max_header_fields",
    ),
    "reading": (
        "workers",
        "page_seconds",
        "page_megabytes",
        "pages_per_worker",
        "max_feed_entries",
        "max_sitemap_entries",
        "max_section_links",
        "max_index_children",
        "max_index_depth",
    ),
    "service": ("tick_seconds", "drain_seconds", "low_disk_megabytes", "listen"),
    "alerts": ("webhook", "command", "gap_minutes"),
    "watch": ("name", "query", "outlets", "send", "mail", "webhook", "command"),
    "mail": ("host", "port", "security", "user", "password", "sender", "pages"),
    "backfill": ("cdx", "replay"),
    "browse": ("hosts",),
    "log": ("level", "format"),
}
_PATHS = (("archive", "path"), ("outlets", "folder"), ("network", "ca_bundle"))
_LISTS = frozenset({("alerts", "command"), ("outlets", "enabled"), ("outlets", "recheck"), ("browse", "hosts")})


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings from one place.

    Attributes:
        name: The place: a file, "the environment" or "the command line".
        values: The settings, by section and key. A section of a file may have any type; `check_keys` refuses
            wrong ones.
    """

    name: str
    values: Mapping[str, Any]

    def has(self, section: str, key: str) -> bool:
        """Return whether this place sets a setting."""
        return key in _keys_of(self.values.get(section))


def default_archive() -> Path:
    """Return the path of the archive in the user's data folder."""
    return user_data_path("khobao") / "archive.db"


def find_file(given: Path | None) -> Path | None:
    """Find the settings file: the one given, else ./khobao.toml, else the user's own, else none.

    Raises:
        UsageError: The file that was given does not exist.
    """
    if given and not given.is_file():
        raise UsageError(f"{given}: no such settings file; `khobao init` writes one")
    places = [given] if given else [Path(FILE), user_config_path("khobao") / FILE]
    return next((place for place in places if _is_file(place)), None)


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except OSError:  # a parent folder may be unreadable
        return False


def read_layers(
    file: Path | None = None, environment: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None
) -> tuple[Layer, ...]:
    """Read the settings of every place; a later layer overrides an earlier one.

    Args:
        file: A settings file; None for none.
        environment: Variables named `KHOBAO_SECTION__KEY`; None to use those of the process.
        flags: Values by `section.key`; None values are ignored.

    Raises:
        UsageError: The file cannot be read, or a key is unknown.
    """
    variables = os.environ if environment is None else environment
    given = [(*name.split(".", 1), value) for name, value in (flags or {}).items() if value is not None]
    layers = (
        *([Layer(str(file), _read_file(file))] if file else []),
        Layer(ENVIRONMENT, _nest(_from_environment(variables))),
        Layer(FLAGS, _nest(given)),
    )
    check_keys(layers)
    return layers


def merge_layers(layers: Iterable[Layer]) -> dict[str, Any]:
    """Combine layers into one mapping of sections; a later layer overrides an earlier one, key by key."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for section, values in layer.values.items():
            both = isinstance(values, Mapping) and isinstance(merged.get(section), Mapping)
            merged[section] = {**merged[section], **values} if both else values
    return merged


def source_of(layers: Iterable[Layer], section: str, key: str) -> str:
    """Return the name of the place that decides a setting; "default" if none sets it."""
    return next((layer.name for layer in reversed(tuple(layers)) if layer.has(section, key)), "default")


def archive_path(layers: Iterable[Layer]) -> Path | None:
    """Return the archive's path in the layers; None if it is invalid, which the schema reports."""
    archive = merge_layers(layers).get("archive", {})
    path = archive.get("path", default_archive()) if isinstance(archive, Mapping) else None
    return Path(path) if isinstance(path, str | Path) and str(path) else None


def check_keys(layers: Iterable[Layer]) -> None:
    """Refuse a section or a key that does not exist.

    Raises:
        UsageError: One line with the place, the key and the nearest key that exists.
    """
    for layer in layers:
        for section, values in layer.values.items():
            if section not in KEYS:
                raise UsageError(f"{layer.name}: unknown key {section!r}; {_remedy(section, KEYS)}")
            for key in _keys_of(values):
                if key not in KEYS[section]:
                    remedy = _remedy(key, KEYS[section])
                    raise UsageError(f"{layer.name}: unknown key '{section}.{key}'; {remedy}")


def _keys_of(values: object) -> Iterator[str]:
    """Yield the keys of a section, or of every table of an array of tables such as [[watch]]."""
    for table in values if isinstance(values, list) else [values]:
        yield from table if isinstance(table, Mapping) else ()


def _remedy(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"


def _read_file(file: Path) -> dict[str, Any]:
    """Read a TOML file; its relative paths are relative to the file."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: cannot be read: not text in UTF-8; `khobao init` writes one") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: not TOML: {error}") from None
    for section, key in _PATHS:
        keys = values.get(section)
        if isinstance(keys, dict) and isinstance(keys.get(key), str):
            keys[key] = _resolve(file, f"{section}.{key}", keys[key])
    return values


def _resolve(file: Path, name: str, value: str) -> Path:
    """Resolve a path of a settings file: ~ is the user's home, others are relative to the file."""
    try:
        path = Path(value).expanduser()
    except RuntimeError:  # there is no such user
        raise UsageError(f"{file}: {name} = {value!r}: there is no such home folder") from None
    if "\0" in value:
        raise UsageError(f"{file}: {name} = {value!r}: a path has no NUL character")
    return file.parent / path


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Read each variable `KHOBAO_SECTION__KEY`; a list is separated by commas."""
    for name, value in environment.items():
        section, separator, key = name.removeprefix(PREFIX).lower().partition("__")
        if name.startswith(PREFIX) and separator:
            items = tuple(item.strip() for item in value.split(",") if item.strip())
            yield section, key, items if (section, key) in _LISTS else value


def _nest(settings: Iterable[tuple[str, str, Any]]) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = {}
    for section, key, value in settings:
        sections.setdefault(section, {})[key] = value
    return sections
