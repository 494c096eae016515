"""Define the schema of all settings; `schedules.config_layers` reads them from their places."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator

from archive.errors import UsageError
from archive.maintenance.retention import Retention
from crawler.outlets.model import Ages
from schedules.config_layers import Layer, default_archive, merge_layers, read_layers, source_of
from schedules.timing.due_times import RECHECK_AGES

_DAYS, _SIZE = re.compile(r"(\d{1,5})d"), re.compile(r"(\d{1,6})GB")


def _parse_retention(value: Any) -> Any:
    """Parse how long and up to which size captures are stored, such as '365d 50GB'.

    Raises:
        ValueError: A word is neither days nor gigabytes.
    """
    if not isinstance(value, str):
        return value
    days: list[int] = []
    sizes: list[int] = []
    for word in value.split():
        if match := _DAYS.fullmatch(word):
            days.append(int(match[1]))
        elif match := _SIZE.fullmatch(word):
            sizes.append(int(match[1]) * 10**9)
        else:
            raise ValueError("write days and gigabytes, as in '365d', '50GB' or '365d 50GB'")
    return Retention(min(days, default=None), min(sizes, default=None))


class _Section(BaseModel):
    # Built when first used, and within the model that holds it: building all at import takes twice the time.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class ArchiveSettings(_Section):
    """Where the archive is and what is stored beside it.

    Attributes:
        path: The SQLite file; a relative path in a settings file is relative to that file.
        captures: Whether to keep raw responses, in WARC files in `captures/` beside the archive.
        keep_captures: How long and up to which size to keep them: '365d', '50GB' or '365d 50GB'; empty for ever.
    """

    path: Path = Field(default_factory=default_archive)
    captures: bool = True
    keep_captures: Annotated[Retention, BeforeValidator(_parse_retention)] = Retention()


class OutletSettings(_Section):
    """Which outlets are crawled.

    Attributes:
        folder: A folder of your own declarations; they add outlets or override built-in ones by id.
        enabled: Ids of the outlets to crawl; empty for all declared outlets.
        recheck: Ages at which an archived page is fetched again to find edits, if its outlet declares none;
            empty for never.
        heal: What to do when an outlet is redesigned and its rules no longer fit: "propose" drafts new rules and
            alerts, "apply" also puts them in force when they are proven, "off" only alerts.
    """

    folder: Path | None = None
    enabled: tuple[str, ...] = ()
    recheck: Ages = RECHECK_AGES
    heal: Literal["propose", "apply", "off"] = "propose"


class NetworkSettings(_Section):
    """The settings of requests to outlets.

    Attributes:
        contact: An e-mail or web address in the User-Agent, so that outlets can reach you.
        gap: Seconds between two requests to one host.
        longest_gap: The upper bound of a robots.txt's Crawl-delay, in seconds; a longer one is cut to it.
        proxy: A proxy for all requests; empty for HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
        ca_bundle: A PEM file of certificates to trust instead of the system's; SSL_CERT_FILE counts too.
        allow_private_addresses: Allow requests to private and loopback addresses.
        trust_proxy: Let the proxy alone decide which names lead into a private network.
        concurrency: How many hosts are requested at the same time.
        connect_seconds: Time limit of connecting.
        read_seconds: Time limit between two chunks of a response.
        total_seconds: Time limit of one response, with its redirects.
        max_page_megabytes: Size limit of one page, decompressed.
        max_list_megabytes: Size limit of one feed, sitemap or listing, decompressed.
        max_redirects: How many redirects are followed from one address.
        max_header_kilobytes: Size limit of all header fields of a response, with its cookies.
        max_header_fields: How many header fields a response may have.
    """

    contact: str = ""
    gap: float = Field(default=1.0, ge=0, le=3600)
    longest_gap: float = Field(default=60, ge=0, le=3600)
    proxy: str = ""
    ca_bundle: Path | None = None
    allow_private_addresses: bool = False
    trust_proxy: bool = False
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
    def _require_proxy_address(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("write a proxy as http://host:port")
        return value


class ReadingSettings(_Section):
    """The settings of reading pages and sources.

    Attributes:
        workers: Processes that read pages; 0 for one per core.
        page_seconds: Time limit of one page.
        page_megabytes: Memory limit of one worker process.
        pages_per_worker: Pages after which a worker process is replaced, so that leaks do no harm.
        max_feed_entries: Entries of one feed or JSON listing that are read.
        max_sitemap_entries: Entries of one sitemap that are read.
        max_section_links: Links of one section page that are read.
        max_index_children: Sitemaps of one index that one poll reads, newest first.
        max_index_depth: Levels of nested sitemap indexes that are followed.
    """

    workers: int = Field(default=0, ge=0, le=128)
    page_seconds: float = Field(default=20, gt=0, le=600)
    page_megabytes: int = Field(default=1024, ge=256, le=65536)
    pages_per_worker: int = Field(default=5_000, ge=1, le=1_000_000)
    max_feed_entries: int = Field(default=5000, ge=1, le=1_000_000)
    max_sitemap_entries: int = Field(default=50_000, ge=1, le=1_000_000)
    max_section_links: int = Field(default=5000, ge=1, le=1_000_000)
    max_index_children: int = Field(default=3, ge=1, le=1000)
    max_index_depth: int = Field(default=2, ge=0, le=10)


class ServiceSettings(_Section):
    """The settings of `khobao run`.

    Attributes:
        tick_seconds: How often the service looks for due work.
        drain_seconds: How long work in flight may continue after the signal to stop.
        low_disk_megabytes: Free disk space below which no work starts.
        listen: Where `/metrics`, `/healthz` and `/readyz` are served, as `host:port`; empty for nowhere.
    """

    tick_seconds: float = Field(default=5, ge=0.05, le=3600)
    drain_seconds: float = Field(default=30, ge=0, le=3600)
    low_disk_megabytes: int = Field(default=500, ge=0)
    listen: str = Field(default="127.0.0.1:9471", pattern=r"^(?:\S+:\d{1,5})?$")


class AlertSettings(_Section):
    """Who is alerted when an outlet's health changes.

    Attributes:
        webhook: An address that each alert is posted to as JSON; empty for none.
        command: A program and its arguments; it receives each alert as JSON on its standard input.
        gap_minutes: Shortest time between two alerts of one outlet.
    """

    webhook: str = Field(default="", pattern=r"^(?:https?://\S+)?$")
    command: tuple[str, ...] = ()
    gap_minutes: float = Field(default=60, ge=0)


class WatchSettings(_Section):
    """A saved search; each stands below a line [[watch]].

    Attributes:
        name: Its name: letters without marks, digits, `-` and `_`; also the end of its addresses.
        query: What to search for, as on the search page; words side by side are a phrase.
        outlets: Ids of the outlets to search; empty for all.
        send: When a message goes out: "each" for every new hit, "daily" for at most one message a day, "surge" when
            the last seven days stand out against the twelve weeks before, "never" for the feed alone.
        mail: Addresses that get the messages; they need `mail.host`.
        webhook: An address that each message is posted to as JSON; empty for `alerts.webhook`.
        command: A program and its arguments; it gets each message as JSON; empty for `alerts.command`.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")
    query: str = Field(min_length=1, max_length=1000)
    outlets: tuple[str, ...] = ()
    send: Literal["each", "daily", "surge", "never"] = "daily"
    mail: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...] = ()
    webhook: str = Field(default="", pattern=r"^(?:https?://\S+)?$")
    command: tuple[str, ...] = ()


