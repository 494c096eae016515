"""Build the Vega-Lite specification of line charts: values over time, a line for each series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from math import ceil, floor, log10
from statistics import fmean
from typing import Any

from archive.browse.charts import theme
from archive.browse.charts.model import LineChart, Point

_MANY_POINTS = 40  # points of a series above which its moving average is drawn too
_WINDOW = 5  # periods of the moving average
_LABEL_HEIGHT = 16  # pixels
_LABEL_LIMIT = 150  # pixels of a label at the end of a line; a longer one is cut


def is_smoothed(chart: LineChart) -> bool:
    """Return whether a moving average is drawn over the values."""
    return len({point.day for point in chart.points}) > _MANY_POINTS


def is_broken(chart: LineChart) -> bool:
    """Return whether a line is broken somewhere between its first and its last point."""
    stretches = {(point.series, point.stretch) for point in chart.points}
    return len(stretches) > len({series for series, _ in stretches})


def line_chart(chart: LineChart, width: int, language: str, *, is_wide: bool) -> dict[str, Any]:
    """Return the specification of a line chart; see `archive.browse.charts.specs.specification`."""
    height = 340 if is_wide else 280
    smoothed = is_smoothed(chart)
    stretches = groupby(chart.points, key=lambda point: (point.series, point.stretch))
    rows = [row for _, points in stretches for row in _line_rows(list(points))]
    top = _round_up(max((row["value"] for row in rows), default=0))
    axis = _time_axis(rows, language) | {"tickCount": 8 if is_wide else 4}
    x = {"field": "day", "type": "temporal", "title": None, "scale": {"type": "utc"}, "axis": axis}
    y = {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, top]},
        "axis": {"tickCount": 4, "format": _share_format(top) if chart.is_share else ",~f"},
    }
    scale = {"domain": list(chart.series)}
    colour = {
        "field": "series",
        "type": "nominal",
        "scale": scale | {"range": list(theme.SERIES[: len(chart.series)])},
        "legend": None if is_wide else {"orient": "top", "title": None, "columns": 2, "symbolType": "stroke"},
    }
    dash = {
        "field": "series",
        "type": "nominal",
        "scale": scale | {"range": [list(d) for d in theme.DASHES[: len(chart.series)]]},
        "legend": colour["legend"],
    }
    line = {"type": "line", "aria": False, "strokeCap": "round", "strokeJoin": "round"}
    stretch = {"field": "stretch", "type": "nominal"}
    layers: list[dict[str, Any]] = []
    if smoothed:
        raw = {"mark": line | {"strokeWidth": 1, "opacity": 0.35}}
        layers.append(raw | {"encoding": {"x": x, "y": y | {"field": "value"}, "color": colour, "detail": stretch}})
    main = {"x": x, "y": y | {"field": "mean" if smoothed else "value"}, "color": colour, "strokeDash": dash}
    main["detail"] = stretch
    layers.append({"mark": line | {"strokeWidth": 2.4}, "encoding": main})
    dots = {"x": x, "y": y | {"field": "value"}, "description": {"field": "label"}, "href": {"field": "href"}}
    shown = 0 if len(rows) > 2 * _MANY_POINTS else 1  # invisible dots still have a tooltip and a link
    layers.append(
        {
            "mark": {"type": "point", "filled": True, "size": 28, "opacity": shown},
            "encoding": dots | {"color": colour},
        }
    )
    if is_wide:
        layers.append(_end_labels(chart, rows, top, height))
    spec = theme.base_spec(width, height, language) | {"data": {"values": rows}, "layer": layers}
    if is_wide:
        spec["config"]["padding"] |= {"right": 8 + theme.extra_room(chart.series, _LABEL_LIMIT)}
    return spec


def _line_rows(points: Sequence[Point]) -> list[dict[str, Any]]:
    values = [point.value for point in points]
    half = _WINDOW // 2
    return [
        {
            "day": point.day,
            "series": point.series,
            "stretch": point.stretch,
            "value": point.value,
            "mean": fmean(values[max(i - half, 0) : i + half + 1]),
            "label": point.label,
            "href": theme.chart_link(point.href),
        }
        for i, point in enumerate(points)
    ]


def _end_labels(chart: LineChart, rows: Sequence[dict[str, Any]], top: float, height: int) -> dict[str, Any]:
    """Label the lines at their ends; labels that would overlap are moved apart."""
    field = "mean" if is_smoothed(chart) else "value"
    ends = {row["series"]: row for row in rows}
    step = top * _LABEL_HEIGHT / (height - 40)
    places: list[dict[str, Any]] = []
    floor_ = 0.0
    for name in sorted(ends, key=lambda name: ends[name][field]):
        at = max(ends[name][field], floor_)
        places.append({"day": ends[name]["day"], "series": name, "at": at})
        floor_ = at + step
    excess = max((places[-1]["at"] if places else 0) - top, 0)
    for place in places:
        place["at"] -= excess
    return {
        "data": {"values": places},
        "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": "bold", "fontSize": 12, "limit": _LABEL_LIMIT},
        "encoding": {
            "x": {"field": "day", "type": "temporal", "scale": {"type": "utc"}},
            "y": {"field": "at", "type": "quantitative"},
            "text": {"field": "series"},
            "color": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": list(chart.series), "range": list(theme.SERIES[: len(chart.series)])},
                "legend": None,
            },
        },
    }


def _round_up(value: float) -> float:
    """Round up to one or two significant digits, for the end of an axis."""
    if value <= 0:
        return 1
    step = float(10 ** floor(log10(value))) / 2
    return ceil(value / step) * step


def _share_format(top: float) -> str:
    return ".0%" if top >= 0.04 else ".1%" if top >= 0.004 else ".2%"  # noqa: PLR2004 - so that ticks differ


def _time_axis(rows: Sequence[dict[str, Any]], language: str) -> dict[str, Any]:
    """Return a time axis that labels years in January, months in longer spans, and days otherwise."""
    days = sorted({row["day"] for row in rows})
    axis: dict[str, Any] = {"labelFlush": True, "labelOverlap": True}
    if days and days[0][:4] == days[-1][:4] and len(days) <= 1:
        return axis | {"values": days, "format": "%Y-%m-%d"}
    span = _days_between(days[0], days[-1]) if days else 0
    short = theme.day_format(language)
    within = "%b" if span > 150 else short  # noqa: PLR2004 - five months fill an axis
    is_new_year = "utcmonth(datum.value) == 0 && utcdate(datum.value) == 1"
    return axis | {"labelExpr": f"utcFormat(datum.value, {is_new_year} ? '%Y' : '{within}')"}


def _days_between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
