"""Describe how a query was interpreted: words side by side or anywhere, and the query for the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from archive.search.query import parse_query


@dataclass(frozen=True, slots=True)
class Match:
    """The interpretation of a query.

    Attributes:
        text: The query as typed.
        phrases: The phrases of the query; single words are left out.
        anywhere: The query that finds the words anywhere in an article; None if that is the same query.
        together: The query that finds the words side by side; None if that is the same or cannot be written.
    """

    text: str
    phrases: tuple[str, ...] = ()
    anywhere: str | None = None
    together: str | None = None


def describe_match(text: str) -> dict[str, Any]:
    """Return how a query was interpreted, as pages and JSON show it."""
    return asdict(match_of(text))


def match_of(text: str) -> Match:
    """Return how a query was interpreted."""
    query = parse_query(text)
    if query is None:
        return Match(text)
    joined = query.as_phrases()
    phrases = tuple(" ".join(term.words) for term in joined.required_terms if len(term.words) > 1)
    if len(joined.required_terms) < len(query.required_terms):
        return Match(text, phrases, anywhere=query.text())
    groups = query.clauses[0].required
    if len(query.clauses) == 1 and not query.clauses[0].excluded and len(groups) > 1:
        words = [word for group in groups for term in group for word in term.words]
        if not any(term.is_prefix for group in groups for term in group):
            return Match(text, phrases, together=" ".join(words))
    return Match(text, phrases)
