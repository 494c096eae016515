"""What feeds, sitemaps and listings have in common: entries of strangers, taken within bounds and made candidates."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from typing import NamedTuple
from urllib.parse import urljoin

from archive.record import Candidate
from crawler.parsing.dates import Order, believable, read_moment

_LONGEST_TITLE = 500  # characters
_LONGEST_TIME = 100
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,500}>")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of one source is read.

    Attributes:
        entries: Of a feed or a JSON listing.
        addresses: Of a sitemap; sitemaps.org allows it so many.
        links: Of a section page.
        children: Of a sitemap index: the newest.
        depth: Of indexes in indexes.
    """

    entries: int = 5000
    addresses: int = 50_000
    links: int = 5000
    children: int = 3
    depth: int = 2


BOUNDS = Bounds()


class Entry(NamedTuple):
    """What one entry says: its link, its headline and its time, in its own words."""

    link: str
    title: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of a source are read.

    Attributes:
        zone: The outlet's timezone, for times that say none.
        now: No time later than a day after it is believed.
        order: How ambiguous day/month forms are read; empty for not at all.
    """

    zone: tzinfo
    now: datetime
    order: Order = ""


def taken(
    entries: Iterable[Entry], base: str, clock: Clock, most: int
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Make candidates of entries.

    Args:
        entries: The entries, in their order; no more of them are asked for than may be taken, and one.
        base: What their links are relative to.
        clock: How their times are read.
        most: How many may be taken.

    Returns:
        Candidates, each address once, and what was odd: times that cannot be, entries that were not read.
    """
    found: dict[str, Candidate] = {}
    read, odd = 0, []
    for entry in islice(entries, most + 1):
        read += 1
        if read > most:
            break
        url, raw = joined(base, entry.link), plain(entry.published)[:_LONGEST_TIME]
        moment = read_moment(entry.published, clock.zone, clock.order) if raw else None
        believed = moment is not None and believable(moment, clock.now)
        if moment and not believed:
            odd.append(raw)
        if url:
            instant = moment.instant if moment and believed else None
            found.setdefault(url, Candidate(url, plain(entry.title), instant, raw))
    notes = [f"{len(odd)} entries carry a time that cannot be, the first {odd[0]!r}"] if odd else []
    if read > most:
        notes.append(f"more than {most} entries; the rest was not read")
    return tuple(found.values()), tuple(notes)


def joined(base: str, link: str) -> str:
    """A link made absolute; empty for what is none."""
    try:
        return urljoin(base, html.unescape(link.strip())) if link.strip() else ""
    except ValueError:
        return ""


def plain(words: str) -> str:
    """Words without markup, though it was escaped twice (thanhnien.vn, 2024), on one line, fit to be written."""
    text = html.unescape(html.unescape(words[: _LONGEST_TITLE * 4]))
    line = " ".join(_TAG.sub(" ", text).split())[:_LONGEST_TITLE]
    return line.encode("utf-8", "replace").decode()  # JSON can hold half of a surrogate pair
