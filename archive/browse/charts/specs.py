"""Build the Vega-Lite specifications of charts, for wide screens and for phones."""

from __future__ import annotations

from math import ceil
from textwrap import wrap
from typing import Any

from archive.browse.charts import theme
from archive.browse.charts.line_specs import line_chart
from archive.browse.charts.model import (
    BarChart,
    Chart,
    EventChart,
    HeatMap,
    KeywordChart,
    LineChart,
    RankChart,
)

_LINE_LENGTH = 34  # characters of a legend on a phone


def specification(chart: Chart, size: str, language: str) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart.

    Args:
        chart: The chart to draw.
        size: `wide` or `narrow`.
        language: `en` or `vi`.
    """
    width = theme.SIZES[size]
    is_wide = size == "wide"
    if isinstance(chart, LineChart):
        return line_chart(chart, width, language, is_wide=is_wide)
    if isinstance(chart, BarChart):
        return _bars(chart, width, language, is_wide=is_wide)
    if isinstance(chart, HeatMap):
        return _heat_map(chart, width, language, is_wide=is_wide)
    if isinstance(chart, RankChart):
        return _ranking(chart, width, language, is_wide=is_wide)
    if isinstance(chart, KeywordChart):
        return _keyword_lines(chart, width, language, is_wide=is_wide)
    return _events(chart, width, language, is_wide=is_wide)


def _day_labels(language: str) -> str:
    return f"utcFormat(utcParse(datum.value, '%Y-%m-%d'), '{theme.day_format(language)}')"


def _bars(chart: BarChart, width: int, language: str, *, is_wide: bool) -> dict[str, Any]:
    rows = [
        {
            "day": bar.day,
            "value": bar.value,
            "marked": bar.marked,
            "label": bar.label,
            "href": theme.chart_link(bar.href),
        }
        for bar in chart.bars
    ]
    every = 7 if is_wide else 14
    # The padding keeps the first day away from the zero of the other axis.
    axis = {"labelAngle": 0, "ticks": False, "labelPadding": 8, "values": [bar.day for bar in chart.bars][::every]}
    return theme.base_spec(width, 150, language) | {
        "data": {"values": rows},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                "field": "day",
                "type": "ordinal",
                "title": None,
                "scale": {"paddingInner": 0.2},
                "axis": axis | {"labelExpr": _day_labels(language)},
            },
            "y": {"field": "value", "type": "quantitative", "title": None, "axis": {"tickCount": 3, "format": ",~f"}},
            "color": {
                "condition": {"test": "datum.marked", "value": theme.SERIES[0]},
                "value": theme.LEVELS[2],
            },
            "href": {"field": "href"},
            "description": {"field": "label"},
        },
    }


def _heat_map(chart: HeatMap, width: int, language: str, *, is_wide: bool) -> dict[str, Any]:
    """Draw squares of one size; a phone shows the last columns that fit."""
    names_width = 190 if is_wide else 120
    fits = (width - names_width) // (14 if is_wide else 11)
    days = chart.days[-min(fits, len(chart.days)) :]
    shown = set(days)
    names = [*chart.levels, *([chart.unknown] if chart.unknown else [])]
    colours = [*theme.LEVELS[: len(chart.levels)], *([theme.PAPER] if chart.unknown else [])]
    rows = [
        {
            "row": square.row,
            "day": square.day,
            "level": chart.unknown if square.level is None else chart.levels[square.level],
            "known": square.level is not None,
            "label": square.label,
        }
        for square in chart.squares
        if square.day in shown
    ]
    every = 7 if is_wide else 10
    column = min((width - names_width) / max(len(days), 1), 22)
    drawn = int(names_width + column * len(days)) if is_wide else width
    meaning = [chart.legend] if is_wide else wrap(chart.legend, _LINE_LENGTH)
    legend_columns = 6 if is_wide else 2
    below = 18 * ceil(len(names) / legend_columns) + 16 * len(meaning)
    axis = {"orient": "top", "labelAngle": 0, "ticks": False, "domain": False, "values": list(days[::every])}
    return theme.base_spec(max(drawn, 330), 46 + 18 * len(chart.rows) + below, language) | {
        "data": {"values": rows},
        "mark": {"type": "rect", "strokeWidth": 1},
        "encoding": {
            "x": {
                "field": "day",
                "type": "ordinal",
                "title": None,
                "scale": {"domain": list(days), "paddingInner": 0.14},
                "axis": axis | {"labelExpr": _day_labels(language), "labelPadding": 4, "labelOverlap": True},
            },
            "y": {
                "field": "row",
                "type": "nominal",
                "title": None,
                "scale": {"domain": list(chart.rows), "paddingInner": 0.14},
                "axis": {"grid": False, "domain": False, "ticks": False}
                | theme.row_names(chart.rows, names_width - 12),
            },
            "color": {
                "field": "level",
                "type": "nominal",
                "scale": {"domain": names, "range": colours},
                "legend": {
                    "orient": "bottom",
                    "direction": "horizontal",
                    "title": meaning,
                    "titleLimit": width - 20,
                    "symbolType": "square",
                    "symbolSize": 150,
                    "symbolStrokeColor": theme.LINE,
                    "symbolStrokeWidth": 1,
                    "columns": legend_columns,
                },
            },
            "stroke": {"condition": {"test": "!datum.known", "value": theme.LINE}, "value": None},
            "description": {"field": "label"},
        },
    }


def _moment_format(chart: EventChart, language: str) -> str:
    """Return the d3 format of instants: hours within one day, days in longer spans."""
    days = {event.at[:10] for event in chart.events}
    return "%H:%M" if len(days) == 1 else f"{theme.day_format(language)} %H:%M"


def _events(chart: EventChart, width: int, language: str, *, is_wide: bool) -> dict[str, Any]:
    rows = [
        {
            "at": event.at.replace(" ", "T"),
            "row": f"{number:02} {event.row}",
            "kind": chart.kinds[event.is_copy],
            "label": event.label,
            "href": theme.chart_link(event.href),
        }
        for number, event in enumerate(chart.events)
    ]
    return theme.base_spec(width, 70 + 20 * len(rows), language) | {
        "data": {"values": rows},
        "mark": {"type": "circle", "size": 90, "opacity": 1},
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "title": None,
                "axis": {
                    "tickCount": 6 if is_wide else 3,
                    "labelFlush": True,
                    "labelOverlap": True,
                    "format": _moment_format(chart, language),
                },
            },
            "y": {
                "field": "row",
                "type": "nominal",
                "title": None,
                "sort": None,
                "axis": {"labelExpr": "substring(datum.label, 3)", "grid": True}
                | theme.row_names((event.row for event in chart.events), 150 if is_wide else 120),
            },
            "color": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": list(chart.kinds), "range": list(theme.SERIES[:2])},
                "legend": {"orient": "bottom", "title": None, "columnPadding": 24},
            },
            "href": {"field": "href"},
            "description": {"field": "label"},
        },
    }


def _ranking(chart: RankChart, width: int, language: str, *, is_wide: bool) -> dict[str, Any]:
    rows = [
        {"name": rank.name, "value": rank.value, "label": rank.label, "href": theme.chart_link(rank.href)}
        for rank in chart.ranks
    ]
    return theme.base_spec(width, 60 + 20 * len(rows), language) | {
        "data": {"values": rows},
        "mark": {"type": "bar", "color": theme.LEVELS[2]},
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "title": None,
                "sort": None,
                "axis": {"grid": False, "labelColor": theme.INK}
                | theme.row_names((rank.name for rank in chart.ranks), 220 if is_wide else 130),
                "scale": {"paddingInner": 0.25},
            },
            "x": {
                "field": "value",
                "type": "quantitative",
                "title": chart.measure,
                "axis": {"grid": True, "gridColor": theme.LINE, "tickCount": 5 if is_wide else 3, "format": ",~f"},
            },
            "href": {"field": "href"},
            "description": {"field": "label"},
        },
    }


def _keyword_lines(chart: KeywordChart, width: int, language: str, *, is_wide: bool) -> dict[str, Any]:
    rows = [
        {"place": f"{place:04}", "left": line.left, "match": line.match, "right": line.right, "source": line.source}
        for place, line in enumerate(chart.lines)
    ]
    middle, half = width * (0.42 if is_wide else 0.5), 8 * max((len(line.match) for line in chart.lines), default=0) / 2

    def texts(field: str, x: float, align: str, limit: float, colour: str = theme.INK) -> dict[str, Any]:
        mark = {"type": "text", "align": align, "fontSize": 13, "limit": limit, "color": colour}
        mark |= {"fontWeight": "bold"} if field == "match" else {}
        return {"mark": mark, "encoding": {"x": {"value": x}, "text": {"field": field, "type": "nominal"}}}

    side = middle - half - 8
    layers = [
        texts("left", middle - half - 6, "right", side),
        texts("match", middle, "center", 2 * half),
        texts("right", middle + half + 6, "left", side),
    ]
    if is_wide:
        layers.append(texts("source", width - 8, "right", width * 0.16, theme.SOFT))
    return theme.base_spec(width, 20 + 20 * len(rows), language) | {
        "title": {"text": chart.title, "anchor": "start", "color": theme.INK, "font": theme.FONT, "fontSize": 15},
        "data": {"values": rows},
        "encoding": {"y": {"field": "place", "type": "ordinal", "axis": None}},
        "layer": layers,
    }
