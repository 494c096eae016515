"""The page *Compare outlets*: a query's share in each outlet by week, who was first, who copied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlite_utils import Database

from archive.browse.charts.model import HeatMap, Square, unique_names
from archive.browse.count_cache import CACHE, RESULTS
from archive.browse.matching import describe_match
from archive.browse.page_request import PageRequest, page_link
from archive.browse.pages.timeline import archive_extent, read_span
from archive.browse.sql import outlet_names
from archive.browse.tabular import Table
from archive.browse.translations import number_formatter, share_formatter
from archive.search.counting import CellCounts, count_articles, list_matches
from archive.search.day_outlet_index import Cell
from archive.search.query import parse_query
from archive.statistics.periods import Span
from archive.stories.reporting_roles import ReportingRoles, reporting_roles

_ARTICLES = 2000  # newest articles in which stories and copies are counted
_WEEKS = 60  # newest weeks that the heat map shows
_MOST_ROWS = 40  # outlets that the heat map shows, those with most matches
_LEVELS = ("0", "< 50 %", "50–100 %", "100–200 %", "> 200 %")  # relative to the share in all outlets and weeks
_BOUNDS = (0.5, 1.0, 2.0)


def compare(db: Database, request: PageRequest) -> dict[str, Any]:
    """Compare how often each outlet matches a query, in total and week by week."""
    text = request.text("q")
    span = read_span(archive_extent(db), request)
    weeks = Span(span.since, span.until, "week")
    names = outlet_names(db)
    parsed = parse_query(text)
    index = CACHE.index(db)
    totals = count_articles(index)
    weekly_totals = _by_week(totals, weeks)
    every = _by_outlet(weekly_totals)
    value: dict[str, Any] = {
        "q": text,
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "match": describe_match(text),
        "outlets": [],
        "found": 0,
        "total": every.total(),
        "charts": {},
        "tables": {},
    }
    if parsed is None:
        return value
    query = parsed.as_phrases()
    counts = CACHE.count(db, query)
    first, last = value["since"], value["until"]

    def count_roles() -> tuple[int, dict[str, ReportingRoles]]:
        numbers = list_matches(db, query.expression(), index, lambda cell: first <= cell.day <= last, _ARTICLES)
        return len(numbers), reporting_roles(db, numbers)

    compared, roles = RESULTS.get(db, ("roles", query.expression(), first, last, index.state), count_roles)
    weekly = _by_week(counts, weeks)
    hits = _by_outlet(weekly)
    rows = [_row(outlet, hits[outlet], total, roles, names, request) for outlet, total in every.items()]
    rows.sort(key=lambda row: (-(row["share"] or 0), row["name"]))
    shown = [outlet for outlet, _ in hits.most_common(_MOST_ROWS)]
    overall = hits.total() / every.total() if every.total() else 0.0
    return value | {
        "outlets": rows,
        "found": hits.total(),
        "share_of_all": overall,
        "incomplete": not counts.complete,
        "roles_of": compared,
        "charts": {"weeks": _heat_map(shown, weeks, weekly, weekly_totals, overall, names, request)} if shown else {},
        "tables": {"outlets": _outlet_table(rows), "weeks": _week_table(every, weeks, weekly, weekly_totals)},
    }


def _row(
    outlet: str,
    hits: int,
    total: int,
    roles: Mapping[str, ReportingRoles],
    names: Mapping[str, str],
    request: PageRequest,
) -> dict[str, Any]:
    link = {"q": request.text("q"), "outlet": outlet, **request.given_values("since", "until")}
    return {
        "id": outlet,
        "name": names.get(outlet, outlet),
        "hits": hits,
        "total": total,
        "share": hits / total if total else None,
        **asdict(roles.get(outlet, ReportingRoles())),
        "href": page_link("/search", link),
    }


def _by_week(counts: CellCounts, weeks: Span) -> Counter[tuple[str, str]]:
    week_of_day = weeks.lookup()

    def key(cell: Cell) -> tuple[str, str] | None:
        week = week_of_day[cell.day]
        return None if week is None else (cell.outlet, week)

    return counts.by(key)


def _by_outlet(weekly: Mapping[tuple[str, str], int]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for (outlet, _), number in weekly.items():
        sums[outlet] += number
    return sums


def _heat_map(
    outlets: list[str],
    weeks: Span,
    hits: Mapping[tuple[str, str], int],
    totals: Mapping[tuple[str, str], int],
    overall: float,
    names: Mapping[str, str],
    request: PageRequest,
) -> HeatMap:
    """Build a heat map of each outlet's share beside the overall share; a week without articles is a gap."""
    number, share = number_formatter(request.language), share_formatter(request.language)
    columns = weeks.periods()[-_WEEKS:]
    labels = unique_names({outlet: names.get(outlet, outlet) for outlet in outlets})
    squares = []
    for outlet in outlets:
        for week in columns:
            found, total = hits[outlet, week], totals[outlet, week]
            label = f"{labels[outlet]}, {_week_name(week)}: "
            label += (
                f"{share(found / total)} ({number(found)} / {number(total)})" if total else request.t("not collected")
            )
            squares.append(Square(labels[outlet], week, _level(found, total, overall), label))
    return HeatMap(
        f"{request.t('share by outlet and week')}: {request.text('q')}",
        tuple(labels[outlet] for outlet in outlets),
        tuple(columns),
        tuple(squares),
        _LEVELS,
        request.t("share of the week's articles, beside the share in all outlets and weeks"),
        request.t("not collected"),
    )


def _week_name(week: str) -> str:
    return f"{week} – {date.fromisoformat(week) + timedelta(days=6)}"


def _level(found: int, total: int, overall: float) -> int | None:
    if not total:
        return None
    if not found:
        return 0
    return 1 + sum(found / total >= bound * overall for bound in _BOUNDS)


def _outlet_table(rows: list[dict[str, Any]]) -> Table:
    columns = ("outlet", "name", "articles", "all_articles", "share", "stories", "first", "copied", "was_copied")
    keys = ("id", "name", "hits", "total", "share", "stories", "first", "copied", "was_copied")
    return Table(columns, [tuple(row[key] for key in keys) for row in rows])


def _week_table(
    outlets: Mapping[str, int],
    weeks: Span,
    hits: Mapping[tuple[str, str], int],
    totals: Mapping[tuple[str, str], int],
) -> Table:
    rows = [(outlet, week, hits[outlet, week], totals[outlet, week]) for outlet in outlets for week in weeks.periods()]
    return Table(("outlet", "week", "articles", "all_articles"), rows)
