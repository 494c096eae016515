"""The page *Share over time*: the share of articles that match up to four queries, or one by outlet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from sqlite_utils import Database

from archive.browse.charts.line_specs import is_broken, is_smoothed
from archive.browse.charts.model import LineChart, Point
from archive.browse.count_cache import CACHE
from archive.browse.matching import describe_match
from archive.browse.page_request import PageError, PageRequest, page_link
from archive.browse.sql import SqlQuery, outlet_names
from archive.browse.tabular import Table
from archive.browse.translations import number_formatter, share_formatter
from archive.search.counting import count_articles
from archive.search.day_outlet_index import Cell
from archive.search.query import Query, parse_query
from archive.statistics.periods import UNITS, Span, choose_unit

_MOST_SERIES = 4
_DAYS = 365  # days that are shown unless the visitor chooses others
_MOST_PERIODS = 800  # of one chart
_LONGEST_LABEL = 40  # characters
Key = TypeVar("Key", bound=Hashable)
# Two queries: a single one with `min` and `max` would read the whole index.
_EXTENT = "SELECT (SELECT min(date) FROM articles) AS first, (SELECT max(date) FROM articles) AS last"


@dataclass(frozen=True, slots=True)
class Series:
    """A line of the chart.

    Attributes:
        name: The query as typed, or the name of an outlet.
        query: The query.
        outlet: The id of the outlet that it is limited to; empty for all.
        hits: Number of matching articles in each period.
        totals: Number of all articles in each period.
    """

    name: str
    query: str
    outlet: str
    hits: tuple[int, ...]
    totals: tuple[int, ...]

    @property
    def shares(self) -> list[float | None]:
        """The share of each period; None where it has no articles."""
        return [hits / total if total else None for hits, total in zip(self.hits, self.totals, strict=True)]


class CellSums(Protocol):
    """Numbers of articles by day and outlet."""

    @property
    def complete(self) -> bool:
        """Whether all articles were counted."""

    def by(self, key: Callable[[Cell], Key | None]) -> Counter[Key]:
        """Sum the counts of cells by a key; cells with the key None are left out."""


class TimelineSource(Protocol):
    """What the timeline counts: an archive or a lake."""

    def names(self) -> dict[str, str]:
        """Return the names of the outlets by outlet id."""

    def extent(self) -> tuple[str, str] | None:
        """Return the first and the last day that have articles; None if there are none."""

    def count(self, query: Query | None, span: Span) -> CellSums:
        """Count the articles of a span that match a query, or all of them; other days may be counted too."""


@dataclass(frozen=True, slots=True)
class _ArchiveSource:
    """Count the articles of an archive."""

    db: Database

    def names(self) -> dict[str, str]:
        return outlet_names(self.db)

    def extent(self) -> tuple[str, str] | None:
        return archive_extent(self.db)

    def count(self, query: Query | None, span: Span) -> CellSums:
        del span
        return CACHE.count(self.db, query) if query else count_articles(CACHE.index(self.db))


def timeline(db: Database, request: PageRequest) -> dict[str, Any]:
    """Count the articles that match each query in each period, and all articles of the period."""
    return show_timeline(_ArchiveSource(db), request)


def show_timeline(source: TimelineSource, request: PageRequest) -> dict[str, Any]:
    """Return the timeline of an archive or a lake; see `timeline`."""
    texts = list(dict.fromkeys(request.texts("q")))[:_MOST_SERIES]
    names, outlet = source.names(), request.text("outlet")
    span = read_span(source.extent(), request)
    measure = request.choice("as", ("share", "count"), "share")
    counts = {text: source.count(query.as_phrases(), span) for text in texts if (query := parse_query(text))}
    by_outlet = request.text("by") == "outlet" and len(counts) == 1
    totals = source.count(None, span)
    if by_outlet:
        series = list(_series_by_outlet(*next(iter(counts.items())), totals, span, names))
    else:
        series = [_series(text, text, outlet, found, totals, span) for text, found in counts.items()]
    periods = span.periods()
    chart = _chart(series, span, request, measure) if series else None
    return {
        "words": texts,
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "unit": span.unit,
        "measure": measure,
        "chosen_unit": request.text("unit"),
        "by": "outlet" if by_outlet else "",
        "outlet": outlet,
        "outlets": names,
        "units": UNITS,
        "days": periods,
        "series": {one.name: one.hits for one in series},
        "totals": {one.name: one.totals for one in series},
        "shares": {one.name: one.shares for one in series},
        "sums": [_sums(one, request) for one in series],
        "by_outlet": {text: _outlets(found, span, names) for text, found in counts.items()},
        "incomplete": [text for text, found in counts.items() if not found.complete],
        "matches": [describe_match(text) for text in counts],
        "smoothed": bool(chart and is_smoothed(chart)),
        "broken": bool(chart and is_broken(chart)),
        "charts": {"timeline": chart} if chart else {},
        "tables": {"timeline": _table(series, periods)} if series else {},
    }


def archive_extent(db: Database) -> tuple[str, str] | None:
    """Return the first and the last day that have articles; None for an empty archive."""
    row = SqlQuery(_EXTENT).first(db) or {}
    return (row["first"], row["last"]) if row.get("last") else None


def read_span(extent: tuple[str, str] | None, request: PageRequest) -> Span:
    """Return the requested range of days; by default, the last year of the archive.

    Args:
        extent: The first and the last day that have articles; None if there are none.
        request: The request.

    Raises:
        PageError: The days are in the wrong order, or too many for the unit.
    """
    first, last = extent or (date.today().isoformat(),) * 2  # noqa: DTZ011 - an empty archive
    until = request.day("until") or date.fromisoformat(last)
    start = date.fromordinal(max(until.toordinal() - _DAYS + 1, 1))
    oldest = date.fromisoformat(first)
    since = request.day("since") or min(max(start, oldest), until)
    if since > until:
        raise PageError(f"since={since} is after until={until}; exchange them")
    unit = request.choice("unit", ("", *UNITS), "") or choose_unit(since, until)
    span = Span(since, until, unit)
    if (until - since).days > _MOST_PERIODS * {"day": 1, "week": 7, "month": 28, "year": 365}[unit]:
        raise PageError(f"from {since} to {until} are more than {_MOST_PERIODS} {unit}s; choose a longer unit")
    return span


def _series(name: str, query: str, outlet: str, found: CellSums, totals: CellSums, span: Span) -> Series:
    period_of_day = span.lookup()

    def period(cell: Cell) -> str | None:
        return period_of_day[cell.day] if not outlet or outlet == cell.outlet else None

    hits, every = found.by(period), totals.by(period)
    periods = span.periods()
    return Series(name, query, outlet, tuple(hits[p] for p in periods), tuple(every[p] for p in periods))


def _series_by_outlet(
    query: str, found: CellSums, totals: CellSums, span: Span, names: Mapping[str, str]
) -> Iterator[Series]:
    """Yield a series for each of the outlets with the most matching articles."""
    ranked = _count_by_outlet(found, span)
    for outlet, _ in ranked.most_common(_MOST_SERIES):
        yield _series(names.get(outlet, outlet), query, outlet, found, totals, span)


def _sums(series: Series, request: PageRequest) -> dict[str, Any]:
    """Return the totals of a series, and the link to its articles."""
    hits, total = sum(series.hits), sum(series.totals)
    link = {"q": series.query, "outlet": series.outlet, **request.given_values("since", "until")}
    return {
        "name": series.name,
        "hits": hits,
        "total": total,
        "share": hits / total if total else None,
        "href": page_link("/search", link),
    }


def _outlets(found: CellSums, span: Span, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Count the matching articles of each outlet, most first."""
    ranked = _count_by_outlet(found, span)
    return [{"id": key, "name": names.get(key, key), "mentions": number} for key, number in ranked.most_common()]


