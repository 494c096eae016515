"""What a page says of a chart: its data, its words, and where its marks lead; nothing of how it looks."""

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
        label: What is read out and shown when the mouse rests on it.
        href: Where it leads; empty for nowhere.
    """

    day: str
    series: str
    value: float
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class LineChart:
    """Values over time, a line for each series.

    Attributes:
        title: What is shown.
        series: Names of the series, in the order of their colours.
        points: The values, by series and day.
        is_share: Whether values are shares.
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
        label: What is read out and shown when the mouse rests on it.
        href: Where it leads; empty for nowhere.
        marked: Whether it stands out.
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
        level: Number of its colour, from 0; None where nothing is known.
        label: What is read out and shown when the mouse rests on it.
    """

    row: str
    day: str
    level: int | None
    label: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A row of squares for each name, a column for each day or week.

    Attributes:
        title: What is shown.
        rows: Names, from top to bottom.
        days: Days, from left to right.
        squares: The squares.
        levels: What each level means, from 0 to 4.
        legend: What the levels measure.
        unknown: What a square without a level means; empty where there is none.
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
    """One event on a time line.

    Attributes:
        at: Local time, `YYYY-MM-DD HH:MM`.
        row: What stands beside it.
        label: What is read out and shown when the mouse rests on it.
        href: Where it leads.
        is_copy: Whether it is drawn in the second colour.
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
    kinds: tuple[str, str]  # what the first and the second colour mean


Chart = LineChart | BarChart | HeatMap | EventChart


def unique_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return names that tell the rows of a chart apart: equal ones are followed by their id.

    Args:
        names: The name of each outlet, by its id.
    """
    seen = Counter(names.values())
    return {id_: name if seen[name] == 1 else f"{name} ({id_})" for id_, name in names.items()}
