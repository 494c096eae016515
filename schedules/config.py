"""Settings: one schema, filled from defaults < TOML file < `KHOBAO_…` environment < flags."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_config_path, user_data_path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from archive.errors import UsageError
from archive.maintenance.retention import Retention
from crawler.outlets.model import Ages
from schedules.timing.due_times import RECHECKS

FILE = "khobao.toml"
PREFIX = "KHOBAO_"
_LISTS = frozenset({"alerts__command", "outlets__enabled", "outlets__recheck"})


_DAYS, _SIZE = re.compile(r"(\d{1,5})d"), re.compile(r"(\d{1,6})GB")


def _retention(told: Any) -> Any:
    if not isinstance(told, str):
        return told
    days, sizes, *rest = [], [], *told.split()
    for word in rest:
        if found := _DAYS.fullmatch(word):
            days.append(int(found[1]))
        elif found := _SIZE.fullmatch(word):
            sizes.append(int(found[1]) * 10**9)
        else:
            raise ValueError("write days and gigabytes, as in '365d', '50GB' or '365d 50GB'")
    return Retention(min(days, default=None), min(sizes, default=None))


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArchiveSettings(_Section):
    """Where things are kept.

    Attributes:
        path: The SQLite file; relative to the settings file that names it.
        keep_captures: For how long and up to which size, as '365d', '50GB' or '365d 50GB'; empty for ever.
        captures: Whether the raw answers are kept, in WARC files in `captures/` beside the archive.
    """

    path: Path = Field(default_factory=lambda: user_data_path("khobao") / "archive.db")
    captures: bool = True
    keep_captures: Annotated[Retention, BeforeValidator(_retention)] = Retention()


class OutletSettings(_Section):
    """Which outlets are crawled.

    Attributes:
        folder: Declarations of your own, which add outlets or override the built-in ones by id.
        enabled: Ids of the outlets to crawl; empty means all that are declared.
        recheck: Ages at which archived pages are asked whether they have changed, where the outlet does not say it;
            empty means never.
    """

    folder: Path | None = None
    enabled: tuple[str, ...] = ()
    recheck: Ages = RECHECKS


class NetworkSettings(_Section):
    """How the network is asked.

    Attributes:
        contact: An address or e-mail in the User-Agent, for outlets that want to reach you.
        gap: Seconds between two requests to one host.
        longest_gap: Seconds that a host's robots.txt may ask for instead, at the most.
        proxy: A proxy for all requests; empty means the usual HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
        ca_bundle: A file of certificates to trust instead of the system's; SSL_CERT_FILE counts too.
        allow_private_addresses: Whether private and loopback addresses may be asked.
        concurrency: How many hosts are asked at once.
        connect_seconds: To connect.
        read_seconds: Between two pieces of an answer.
        total_seconds: For one answer, redirects included.
        max_page_megabytes: Of one page, decompressed.
        max_list_megabytes: Of one feed, sitemap or listing, decompressed.
        max_redirects: That are followed from one address.
        max_header_kilobytes: Of all header fields of an answer, cookies among them.
        max_header_fields: Of an answer.
    """

    contact: str = ""
    gap: float = Field(default=1.0, ge=0, le=3600)
    longest_gap: float = Field(default=60, ge=0, le=3600)
    proxy: str = ""
    ca_bundle: Path | None = None
    allow_private_addresses: bool = False
    concurrency: int = Field(default=32, ge=1, le=256)
    connect_seconds: float = Field(default=10, gt=0, le=600)
    read_seconds: float = Field(default=20, gt=0, le=600)
    total_seconds: float = Field(default=60, gt=0, le=3600)
    max_page_megabytes: float = Field(default=10, gt=0, le=1000)
    max_list_megabytes: float = Field(default=50, gt=0, le=1000)
    max_redirects: int = Field(default=5, ge=0, le=50)
    max_header_kilobytes: int = Field(default=64, ge=8, le=1024)
    max_header_fields: int = Field(default=200, ge=20, le=10_000)

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("write a proxy as http://host:port")
        return value


class ReadingSettings(_Section):
    """How pages are read.

    Attributes:
        workers: Processes that read pages; 0 means one for each core.
        page_seconds: For one page.
        page_megabytes: Of memory for one worker.
        pages_per_worker: Before it is replaced by a new one, so that leaks never matter.
        max_feed_entries: Of one feed or JSON listing.
        max_sitemap_entries: Of one sitemap.
        max_section_links: Of one section page.
        max_index_children: Sitemaps of one index that a poll reads, the newest.
        max_index_depth: Of sitemap indexes in indexes.
    """

    workers: int = Field(default=0, ge=0, le=128)
    page_seconds: float = Field(default=20, gt=0, le=600)
    page_megabytes: int = Field(default=1024, ge=256, le=65536)
    pages_per_worker: int = Field(default=500, ge=1, le=1_000_000)
    max_feed_entries: int = Field(default=5000, ge=1, le=1_000_000)
    max_sitemap_entries: int = Field(default=50_000, ge=1, le=1_000_000)
    max_section_links: int = Field(default=5000, ge=1, le=1_000_000)
    max_index_children: int = Field(default=3, ge=1, le=1000)
    max_index_depth: int = Field(default=2, ge=0, le=10)


class ServiceSettings(_Section):
    """How `khobao run` works.

    Attributes:
        tick_seconds: How often it looks what is due.
        drain_seconds: That what is in flight gets when it is told to stop.
        low_disk_megabytes: Left on the disk, below which nothing is begun.
        listen: Where `/metrics`, `/healthz` and `/readyz` are answered; empty for nowhere.
    """

    tick_seconds: float = Field(default=5, ge=0.05, le=3600)
    drain_seconds: float = Field(default=30, ge=0, le=3600)
    low_disk_megabytes: int = Field(default=500, ge=0)
    listen: str = Field(default="127.0.0.1:9471", pattern=r"^(?:\S+:\d{1,5})?$")


class AlertSettings(_Section):
    """Who is told when an outlet's health changes.

    Attributes:
        webhook: An address that each alert is posted to as JSON; empty for none.
        command: A program and its arguments; it gets each alert as JSON on its standard input.
        gap_minutes: Between two alerts of one outlet.
    """

    webhook: str = Field(default="", pattern=r"^(?:https?://\S+)?$")
    command: tuple[str, ...] = ()
    gap_minutes: float = Field(default=60, ge=0)


class BackfillSettings(_Section):
    """How the past is had.

    Attributes:
        cdx: The CDX server that `--wayback` asks for what is gone from its site.
        replay: Where the captures are that it knows.
    """

    cdx: str = "https://web.archive.org/cdx/search/cdx"
    replay: str = "https://web.archive.org/web"


class LogSettings(_Section):
    """What is told on the way.

    Attributes:
        level: The least grave messages that are told.
        format: `auto` is pretty on a terminal and JSON elsewhere.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "pretty", "json"] = "auto"


