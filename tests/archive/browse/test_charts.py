"""Charts: the helper process draws them, with no content that a page would run."""

import asyncio
import json
import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from archive.browse.charts import renderer
from archive.browse.charts.line_specs import is_broken
from archive.browse.charts.model import Bar, BarChart, Event, EventChart, HeatMap, LineChart, Point, Square
from archive.browse.charts.renderer import RENDERER
from archive.browse.charts.specs import specification

pytest.importorskip("vl_convert", reason="vl-convert-python is not installed; the extra charts brings it")
HOSTILE = "</title><script>alert(1)</script>\"'{{7*7}}"
DAYS = [str(date(2025, 12, 1) + timedelta(days=n)) for n in range(30)]
LINES = LineChart(
    HOSTILE,
    (HOSTILE, "kinh tế"),
    tuple(
        Point(day, name, 0.01 * n, f"{name}: {n}", f"/search?q={n}&x=1")
        for name in (HOSTILE, "kinh tế")
        for n, day in enumerate(DAYS)
    ),
    is_share=True,
)
CHARTS = {
    "lines": LINES,
    "bars": BarChart(
        "số bài", tuple(Bar(day, n, f"{day}: {n}", f"/today/{day}", n == 3) for n, day in enumerate(DAYS))
    ),
    "heat map": HeatMap(
        "bản đồ",
        ("VnTin", HOSTILE),
        tuple(DAYS),
        tuple(
            Square(row, day, n % 5 or None, f"{row} {day}") for row in ("VnTin", HOSTILE) for n, day in enumerate(DAYS)
        ),
        ("0", "1", "2", "3", "4"),
        "số bài",
        "không thu thập",
    ),
    "events": EventChart(
        "ai đưa", (Event("2026-02-04 21:08", HOSTILE, HOSTILE, "/article/1"),), ("bài riêng", "bản chép")
    ),
}


def draw(chart, size="wide", language="vi", base=""):
    """Return a chart as SVG."""
    return asyncio.run(RENDERER.svg(chart, size, language, base))


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("name", CHARTS)
def test_a_drawing_has_no_script_no_style_and_no_other_address(name, size):
    """A drawing contains only shapes, texts and links to our own paths, whatever names it shows."""
    root = ET.fromstring(draw(CHARTS[name], size))
    attributes = {key for element in root.iter() for key in element.attrib}

    assert {"svg", "g", "a", "path", "rect", "line", "text", "tspan", "title", "defs", "clipPath"} >= {
        e.tag for e in root.iter()
    }
    assert not [key for key in attributes if key.startswith("on") or key == "style"]
    assert all(link.attrib["href"].startswith("/") for link in root.iter("a") if "href" in link.attrib)


def test_colours_are_variables_of_the_style_sheet():
    """A drawing takes its colours from the page, so it is dark on a dark page."""
    svg = draw(CHARTS["bars"])

    assert 'fill="var(--s0)"' in svg
    assert "#8a1c1c" not in svg


def test_marks_have_tooltips_and_links_with_the_base():
    """Each bar has a tooltip, and links to its day below the base path of the site."""
    svg = draw(CHARTS["bars"], base="/kho")

    assert "<title>2025-12-04: 3</title>" in svg
    assert 'href="/kho/today/2025-12-04"' in svg


def test_a_phone_has_a_drawing_of_its_own():
    """Both drawings are as wide as their screens, and only the narrow one has a legend."""
    wide, narrow = (ET.fromstring(draw(LINES, size)) for size in ("wide", "narrow"))

    assert float(wide.attrib["width"]) > 1000
    assert float(narrow.attrib["width"]) <= 358


def test_numbers_and_months_are_vietnamese():
    """Thousands are separated by dots, and months are called Th1 to Th12."""
    days = [str(date(2025, month, 1)) for month in range(1, 13)]
    points = tuple(Point(day, "a", 5000, day) for day in days)
    svg = draw(LineChart("số bài", ("a",), points))

    assert "5.000" in svg
    assert "Th7" in svg


def test_names_of_queries_are_values_and_never_expressions():
    """No expression in a specification contains a name, so a name cannot run as an expression."""

    def expressions(part):
        if isinstance(part, dict):
            for key, value in part.items():
                yield from [value] if key in {"labelExpr", "expr", "test", "calculate"} else expressions(value)
        elif isinstance(part, list):
            for value in part:
                yield from expressions(value)

    for chart in CHARTS.values():
        assert "alert" not in json.dumps(list(expressions(specification(chart, "wide", "vi"))))


def test_a_chart_is_a_picture_too():
    """A chart can be drawn as PNG."""
    assert asyncio.run(RENDERER.png(LINES, "vi")).startswith(b"\x89PNG")


def test_without_the_library_nothing_is_drawn(monkeypatch):
    """If the extra is not installed, a page has no drawing and shows its table."""
    monkeypatch.setattr(renderer, "is_available", lambda: False)

    assert (None, None) == (draw(LINES), asyncio.run(RENDERER.png(LINES, "vi")))


def test_a_chart_that_cannot_be_drawn_is_left_out():
    """If the helper process fails, the page only lacks its drawing."""
    broken = BarChart("x", (Bar("2026-01-01", float("inf"), "a", "/a"),))
    bad = LineChart("x", ("a",), (Point("2026-01-01", "a", 1, "\x00", ""),))

    assert draw(bad) is None or "<svg" in draw(bad)
    assert draw(broken) is None or "<svg" in draw(broken)
    assert "<svg" in draw(LINES)


def test_a_page_does_not_wait_for_a_slow_drawing(monkeypatch):
    """A page shows its table without waiting for a slow drawing; the drawing is cached for the next visit."""
    monkeypatch.setattr(renderer, "_PATIENCE", 0.0)
    slow = BarChart("chậm", (Bar("2026-01-01", 1, "a", "/a"),))

    async def visit_twice():
        first = await RENDERER.svg(slow, "wide", "en")
        monkeypatch.setattr(renderer, "_PATIENCE", 60.0)
        return first, await RENDERER.svg(slow, "wide", "en")

    first, second = asyncio.run(visit_twice())

    assert first is None
    assert "<svg" in second


def test_a_line_is_broken_where_nothing_is_known():
    """Points of different stretches are not joined, so that a gap of collection is no value."""
    points = tuple(Point(day, "a", n, day, stretch=int(n > 9)) for n, day in enumerate(DAYS[:20]))
    chart, one = LineChart("x", ("a",), points), LineChart("x", ("a",), points[10:])
    root = ET.fromstring(draw(chart))
    lines = [group for group in root.iter() if "mark-line" in group.get("class", "")]

    assert 2 == sum(1 for group in lines for element in group.iter() if element.tag.endswith("path"))
    assert (True, False) == (is_broken(chart), is_broken(one))


def test_numbers_of_a_drawing_are_short():
    """Coordinates have two decimals at most, because a map of many outlets has thousands of squares."""
    drawn = draw(CHARTS["heat map"])

    assert [] == re.findall(r' (?:d|transform|x|y)="[^"]*\.\d{3}', drawn)
