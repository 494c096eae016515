"""Turn entries of feeds, sitemaps and JSON listings into candidates, within bounds."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from typing import NamedTuple
from urllib.parse import urljoin

from archive.record import Candidate
from crawler.parsing.dates import Moment, Order, is_american, is_plausible, read_moment, writes_month_first

_LONGEST_TITLE = 500  # characters
_LONGEST_TIME = 100
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,500}>")
_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,500}>.{0,2000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
# A reference ends with a semicolon: `?id=1&copy=2` contains none, although `html.unescape` finds one.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_FEED_SCHEME = re.compile(r"feed:(?://(?=[^/])|(?=https?:))", re.IGNORECASE)
_WRAPPED = re.compile(r"\s*[\r\n]\s*|\s{2,}")  # a line break inside an address, and the indentation of the next line
_WITHOUT_SCHEME = re.compile(r"www\.[\w-]+\.\w", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits on how much of one source is read.

    Attributes:
        entries: Entries of a feed or a JSON listing.
        addresses: Addresses of a sitemap; sitemaps.org allows 50,000.
        links: Links of a section page.
        children: Sitemaps of an index that are read in one pass.
        depth: Levels of nested sitemap indexes.
    """

    entries: int = 5000
    addresses: int = 50_000
    links: int = 5000
    children: int = 3
    depth: int = 2


BOUNDS = Bounds()


class Entry(NamedTuple):
    """One entry of a source, with its values as written.

    Attributes:
        link: The address; may be relative.
        title: The headline; empty for none.
        times: Its times of publication as written, the most reliable first.
    """

    link: str
    title: str = ""
    times: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeRules:
    """The rules by which the times of a source are parsed.

    Attributes:
        zone: The outlet's timezone, for times without one.
        now: The time of the poll, UTC; a time more than a day later is rejected.
        order: The order of day and month in ambiguous dates; empty to skip such dates.
    """

    zone: tzinfo
    now: datetime
    order: Order = ""


def candidates_of(
    entries: Iterable[Entry], base: str, rules: TimeRules, most: int
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Turn entries into candidates.

    Args:
        entries: The entries in order; at most `most` + 1 of them are taken.
        base: The address to which their links are relative.
        rules: How their times are parsed.
        most: The largest number of entries.

    Returns:
        Candidates, each address once, and notes for the ledger: entries without an address, times that are unreadable
        or impossible, entries beyond the limit.
    """
    found: dict[str, Candidate] = {}
    read, lost = 0, 0
    unread: list[str] = []
    unbelieved: list[str] = []
    listed = list(islice(entries, most + 1))
    month_first = writes_month_first((words for entry in listed for words in entry.times), rules.zone, rules.now)
    for entry in listed:
        read += 1
        if read > most:
            break
        url = absolute_url(base, entry.link)
        words, moment = _first_time(entry.times, rules, month_first=month_first)
        if words and moment is None:
            unread.append(words)
        elif moment and not is_plausible(moment, rules.now):
            unbelieved.append(words)
            moment = None
        lost += not url
        if url:
            instant = moment.instant if moment else None
            found.setdefault(url, Candidate(url, plain_text(entry.title), instant, words))
    return tuple(found.values()), tuple(_notes(lost, unread, unbelieved, most if read > most else 0))


def _first_time(times: Iterable[str], rules: TimeRules, *, month_first: bool) -> tuple[str, Moment | None]:
    """Return the first time that can be parsed, raw and parsed; else the first raw time."""
    first = ""
    for words in times:
        raw = plain_text(words)[:_LONGEST_TIME]
        order: Order = "mdy" if month_first and is_american(raw) else rules.order
        if raw and (moment := read_moment(words, rules.zone, order)):
            return raw, moment
        first = first or raw
    return first, None


def _notes(lost: int, unread: Sequence[str], unbelieved: Sequence[str], bound: int) -> Iterable[str]:
    if lost:
        yield f"{lost} entries have no address"
    if unread:
        yield f"{len(unread)} entries carry a time that cannot be read, the first {unread[0]!r}"
    if unbelieved:
        yield f"{len(unbelieved)} entries carry a time that cannot be, the first {unbelieved[0]!r}"
    if bound:
        yield f"more than {bound} entries; the rest was not read"


def absolute_url(base: str, link: str) -> str:
    """Make a link absolute; return an empty string if it is not a link.

    References that were escaped twice are resolved. `feed:` before an address, quotes around it and line breaks inside
    it are removed. `www.` at the beginning is a host without its scheme, not the name of a file.
    """
    whole = _WRAPPED.sub("", unescape_references(link.strip()).strip("\"'<> "))
    bare = _FEED_SCHEME.sub(_without_feed, whole, count=1)
    bare = f"//{bare}" if _WITHOUT_SCHEME.match(bare) else bare
    try:
        return urljoin(base, bare) if bare else ""
    except ValueError:
        return ""


def _without_feed(found: re.Match[str]) -> str:
    return "http://" if found[0].endswith("//") else ""


def unescape_references(text: str) -> str:
    """Resolve HTML references that end with a semicolon, and leave every other `&` unchanged."""
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), text)


def plain_text(words: str) -> str:
    """Return text on one line without markup, even if it was escaped twice (thanhnien.vn, 2024)."""
    text = html.unescape(html.unescape(words[: _LONGEST_TITLE * 4]))
    line = " ".join(_TAG.sub(" ", _SCRIPT.sub(" ", text)).split())[:_LONGEST_TITLE]
    return line.encode("utf-8", "replace").decode()  # JSON can contain half of a surrogate pair
