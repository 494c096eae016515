"""Grouping articles into stories as they arrive: who tells of the same event, and who prints the same text.

An article is compared with those of the days around its own, by what the archive keeps of each (see `archive.sketch`):
the cosine of what two leads speak of, rare things weighing more, and the part of a text that is in another. The days
that were compared last stay in memory, so an article costs the same however large the archive is.
"""

from __future__ import annotations

import math
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import nlargest

from sqlite_utils import Database

from archive.record import Document, Record
from archive.sketch import Sketch, bands, copied, shared_names, sketch

ALIKE = 0.21  # cosine from which two leads are of one event
NAMED = 4  # syllables of names, and numbers, that leads on one event share: a place alone, or a set phrase, is no event
ALIKE_TO_ALL = 0.15  # the same with all of a story, on average
COPIED = 0.8  # part of the shorter text from which it is a copy
NOBODY = "imported"  # whose documents are nobody knows whose
_DAYS = 2  # before and after, within which outlets tell of one event
_LONGEST = timedelta(days=7)  # from the first to the last article of a story
_NEAREST = 20  # articles whose likeness is worked out
_ASKED = 12  # of a story, whose likeness is worked out too
_SHORTEST = 20  # shingles of a text that may be called a copy
_UNSEEN = 20  # articles that a nearly empty archive is thought to have besides, so that nothing is common in it
_KEPT_DAYS = 8  # in memory
# When an article was published, as far as is known; of one that has only a day, at the end of it.
_WHEN = "coalesce(published_at, date || 'T24')"


@dataclass(frozen=True, slots=True)
class Peer:
    """An article that others are compared with.

    Attributes:
        number: Its number in the archive.
        id: Its id.
        outlet: Whose it is.
        sketch: What of it is compared.
    """

    number: int
    id: str
    outlet: str
    sketch: Sketch

    def is_other(self, peer: Peer) -> bool:
        """Whether it is of another outlet, or may be."""
        return self.number != peer.number and (self.outlet != peer.outlet or self.outlet == NOBODY)


@dataclass(slots=True)
class Day:
    """The articles of a day, and which of them has what."""

    peers: dict[int, Peer] = field(default_factory=dict)
    leads: dict[int, list[int]] = field(default_factory=dict)
    weights: dict[int, float] = field(default_factory=dict)  # of whole leads, as they were when first compared
    bands: dict[int, list[int]] = field(default_factory=dict)

    def add(self, peer: Peer) -> None:
        """Let later articles be compared with this one."""
        self.peers[peer.number] = peer
        for topic in peer.sketch.lead:
            self.leads.setdefault(topic, []).append(peer.number)
        for band in bands(peer.sketch.text):
            self.bands.setdefault(band, []).append(peer.number)

    def drop(self, number: int) -> None:
        """Let nobody be compared any more with what an article was before it was edited."""
        peer = self.peers.pop(number)
        self.weights.pop(number, None)
        for topic in peer.sketch.lead:
            self.leads[topic].remove(number)
        for band in bands(peer.sketch.text):
            self.bands[band].remove(number)


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
        alike = fellows(db, peer, Neighbourhood(around))
        copies = [(part, other) for part, other in copiers(peer, around) if part >= COPIED]
        for part, other in copies[:1]:
            join_copies(db, peer.id, other.id, part)
        join_story(db, peer, [*(other for _, other in copies[:1]), *alike], day)
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


