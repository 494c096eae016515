"""Define the content of charts: data, labels and links, without anything about their looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series.

    Attributes:
        day: First day of the period, ISO 8601.
        series: Name of the series.
        value: A share from 0 to 1, or a number of articles.
        label: The tooltip, which screen readers read too.
        href: The link target; empty for none.
        stretch: Points of different stretches are not joined, because something is unknown between them.
    """

    day: str
    series: str
    value: float
    label: str
    href: str = ""
    stretch: int = 0


@dataclass(frozen=True, slots=True)
class LineChart:
    """Values over time, a line for each series.

    Attributes:
        title: The title of the chart.
        series: Names of the series, in the order of their colours.
        points: The values, by series and day.
        is_share: Values are shares, not numbers.
    """

    title: str
    series: tuple[str, ...]
    points: tuple[Point, ...]
    is_share: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        day: ISO 8601.
        value: Its height.
        label: The tooltip, which screen readers read too.
        href: The link target; empty for none.
        marked: The bar is highlighted.
    """

    day: str
    value: int
    label: str
    href: str = ""
    marked: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """A bar for each day."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Square:
    """One square of a heat map.

    Attributes:
        row: Name of the row.
        day: Day of the column, ISO 8601.
        level: Index of its colour, from 0; None if nothing is known.
        label: The tooltip, which screen readers read too.
    """

    row: str
    day: str
    level: int | None
    label: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A row of squares for each name, with a column for each day or week.

    Attributes:
        title: The title of the chart.
        rows: Names, from top to bottom.
        days: Days, from left to right.
        squares: The squares.
        levels: The meaning of each level, from 0 to 4.
        legend: What the levels measure.
        unknown: The meaning of a square without a level; empty if there is none.
    """

    title: str
    rows: tuple[str, ...]
    days: tuple[str, ...]
    squares: tuple[Square, ...]
    levels: tuple[str, ...]
    legend: str
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event on a timeline.

    Attributes:
        at: Local time, `YYYY-MM-DD HH:MM`.
        row: The label of its row.
        label: The tooltip, which screen readers read too.
        href: The link target.
        is_copy: It is drawn in the second colour.
    """

    at: str
    row: str
    label: str
    href: str = ""
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class EventChart:
    """Events in time, one row each."""

    title: str
    events: tuple[Event, ...]
    kinds: tuple[str, str]  # the meaning of the first and the second colour


@dataclass(frozen=True, slots=True)
class Rank:
    """One bar of a ranking.

    Attributes:
        name: What the bar stands for.
        value: Its length.
        label: The tooltip, which screen readers read too.
        href: The link target; empty for none.
    """

    name: str
    value: float
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class RankChart:
    """Horizontal bars, from the longest to the shortest.

    Attributes:
        title: The title of the chart.
        ranks: The bars, from top to bottom.
        measure: What the length means.
    """

    title: str
    ranks: tuple[Rank, ...]
    measure: str


@dataclass(frozen=True, slots=True)
class KeywordLine:
    """One line of a concordance.

    Attributes:
        left: The words before the match.
        match: The matching words.
        right: The words after the match.
        source: Day and outlet.
    """

    left: str
    match: str
    right: str
    source: str


@dataclass(frozen=True, slots=True)
class KeywordChart:
    """A concordance as a picture: the matches below each other, with the words around them."""

    title: str
    lines: tuple[KeywordLine, ...]


Chart = LineChart | BarChart | HeatMap | EventChart | RankChart | KeywordChart


def unique_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return names that tell the rows of a chart apart: equal names are followed by their id.

    Args:
        names: The name of each outlet, by outlet id.
    """
    seen = Counter(names.values())
    return {id_: name if seen[name] == 1 else f"{name} ({id_})" for id_, name in names.items()}
