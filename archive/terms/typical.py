"""Find terms that are typical of some articles, that occur near a query, or that rise in a week."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from archive.database.connection import Connection
from archive.search.query import Query
from archive.terms.background import (
    read_frequencies,
    read_frequencies_of_weeks,
    read_totals,
    read_totals_of_weeks,
    read_week_counts,
)
from archive.terms.counting import count_neighbours, count_terms
from archive.terms.keyness import Collocate, KeyTerm, candidates, collocates, key_terms

MOST_MATCHES = 20_000  # newest articles from which the sample is drawn
SAMPLE = 500  # articles that are read for one page
MOST_TERMS = 50  # words, and as many pairs
WEEKS_BEFORE = 12
_TEXTS = """
SELECT title || char(10) || text FROM articles AS a
WHERE number IN (SELECT value FROM json_each(:numbers)) AND NOT (noarchive AND :public)
AND NOT EXISTS (SELECT 1 FROM copies WHERE article = a.id)"""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TypicalTerms:
    """The terms that are typical of some articles.

    Attributes:
        terms: Words and pairs, the most certain first.
        sampled: Number of articles that were read.
        compared_with: Number of articles in the background; 0 if no week is counted yet.
    """

    terms: Sequence[KeyTerm]
    sampled: int
    compared_with: int


@dataclass(frozen=True, slots=True)
class NearTerms:
    """The terms that stand near the matches of a query.

    Attributes:
        terms: Words and pairs, the closest first.
        matches: Number of matches in the articles that were read.
        sampled: Number of articles that were read.
        compared_with: Number of articles in the background; 0 if no week is counted yet.
    """

    terms: Sequence[Collocate]
    matches: int
    sampled: int
    compared_with: int


def sample_evenly(items: Sequence[Item], most: int) -> Sequence[Item]:
    """Return a sample of a sequence, spread evenly over it."""
    step = len(items) / most
    return [items[int(place * step)] for place in range(most)] if step > 1 else items


def read_texts(db: Connection, numbers: Iterable[int], *, public: bool = False) -> list[str]:
    """Return headline and text of articles; copies of other outlets' texts are left out.

    Args:
        db: The archive.
        numbers: The numbers of the articles.
        public: Leave out texts marked noarchive.
    """
    values = {"numbers": json.dumps(list(numbers)), "public": public}
    return [text for (text,) in db.execute(_TEXTS, values).fetchall()]


def typical_terms(
    db: Connection, texts: Sequence[str], query: Query | None = None, most: int = MOST_TERMS
) -> TypicalTerms:
    """Return the terms that are typical of some texts, compared with the whole archive.

    Args:
        db: The archive.
        texts: The result of `read_texts`.
        query: The query that found the texts; its own words are left out.
        most: The largest number of words, and of pairs.
    """
    counts = count_terms(texts)
    terms = candidates(counts, _own_words(query))
    totals = read_totals(db)
    found = key_terms(counts, totals, partial(read_frequencies, db), terms, most)
    return TypicalTerms(found, len(texts), totals.sampled)


def near_terms(
    db: Connection, texts: Sequence[str], query: Query, share: float, articles: int, most: int = MOST_TERMS
) -> NearTerms:
    """Return the terms that stand near the matches of a query, compared with the whole archive.

    Args:
        db: The archive.
        texts: The result of `read_texts`.
        query: The query.
        share: The share of all matching articles that was read, from 0 to 1.
        articles: Number of articles in the archive.
        most: The largest number of terms.
    """
    near = count_neighbours(texts, query)
    background = replace(read_totals(db), frequencies=read_frequencies(db, list(near.occurrences)))
    scale = share * articles / background.sampled if background.sampled else 0.0
    found = collocates(near, background, scale, _own_words(query), most) if background.sampled else []
    return NearTerms(found, near.matches, len(texts), background.sampled)


def rising_terms(db: Connection, week: date, most: int = MOST_TERMS) -> TypicalTerms:
    """Return the terms that stand more often in a week than in the twelve weeks before.

    Args:
        db: The archive.
        week: Its Monday.
        most: The largest number of words, and of pairs.
    """
    counts = read_week_counts(db, week)
    terms = candidates(counts)
    first, last = week - timedelta(weeks=WEEKS_BEFORE), week - timedelta(weeks=1)
    totals = read_totals_of_weeks(db, first, last)
    found = key_terms(counts, totals, partial(read_frequencies_of_weeks, db, first, last), terms, most)
    return TypicalTerms(found, counts.sampled, totals.sampled)


def _own_words(query: Query | None) -> set[str]:
    return {word for term in query.required_terms for word in term.words} if query else set()