def _count_by_outlet(found: CellSums, span: Span) -> Counter[str]:
    periods = span.lookup()
    return found.by(lambda cell: cell.outlet if periods[cell.day] else None)


def _chart(series: list[Series], span: Span, request: PageRequest, measure: str) -> LineChart:
    as_share = measure == "share"
    number, share = number_formatter(request.language), share_formatter(request.language)
    labels = _labels(series)
    points = []
    for one in series:
        for place, (period, hits, total) in enumerate(zip(span.periods(), one.hits, one.totals, strict=True)):
            if as_share and not total:
                continue
            first, last = span.bounds(period)
            shown = share(hits / total) if total else "–"
            points.append(
                Point(
                    period,
                    labels[one.name],
                    hits / total if as_share else hits,
                    f"{labels[one.name]}, {_period_name(first, last)}: {shown} ({number(hits)} / {number(total)})",
                    page_link("/search", {"q": one.query, "outlet": one.outlet, "since": first, "until": last}),
                    one.totals[:place].count(0) if as_share else 0,
                )
            )
    title = request.t("share of articles" if as_share else "number of articles")
    return LineChart(f"{title}: {', '.join(labels.values())}", tuple(labels.values()), tuple(points), as_share)


def _labels(series: list[Series]) -> dict[str, str]:
    """Return a short name for each series; equal names are numbered."""
    labels: dict[str, str] = {}
    for number, one in enumerate(series, start=1):
        short = one.name if len(one.name) <= _LONGEST_LABEL else one.name[:_LONGEST_LABEL] + "…"
        labels[one.name] = short if short not in labels.values() else f"{short} ({number})"
    return labels


def _period_name(first: str, last: str) -> str:
    return first if first == last else f"{first} – {last}"


def _table(series: list[Series], periods: list[str]) -> Table:
    rows = [
        (period, one.name, hits, total, round(hits / total, 6) if total else None)
        for one in series
        for period, hits, total in zip(periods, one.hits, one.totals, strict=True)
    ]
    return Table(("period", "series", "articles", "all_articles", "share"), rows)
