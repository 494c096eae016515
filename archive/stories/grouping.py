"""Group articles into stories as they arrive: the same event, or the same text.

An article is compared by fingerprint with those of the days around it (see `archive.stories.fingerprint`): the cosine
of the topics of two leads, in which rare topics weigh more, and the share of one text that is in the other. The most
recently used days stay in memory, so the cost of an article does not grow with the archive.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import date, timedelta

from sqlite_utils import Database

from archive.record import Document, Record
from archive.stories.fingerprint import Sketch, sketch
from archive.stories.similarity import ComparedArticle, DayIndex, SurroundingDays

LIKE_ONE = 0.21  # cosine above which two leads are about one event
LIKE_WHOLE_STORY = 0.15  # the mean cosine with all articles of a story
COPIED = 0.8  # share of the shorter text above which it is a copy
_DAYS = 2  # days before and after an article in which other outlets report the same event
_LONGEST_STORY = timedelta(days=7)  # from the first to the last article of a story
_MOST_MEMBERS = 12  # articles of a story that an article is compared with
_FEWEST_DAYS, _MOST_DAYS = 8, 60  # days that stay in memory
_KEPT_ARTICLES = 3_000  # articles that stay in memory, if they are of more days; each takes about 2 kB
# When an article was published, as far as is known; if only the day is known, the end of that day.
_PUBLISHED = "coalesce(published_at, date || 'T24')"


class StoryGrouper:
    """Group articles into stories; the most recently used days stay in memory."""

    def __init__(self) -> None:
        self._days: OrderedDict[date, DayIndex] = OrderedDict()

    def clear(self) -> None:
        """Forget the days in memory, because a transaction was rolled back."""
        self._days.clear()

    def add(self, db: Database, record: Record) -> None:
        """Add a written article to a story, and record whether its text is a copy.

        Args:
            db: The archive, in the transaction that wrote the article.
            record: The article.
        """
        (number,) = db.execute("SELECT number FROM articles WHERE id = ?", (record.id,)).fetchone()
        self._place(
            db, ComparedArticle(number, record.id, record.outlet, sketch(record.document)), record.document.date
        )

    def _place(self, db: Database, peer: ComparedArticle, day: date) -> None:
        around = [self._day(db, day + timedelta(days=distance)) for distance in range(-_DAYS, _DAYS + 1)]
        near = SurroundingDays(around)
        alike = same_event(db, peer, near)
        closest = near.copies(peer, COPIED)[:1]
        for part, other in closest:
            join_copies(db, peer.id, other.id, part)
        if fellow := [*(other for _, other in closest), *alike]:
            join_story(db, peer, fellow, day)
        db.execute(
            "INSERT INTO sketches (article, lead, text) VALUES (?, ?, ?)"
            " ON CONFLICT (article) DO UPDATE SET lead = excluded.lead, text = excluded.text",
            (peer.number, peer.sketch.lead_bytes(), peer.sketch.text_bytes()),
        )
        for known in self._days.values():
            if peer.number in known.peers:
                known.remove(peer.number)
        around[_DAYS].add(peer)

    def _day(self, db: Database, day: date) -> DayIndex:
        if day not in self._days:
            self._days[day] = _read_day(db, day)
            self._forget_days()
        self._days.move_to_end(day)
        return self._days[day]

    def _forget_days(self) -> None:
        """Forget the days that were not used for longest, if there are many or they have many articles."""
        articles = sum(len(day.peers) for day in self._days.values())
        while len(self._days) > _MOST_DAYS or (len(self._days) > _FEWEST_DAYS and articles > _KEPT_ARTICLES):
            _, day = self._days.popitem(last=False)
            articles -= len(day.peers)

    def add_missing(self, db: Database) -> None:
        """Group every article that is not grouped yet, in the order of publication.

        Args:
            db: The archive, in a transaction.
        """
        missing = "number NOT IN (SELECT article FROM sketches)"
        days = db.execute(f"SELECT DISTINCT date FROM articles WHERE {missing} ORDER BY date")  # noqa: S608 - our own
        for (day,) in days.fetchall():
            rows = db.execute(
                "SELECT number, id, outlet, title, text FROM articles"  # noqa: S608 - our own
                f" WHERE date = ? AND {missing} ORDER BY {_PUBLISHED}, number",
                (day,),
            )
            for number, article, outlet, title, text in rows.fetchall():
                document = Document(date.fromisoformat(day), title, text)
                self._place(db, ComparedArticle(number, article, outlet, sketch(document)), document.date)

    def rebuild(self, db: Database) -> None:
        """Group all articles again.

        Args:
            db: The archive, in a transaction.
        """
        self.clear()
        db.execute("UPDATE articles SET story = NULL WHERE story IS NOT NULL")
        for table in ("copies", "stories", "sketches"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self.add_missing(db)


def _read_day(db: Database, day: date) -> DayIndex:
    read = DayIndex()
    rows = db.execute(
        "SELECT number, id, outlet, lead, s.text FROM articles AS a JOIN sketches AS s ON s.article = a.number"
        " WHERE date = ? ORDER BY number",
        (day.isoformat(),),
    )
    for number, article, outlet, lead, text in rows:
        read.add(ComparedArticle(number, article, outlet, Sketch.from_bytes(lead, text)))
    return read


def same_event(db: Database, peer: ComparedArticle, around: SurroundingDays) -> list[ComparedArticle]:
    """Return the other articles of an article's story.

    Each is similar to the article, and so is the rest of its story, less strictly. Otherwise a story would grow from
    one event to the next and collect every text with set phrases, such as the weather and the price of gold.
    """
    found: dict[int, list[ComparedArticle]] = {}
    for likeness, other in around.nearest(peer):
        if likeness >= LIKE_ONE:
            (story,) = db.execute("SELECT story FROM articles WHERE number = ?", (other.number,)).fetchone()
            found.setdefault(story or -other.number, []).append(other)
    return [other for story, others in found.items() if _fits_story(db, peer, story, around) for other in others]


def _fits_story(db: Database, peer: ComparedArticle, story: int, around: SurroundingDays) -> bool:
    rows = db.execute("SELECT number FROM articles WHERE story = ? ORDER BY number LIMIT ?", (story, _MOST_MEMBERS))
    members = [member for (number,) in rows.fetchall() if number != peer.number and (member := around.peer(number))]
    return sum(around.likeness(peer, member) for member in members) >= LIKE_WHOLE_STORY * len(members)


def join_copies(db: Database, one: str, other: str, part: float) -> None:
    """Record that two articles have the same text; the earlier one is the original.

    Args:
        db: The archive, in a transaction.
        one: Id of an article.
        other: Id of another article.
        part: Share of the shorter text that is in the other.
    """
    family = db.execute(
        "WITH pair (id) AS (VALUES (:one), (:other)),"  # noqa: S608 - our own
        " firsts (id) AS (SELECT id FROM pair UNION SELECT of FROM copies WHERE article IN (SELECT id FROM pair))"
        " SELECT id FROM articles WHERE id IN (SELECT id FROM firsts UNION SELECT article FROM copies"
        f"  WHERE of IN (SELECT id FROM firsts)) ORDER BY {_PUBLISHED}, number",
        {"one": one, "other": other},
    )
    first, *rest = [article for (article,) in family.fetchall()]
    db.execute("DELETE FROM copies WHERE article = ?", (first,))
    for article in rest:
        db.execute(
            "INSERT INTO copies (article, of, likeness) VALUES (?, ?, ?)"
            " ON CONFLICT (article) DO UPDATE SET of = excluded.of",
            (article, first, round(part, 2)),
        )


def join_story(db: Database, one: ComparedArticle, others: Iterable[ComparedArticle], day: date) -> None:
    """Add an article to the story of others; create a story, or merge several, if needed.

    Args:
        db: The archive, in a transaction.
        one: The article.
        others: Articles on the same event.
        day: The day of the article.
    """
    told = {
        peer.number: story
        for peer in (one, *others)
        for story, begun in db.execute(
            "SELECT story, first_published_at FROM articles LEFT JOIN stories AS s ON s.id = story WHERE number = ?",
            (peer.number,),
        )
        if story is None or abs(date.fromisoformat(begun[:10]) - day) <= _LONGEST_STORY
    }
    if len(told) < 2:  # noqa: PLR2004 - a story needs two reports
        return
    story, *merged = sorted({story for story in told.values() if story is not None}) or [_begin_story(db)]
    for number in told:
        db.execute("UPDATE articles SET story = ? WHERE number = ?", (story, number))
    for other in merged:
        db.execute("UPDATE articles SET story = ? WHERE story = ?", (story, other))
        db.execute("DELETE FROM stories WHERE id = ?", (other,))
    db.execute(
        "UPDATE stories SET (title, first_published_at) = (SELECT title, coalesce(published_at, date) FROM articles"  # noqa: S608 - our own
        f" WHERE story = :story ORDER BY {_PUBLISHED}, number LIMIT 1) WHERE id = :story",
        {"story": story},
    )


def _begin_story(db: Database) -> int:
    story = db.execute("INSERT INTO stories (title, first_published_at) VALUES ('', '')").lastrowid
    assert story is not None
    return story
