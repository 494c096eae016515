"""Searching Vietnamese: a word with its marks finds just that word, one without them finds all it may stand for.

The index is folded (no marks, đ as d), so it finds candidates newest first without ranking them all: bm25 over every
hit of a common syllable takes seconds on a large archive. What has marks in the query is then looked for in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from archive.ledger import Filters, Hit

MOST_CHARACTERS = 1000  # of a query; what goes beyond is not read
MOST_TERMS = 32
_EXAMINED = 2000  # candidates whose text is looked into for marked words
_SNIPPET = 160
_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase of a query.

    Attributes:
        words: Its words, NFC and lower-case.
        prefix: Whether the last one is only the beginning of a word.
    """

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def is_marked(self) -> bool:
        """Whether it has marks that the index does not keep."""
        return any(fold(word) != word for word in self.words)

    def expression(self) -> str:
        """The term as FTS5 has it: quoted, so that nothing in it is syntax."""
        return f'"{" ".join(map(fold, self.words))}"' + (" *" if self.prefix else "")

    def stands_in(self, words: list[str]) -> bool:
        """Whether a text, as lower-case words, holds the term with its marks."""
        count = len(self.words)
        return any(self._begins(words[i : i + count]) for i in range(len(words) - count + 1))

    def _begins(self, words: list[str]) -> bool:
        *exact, last = self.words
        return words[:-1] == exact and (words[-1].startswith(last) if self.prefix else words[-1] == last)


def fold(text: str) -> str:
    """A text in lower case without marks, letter for letter, so that positions stay what they are."""
    return "".join(_folded(char) for char in text)


def _folded(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0]
    lowered = {"đ": "d", "Đ": "d"}.get(base, base).lower()
    return lowered if len(lowered) == 1 else base


def words_of(text: str) -> list[str]:
    """The words of a text, NFC and in lower case."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def read_query(query: str) -> tuple[str, list[Term]]:
    """A query as an FTS5 expression that cannot fail, and the terms that it asks for.

    Words are all to be found; `"…"` is a phrase, `word*` a beginning, and AND, OR and NOT between two terms are
    operators. What is no such syntax is searched as words.

    Returns:
        The expression, empty where there is nothing to search for, and the terms that are wanted, not those after NOT.
    """
    parts: list[Term | str] = []
    for quoted, bare in _TERM.findall(query[:MOST_CHARACTERS]):
        if bare in _OPERATORS:
            parts.append(bare)
        elif words := tuple(words_of(quoted or bare)):
            parts.append(Term(words, prefix=bare.endswith("*")))
    expression, wanted, operator = "", [], ""
    for part in parts[:MOST_TERMS]:
        if isinstance(part, str):
            operator = part if expression else ""
            continue
        joint = f" {operator or 'AND'} " if expression else ""
        expression = f"({expression}{joint}{part.expression()})" if expression else part.expression()
        if operator != "NOT":
            wanted.append(part)
        operator = ""
    return expression, wanted


def search(db: Database, query: str, filters: Filters, limit: int) -> list[Hit]:
    """Articles that a query finds: those with all its words in the headline first, then the newest.

    Args:
        db: The archive.
        query: Whatever a person typed.
        filters: Which articles may be found.
        limit: How many at the most.
    """
    expression, wanted = read_query(query)
    if not expression:
        return []
    marked = [term for term in wanted if term.is_marked] if " OR " not in expression else []
    hits: dict[int, Hit] = {}
    for scope in (f"title : {expression}", expression):
        for number, hit, text in _candidates(db, scope, filters, wanted):
            if len(hits) >= limit:
                return list(hits.values())
            if number not in hits and _holds(f"{hit.title} \n {text}", marked):
                hits[number] = hit
    return list(hits.values())


def _candidates(db: Database, expression: str, filters: Filters, wanted: list[Term]) -> Iterator[tuple[int, Hit, str]]:
    conditions, values = filters.conditions()
    rows = db.execute(
        "SELECT number, id, date, outlet, a.title, url, a.text"  # noqa: S608 - the conditions are our own
        " FROM articles_fts JOIN articles AS a ON number = articles_fts.rowid"
        f" WHERE articles_fts MATCH ?{conditions} ORDER BY articles_fts.rowid DESC LIMIT ?",
        (expression, *values, _EXAMINED),
    )
    for number, article, day, outlet, title, url, text in rows:
        yield number, Hit(article, day, outlet, title, url, snippet(text, wanted)), text


def _holds(text: str, terms: Iterable[Term]) -> bool:
    words: list[str] = []
    for term in terms:
        words = words or words_of(text)
        if not term.stands_in(words):
            return False
    return True


def snippet(text: str, terms: Iterable[Term]) -> str:
    """A piece of a text, as it is printed, around the first of the terms that it holds."""
    folded = fold(text)
    places = (re.search(rf"\b{re.escape(fold(term.words[0]))}", folded) for term in terms)
    first = min((place.start() for place in places if place), default=0)
    start = text.rfind(" ", 0, max(first - _SNIPPET // 3, 0)) + 1
    end = text.find(" ", start + _SNIPPET)
    piece = " ".join(text[start : end if end >= 0 else len(text)].split())
    return ("…" if start else "") + piece + ("…" if end >= 0 else "")
