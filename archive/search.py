"""Searching the archive: what is surely meant first, and of the same kind the newest, within a bounded time.

Nothing is ranked by bm25, which would look at every hit of a common syllable and take seconds on a large archive. Each
reach of a query (see `archive.query`) is a rank of its own. For each, headlines are searched in all of the archive, by
an index of theirs, and texts month by month, the newest first: the month of an article is a word of the index, so that
a month costs what is in it. It ends with enough hits, or when the time is over; then it says how far it looked back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlite_utils import Database

from archive.ledger import Filters, Found, Hit
from archive.query import ANYWHERE, Clause, Query, Reach, Term, read_query

_SECONDS = 0.03  # that a search takes at the most, give or take what the first months take
_REACHES = (Reach(exact=True, near=True), Reach(near=True), Reach(exact=True), ANYWHERE)  # the best first
_CANDIDATES = 100  # the last to arrive, of the hits in some months or in headlines, that are put in order
_RECENT = 2000  # of which the newest come first, where they are asked for
_AT_ONCE = 10_000  # articles, about, that are looked at first
_SAMPLE = 50  # articles, the newest, in which it is seen how common the beginning of a word is
_COMMON = 4  # of them, from which looking into articles takes less than looking into the index
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
    looked = _Search(db, query, filters, most, clock or (lambda: 0.0))
    reaches = (ANYWHERE,) if recent else looked.reaches
    headed = [] if recent else looked.headlines()
    is_headed = query.fitting()
    found: dict[int, None] = {}
    for rank, reach in enumerate(reaches, start=1):
        fits = query.fitting(reach)
        candidates = [one for one in headed if fits((one.title,))]
        if len(candidates) < limit:
            candidates += looked.texts(reach, limit - len(found), rank / len(reaches))
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
        common: The beginnings of words that are looked for in articles, not in the index.
        back_to: The oldest month in which texts were looked at for all that the query may mean; None: all were.
    """

    db: Database
    query: Query
    filters: Filters
    most: int
    clock: Clock
    back_to: str | None = None
    begun: float = field(init=False)
    months: list[str] = field(init=False)
    first: int = field(init=False)
    common: set[Term] = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self.clock()
        span = {"since": str(self.filters.since or "")[:7], "until": str(self.filters.until or "9999")}
        self.months = [month for (month,) in self.db.execute(_MONTHS, span).fetchall()]
        (number,) = self.db.execute("SELECT max(number) FROM articles").fetchone()
        self.first = max(1, len(self.months) * _AT_ONCE // (number or 1))
        self.common = {term for term in self.query.prefixes if self._is_common(term)}

    @property
    def reaches(self) -> list[Reach]:
        """Those in which the query is not the same as in a better one."""
        return list({self.query.expression(reach): reach for reach in reversed(_REACHES)}.values())[::-1]

    def headlines(self) -> list[_Candidate]:
        """Articles with all that is wanted in their headlines, from all of the archive, the last to arrive."""
        asked = self.query.without(self.common)
        if asked is None or any(clause.unwanted for clause in self.query.clauses):
            return []
        found: dict[int, _Candidate] = {}
        for reach in (ANYWHERE, Reach(near=True)):
            if len(found) in (0, self.most):  # the nearer are among them, if they are all
                found |= {one.number: one for one in self._matching("headlines_fts", asked.headline(reach))}
        return list(found.values())

    def texts(self, reach: Reach, wanted: int, share: float) -> list[_Candidate]:
        """Articles that an expression finds, month by month, the newest first.

        Args:
            reach: Of the expression.
            wanted: How many are enough.
            share: Of the time, that may be over when it ends.
        """
        found: list[_Candidate] = []
        self.back_to, took = None, 0.0
        for months in _doubling(self.months, self.first):
            now = self.clock()
            if self.back_to and now + 2 * took > self.begun + _SECONDS * share:
                return found
            found += self._in_months(reach, months, wanted)
            if len(found) >= wanted:
                return found
            took, self.back_to = self.clock() - now, months[-1]
        self.back_to = None
        return found

    def _in_months(self, reach: Reach, months: Sequence[str], wanted: int) -> list[_Candidate]:
        asked = self.query.without(self.common)
        within = "month : (" + " OR ".join(f'"{month.replace("-", "")}"' for month in months) + ")"
        found = self._matching("articles_fts", f"{within} AND ({asked.expression(reach)})" if asked else within)
        if not self.common:
            return list(found)
        fits = self.query.fitting(reach)
        return list(islice((one for one in found if fits(self._parts(one.number))), wanted))

    def _parts(self, number: int) -> Sequence[str]:
        (parts,) = self.db.execute("SELECT title, text FROM articles WHERE number = ?", (number,)).fetchall()
        return tuple(parts)

    def _matching(self, index: str, expression: str) -> Iterator[_Candidate]:
        """The last to arrive of the articles that an expression finds."""
        if outlet := self.filters.outlet:
            expression = f'publisher : "{outlet.replace(chr(34), "")}" AND ({expression})'
        conditions, values = self.filters.conditions()
        rows = self.db.execute(
            f"SELECT number, date, title FROM (SELECT rowid AS place FROM {index} WHERE {index} MATCH ?)"  # noqa: S608 - our own
            f" CROSS JOIN articles ON number = place WHERE true{conditions} ORDER BY place DESC LIMIT ?",
            (expression, *values, self.most),
        )
        return (_Candidate(*row) for row in rows)

    def _is_common(self, term: Term) -> bool:
        """Whether so many articles have a word that begins so that the index would take long to tell which."""
        newest = self.db.execute("SELECT title, text FROM articles ORDER BY number DESC LIMIT ?", (_SAMPLE,)).fetchall()
        return sum(map(Query((Clause(((term,),)),)).fitting(), newest)) >= _COMMON


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
