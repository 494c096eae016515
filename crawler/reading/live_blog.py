"""Read the entries of a live blog from the page's JSON-LD, with their times."""

from __future__ import annotations

import html
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crawler.parsing.dates import Order, read_moment
from crawler.reading import jsonld

_MOST = 1_000  # entries
_LONGEST = 20_000  # characters of one entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a live blog.

    Attributes:
        time: When it was written, in the outlet's time, `19:25 04/02/2026`; empty if unknown.
        headline: Its headline; may be empty.
        body: Its text, as markup.
    """

    time: str
    headline: str
    body: str

    @property
    def markup(self) -> str:
        """Return the entry as markup."""
        line = " ".join(part for part in (self.time, self.headline) if part)
        return f"<p>{html.escape(line)}</p>{self.body}" if line else self.body


def entries(node: jsonld.Node, zone: ZoneInfo | None, order: Order) -> list[Entry]:
    """Return the entries of a `LiveBlogPosting` (https://schema.org/liveBlogUpdate), in order.

    Args:
        node: The JSON-LD node of the article.
        zone: The timezone for the entries' times; None to keep their own.
        order: The order of day and month in ambiguous dates.
    """
    if "LiveBlogPosting" not in jsonld.node_types(node):
        return []
    given = node.get("liveBlogUpdate")
    listed = given if isinstance(given, list) else [given]
    told = [_entry(entry, zone, order) for entry in listed[:_MOST] if isinstance(entry, dict)]
    return [entry for entry in told if entry.headline or entry.body]


def _entry(entry: jsonld.Node, zone: ZoneInfo | None, order: Order) -> Entry:
    raw = entry.get("articleBody")
    body = raw[:_LONGEST].strip() if isinstance(raw, str) else ""
    if "<" not in body:
        lines = html.unescape(body).splitlines()
        body = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line.strip())
    moment = read_moment(jsonld.to_text(entry.get("datePublished")), zone, order)
    instant = moment.instant if moment else None
    time = f"{instant.astimezone(zone) if zone else instant:%H:%M %d/%m/%Y}" if instant else ""
    return Entry(time, jsonld.to_text(entry.get("headline")), body)