class Neighbourhood:
    """The articles of some days, to compare leads with.

    The likeness of two leads is the cosine of what they speak of; each thing weighs log(n/m) where m of the n articles
    of these days speak of it.
    """

    def __init__(self, days: Sequence[Day]) -> None:
        self._days = days
        self._articles = sum(len(day.peers) for day in days) + _UNSEEN
        self._weights: dict[int, float] = {}
        self._new: dict[int, float] = {}

    def peer(self, number: int) -> Peer | None:
        """An article of these days."""
        return next((day.peers[number] for day in self._days if number in day.peers), None)

    def nearest(self, peer: Peer) -> list[tuple[float, Peer]]:
        """The articles of other outlets that are likest, with their likeness, the likest first."""
        shared: dict[int, float] = defaultdict(float)
        for topic in peer.sketch.lead:
            weight = self._weight(topic)
            for day in self._days:
                for number in day.leads.get(topic, ()):
                    shared[number] += weight
        near = nlargest(_NEAREST, shared, key=shared.__getitem__)
        found = [
            (shared[number] / math.sqrt(self._whole(peer) * self._whole(other) or 1.0), other)
            for number in near
            if (other := self.peer(number)) and peer.is_other(other)
        ]
        return sorted(found, key=lambda pair: -pair[0])

    def likeness(self, one: Peer, other: Peer) -> float:
        """How alike two leads are, from 0 to 1."""
        together = self._weigh(one.sketch.lead & other.sketch.lead)
        return together / math.sqrt(self._whole(one) * self._whole(other)) if together else 0.0

    def _whole(self, peer: Peer) -> float:
        for day in self._days:
            if peer.number in day.peers:
                if peer.number not in day.weights:
                    day.weights[peer.number] = self._weigh(peer.sketch.lead)
                return day.weights[peer.number]
        if peer.number not in self._new:
            self._new[peer.number] = self._weigh(peer.sketch.lead)
        return self._new[peer.number]

    def _weigh(self, topics: Iterable[int]) -> float:
        return sum(map(self._weight, topics))

    def _weight(self, topic: int) -> float:
        if topic not in self._weights:
            speak_of_it = 1 + sum(len(day.leads.get(topic, ())) for day in self._days)
            self._weights[topic] = math.log(self._articles / speak_of_it) ** 2
        return self._weights[topic]


def fellows(db: Database, peer: Peer, around: Neighbourhood) -> list[Peer]:
    """The articles that tell of the event that an article tells of.

    Each is alike, and so are, less so, the others of its story: else a story would go on from one event to the next,
    and swallow whatever is told in set phrases, as the weather is and the price of gold.
    """
    found: dict[int, list[Peer]] = {}
    for likeness, other in around.nearest(peer):
        if likeness >= ALIKE and shared_names(peer.sketch, other.sketch) >= NAMED:
            (story,) = db.execute("SELECT story FROM articles WHERE number = ?", (other.number,)).fetchone()
            found.setdefault(story or -other.number, []).append(other)
    return [other for story, others in found.items() if _fits(db, peer, story, around) for other in others]


def _fits(db: Database, peer: Peer, story: int, around: Neighbourhood) -> bool:
    rows = db.execute("SELECT number FROM articles WHERE story = ? ORDER BY number LIMIT ?", (story, _ASKED))
    members = [member for (number,) in rows.fetchall() if number != peer.number and (member := around.peer(number))]
    return sum(around.likeness(peer, member) for member in members) >= ALIKE_TO_ALL * len(members)


def copiers(peer: Peer, days: Iterable[Day]) -> list[tuple[float, Peer]]:
    """The articles of other outlets that may have the same text, with the part that they share, most first."""
    if peer.sketch.shingles < _SHORTEST:
        return []
    met = {
        other.number: other
        for day in days
        for band in bands(peer.sketch.text)
        for other in map(day.peers.__getitem__, day.bands.get(band, ()))
        if peer.is_other(other) and other.sketch.shingles >= _SHORTEST
    }
    found = ((copied(peer.sketch, other.sketch), other) for other in met.values())
    return sorted(found, key=lambda pair: (-pair[0], pair[1].number))


def join_copies(db: Database, one: str, other: str, part: float) -> None:
    """Say that two articles have one text: who published it first had it, and whoever else has it copied it.

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
    """Put an article into the story of others, make them one if there is none, and one of several if there are.

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
        f" WHERE story = ?1 ORDER BY {_WHEN}, number LIMIT 1) WHERE id = ?1",
        (story,),
    )


def _begin_story(db: Database) -> int:
    story = db.execute("INSERT INTO stories (title, first_published_at) VALUES ('', '')").lastrowid
    assert story is not None
    return story
