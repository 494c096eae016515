"""Searching Vietnamese: a word with its marks finds just that word, one without them finds all it may stand for.

The index is folded (no marks, đ as d) and gives candidates newest first without ranking them all: bm25 over every hit
of a common syllable takes seconds on a large archive. Whether a candidate has the marks of the query is then seen in
its text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

from archive.ledger import Filters, Hit

MOST_CHARACTERS = 1000  # of a query; what goes beyond is not read
MOST_TERMS = 32
_EXAMINED = 2000  # candidates that are put in order, and whose text is looked into for marked words
_SNIPPET = 160
_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"[^\W_]+")

Joint = Literal["AND", "OR", "NOT"]
_JOINTS: dict[str, Joint] = {"AND": "AND", "OR": "OR", "NOT": "NOT"}


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase of a query.

    Attributes:
        words: Its words, NFC and lower-case.
        is_prefix: Whether the last one is only the beginning of a word.
        joint: How it is joined to what stands before it.
    """

    words: tuple[str, ...]
    is_prefix: bool = False
    joint: Joint = "AND"

    @property
    def is_marked(self) -> bool:
        """Whether it has marks that the index does not keep."""
        return any(fold(word) != word for word in self.words)

    def expression(self) -> str:
        """The term as FTS5 has it: quoted, so that nothing in it is syntax."""
        return f'"{" ".join(self.words).replace("đ", "d")}"' + (" *" if self.is_prefix else "")

    def stands_in(self, text: str) -> bool:
        """Whether a text holds the term: as it is if it is marked, else whatever the text's marks are."""
        words = r"[\W_]+".join(map(re.escape, self.words))
        end = "" if self.is_prefix else r"(?![^\W_])"
        return re.search(rf"(?<![^\W_]){words}{end}", text.lower() if self.is_marked else fold(text)) is not None


@dataclass(frozen=True, slots=True)
class Query:
    """What a person searches for: terms, joined from the left to the right; the first one is wanted."""

    terms: tuple[Term, ...]

    @property
    def wanted(self) -> list[Term]:
        """The terms that may make an article a hit."""
        return [term for term in self.terms if term.joint != "NOT"]

    def expression(self) -> str:
        """An FTS5 expression that cannot fail and finds every hit.

        What is not wanted with its marks may be there without them, so it is left to `admits`.
        """
        expression = self.terms[0].expression()
        for term in self.terms[1:]:
            if not (term.joint == "NOT" and term.is_marked):
                expression = f"({expression} {term.joint} {term.expression()})"
        return expression

    def headline(self) -> str:
        """The same for articles that have all that is wanted in the headline."""
        inside = " AND ".join(term.expression() for term in self.wanted)
        return f"{self.expression()} AND (title : ({inside}))"

    def admits(self, text: str) -> bool:
        """Whether a text that the expression found is what was meant, marks and all."""
        if not any(term.is_marked for term in self.terms):
            return True
        if all(term.joint == "AND" for term in self.terms):
            return all(term.stands_in(text) for term in self.terms if term.is_marked)
        found = self.terms[0].stands_in(text)
        for term in self.terms[1:]:
            if term.joint == "OR":
                found = found or term.stands_in(text)
            else:
                found = found and term.stands_in(text) != (term.joint == "NOT")
        return found


def fold(text: str) -> str:
    """A text in lower case without marks, letter for letter, so that positions stay what they are."""
    return "".join(_folded(char) for char in text)


def _folded(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0]
    lowered = {"đ": "d", "Đ": "d"}.get(base, base).lower()
    return lowered if len(lowered) == 1 else base


def read_query(text: str) -> Query | None:
    """What a person typed, as a query; None where there is nothing to search for.

    Words are all to be found; `"…"` is a phrase, `word*` a beginning, and AND, OR and NOT between two terms join them.
    What is no such syntax is searched as words.
    """
    terms: list[Term] = []
    joint: Joint = "AND"
    for quoted, bare in _TERM.findall(unicodedata.normalize("NFC", text[:MOST_CHARACTERS])):
        if bare in _JOINTS:
            joint = _JOINTS[bare]
        elif words := tuple(_WORD.findall((quoted or bare).lower())):
            terms.append(Term(words, bare.endswith("*"), joint if terms else "AND"))
            joint = "AND"
    return Query(tuple(terms[:MOST_TERMS])) if terms else None


def search(db: Database, text: str, filters: Filters, limit: int) -> list[Hit]:
    """Articles that a query finds: those with all its words in the headline first, of each kind the newest first.

    Args:
        db: The archive.
        text: Whatever a person typed.
        filters: Which articles may be found.
        limit: How many at the most.
    """
    query = read_query(text)
    if query is None:
        return []
    hits: dict[int, Hit] = {}
    for expression in (query.headline(), query.expression()):
        for number in _candidates(db, expression, filters):
            if len(hits) >= limit:
                return list(hits.values())
            if number not in hits and (hit := _hit(db, number, query)):
                hits[number] = hit
    return list(hits.values())


def _candidates(db: Database, expression: str, filters: Filters) -> Iterator[int]:
    """The newest articles by date among those that came last: the index gives no more than their order of arrival."""
    conditions, values = filters.conditions()
    rows = db.execute(
        "SELECT number FROM (SELECT number, a.date FROM articles_fts JOIN articles AS a ON number = articles_fts.rowid"  # noqa: S608 - the conditions are our own
        f" WHERE articles_fts MATCH ?{conditions} ORDER BY articles_fts.rowid DESC LIMIT ?)"
        " ORDER BY date DESC, number DESC",
        (expression, *values, _EXAMINED),
    )
    return (number for (number,) in rows.fetchall())


def _hit(db: Database, number: int, query: Query) -> Hit | None:
    article, day, outlet, title, url, text = db.execute(
        "SELECT id, date, outlet, title, url, text FROM articles WHERE number = ?", (number,)
    ).fetchone()
    if not query.admits(f"{title}\n{text}"):
        return None
    return Hit(article, day, outlet, title, url, snippet(text, query.wanted))


def snippet(text: str, terms: Iterable[Term]) -> str:
    """A piece of a text, as it is printed, around the first of the terms that it holds."""
    folded = fold(text)
    places = (re.search(rf"\b{re.escape(fold(term.words[0]))}", folded) for term in terms)
    first = min((place.start() for place in places if place), default=0)
    start = text.rfind(" ", 0, max(first - _SNIPPET // 3, 0)) + 1
    end = text.find(" ", start + _SNIPPET)
    piece = " ".join(text[start : end if end >= 0 else len(text)].split())
    return ("…" if start else "") + piece + ("…" if end >= 0 else "")
