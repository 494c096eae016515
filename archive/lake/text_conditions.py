"""Write a parsed query as a condition of DuckDB on headline and text.

A lake has no index of words without marks. So a word matches only as it is written, with its marks, in any case.
"""

from __future__ import annotations

import re

from archive.search.query import Clause, Query, Term

_BETWEEN = r"[^\p{L}\p{M}\p{N}_]"  # what parts words, as in the table of words


def text_condition(query: Query) -> tuple[str, dict[str, str]]:
    """Return a condition on the columns `title` and `text`, and the values of its parameters `$match…`.

    No phrase spans headline and text.
    """
    values: dict[str, str] = {}
    clauses = [_clause(clause, values) for clause in query.clauses]
    return f"({' OR '.join(clauses)})", values


def single_word(query: Query) -> str | None:
    """Return the word of a query that is one whole word; None for any other query."""
    terms = query.required_terms
    if len(query.clauses) > 1 or query.clauses[0].excluded or len(terms) != 1:
        return None
    return terms[0].words[0] if len(terms[0].words) == 1 and not terms[0].is_prefix else None


def needed_words(query: Query) -> list[str]:
    """Return the whole words that every match contains; none if the query has several clauses."""
    if len(query.clauses) > 1:
        return []
    words = [word for term in query.required_terms for word in (term.words[:-1] if term.is_prefix else term.words)]
    return list(dict.fromkeys(words))


def _clause(clause: Clause, values: dict[str, str]) -> str:
    required = " AND ".join(_holds(term, values) for group in clause.required for term in group)
    excluded = "".join(
        f" AND NOT ({' AND '.join(_holds(term, values) for term in group)})" for group in clause.excluded
    )
    return f"({required}{excluded})"


def _holds(term: Term, values: dict[str, str]) -> str:
    name = f"match{len(values)}"
    words = f"{_BETWEEN}+".join(map(re.escape, term.words))
    end = "" if term.is_prefix else f"(?:$|{_BETWEEN})"
    values[name] = f"(?i)(?:^|{_BETWEEN}){words}{end}"
    return f"(regexp_matches(title, ${name}) OR regexp_matches(text, ${name}))"
