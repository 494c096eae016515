"""List how the newest articles of an outlet were read: by its rules or not, and with which parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.store.reader import ArchiveReader

_SPAN = timedelta(days=35)
_NEWEST = 400  # articles
# Only articles that were read as news: a backfill reads old pages, which have another markup.
# An article that a rule once read counts as read by the rules, even if a recheck fetched it in another design. So does
# one from before the last healing: the new rules read it again, but no row says so if the text is the same.
_HEALED = """
SELECT ended_at FROM runs WHERE kind = 'heal' AND json_extract(counts, :outlet) = 'in force' ORDER BY id DESC LIMIT 1
"""
_READ = """
WITH newest AS (
    SELECT id, url, first_seen_at, rules, doubts, standfirst, byline, published_at FROM articles
    WHERE outlet = :outlet AND date >= :day AND reader <> '' AND url IS NOT NULL
        AND julianday(first_seen_at) - julianday(date) BETWEEN -2 AND 3
    ORDER BY first_seen_at DESC LIMIT :most
)
SELECT a.id, a.url, a.first_seen_at,
    a.rules = 'generic' AND r.rules = 'generic' AND a.first_seen_at > :healed_at AS generic,
    a.first_seen_at <= :healed_at OR NOT EXISTS (
        SELECT 1 FROM json_each(coalesce(a.doubts, '[]')) WHERE value LIKE 'title:%'
    ) AS title,
    a.standfirst <> '' AS standfirst, a.byline <> '[]' AS byline, a.published_at IS NOT NULL AS published
FROM newest AS a JOIN revisions AS r ON r.article = a.id AND r.revision = 1
ORDER BY a.first_seen_at DESC
"""


@dataclass(frozen=True, slots=True)
class PageReading:
    """The way in which the page of one article was read.

    Attributes:
        article: The article's id.
        url: Its address.
        seen_at: When the archive first saw it.
        text: A rule of the outlet found the text.
        title: No doubt about the headline was stored, such as that no rule of the outlet found it.
        standfirst: A standfirst was found.
        byline: A byline was found.
        published: The exact time of publication was found.
    """

    article: str
    url: str
    seen_at: datetime
    text: bool
    title: bool = True
    standfirst: bool = True
    byline: bool = True
    published: bool = True


def newest_readings(archive: ArchiveReader, outlet: str, now: datetime) -> list[PageReading]:
    """List how the newest articles of an outlet were read, oldest first.

    Args:
        archive: The archive.
        outlet: The outlet's id.
        now: The time up to which articles count, UTC.
    """
    healings = archive.query(_HEALED, {"outlet": f'$."{outlet}".state'})
    healed_at = next((row["ended_at"] for row in healings), "")
    day = (now - _SPAN).date().isoformat()
    values = {"outlet": outlet, "day": day, "most": _NEWEST, "healed_at": healed_at}
    rows = list(archive.query(_READ, values))
    return [
        PageReading(
            row["id"],
            row["url"],
            datetime.fromisoformat(row["first_seen_at"]),
            not row["generic"],
            bool(row["title"]),
            bool(row["standfirst"]),
            bool(row["byline"]),
            bool(row["published"]),
        )
        for row in reversed(rows)
    ]
