"""Group articles into stories as they arrive: the same event, or the same text.

An article is compared with those of the days around its own, by what the archive keeps of each (see
`archive.stories.fingerprint`): the cosine of what two leads speak of, rare things weighing more, and the part of a
text that is in another. The days that were compared last stay in memory, so an article costs the same however large
the archive is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import date, timedelta

from sqlite_utils import Database

from archive.record import Document, Record
from archive.stories.fingerprint import Sketch, sketch
from archive.stories.similarity import Day, Neighbourhood, Peer

ALIKE = 0.21  # cosine from which two leads are of one event
ALIKE_TO_ALL = 0.15  # the same with all of a story, on average
COPIED = 0.8  # part of the shorter text from which it is a copy
_DAYS = 2  # before and after, within which outlets tell of one event
_LONGEST = timedelta(days=7)  # from the first to the last article of a story
_ASKED = 12  # of a story, whose likeness is worked out too
_KEPT_DAYS = 8  # in memory
# When an article was published, as far as is known; of one that has only a day, at the end of it.
_WHEN = "coalesce(published_at, date || 'T24')"


class Grouping:
    """What is known of the days that articles arrive for."""

    def __init__(self) -> None:
        self._days: OrderedDict[date, Day] = OrderedDict()

    def forget(self) -> None:
        """Read what is needed from the archive again: what was written was taken back."""
        self._days.clear()

    def place(self, db: Database, record: Record) -> None:
        """Find the story of an article that was written, and whether its text is another's.

        Args:
            db: The archive, in the transaction that wrote the article.
            record: What was written.
        """
        (number,) = db.execute("SELECT number FROM articles WHERE id = ?", (record.id,)).fetchone()
        self._place(db, Peer(number, record.id, record.outlet, sketch(record.document)), record.document.date)

    def _place(self, db: Database, peer: Peer, day: date) -> None:
        around = [self._day(db, day + timedelta(days=distance)) for distance in range(-_DAYS, _DAYS + 1)]
        near = Neighbourhood(around)
        alike = fellows(db, peer, near)
        copies = [(part, other) for part, other in near.copiers(peer) if part >= COPIED]
        for part, other in copies[:1]:
            join_copies(db, peer.id, other.id, part)
        if fellow := [*(other for _, other in copies[:1]), *alike]:
            join_story(db, peer, fellow, day)
        db.execute(
            "INSERT INTO sketches (article, lead, text) VALUES (?, ?, ?)"
            " ON CONFLICT (article) DO UPDATE SET lead = excluded.lead, text = excluded.text",
            (peer.number, peer.sketch.lead_bytes(), peer.sketch.text_bytes()),
        )
        for known in self._days.values():
            if peer.number in known.peers:
                known.drop(peer.number)
        around[_DAYS].add(peer)

    def _day(self, db: Database, day: date) -> Day:
        if day not in self._days:
            self._days[day] = _read_day(db, day)
        self._days.move_to_end(day)
        if len(self._days) > _KEPT_DAYS:
            self._days.popitem(last=False)
        return self._days[day]

    def catch_up(self, db: Database) -> None:
        """Place every article that was written without, in the order of publication.

        Args:
            db: The archive, in a transaction.
        """
        missing = "number NOT IN (SELECT article FROM sketches)"
        days = db.execute(f"SELECT DISTINCT date FROM articles WHERE {missing} ORDER BY date")  # noqa: S608 - our own
        for (day,) in days.fetchall():
            rows = db.execute(
                "SELECT number, id, outlet, title, text FROM articles"  # noqa: S608 - our own
                f" WHERE date = ? AND {missing} ORDER BY {_WHEN}, number",
                (day,),
            )
            for number, article, outlet, title, text in rows.fetchall():
                document = Document(date.fromisoformat(day), title, text)
                self._place(db, Peer(number, article, outlet, sketch(document)), document.date)

    def rebuild(self, db: Database) -> None:
        """Group everything anew.

        Args:
            db: The archive, in a transaction.
        """
        self.forget()
        db.execute("UPDATE articles SET story = NULL WHERE story IS NOT NULL")
        for table in ("copies", "stories", "sketches"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self.catch_up(db)


def _read_day(db: Database, day: date) -> Day:
    read = Day()
    rows = db.execute(
        "SELECT number, id, outlet, lead, s.text FROM articles AS a JOIN sketches AS s ON s.article = a.number"
        " WHERE date = ? ORDER BY number",
        (day.isoformat(),),
    )
    for number, article, outlet, lead, text in rows:
        read.add(Peer(number, article, outlet, Sketch.from_bytes(lead, text)))
    return read


def fellows(db: Database, peer: Peer, around: Neighbourhood) -> list[Peer]:
    """Return the other articles of an article's story.

    Each is alike, and so are, less so, the others of its story: else a story would go on from one event to the next,
    and swallow whatever is told in set phrases, as the weather is and the price of gold.
    """
    found: dict[int, list[Peer]] = {}
    for likeness, other in around.nearest(peer):
        if likeness >= ALIKE:
            (story,) = db.execute("SELECT story FROM articles WHERE number = ?", (other.number,)).fetchone()
            found.setdefault(story or -other.number, []).append(other)
    return [other for story, others in found.items() if _fits(db, peer, story, around) for other in others]


def _fits(db: Database, peer: Peer, story: int, around: Neighbourhood) -> bool:
    rows = db.execute("SELECT number FROM articles WHERE story = ? ORDER BY number LIMIT ?", (story, _ASKED))
    members = [member for (number,) in rows.fetchall() if number != peer.number and (member := around.peer(number))]
    return sum(around.likeness(peer, member) for member in members) >= ALIKE_TO_ALL * len(members)


def join_copies(db: Database, one: str, other: str, part: float) -> None:
    """Record that two articles have the same text; the earlier one is the original.

    Args:
        db: The archive, in a transaction.
        one: An article's id.
        other: Another's.
        part: How much of the shorter text is in the other.
    """
    family = db.execute(
        "WITH pair (id) AS (VALUES (:one), (:other)),"  # noqa: S608 - our own
        " firsts (id) AS (SELECT id FROM pair UNION SELECT of FROM copies WHERE article IN (SELECT id FROM pair))"
        " SELECT id FROM articles WHERE id IN (SELECT id FROM firsts UNION SELECT article FROM copies"
        f"  WHERE of IN (SELECT id FROM firsts)) ORDER BY {_WHEN}, number",
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


def join_story(db: Database, one: Peer, others: Iterable[Peer], day: date) -> None:
    """Add an article to the story of others; make a story, or merge several, if needed.

    Args:
        db: The archive, in a transaction.
        one: The article.
        others: Those that tell of the same event.
        day: The article's.
    """
    told = {
        peer.number: story
        for peer in (one, *others)
        for story, begun in db.execute(
            "SELECT story, first_published_at FROM articles LEFT JOIN stories AS s ON s.id = story WHERE number = ?",
            (peer.number,),
        )
        if story is None or abs(date.fromisoformat(begun[:10]) - day) <= _LONGEST
    }
    if len(told) < 2:  # noqa: PLR2004 - a story is told by two at least
        return
    story, *merged = sorted({story for story in told.values() if story is not None}) or [_begin_story(db)]
    for number in told:
        db.execute("UPDATE articles SET story = ? WHERE number = ?", (story, number))
    for other in merged:
        db.execute("UPDATE articles SET story = ? WHERE story = ?", (story, other))
        db.execute("DELETE FROM stories WHERE id = ?", (other,))
    db.execute(
        "UPDATE stories SET (title, first_published_at) = (SELECT title, coalesce(published_at, date) FROM articles"  # noqa: S608 - our own
        f" WHERE story = :story ORDER BY {_WHEN}, number LIMIT 1) WHERE id = :story",
        {"story": story},
    )


def _begin_story(db: Database) -> int:
    story = db.execute("INSERT INTO stories (title, first_published_at) VALUES ('', '')").lastrowid
    assert story is not None
    return story