class Settings(_Section):
    """All settings, one section for each concern."""

    archive: ArchiveSettings = Field(default_factory=ArchiveSettings)
    outlets: OutletSettings = Field(default_factory=OutletSettings)
    network: NetworkSettings = Field(default_factory=NetworkSettings)
    reading: ReadingSettings = Field(default_factory=ReadingSettings)
    service: ServiceSettings = Field(default_factory=ServiceSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    backfill: BackfillSettings = Field(default_factory=BackfillSettings)
    log: LogSettings = Field(default_factory=LogSettings)

    @property
    def captures_folder(self) -> Path:
        """Where the captures of this archive are."""
        return self.archive.path.parent / "captures"

    @property
    def workers(self) -> int:
        """How many processes read pages."""
        return self.reading.workers or os.cpu_count() or 1


def find_file(given: Path | None) -> Path | None:
    """The settings file that counts: the one given, else ./khobao.toml, else the user's, else none.

    Raises:
        UsageError: The file that was given is not there.
    """
    if given and not given.is_file():
        raise UsageError(f"{given}: no such settings file; `khobao init` writes one")
    places = [given] if given else [Path(FILE), user_config_path("khobao") / FILE]
    return next((place for place in places if place and place.is_file()), None)


def load_settings(
    file: Path | None = None, environment: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from a file, the environment and flags, the later ones counting more.

    Args:
        file: A settings file, or None for none.
        environment: Variables, of which `KHOBAO_SECTION__KEY` count; None means the process's own.
        flags: Values by `section.key`; None values are left out.

    Raises:
        UsageError: In one line: where, which key, and what would be right.
    """
    layers = {
        str(file): _read(file) if file else {},
        "the environment": _from_environment(os.environ if environment is None else environment),
        "the command line": _nested({k: v for k, v in (flags or {}).items() if v is not None}, "."),
    }
    merged: dict[str, Any] = {}
    for layer in layers.values():
        for section, values in layer.items():
            both = isinstance(values, dict) and isinstance(merged.get(section), dict)
            merged[section] = {**merged[section], **values} if both else values
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise UsageError(_explain(error, layers)) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: not TOML: {error}") from None
    for section, key in (("archive", "path"), ("outlets", "folder"), ("network", "ca_bundle")):
        values = told.get(section)
        if isinstance(values, dict) and isinstance(values.get(key), str):
            values[key] = file.parent / Path(values[key]).expanduser()
    return told


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    named = {k.removeprefix(PREFIX).lower(): v for k, v in environment.items() if k.startswith(PREFIX) and "__" in k}
    return _nested({key: _listed(key, value) for key, value in named.items()}, "__")


def _listed(key: str, value: str) -> Any:
    return tuple(item.strip() for item in value.split(",") if item.strip()) if key in _LISTS else value


def _nested(flat: Mapping[str, Any], separator: str) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        section, _, name = key.partition(separator)
        nested.setdefault(section, {})[name] = value
    return nested


def _explain(error: ValidationError, layers: Mapping[str, dict[str, Any]]) -> str:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    where = next((name for name, layer in reversed(list(layers.items())) if _holds(layer, path)), "settings")
    if first["type"] != "extra_forbidden":
        return f"{where}: {'.'.join(path[:2])} = {first['input']!r}: {first['msg']}"
    section = Settings.model_fields.get(path[0])
    known = list(Settings.model_fields if section is None else _keys(path[0]))
    near = difflib.get_close_matches(path[-1], known, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"{where}: unknown key {'.'.join(path)!r}; {remedy}"


def _keys(section: str) -> list[str]:
    annotation = Settings.model_fields[section].annotation
    assert isinstance(annotation, type)
    assert issubclass(annotation, BaseModel)
    return list(annotation.model_fields)


def _holds(layer: Mapping[str, Any], path: list[str]) -> bool:
    value: Any = layer
    for part in path[:2]:
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True
