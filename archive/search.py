"""Searching the archive: what is surely meant first, and of the same kind the newest.

Nothing is ranked by bm25, which would look at every hit of a common syllable and take seconds on a large archive. The
hits that came last are candidates; a few more expressions (see `archive.query`) tell which of them are the best.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlite_utils import Database

from archive.ledger import Filters, Hit
from archive.query import Query, Term, fold, read_query, spellings

_CANDIDATES = 2000  # hits that are put in order
_SNIPPET = 160  # characters


def search(db: Database, text: str, filters: Filters, limit: int, *, recent: bool = False) -> list[Hit]:
    """Articles that a query finds.

    Those with the words next to each other come first; then those with the words as they are typed, not only folded;
    then those with them in the headline; then the newest. No more than the last 2000 to arrive are put in order.

    Args:
        db: The archive.
        text: Whatever a person typed.
        filters: Which articles may be found.
        limit: How many at the most.
        recent: The newest first, whatever else there is to say of them.
    """
    query = read_query(text)
    if query is None:
        return []
    candidates = _candidates(db, query.expression(), filters)
    ranked = candidates if recent else _ranked(db, query, candidates, limit)
    return [_hit(db, number, query) for number in ranked[:limit]]


def _candidates(db: Database, expression: str, filters: Filters) -> list[int]:
    """The newest articles by date among those that came last: the index gives no more than their order of arrival."""
    conditions, values = filters.conditions()
    rows = db.execute(
        "SELECT number FROM (SELECT number, a.date FROM articles_fts JOIN articles AS a ON number = articles_fts.rowid"  # noqa: S608 - the conditions are our own
        f" WHERE articles_fts MATCH ?{conditions} ORDER BY articles_fts.rowid DESC LIMIT {_CANDIDATES})"
        " ORDER BY date DESC, number DESC",
        (expression, *values),
    )
    return [number for (number,) in rows.fetchall()]


def _ranked(db: Database, query: Query, candidates: list[int], limit: int) -> list[int]:
    """The best of the candidates, at least as many as the limit if there are."""
    ranked: dict[int, None] = {}
    if not candidates:
        return []
    place = {number: i for i, number in enumerate(candidates)}
    for expression in query.expressions()[:-1]:
        rows = db.execute(
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid BETWEEN ? AND ?",
            (expression, min(candidates), max(candidates)),
        )
        found = (number for (number,) in rows.fetchall() if number in place)
        ranked |= dict.fromkeys(sorted(found, key=place.__getitem__))
        if len(ranked) >= limit:
            return list(ranked)
    return list(ranked | dict.fromkeys(candidates))


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
    places = (_place(text, words) for words in (_side_by_side(terms), *(term.words for term in terms)))
    first = next((place for place in places if place is not None), 0)
    start = text.rfind(" ", 0, max(first - _SNIPPET // 3, 0)) + 1
    end = text.find(" ", start + _SNIPPET)
    piece = " ".join(text[start : end if end >= 0 else len(text)].split())
    return ("…" if start else "") + piece + ("…" if end >= 0 else "")


def _side_by_side(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(word for term in terms for word in term.words)


def _place(text: str, words: tuple[str, ...]) -> int | None:
    """Where words stand one after the other: as they are, or without marks if they have none."""
    marked = any(fold(word) != word for word in words)
    pattern = r"[\W_]+".join("(?:" + "|".join(map(re.escape, spellings(word))) + ")" for word in words)
    found = re.search(rf"(?<![^\W_]){pattern}", text if marked else fold(text), re.IGNORECASE)
    return found.start() if found else None
