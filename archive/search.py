"""Searching the archive: what is surely meant first, and of the same kind the newest.

Nothing is ranked by bm25, which would look at every hit of a common syllable and take seconds on a large archive. The
hits that came last are candidates; a few more expressions (see `archive.query`) tell which of them are the best.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlite_utils import Database

from archive.ledger import Filters, Hit
from archive.query import Query, Reach, Term, fold, read_query, spellings

_CANDIDATES = 200  # hits that are put in order
_BETTER = (Reach(exact=True, near=True), Reach(near=True), Reach(exact=True))
_SNIPPET = 160  # characters


def search(db: Database, text: str, filters: Filters, limit: int, *, recent: bool = False) -> list[Hit]:
    """Articles that a query finds.

    Those with the words next to each other come first; then those with the words as they are typed, not only folded;
    then those with them in the headline; then the newest. Put in order are the last to arrive, 200 of them or as many
    as are asked for.

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
    candidates = _candidates(db, query.expression(), filters, max(limit, _CANDIDATES))
    ranked = list(candidates) if recent else _ranked(db, query, candidates)
    return [_hit(db, number, query) for number in ranked[:limit]]


def _candidates(db: Database, expression: str, filters: Filters, most: int) -> dict[int, str]:
    """The headlines of those that came last, which is all that the index can give at once; the newest by date first."""
    conditions, values = filters.conditions()
    rows = db.execute(
        "SELECT number, title FROM (SELECT number, a.title, a.date FROM articles_fts"  # noqa: S608 - the conditions are our own
        " JOIN articles AS a ON number = articles_fts.rowid"
        f" WHERE articles_fts MATCH ?{conditions} ORDER BY articles_fts.rowid DESC LIMIT ?)"
        " ORDER BY date DESC, number DESC",
        (expression, *values, most),
    )
    return dict(rows.fetchall())


def _ranked(db: Database, query: Query, candidates: dict[int, str]) -> list[int]:
    """The candidates, the best first."""
    if len(candidates) < 2:  # noqa: PLR2004 - nothing to put in order
        return list(candidates)
    best = dict.fromkeys(candidates, len(_BETTER))
    asked = {query.expression()}
    for rank, reach in reversed(list(enumerate(_BETTER))):
        if (expression := query.expression(reach)) in asked:
            continue
        asked.add(expression)
        rows = db.execute(
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid BETWEEN ? AND ?",
            (expression, min(candidates), max(candidates)),
        )
        best |= dict.fromkeys((number for (number,) in rows.fetchall() if number in best), rank)
    return sorted(candidates, key=lambda number: (best[number], not query.is_headed(candidates[number])))


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
