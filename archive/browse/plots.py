"""Plots as SVG, drawn here: values in, markup out; colours come from the style sheet, and no script runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 180
_LEVELS = 5  # shades of a heat map, the empty one among them
_CELL, _GAP = 11, 2
_MARGIN = 110  # for the names of the rows of a heat map
_NAME = 17  # characters of such a name


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its value, and where it leads."""

    label: str
    value: float
    href: str = ""
    marked: bool = False


def _svg(width: float, height: float, title: str, inner: Markup, name: str, role: str = "img") -> Markup:
    return Markup(
        '<svg class="{name}" viewBox="0 0 {width:g} {height:g}" role="{role}" aria-label="{title}">'
        "<title>{title}</title>{inner}</svg>"
    ).format(name=name, width=width, height=height, role=role, title=title, inner=inner)


def bars(values: Sequence[Bar], title: str, height: float = 72) -> Markup:
    """Bars side by side, the marked ones in another colour, each with its label and value as its title."""
    most = max((bar.value for bar in values), default=0) or 1
    step = WIDTH / max(len(values), 1)
    drawn = []
    for i, bar in enumerate(values):
        tall = (height - 16) * bar.value / most
        shape = Markup(
            '<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}">'
            "<title>{label}: {value:g}</title></rect>"
        ).format(
            name="bar marked" if bar.marked else "bar",
            x=i * step + 1,
            y=height - 14 - tall,
            w=max(step - 2, 1),
            h=max(tall, 1 if bar.value else 0),
            label=bar.label,
            value=bar.value,
        )
        # Not for the keyboard, which has the days before and after: so many stops would be in its way.
        way = Markup('<a href="{}" tabindex="-1" aria-label="{}: {:g}">{}</a>')
        drawn.append(way.format(bar.href, bar.label, bar.value, shape) if bar.href and bar.value else shape)
    drawn.append(_ticks([bar.label for bar in values], step, height - 2))
    return _svg(WIDTH, height, title, Markup("").join(drawn), "plot bars", "group")


def _ticks(labels: Sequence[str], step: float, y: float) -> Markup:
    """The first, middle and last label below a plot."""
    if not labels:
        return Markup("")
    places = sorted({0, len(labels) // 2, len(labels) - 1})
    anchors = {0: "start", len(labels) - 1: "end"} if len(labels) > 1 else {0: "middle"}
    return Markup("").join(
        Markup('<text class="tick" x="{:.1f}" y="{:g}" text-anchor="{}">{}</text>').format(
            0 if anchors.get(i) == "start" else len(labels) * step if anchors.get(i) == "end" else (i + 0.5) * step,
            y,
            anchors.get(i, "middle"),
            labels[i],
        )
        for i in places
    )


def lines(labels: Sequence[str], series: Mapping[str, Sequence[float]], title: str) -> Markup:
    """A line for each series over the same labels; the highest value stands at the top left."""
    most = max((value for values in series.values() for value in values), default=0) or 1
    step = WIDTH / max(len(labels) - 1, 1)
    drawn = [Markup('<text class="tick" x="0" y="10">{:g}</text>').format(most)]
    for number, (name, values) in enumerate(series.items()):
        points = " ".join(f"{i * step:.1f},{_y(value, most):.1f}" for i, value in enumerate(values))
        drawn.append(
            Markup('<polyline class="line s{}" points="{}"><title>{}</title></polyline>').format(number, points, name)
        )
    drawn.append(_ticks(list(labels), WIDTH / max(len(labels), 1), HEIGHT - 2))
    return _svg(WIDTH, HEIGHT, title, Markup("").join(drawn), "plot lines")


def _y(value: float, most: float) -> float:
    return 14 + (HEIGHT - 32) * (1 - value / most)


def heat(columns: Sequence[str], rows: Mapping[str, Mapping[str, int]], title: str) -> Markup:
    """A row of small squares for each name, a square for each column; the darker, the nearer to that row's most.

    Args:
        columns: The labels of the columns, oldest first.
        rows: The values of each row by column.
        title: What is shown.
    """
    most = {name: max(values.values(), default=0) for name, values in rows.items()}
    drawn = {
        name: {
            column: (f"l{level(values.get(column, 0), most[name])}", str(values.get(column, 0))) for column in columns
        }
        for name, values in rows.items()
    }
    return squares(columns, drawn, title)


def squares(columns: Sequence[str], rows: Mapping[str, Mapping[str, tuple[str, str]]], title: str) -> Markup:
    """A row of small squares for each name, a square for each column.

    Args:
        columns: The labels of the columns, oldest first.
        rows: The shade of each square, and what it says, by column.
        title: What is shown.
    """
    step = _CELL + _GAP
    drawn = []
    for number, (name, values) in enumerate(rows.items()):
        y = number * step
        drawn.append(Markup('<text class="tick" x="0" y="{}">{}</text>').format(y + _CELL - 2, shortened(name)))
        for i, column in enumerate(columns):
            shade, said = values.get(column, ("l0", "–"))
            drawn.append(
                Markup(
                    '<rect class="heat {}" x="{}" y="{}" width="{}" height="{}"><title>{} {}: {}</title></rect>'
                ).format(shade, _MARGIN + i * step, y, _CELL, _CELL, name, column, said)
            )
    bottom = len(rows) * step + _CELL
    drawn.append(Markup('<g transform="translate({})">{}</g>').format(_MARGIN, _ticks(list(columns), step, bottom - 2)))
    return _svg(_MARGIN + len(columns) * step, bottom, title, Markup("").join(drawn), "plot heatmap")


def shortened(name: str) -> str:
    """A name that fits beside a plot."""
    return name if len(name) <= _NAME else name[: _NAME - 1].rstrip() + "…"


def level(value: int, most: int) -> int:
    """The shade of a value: 0 for none, then 1 to 4 by its share of the most."""
    return min(_LEVELS - 1, 1 + int(value * (_LEVELS - 1) / (most + 1))) if value else 0


def moments(points: Sequence[tuple[float, str, str]], title: str) -> Markup:
    """Points on a line of time: where (from 0 to 1), what they are called, and which class they have."""
    height = 24 + 18 * len(points)
    drawn = [Markup('<line class="axis" x1="8" y1="12" x2="{}" y2="12"/>').format(WIDTH - 8)]
    for number, (place, name, kind) in enumerate(points):
        x, y = 8 + place * (WIDTH - 16), 34 + 18 * number
        end = place > 0.5  # noqa: PLR2004 - the right half of the line writes to the left
        drawn.append(
            Markup(
                '<line class="axis" x1="{x:.1f}" y1="12" x2="{x:.1f}" y2="{y:g}"/>'
                '<circle class="{kind}" cx="{x:.1f}" cy="12" r="5"><title>{name}</title></circle>'
                '<text class="tick" x="{at:.1f}" y="{y:g}" text-anchor="{anchor}">{name}</text>'
            ).format(x=x, y=y, kind=kind, name=name, at=x - 4 if end else x + 4, anchor="end" if end else "start")
        )
    return _svg(WIDTH, height, title, Markup("").join(drawn), "plot moments")


def marked(text: str, words: Sequence[tuple[int, int]]) -> Markup:
    """A text with some of its pieces marked.

    Args:
        text: As it is; it is escaped.
        words: Where each piece begins and ends, in order and apart from each other.
    """
    out, at = Markup(""), 0
    for start, end in words:
        out += escape(text[at:start]) + Markup("<mark>{}</mark>").format(text[start:end])
        at = end
    return out + escape(text[at:])
