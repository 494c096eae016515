"""When an article was published: every claim there is, ranked, and the first that can be believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.parsing.dates import Moment, Order, believable, day_bound, day_in_path, find_moment, read_moment
from crawler.parsing.html_tree import first, words_of
from crawler.reading.metadata import Facts

_PRINTED_IN_MARKUP = (
    "[itemprop=datePublished]@content",
    "[itemprop=datePublished]@datetime",
    "time[pubdate]@datetime",
    "time.published@datetime",
    "time.entry-date@datetime",
    "article time@datetime",
    "main time@datetime",
    "time@datetime",
)
_PRINTED = (
    "[itemprop=datePublished], time, .published, .publish-date, .published-date, .date-published, .post-date, "
    ".entry-date, "
    ".article-date, .article__date, .article-time, .post-time, .date-time, .datetime, .dateline, .timestamp, .pubdate, "
    ".date, .time, [class*=publish], [class*=date]"
)
_PRINTED_NODES = 12
_SHORTEST, _LONGEST = 6, 120  # characters of what may be a printed time


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published, and how that is known.

    Attributes:
        day: The civil date.
        instant: The instant, UTC; None where only the day is known.
        source: json-ld, meta, page, feed or url.
        raw: The source's own words; where another source says a day that is more than a day away, its words too.
    """

    day: date
    instant: datetime | None
    source: str
    raw: str


def publication(
    facts: Facts,
    declared: Iterable[str],
    candidate: Candidate | None,
    stray: Iterable[str],
    url: str,
    zone: ZoneInfo | None,
    order: Order,
    now: datetime,
) -> Published | Failure | None:
    """Decide when an article was published.

    The page's own data come first, then what the outlet's rules find printed, then what the source of the link said,
    then what is printed where no rule points, then the address. A claim of a day alone is completed by the best later
    claim that gives an instant on that day.

    Args:
        facts: What the page says of itself to machines.
        declared: What the outlet's rules find printed.
        candidate: What a source said of the address.
        stray: What is printed elsewhere; asked only where nothing better gives an instant.
        url: The address; a full date in its path is the last resort.
        zone: The outlet's timezone; None where none is known, and a bare local time then stays a day.
        order: How ambiguous day/month forms are read: dmy, mdy or ymd.
        now: No time later than `AHEAD` after it is believed.

    Returns:
        When; None where nothing says so; `FUTURE_DATE` where only the future does.
    """
    claims = [*facts.published, *(("page", words) for words in declared)]
    read = [(source, moment) for source, raw in claims if (moment := read_moment(raw, zone, order))]
    if candidate and candidate.published_at:
        day = candidate.published_at.astimezone(zone or UTC).date()
        read.append(("feed", Moment(day, candidate.published_at, candidate.published_raw)))
    if not any(moment.instant for _, moment in read):
        read.extend(("page", moment) for words in stray if (moment := read_moment(words, zone, order)))
    in_path = day_in_path(url)
    if not read and in_path:
        read.append(("url", Moment(in_path, None, str(in_path))))
    chosen = _chosen(read, now)
    if not isinstance(chosen, Published):
        return chosen
    others = [*read, *(("url", Moment(day, None, str(day))) for day in (in_path, day_bound(url)) if day)]
    return replace(chosen, raw=chosen.raw + _disagreement(chosen, others, now))


def _chosen(read: list[tuple[str, Moment]], now: datetime) -> Published | Failure | None:
    believed = [(source, moment) for source, moment in read if believable(moment, now)]
    if not believed:
        ahead = next((moment.raw for _, moment in read if moment.day > now.date()), "")
        return Failure(Reason.FUTURE_DATE, f"published {ahead}, more than a day ahead") if ahead else None
    source, moment = believed[0]
    if moment.instant is None:
        exact = ((s, m) for s, m in believed if m.instant and abs((m.day - moment.day).days) <= 1)
        source, moment = next(exact, (source, moment))
    return Published(moment.day, moment.instant, source, moment.raw)


def _disagreement(chosen: Published, read: Iterable[tuple[str, Moment]], now: datetime) -> str:
    """What the first other source says that is more than a day away from what was chosen; empty for none."""
    away = (
        f" (but {source}: {moment.raw})"
        for source, moment in read
        if source != chosen.source and believable(moment, now) and abs((moment.day - chosen.day).days) > 1
    )
    return next(away, "")


def printed_moments(tree: LexborHTMLParser, zone: ZoneInfo | None, order: Order) -> Iterator[str]:
    """Times printed on a page without rules, the likeliest first, as printed.

    Args:
        tree: The page.
        zone: As in `publication`.
        order: As in `publication`.
    """
    for rule in _PRINTED_IN_MARKUP:
        words, _ = first(tree, (rule,))
        if words:
            yield words
    for node in tree.css(_PRINTED)[:_PRINTED_NODES]:
        words = words_of(node)
        if _SHORTEST <= len(words) <= _LONGEST and (moment := find_moment(words, zone, order)):
            yield moment.raw


def modification(facts: Facts, zone: ZoneInfo | None, order: Order, now: datetime) -> datetime | None:
    """The instant an article was last changed, UTC; None where nothing believable says so."""
    moments = (read_moment(words, zone, order) for words in facts.modified)
    return next((m.instant for m in moments if m and m.instant and believable(m, now)), None)
