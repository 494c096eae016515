"""Search the archive: the most certain matches first, then the newest, within a bounded time.

Hits are not ranked by bm25, because bm25 reads every hit of a common syllable and takes seconds on a large archive.
Instead, each match level of a query (see `archive.search.query`) is a rank. For each rank, the index of headlines is
searched in the whole archive, and texts are searched month by month, newest first. The month of an article is a word
in the index, so each month costs only what it contains. The search ends with enough hits or when its time is over,
and reports how far back it searched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from archive.database.connection import Connection
from archive.search.folding import fold
from archive.search.model import Filters, SearchHit, SearchResult
from archive.search.query import ANYWHERE, SCATTERED, MatchLevel, Query, Term, parse_query

_SECONDS = 0.02  # the time limit of a search; the first months are always searched
# The ranks, best first.
_LEVELS = (MatchLevel(exact=True, adjacent=True), MatchLevel(adjacent=True), MatchLevel(exact=True), ANYWHERE)
_CANDIDATES = 60  # hits of some months, or of headlines, that are sorted: the latest
_SHORT = 3  # words; texts that contain all words of a phrase up to this length are found quickly
_FEW = 20  # hits; up to this number their texts are read instead of querying the index for a phrase
_RECENT = 2000  # hits that are sorted by day when the newest are wanted
_AT_ONCE = 10_000  # approximate number of articles that are searched first, before the time counts
_SAMPLE = 50  # newest articles in which the words that begin with a prefix are counted
_COMMON = 4  # hits in the sample above which a prefix is expanded to whole words
_ENDINGS = 16  # most frequent words that a prefix is expanded to
_SNIPPET = 160  # characters
Clock = Callable[[], float]
_MONTHS = """
WITH RECURSIVE months (month) AS (
    SELECT substr(max(date), 1, 7) FROM articles WHERE date <= :until UNION ALL
    SELECT (SELECT substr(max(date), 1, 7) FROM articles WHERE date < month) FROM months WHERE month > :since
) SELECT month FROM months WHERE month >= :since"""


def search(
    db: Connection,
    text: str,
    filters: Filters,
    limit: int,
    *,
    recent: bool = False,
    phrases: bool = False,
    clock: Clock | None = None,
) -> SearchResult:
    """Find the articles that match a query.

    Articles with the words side by side come first, then those with the words as typed and not only folded, then those
    with the words in the headline, then the newest.

    Args:
        db: The archive.
        text: The query as a person typed it.
        filters: Conditions on the articles.
        limit: The largest number of hits.
        recent: Sort by day alone, newest first.
        phrases: Treat words that were typed side by side as phrases.
        clock: Returns the seconds by which the search is limited, such as `time.thread_time`; without it all texts
            are searched.
    """
    query = parse_query(text)
    if query is None:
        return SearchResult()
    query = query.as_phrases() if phrases else query
    numbers, back_to = rank(db, query, filters, limit, recent=recent, clock=clock)
    return SearchResult(read_hits(db, numbers, query), back_to)


def read_hits(db: Connection, numbers: Iterable[int], query: Query) -> tuple[SearchHit, ...]:
    """Return articles as hits of a query, each with an excerpt."""
    return tuple(_hit(db, number, query) for number in numbers)


def rank(
    db: Connection, query: Query, filters: Filters, limit: int, *, recent: bool = False, clock: Clock | None = None
) -> tuple[list[int], str | None]:
    """Return the row numbers that `search` finds, and the month back to which texts were searched.

    The month is None if all texts were searched.
    """
    most = max(limit, _RECENT if recent else _CANDIDATES)
    session = _Search(db, query, filters, most, clock or (lambda: 0.0), bounded=clock is not None)
    levels = (ANYWHERE,) if recent else session.levels
    with_headline = [] if recent else session.headlines()
    in_headline = query.matcher()
    found: dict[int, None] = {}
    for place, level in enumerate(levels, start=1):
        matches = query.matcher(level)
        candidates = [c for c in with_headline if c.number not in found and matches((c.title,))]
        if (wanted := limit - len(found) - len(candidates)) > 0:
            known = found.keys() | {candidate.number for candidate in candidates}
            candidates += session.texts(level, wanted, known, place / len(levels))
        candidates.sort(key=lambda candidate: (candidate.date, candidate.number), reverse=True)
        if not recent:
            candidates.sort(key=lambda candidate: not in_headline((candidate.title,)))
        found |= dict.fromkeys(candidate.number for candidate in candidates)
        if len(found) >= limit:
            break
    return list(found)[:limit], session.back_to if len(found) < limit else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: int
    date: str
    title: str


@dataclass(slots=True)
class _Search:
    """The state of one search: the query, its limits, and how far it got.

    Attributes:
        months: Months that can hold hits, the newest first.
        first: Number of months that are searched first, before the time counts.
        guessed: Common prefixes were expanded to words of the newest articles, so rare words are missed.
        back_to: The oldest month whose texts were searched at the last level; None if all were.
    """

    db: Connection
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
    # Articles with all words of a long phrase, by the first of the months that were searched for them.
    _few: dict[str, list[_Candidate]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begun = self.clock()
        span = {"since": str(self.filters.since or "")[:7], "until": str(self.filters.until or "9999")}
        self.months = [month for (month,) in self.db.execute(_MONTHS, span).fetchall()]
        (number,) = self.db.execute("SELECT max(number) FROM articles").fetchone()
        prefixes = self.query.prefixes
        known = {term: words for term in prefixes if (words := self._endings(term))} if (number or 0) > _AT_ONCE else {}
        self.guessed = bool(known)
        self.query = self.query.with_endings(known)
        # For a prefix, SQLite first collects matching articles of the whole archive, whatever the month.
        at_once = _AT_ONCE if prefixes <= known.keys() else number
        self.first = max(1, len(self.months) * (at_once or 1) // (number or 1))

    @property
    def levels(self) -> list[MatchLevel]:
        """Return the levels at which the query differs from the better levels."""
        return list({self.query.expression(level): level for level in reversed(_LEVELS)}.values())[::-1]

    def headlines(self) -> list[_Candidate]:
        """Find the latest articles with all required terms in their headlines."""
        if any(clause.excluded for clause in self.query.clauses):
            return []
        found: dict[int, _Candidate] = {}
        for level in (ANYWHERE, MatchLevel(adjacent=True)):
            if len(found) in (0, self.most):  # otherwise these are all matches, and include the adjacent ones
                expression = self.query.headline_expression(level)
                found |= {c.number: c for c in self._matching("headlines_fts", expression, self.most)}
        return list(found.values())

    def texts(self, level: MatchLevel, wanted: int, known: AbstractSet[int], share: float) -> list[_Candidate]:
        """Search texts month by month, newest first.

        Args:
            level: The level to match at.
            wanted: How many hits are enough.
            known: The numbers of the articles that were already found.
            share: The share of the search's time after which this step ends.
        """
        found: list[_Candidate] = []
        end = self.begun + _SECONDS * share
        self.back_to, took = None, 0.0
        for months in _doubling(self.months, self.first):
            now = self.clock()
            if self.back_to and now + 2 * took > end:
                return found
            found += self._in_months(months, level, known)
            if len(found) >= wanted:
                return found
            took, self.back_to = self.clock() - now, months[-1]
        self.back_to = self.months[0] if self.guessed and self.months else None
        return found

    def _in_months(self, months: list[str], level: MatchLevel, known: AbstractSet[int]) -> list[_Candidate]:
        """Return the latest articles of some months that match and are not known yet.

        FTS5 reads the words of a phrase through all months until one text contains them all, which takes long if they
        are rare. So for a long phrase the words are searched first; if few texts contain them, each text is read.
        """
        within = " OR ".join(f'"{month.replace("-", "")}"' for month in months)

        def hits(level: MatchLevel, most: int) -> list[_Candidate]:
            expression = f"month : ({within}) AND ({self.query.expression(level)})"
            return [*self._matching("articles_fts", expression, most)]

        is_long = self.query.longest(level) > _SHORT
        if is_long and months[0] not in self._few:
            self._few[months[0]] = hits(SCATTERED, _FEW + 1)
        few = self._few[months[0]] if is_long else []
        if not is_long or len(few) > _FEW:
            return [candidate for candidate in hits(level, self.most) if candidate.number not in known]
        matches = self.query.matcher(level)
        return [c for c in few if c.number not in known and matches(self._parts(c.number))]

    def _parts(self, number: int) -> tuple[str, str]:
        """Return the headline and the text of an article."""
        title, text = self.db.execute("SELECT title, text FROM articles WHERE number = ?", (number,)).fetchone()
        return title, text

    def _matching(self, index: str, expression: str, most: int) -> Iterator[_Candidate]:
        """Yield the latest articles that match an expression and the filters."""
        if outlet := self.filters.outlet:
            expression = f'publisher : "{outlet.replace(chr(34), "")}" AND ({expression})'
        conditions, values = self.filters.conditions()
        rows = self.db.execute(
            f"SELECT number, date, title FROM (SELECT rowid AS place FROM {index} WHERE {index} MATCH ?)"  # noqa: S608 - names are our own
            f" CROSS JOIN articles ON number = place WHERE true{conditions} ORDER BY place DESC LIMIT ?",
            (expression, *values, most),
        )
        return (_Candidate(*row) for row in rows)

    def _endings(self, term: Term) -> frozenset[str]:
        """Return the words of the newest articles that begin with a prefix; return none if they are rare."""
        if not self.bounded:
            return frozenset()
        begun = re.compile(rf"(?<![^\W_]){re.escape(term.words[-1])}[^\W_]*", re.IGNORECASE)
        newest = self.db.execute("SELECT title || ' ' || text FROM articles ORDER BY number DESC LIMIT ?", (_SAMPLE,))
        counts: Counter[str] = Counter()
        for (text,) in newest.fetchall():
            places = begun.finditer(text if term.is_marked else fold(text))  # folding keeps the length
            counts.update({text[slice(*place.span())].lower() for place in places})
        return frozenset(word for word, _ in counts.most_common(_ENDINGS)) if counts.total() >= _COMMON else frozenset()


def _doubling(months: list[str], first: int) -> Iterator[list[str]]:
    """Yield the months in lists; each list is as long as all lists before it together."""
    at = 0
    while at < len(months):
        yield months[at : 2 * at or first]
        at = 2 * at or first


def _hit(db: Connection, number: int, query: Query) -> SearchHit:
    article, day, outlet, title, url, text = db.execute(
        "SELECT id, date, outlet, title, url, text FROM articles WHERE number = ?", (number,)
    ).fetchone()
    return SearchHit(article, day, outlet, title, url, snippet(text, query.required_terms))


def snippet(text: str, terms: Iterable[Term]) -> str:
    """Cut an excerpt where the terms are side by side, or else where one of them occurs.

    Args:
        text: The text, in NFC.
        terms: The terms to look for.
    """
    terms = tuple(terms)
    side_by_side = Term(tuple(word for term in terms for word in term.words), is_prefix=True)
    places = (term.find(text) for term in (side_by_side, *terms))
    first = next((place for place in places if place is not None), 0)
    start = text.rfind(" ", 0, max(first - _SNIPPET // 3, 0)) + 1
    end = text.find(" ", start + _SNIPPET)
    piece = " ".join(text[start : end if end >= 0 else len(text)].split())
    return ("…" if start else "") + piece + ("…" if end >= 0 else "")
