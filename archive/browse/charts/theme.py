"""Define how charts look: colours, fonts, and the formats of numbers and months in two languages."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

# Each colour of a chart stands for a variable of the style sheet, which has another value in dark mode.
INK, SOFT, LINE, PAPER = "#1d1b18", "#5d574e", "#dcd7cc", "#fbfaf7"
SERIES = ("#8a1c1c", "#1f5f8b", "#8a6d00", "#3f6b35")
LEVELS = ("#ece8df", "#e5c9a8", "#d69a63", "#b5562f", "#7a1212")
VARIABLES = {
    INK: "--ink",
    SOFT: "--soft",
    LINE: "--line",
    PAPER: "--paper",
    **{colour: f"--s{number}" for number, colour in enumerate(SERIES)},
    **{colour: f"--l{number}" for number, colour in enumerate(LEVELS)},
}
DASHES = ([1, 0], [7, 3], [2, 3], [9, 3, 2, 3])  # so that lines differ without colours
FONT = "Noto Sans, Segoe UI, system-ui, sans-serif"
WIDE, NARROW = 1080, 358  # pixels; a phone is 390 wide and has margins of 16
SIZES = {"wide": WIDE, "narrow": NARROW}
LINK_PREFIX = "https://khobao.invalid"  # of each path: Vega would resolve relative paths against its own address
_NARROWER = 0.85  # width of a text as Vega measures it, of the width in the widest font that browsers use
_LETTER = 7.4  # pixels of a letter in the widest font that browsers draw names with, DejaVu Sans, at 12 pixels

_VIETNAMESE = {
    "number": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]},
    "time": {
        "dateTime": "%A, %e %B %Y %X",
        "date": "%d/%m/%Y",
        "time": "%H:%M:%S",
        "periods": ["SA", "CH"],
        "days": ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"],
        "shortDays": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
        "months": [f"tháng {month}" for month in range(1, 13)],
        "shortMonths": [f"Th{month}" for month in range(1, 13)],
    },
}


def chart_link(path: str) -> str | None:
    """Return the link of a mark; None for an empty path."""
    return f"{LINK_PREFIX}{path}" if path else None


def row_names(names: Iterable[str], most: int) -> dict[str, int]:
    """Return the properties of an axis that give names of rows their room.

    Browsers draw them in another font than the one that Vega measures, so the room follows from their length.

    Args:
        names: The names.
        most: The largest room, in pixels; longer names are cut.
    """
    room = max((len(name) for name in names), default=0) * _LETTER
    return {"labelLimit": int(most * _NARROWER), "minExtent": ceil(min(room, most)) + 8}


def extra_room(names: Iterable[str], most: int) -> int:
    """Return the pixels that the longest of some names may need beyond those that Vega measures."""
    room = min(max((len(name) for name in names), default=0) * _LETTER, most)
    return ceil(room * (1 - _NARROWER))


def day_format(language: str) -> str:
    """Return the d3 format of a day within a year."""
    return "%d/%m" if language == "vi" else "%-d %b"


def base_spec(width: int, height: int, language: str) -> dict[str, Any]:
    """Return the parts that all specifications have in common.

    Args:
        width: The width of the whole drawing, in pixels.
        height: The height of the whole drawing, in pixels.
        language: `en` or `vi`.
    """
    words = {"labelColor": SOFT, "titleColor": SOFT, "labelFont": FONT, "titleFont": FONT}
    sizes = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "config": {
            "background": None,
            "font": FONT,
            "padding": {"left": 2, "right": 8, "top": 6, "bottom": 2},
            "view": {"stroke": None},
            "axis": {**words, **sizes, "grid": False, "domainColor": LINE, "tickColor": LINE, "aria": False},
            "axisY": {"grid": True, "gridColor": LINE, "domain": False, "ticks": False, "labelPadding": 6},
            "legend": {**words, **sizes, "aria": False},
            **({"locale": _VIETNAMESE} if language == "vi" else {}),
        },
    }
