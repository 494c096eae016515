"""List stories: which outlets reported an event, when, and who copied whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from archive.database.connection import Connection


@dataclass(frozen=True, slots=True)
class StoryReport:
    """An article of a story.

    Attributes:
        id: The article's id.
        outlet: The outlet's id.
        published_at: When it was published, ISO 8601; only the day if the time is unknown.
        title: The headline.
        copy_of: The id of the article with the same text; None for an own text.
        likeness: Share of the shorter of the two texts that is in the other, from 0 to 1; None without a copy.
    """

    id: str
    outlet: str
    published_at: str
    title: str
    copy_of: str | None = None
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """An event, with the articles that report it.

    Attributes:
        id: The story's number.
        title: The headline of the first article.
        first_published_at: When that was published, ISO 8601; only the day if the time is unknown.
        tellings: Its articles in order of publication. The documented JSON uses this name.
    """

    id: int
    title: str
    first_published_at: str
    tellings: tuple[StoryReport, ...]


def stories(
    db: Connection, since: date | None = None, outlet: str | None = None, limit: int = 20, number: int | None = None
) -> list[Story]:
    """Return stories, newest first.

    Args:
        db: The archive.
        since: Only stories that were first reported on this day or later.
        outlet: Only stories that this outlet reported.
        limit: The largest number of stories.
        number: Only this story.
    """
    rows = db.execute(
        "SELECT id, title, first_published_at FROM stories AS s WHERE first_published_at >= :since"
        " AND (:outlet IS NULL OR EXISTS (SELECT 1 FROM articles WHERE story = s.id AND outlet = :outlet))"
        " AND (:number IS NULL OR id = :number) ORDER BY first_published_at DESC, id DESC LIMIT :limit",
        {"since": since.isoformat() if since else "", "outlet": outlet, "number": number, "limit": limit},
    )
    return [Story(story, title, first, _reports(db, story)) for story, title, first in rows.fetchall()]


def _reports(db: Connection, story: int) -> tuple[StoryReport, ...]:
    rows = db.execute(
        "SELECT id, outlet, coalesce(published_at, date), title, c.of, c.likeness FROM articles"
        " LEFT JOIN copies AS c ON c.article = id WHERE story = ?"
        " ORDER BY coalesce(published_at, date || 'T24'), number",
        (story,),
    )
    return tuple(StoryReport(*row) for row in rows.fetchall())