class MailSettings(_Section):
    """The settings for mailing the messages of saved searches.

    Attributes:
        host: The SMTP server; empty for no mail.
        port: Its port: 587 for `starttls`, 465 for `tls`, often 25 for `none`.
        security: `starttls` and `tls` encrypt the connection; `none` is for a server on this machine.
        user: The name to log in with; empty for no login.
        password: The password; rather set the variable KHOBAO_MAIL__PASSWORD.
        sender: The address in the field From; empty for `user`, or `khobao@` and the name of this machine.
        pages: The address of the archive's pages, such as https://archive.example.org; messages link to it.
    """

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field(default="", pattern=r"^(?:[^@\s]+@[^@\s]+)?$")
    pages: str = Field(default="", pattern=r"^(?:https?://\S+)?$")


class BackfillSettings(_Section):
    """Which web archive `khobao backfill --wayback` queries.

    Attributes:
        cdx: The CDX server that lists captures.
        replay: The address that serves captures.
    """

    cdx: str = "https://web.archive.org/cdx/search/cdx"
    replay: str = "https://web.archive.org/web"


class BrowseSettings(_Section):
    """The settings of `khobao browse`, which serves the pages of the archive.

    Attributes:
        hosts: The names that `khobao browse` answers for besides localhost and IP addresses, such as that of a proxy.
    """

    hosts: tuple[str, ...] = ()


