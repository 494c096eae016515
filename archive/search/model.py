"""Define the filters and the results of a search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An article that a search found.

    Attributes:
        id: The article's id.
        date: The article's civil date, ISO 8601.
        outlet: The outlet's id.
        title: The headline.
        url: The address; None for an imported document.
        snippet: A part of the text around the first search term.
    """

    id: str
    date: str
    outlet: str
    title: str
    url: str | None
    snippet: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search.

    Attributes:
        hits: The articles, best or newest first.
        back_to: The month, YYYY-MM, back to which texts were searched; None if all were searched.
    """

    hits: tuple[SearchHit, ...] = ()
    back_to: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on articles; None means no condition.

    Attributes:
        outlet: The outlet's id.
        since: The first day.
        until: The last day.
        section: The section's name.
        kind: article, photo, video, live, emagazine or opinion.
        story: The story's number.
    """

    outlet: str | None = None
    since: date | None = None
    until: date | None = None
    section: str | None = None
    kind: str | None = None
    story: int | None = None

    def conditions(self) -> tuple[str, list[str | int]]:
        """Return SQL conditions on `articles`, each beginning with AND, and their values."""
        wanted: list[tuple[str, str | int | None]] = [
            ("outlet = ?", self.outlet),
            ("date >= ?", self.since.isoformat() if self.since else None),
            ("date <= ?", self.until.isoformat() if self.until else None),
            ("section = ?", self.section),
            ("kind = ?", self.kind),
            ("story = ?", self.story),
        ]
        given = [(condition, value) for condition, value in wanted if value is not None]
        return "".join(f" AND {condition}" for condition, _ in given), [value for _, value in given]
