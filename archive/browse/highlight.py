"""Highlight in a text the words that a query matches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from archive.search.folding import fold
from archive.search.query import parse_query


def mark_words(text: str, query: str) -> Markup:
    """Return a text as markup; highlight the words of a query, with or without marks."""
    return mark(text, list(_word_places(text, query)))


def mark_phrases(text: str, query: str) -> Markup:
    """Return a text as markup; highlight the words and phrases of a query exactly as they match."""
    return mark(text, merge(phrase_places(text, query)))


def phrase_places(text: str, query: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each match of a query in a text, term by term."""
    parsed = parse_query(query)
    for term in parsed.as_phrases().required_terms if parsed else ():
        for match in term.pattern().finditer(text):
            yield match.span()


def merge(places: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort matches, and join those that overlap."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _word_places(text: str, query: str) -> Iterator[tuple[int, int]]:
    parsed = parse_query(query)
    words = {re.escape(fold(word)) for term in parsed.required_terms for word in term.words} if parsed else set()
    if not parsed or not words:
        return
    end = "" if any(term.is_prefix for term in parsed.required_terms) else r"\b"
    for match in re.finditer(rf"\b(?:{'|'.join(sorted(words))}){end}", fold(text), re.IGNORECASE):
        yield match.span()


def mark(text: str, places: Sequence[tuple[int, int]]) -> Markup:
    """Return a text as markup with some parts highlighted.

    Args:
        text: Plain text; it is escaped.
        places: Start and end of each part, in order and without overlap.
    """
    marked, at = Markup(""), 0
    for start, end in places:
        marked += escape(text[at:start]) + Markup("<mark>{}</mark>").format(text[start:end])
        at = end
    return marked + escape(text[at:])
