"""Searching the archive: what is surely meant first, and of the same kind the newest, within a bounded time.

Nothing is ranked by bm25, which would look at every hit of a common syllable and take seconds on a large archive.
Each reach of a query (see `archive.search.query`) is a rank of its own. For each, headlines are searched in all of
the archive, by an index of theirs, and texts month by month, the newest first: the month of an article is a word of
the index, so that a month costs what is in it. It ends with enough hits, or when the time is over; then it says how
far it looked back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sqlite_utils import Database

from archive.search.model import Filters, Found, Hit
from archive.search.query import ANYWHERE, APART, Query, Reach, Term, fold, read_query

_SECONDS = 0.02  # that a search takes at the most, give or take what the first months take
_REACHES = (Reach(exact=True, near=True), Reach(near=True), Reach(exact=True), ANYWHERE)  # the best first
_CANDIDATES = 60  # the last to arrive, of the hits in some months or in headlines, that are put in order
_SHORT = 3  # words of a phrase: texts that have all of them are hardly far to seek
_FEW = 20  # hits, of which each is looked at rather than the index
_RECENT = 2000  # of which the newest come first, where they are asked for
_AT_ONCE = 10_000  # articles, about, that are looked at first
_SAMPLE = 50  # articles, the newest, in which it is seen how common the beginning of a word is
_COMMON = 4  # times that it is in them, from which on the index is asked for such words, and not for all that begin so
_ENDINGS = 16  # of those words, the commonest
_SNIPPET = 160  # characters
Clock = Callable[[], float]
_MONTHS = """
WITH RECURSIVE months (month) AS (
    SELECT substr(max(date), 1, 7) FROM articles WHERE date <= :until UNION ALL
    SELECT (SELECT substr(max(date), 1, 7) FROM articles WHERE date < month) FROM months WHERE month > :since
) SELECT month FROM months WHERE month >= :since"""


def search(
    db: Database, text: str, filters: Filters, limit: int, *, recent: bool = False, clock: Clock | None = None
) -> Found:
    """Articles that a query finds.

    Those with the words next to each other come first; then those with the words as they are typed, not only folded;
    then those with them in the headline; then the newest.

    Args:
        db: The archive.
        text: Whatever a person typed.
        filters: Which articles may be found.
        limit: How many at the most.
        recent: The newest first, whatever else there is to say of them.
        clock: That tells the seconds by which it ends, such as `time.thread_time`; without one it looks at all texts.
    """
    query = read_query(text)
    if query is None:
        return Found()
    numbers, back_to = ranked(db, query, filters, limit, recent=recent, clock=clock)
    return Found(tuple(_hit(db, number, query) for number in numbers), back_to)


def ranked(
    db: Database, query: Query, filters: Filters, limit: int, *, recent: bool = False, clock: Clock | None = None
) -> tuple[list[int], str | None]:
    """The numbers of the articles that `search` finds, and the month back to which it looked, if not to the first."""
    most = max(limit, _RECENT if recent else _CANDIDATES)
    looked = _Search(db, query, filters, most, clock or (lambda: 0.0), bounded=clock is not None)
    reaches = (ANYWHERE,) if recent else looked.reaches
    headed = [] if recent else looked.headlines()
    is_headed = query.fitting()
    found: dict[int, None] = {}
    for rank, reach in enumerate(reaches, start=1):
        fits = query.fitting(reach)
        candidates = [one for one in headed if one.number not in found and fits((one.title,))]
        if (wanted := limit - len(found) - len(candidates)) > 0:
            known = found.keys() | {one.number for one in candidates}
            candidates += looked.texts(reach, wanted, known, rank / len(reaches))
        candidates.sort(key=lambda one: (one.date, one.number), reverse=True)
        if not recent:
            candidates.sort(key=lambda one: not is_headed((one.title,)))
        found |= dict.fromkeys(one.number for one in candidates)
        if len(found) >= limit:
            break
    return list(found)[:limit], looked.back_to if len(found) < limit else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: int
    date: str
    title: str


@dataclass(slots=True)
class _Search:
    """One search: what is asked, and how far it came.

    Attributes:
        months: In which there are articles that may be meant, the newest first.
        first: How many of them are looked at first, whatever the time.
        guessed: Whether beginnings of words, which many words have, stand for those of the newest articles alone.
        back_to: The oldest month in which texts were looked at for all that the query may mean; None: all were.
    """

    db: Database
    query: Query
    filters: Filters
    most: int
    clock: Clock
    bounded: bool
    back_to: str | None = None
    begun: float = field(init=False)
    months: list[str] = field(init=False)
    first: int = field(init=False)
    guessed: bool = field(init=False)
    _few: dict[str, list[_Candidate]] = field(default_factory=dict)  # with all words, by the first of their months

    def __post_init__(self) -> None:
        self.begun = self.clock()
        span = {"since": str(self.filters.since or "")[:7], "until": str(self.filters.until or "9999")}
        self.months = [month for (month,) in self.db.execute(_MONTHS, span).fetchall()]
        (number,) = self.db.execute("SELECT max(number) FROM articles").fetchone()
        prefixes = self.query.prefixes
        known = {term: words for term in prefixes if (words := self._endings(term))} if (number or 0) > _AT_ONCE else {}
        self.guessed = bool(known)
        self.query = self.query.with_endings(known)
        # The index puts all articles with some beginning of a word together, whatever the month.
        at_once = _AT_ONCE if prefixes <= known.keys() else number
        self.first = max(1, len(self.months) * (at_once or 1) // (number or 1))

    @property
    def reaches(self) -> list[Reach]:
        """Those in which the query is not the same as in a better one."""
        return list({self.query.expression(reach): reach for reach in reversed(_REACHES)}.values())[::-1]

    def headlines(self) -> list[_Candidate]:
        """Articles with all that is wanted in their headlines, from all of the archive, the last to arrive."""
        if any(clause.unwanted for clause in self.query.clauses):
            return []
        found: dict[int, _Candidate] = {}
        for reach in (ANYWHERE, Reach(near=True)):
            if len(found) in (0, self.most):  # the nearer are among them, if they are all
                found |= {
                    one.number: one for one in self._matching("headlines_fts", self.query.headline(reach), self.most)
                }
        return list(found.values())

    def texts(self, reach: Reach, wanted: int, known: AbstractSet[int], share: float) -> list[_Candidate]:
        """Articles that an expression finds, month by month, the newest first.

        Args:
            reach: Of the expression.
            wanted: How many are enough.
            known: The numbers of those that are found already.
            share: Of the time, that may be over when it ends.
        """
        found: list[_Candidate] = []
        end = self.begun + _SECONDS * share
        self.back_to, took = None, 0.0
        for months in _doubling(self.months, self.first):
            now = self.clock()
            if self.back_to and now + 2 * took > end:
                return found
            found += self._in_months(months, reach, known)
            if len(found) >= wanted:
                return found
            took, self.back_to = self.clock() - now, months[-1]
        self.back_to = self.months[0] if self.guessed and self.months else None
        return found

    def _in_months(self, months: list[str], reach: Reach, known: AbstractSet[int]) -> list[_Candidate]:
        """The last to arrive, in some months, of the articles that an expression finds, and that are not known.

        The index seeks the words of a phrase through all months, until some text has all of them: where they are rare,
        it reads very far. So for a long one it is asked for the words first; where few texts have them, each is read.
        """
        within = " OR ".join(f'"{month.replace("-", "")}"' for month in months)

        def hits(reach: Reach, most: int) -> list[_Candidate]:
            expression = f"month : ({within}) AND ({self.query.expression(reach)})"
            return [*self._matching("articles_fts", expression, most)]

        is_long = self.query.longest(reach) > _SHORT
        if is_long and months[0] not in self._few:
            self._few[months[0]] = hits(APART, _FEW + 1)
        few = self._few[months[0]] if is_long else []
        if not is_long or len(few) > _FEW:
            return [one for one in hits(reach, self.most) if one.number not in known]
        fits = self.query.fitting(reach)
        return [one for one in few if one.number not in known and fits(self._parts(one.number))]

    def _parts(self, number: int) -> tuple[str, str]:
        """The headline and the text of an article."""
        title, text = self.db.execute("SELECT title, text FROM articles WHERE number = ?", (number,)).fetchone()
        return title, text

    def _matching(self, index: str, expression: str, most: int) -> Iterator[_Candidate]:
        """The last to arrive of the articles that an expression finds."""
        if outlet := self.filters.outlet:
            expression = f'publisher : "{outlet.replace(chr(34), "")}" AND ({expression})'
        conditions, values = self.filters.conditions()
        rows = self.db.execute(
            f"SELECT number, date, title FROM (SELECT rowid AS place FROM {index} WHERE {index} MATCH ?)"  # noqa: S608 - our own
            f" CROSS JOIN articles ON number = place WHERE true{conditions} ORDER BY place DESC LIMIT ?",
            (expression, *values, most),
        )
        return (_Candidate(*row) for row in rows)

    def _endings(self, term: Term) -> frozenset[str]:
        """The words of the newest articles that begin so; none where they are rare, so that the index may tell."""
        if not self.bounded:
            return frozenset()
        begun = re.compile(rf"(?<![^\W_]){re.escape(term.words[-1])}[^\W_]*", re.IGNORECASE)
        newest = self.db.execute("SELECT title || ' ' || text FROM articles ORDER BY number DESC LIMIT ?", (_SAMPLE,))
        counts: Counter[str] = Counter()
        for (text,) in newest.fetchall():
            places = begun.finditer(text if term.is_marked else fold(text))  # which is as long
            counts.update({text[slice(*place.span())].lower() for place in places})
        return frozenset(word for word, _ in counts.most_common(_ENDINGS)) if counts.total() >= _COMMON else frozenset()


def _doubling(months: list[str], first: int) -> Iterator[list[str]]:
    """Months in lists, of which each but the first has as many as all before it."""
    at = 0
    while at < len(months):
        yield months[at : 2 * at or first]
        at = 2 * at or first


def _hit(db: Database, number: int, query: Query) -> Hit:
    article, day, outlet, title, url, text = db.execute(
        "SELECT id, date, outlet, title, url, text FROM articles WHERE number = ?", (number,)
    ).fetchone()
    return Hit(article, day, outlet, title, url, snippet(text, query.wanted))


def snippet(text: str, terms: Iterable[Term]) -> str:
    """A piece of a text, as it is printed, where the terms stand side by side or else one of them does.

    Args:
        text: In NFC.
        terms: What is looked for.
    """
    terms = tuple(terms)
    side_by_side = Term(tuple(word for term in terms for word in term.words), is_prefix=True)
    places = (term.place(text) for term in (side_by_side, *terms))
    first = next((place for place in places if place is not None), 0)
    start = text.rfind(" ", 0, max(first - _SNIPPET // 3, 0)) + 1
    end = text.find(" ", start + _SNIPPET)
    piece = " ".join(text[start : end if end >= 0 else len(text)].split())
    return ("…" if start else "") + piece + ("…" if end >= 0 else "")
