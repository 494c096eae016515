"""Define the schema of outlet declarations.

An outlet defines which addresses are its own, which of them are articles, which sources list them, and how its pages
are read. Everything here is data: frozen, validated once, and safe to send to a worker process.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from functools import cached_property, lru_cache
from string import Formatter
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_serializer, model_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from crawler.parsing.dates import Order, date_order_of_language

SourceKind = Literal["feed", "sitemap", "section", "listing", "archive", "unknown"]

PLACEHOLDERS = ("year", "month", "day", "page", "from", "to")
_NOTHING = LexborHTMLParser("<p></p>")
_ATTRIBUTE = re.compile(r"[A-Za-z_:][\w:.-]*")
_UNREAD = {
    "sources",
    "recheck",
    "ports",
    "unproven",
    "note",
}  # fields of an outlet that do not affect how its pages are read
_AGE = re.compile(r"(\d{1,5}) ?([mhd])")
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0}
_CRON = re.compile(r"[\d*/,-]+(?:\s+[\w*/,-]+){4}")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)*[a-z0-9-]+(?:/[^\s/?#]+)*")


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def _several(patterns: object) -> object:
    several = [patterns] if isinstance(patterns, str) else patterns
    return [pattern for pattern in several if pattern != ""] if isinstance(several, list | tuple) else patterns


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no such timezone: {name!r}; write one like 'Asia/Ho_Chi_Minh'") from None
    return name


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in {"http", "https"} and parts.hostname
    except ValueError:
        whole = None
    if not whole:
        raise ValueError(f"not an address: {url!r}; write one like 'https://example.vn/rss/home.rss'")
    return url


def _template(url: str) -> str:
    try:
        names = {name for _, name, _, _ in Formatter().parse(url) if name is not None}
        filled = url.format(**dict.fromkeys(PLACEHOLDERS, 1)) if names <= set(PLACEHOLDERS) else ""
    except (ValueError, LookupError):
        filled = ""
    if not filled:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"not a template: {url!r}; the placeholders are {known}")
    return url


def _host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise ValueError(f"not a host name: {name!r}; write one like 'm.example.vn' or 'example.vn/part'")
    return name


@lru_cache(maxsize=64)  # every outlet checks the same address, one after another
def _host_and_path(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.hostname or "", parts.path.rstrip("/") + "/"


def _with_mirrors(host: str) -> tuple[str, ...]:
    return (host,) if host.startswith(("www.", "m.")) else (host, f"www.{host}", f"m.{host}")


def _seconds(age: object) -> object:
    if not isinstance(age, str):
        return age
    found = _AGE.fullmatch(age.strip())
    if not found:
        raise ValueError(f"not an age: {age!r}; write minutes, hours or days, as in '15m', '6h' or '30d'")
    return int(found[1]) * _UNITS[found[2]]


def _ascending(ages: tuple[float, ...]) -> tuple[float, ...]:
    if list(ages) != sorted(set(ages)):
        raise ValueError("the ages are not in order; write the youngest first, each once")
    return ages


def _cron(expression: str) -> str:
    if expression and not _CRON.fullmatch(expression.strip()):
        raise ValueError(f"not a crontab expression: {expression!r}; write minute, hour, day, month and weekday")
    return expression.strip()


def _node(selector: str) -> str:
    try:
        _NOTHING.css(selector)
    except SelectolaxError:
        raise ValueError(f"not a CSS selector: {selector!r}; attribute values other than names need quotes") from None
    return selector


def _words(selector: str) -> str:
    node, at, attribute = selector.partition("@")
    if at and not _ATTRIBUTE.fullmatch(attribute):
        raise ValueError(f"not an attribute: {attribute!r} in {selector!r}; write 'SELECTOR@name'")
    return _node(node) + at + attribute


Pattern = Annotated[str, AfterValidator(_pattern)]
Address = Annotated[str, AfterValidator(_address)]
Template = Annotated[str, AfterValidator(_address), AfterValidator(_template)]
Age = Annotated[float, BeforeValidator(_seconds), Field(ge=60, le=10 * 365 * 86400)]
Ages = Annotated[tuple[Age, ...], AfterValidator(_ascending)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Host = Annotated[str, AfterValidator(_host)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_several)]
Nodes = tuple[Annotated[str, AfterValidator(_node)], ...]
Words = tuple[Annotated[str, AfterValidator(_words)], ...]


class _Declared(BaseModel):
    # Built when first used, and within the model that holds it: building all at import takes twice the time.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Source(_Declared):
    """One address of an outlet that lists articles.

    Attributes:
        kind: feed (RSS, Atom, JSON Feed), sitemap (news sitemap, sitemap or index), section (HTML page), listing
            (JSON), archive (any of these, used only by backfills, never polled for news), unknown (any of these; its
            content decides).
        url: The address; `{year}`, `{month}`, `{month:02}`, `{day}`, `{day:02}`, `{page}`, `{from}` and `{to}` (epoch
            seconds) are filled in.
        links: CSS selector of the link elements of a section page; empty for every link.
        next: Address of page n of a section, with `{page}`; empty to use the page's own `link rel=next`.
        pages: Pages of a section that one poll reads.
        every: Time between polls, in seconds or as '10m'; None to adapt to the source's activity.
        cron: When to poll, in the form of crontab(5) and the outlet's timezone; empty for no fixed times.
        unproven: It is a guess until `khobao outlets --check` proves it.
    """

    kind: SourceKind
    url: Template
    links: Annotated[str, AfterValidator(lambda selector: _node(selector) if selector else "")] = ""
    next: Annotated[str, AfterValidator(lambda url: _template(_address(url)) if url else "")] = ""
    pages: int = Field(default=1, ge=1, le=100)
    every: Age | None = None
    cron: Annotated[str, AfterValidator(_cron)] = ""
    unproven: bool = False


class Reading(_Declared):
    """The rules for the pages of an outlet: CSS selectors; the first match wins unless stated otherwise.

    The selectors of title, standfirst, byline, credit, published, tags and section may end in `@attribute` to take an
    attribute instead of the text.

    Attributes:
        until: The last day of publication for which these rules hold; None for today's rules.
        title: The headline.
        standfirst: The sapo.
        body: The element that contains the article's text, with captions.
        drop: Elements that are not part of the article, inside or outside the body; all matches are removed first.
        end: The article ends before the first match.
        caption: Captions inside the body, besides `figcaption`; all matches.
        byline: The authors as printed; all matches of the first selector that has any.
        credit: The agencies or the outlet that an article was taken from, as printed.
        published: The printed time of publication.
        tags: The tags; all matches of the first selector that has any.
        section: The section's name.
        strip: Patterns of whole paragraphs that are not part of the article; all matches are removed.
        date_order: The order of day and month in ambiguous dates; None to use that of the outlet's language.
    """

    until: date | None = None
    title: Words = ()
    standfirst: Words = ()
    body: Nodes = ()
    drop: Nodes = ()
    end: Nodes = ()
    caption: Nodes = ()
    byline: Words = ()
    credit: Words = ()
    published: Words = ()
    tags: Words = ()
    section: Words = ()
    strip: tuple[Pattern, ...] = ()
    date_order: Literal["dmy", "mdy", "ymd"] | None = None


class Outlet(_Declared):
    """One newspaper or site.

    Attributes:
        id: Lower-case letters, digits, `_`, `-` and `.`; also the name of its file.
        name: The outlet's name, as it writes it.
        home: Its home page; if that is a part of a site, `https://example.org/part`, only addresses below it are the
            outlet's own.
        hosts: Its own host names besides that of `home`, or `host/path` for a part of a site; all other addresses are
            foreign. `www.` and `m.` before a name are implied.
        article: Patterns searched in an address's path and query; the first match wins. Its group `key`, if it has one,
            is the outlet's article number.
        exclude: Patterns of addresses that look like articles but are not.
        names: The names with which it signs bylines and titles ("TPO", "VnExpress"), to tell them from people.
        language: BCP 47 tag.
        timezone: The timezone of its dates, and of times without one.
        sources: The addresses that list its articles.
        reading: Rules, newest first; empty to use the generic reader only.
        recheck: Ages at which an archived page is requested again to find changes, in seconds or as '15m', '6h', '30d';
            empty for never, None to use the settings.
        ports: Allowed ports besides 80, 443, 8080 and 8443.
        unproven: The whole declaration is a guess until `khobao outlets --check` proves it.
        note: Information for a person.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
    name: Annotated[str, Field(min_length=1)]
    home: Address
    hosts: tuple[Host, ...] = ()
    article: Patterns = ()
    exclude: tuple[Pattern, ...] = ()
    names: tuple[str, ...] = ()
    language: str = ""
    timezone: Timezone = "UTC"
    sources: tuple[Source, ...] = ()
    reading: tuple[Reading, ...] = ()
    recheck: Ages | None = None
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()
    unproven: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _one_open_rule(self) -> Self:
        open_ended = [rules for rules in self.reading if rules.until is None]
        if len(open_ended) > 1:
            raise ValueError("more than one set of rules without `until`; only today's rules have no `until`")
        return self

    @field_serializer("article")
    def _plain_article(self, patterns: tuple[str, ...]) -> str | tuple[str, ...]:
        """Serialise a single pattern as a string, so that the digest of older declarations stays."""
        return patterns if len(patterns) > 1 else "".join(patterns)

    @property
    def zone(self) -> ZoneInfo:
        """The timezone as a `ZoneInfo`."""
        return ZoneInfo(self.timezone)

    @property
    def digest(self) -> str:
        """Eight hex digits that change when the declaration changes how pages are read."""
        read = self.model_dump_json(exclude=_UNREAD)
        return hashlib.sha256(read.encode()).hexdigest()[:8]

    @property
    def date_order(self) -> Order:
        """The order of day and month in today's pages and feeds."""
        return self.rules(None).date_order or date_order_of_language(self.language)

    @property
    def all_hosts(self) -> frozenset[str]:
        """All host names of the outlet, with their `www.` and `m.` forms."""
        return frozenset(self._own)

    def claim(self, url: str) -> int:
        """Measure how specifically an address belongs to this outlet.

        Returns:
            The length in characters of the host and path that match, so that a narrower part of a site wins; 0 if the
            address does not belong to the outlet.
        """
        host, path = _host_and_path(url)
        if host not in self._own:
            return 0
        return max((len(host) + len(own) for own in self._own[host] if path.startswith(f"{own}/")), default=0)

    @cached_property
    def _own(self) -> dict[str, list[str]]:
        """The outlet's own paths by host; an empty path means the whole host."""
        home = urlsplit(self.home)
        bare = f"{(home.hostname or '').removeprefix('www.')}{home.path.rstrip('/')}"
        paths: dict[str, list[str]] = {}
        for own in (bare, *self.hosts):
            host, slash, path = own.partition("/")
            for name in _with_mirrors(host):
                paths.setdefault(name, []).append(slash + path)
        return paths

    def rules(self, day: date | None) -> Reading:
        """Return the rules for pages published on a day; without a day, today's rules."""
        held = sorted((r for r in self.reading if r.until), key=lambda r: r.until or date.max)
        if day:
            for rules in held:
                if rules.until and day <= rules.until:
                    return rules
        return next((r for r in self.reading if r.until is None), Reading())