class LogSettings(_Section):
    """The settings of the log: its level and its format.

    Attributes:
        level: The lowest level that is logged.
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
    watch: tuple[WatchSettings, ...] = ()
    mail: MailSettings = Field(default_factory=MailSettings)
    backfill: BackfillSettings = Field(default_factory=BackfillSettings)
    browse: BrowseSettings = Field(default_factory=BrowseSettings)
    log: LogSettings = Field(default_factory=LogSettings)

    @field_validator("watch")
    @classmethod
    def _require_different_names(cls, value: tuple[WatchSettings, ...]) -> tuple[WatchSettings, ...]:
        names = Counter(watch.name for watch in value)
        if twice := [name for name, number in names.items() if number > 1]:
            raise ValueError(f"two searches are named {twice[0]!r}; give each its own name")
        return value

    @property
    def captures_folder(self) -> Path:
        """The folder of this archive's captures."""
        return self.archive.path.resolve().parent / "captures"

    @property
    def healed_folder(self) -> Path:
        """The folder of healed outlet rules, beside the archive."""
        return self.archive.path.resolve().parent / "healed"

    @property
    def workers(self) -> int:
        """The number of processes that read pages."""
        return self.reading.workers or os.cpu_count() or 1


def section_schemas() -> dict[str, type[BaseModel]]:
    """Return the schema of each section; for an array of tables such as [[watch]], that of one table."""
    annotations = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {name: next(iter(get_args(schema)), schema) for name, schema in annotations.items()}  # type: ignore[misc]


def load_settings(
    file: Path | None = None, environment: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None
) -> Settings:
    """Load settings from a file, the environment and flags; a later place overrides an earlier one.

    Args:
        file: A settings file; None for none.
        environment: Variables named `KHOBAO_SECTION__KEY`; None to use those of the process.
        flags: Values by `section.key`; None values are ignored.

    Raises:
        UsageError: One line with the place, the key and what would be right.
    """
    return build_settings(read_layers(file, environment, flags))


def build_settings(layers: Iterable[Layer]) -> Settings:
    """Validate the settings of layers.

    Raises:
        UsageError: One line with the place, the key and what would be right.
    """
    layers = tuple(layers)
    try:
        return Settings.model_validate(merge_layers(layers))
    except ValidationError as error:
        raise UsageError(_explain(error, layers)) from None


def _explain(error: ValidationError, layers: tuple[Layer, ...]) -> str:
    """Describe the first error of a validation in one line."""
    first = error.errors()[0]
    section, *keys = [str(part) for part in first["loc"][: 3 if first["loc"][0] == "watch" else 2]]
    if keys and section != "watch":
        place = source_of(layers, section, keys[0])
    else:
        place = next((layer.name for layer in reversed(layers) if section in layer.values), "settings")
    return f"{place}: {'.'.join([section, *keys])} = {first['input']!r}: {first['msg']}"
