"""Draw specifications with vl-convert, in a helper process, because it holds the interpreter lock."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from archive.browse.charts.model import Chart
from archive.browse.charts.specs import specification
from archive.browse.charts.theme import LINK_PREFIX, PAPER, VARIABLES

_PNG_SCALE = 2.0
_TAGS = frozenset({"svg", "g", "a", "path", "rect", "line", "text", "tspan", "title", "defs", "clipPath"})
_ATTRIBUTES = frozenset(
    "class d x y x1 x2 y1 y2 dx dy width height transform fill fill-opacity stroke stroke-width stroke-dasharray"
    " stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit opacity text-anchor font-size font-weight"
    " clip-path id display pointer-events aria-hidden".split()
)
_NUMBERS = frozenset({"d", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy", "width", "height", "transform"})
_LONG_DECIMAL = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")  # a hundredth of a pixel is exact enough
_HREF = "{http://www.w3.org/1999/xlink}href"


def draw_svg(chart: Chart, size: str, language: str, base: str) -> str:
    """Draw a chart as SVG for a page.

    Only elements and attributes that charts need are allowed. Colours become variables of the style sheet, and every
    mark has a tooltip that screen readers read.

    Args:
        chart: The chart; screen readers read its title for the whole drawing.
        size: `wide` or `narrow`, which is the CSS class of the drawing too.
        language: `en` or `vi`.
        base: The prefix of link paths, such as `/archive`; often empty.

    Raises:
        ValueError: The drawing contains an element that charts do not need.
    """
    import vl_convert

    root = fromstring(vl_convert.vegalite_to_svg(specification(chart, size, language)))  # noqa: S314 - drawn here
    width, height = root.attrib["width"], root.attrib["height"]
    _clean(root, base)
    root.attrib |= {
        "class": f"chart {size}",
        "viewBox": f"0 0 {width} {height}",
        "role": "group",
        "aria-label": chart.title,
    }
    return tostring(root, encoding="unicode")


def _clean(element: Element, base: str) -> None:
    """Rewrite an element and its children for a page."""
    element.tag = element.tag.rpartition("}")[2]
    if element.tag not in _TAGS:
        raise ValueError(f"a chart has an element {element.tag!r}")
    label, href = element.attrib.get("aria-label"), element.attrib.get(_HREF, "")
    kept = {name: _short(name, value) for name, value in element.attrib.items() if name in _ATTRIBUTES}
    if "stroke" not in kept:
        kept.pop("stroke-width", None)
    element.attrib = kept
    for child in list(element):
        _clean(child, base)
    if element.tag == "a" and href.startswith(LINK_PREFIX):
        # The table below has the same links; without this, a keyboard user would tab through every mark.
        element.attrib |= {"href": base + href.removeprefix(LINK_PREFIX), "tabindex": "-1"}
        if len(element):
            element.attrib["aria-label"] = element[0].findtext("title") or ""
    elif label and element.tag != "g":
        element.attrib["role"] = "img"
        SubElement(element, "title").text = label


def _short(name: str, value: str) -> str:
    """Write an attribute for a page: colours as variables, numbers with two decimals."""
    if name in {"fill", "stroke"} and value in VARIABLES:
        return f"var({VARIABLES[value]})"
    if name in _NUMBERS:
        return _LONG_DECIMAL.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)
    return value


def draw_png(chart: Chart, language: str) -> bytes:
    """Draw a chart as PNG on the light background, twice as large as on a page."""
    import vl_convert

    spec = specification(chart, "wide", language)
    spec["config"]["background"] = PAPER
    png: bytes = vl_convert.vegalite_to_png(spec, scale=_PNG_SCALE)
    return png
