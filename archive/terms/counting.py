"""Count words and pairs of words in texts, and the words around the matches of a query.

A Vietnamese word has one or two syllables, and both are written with spaces between. So counting single syllables and
pairs of syllables finds most words without a word segmenter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from archive.search.places import match_places
from archive.search.query import Query

_WORD = re.compile(r"[^\W\d_]+")
_BREAK = re.compile(r"[^\w\s\-\u2011]+|\n+")  # no pair spans a punctuation mark or a paragraph
_WINDOW = 5  # words on each side of a match that are its neighbours, as in CQPweb and AntConc
_LONGEST = 60  # characters of a term that is kept; anything longer is an address or noise


@dataclass(slots=True)
class TermCounts:
    """The counts of words and pairs in some articles.

    Attributes:
        articles: Number of articles with each term; a pair is two words with a space between.
        repeats: Number of occurrences beyond the first in an article, of terms that have such.
        words: Total number of words.
        pairs: Total number of pairs.
        sampled: Number of articles.
    """

    articles: Counter[str] = field(default_factory=Counter)
    repeats: Counter[str] = field(default_factory=Counter)
    words: int = 0
    pairs: int = 0
    sampled: int = 0

    def add(self, text: str) -> None:
        """Count the terms of an article."""
        words, pairs = split_terms(text)
        seen = Counter(words + pairs)
        self.articles.update(seen.keys())
        for term, times in seen.items():  # few terms repeat, so one pass over the large counter is enough
            if times > 1:
                self.repeats[term] += times - 1
        self.words += len(words)
        self.pairs += len(pairs)
        self.sampled += 1

    def add_all(self, texts: Iterable[str]) -> None:
        """Count the terms of several articles."""
        for text in texts:
            self.add(text)

    def occurrences(self, term: str) -> int:
        """Return how often a term stands in all articles."""
        return self.articles[term] + self.repeats[term]

    def total(self, term: str) -> int:
        """Return the number of all words, or of all pairs for a pair."""
        return self.pairs if " " in term else self.words


def count_terms(texts: Iterable[str]) -> TermCounts:
    """Count the words and pairs of words in articles.

    Args:
        texts: The headline and text of each article, NFC.
    """
    counts = TermCounts()
    counts.add_all(texts)
    return counts


def split_terms(text: str) -> tuple[list[str], list[str]]:
    """Return all words and all pairs of neighbouring words of a text, in lower case."""
    words: list[str] = []
    pairs: list[str] = []
    for part in _BREAK.split(text.lower()):
        found = _WORD.findall(part)
        words += found
        pairs += map(" ".join, pairwise(found))
    return words, pairs


@dataclass(slots=True)
class Neighbours:
    """Words around the matches of a query.

    Attributes:
        matches: Number of matches.
        occurrences: For each word, how often it stands near a match.
        articles: For each word, in how many articles it stands near a match.
    """

    matches: int = 0
    occurrences: Counter[str] = field(default_factory=Counter)
    articles: Counter[str] = field(default_factory=Counter)


def count_neighbours(texts: Iterable[str], query: Query) -> Neighbours:
    """Count the words and pairs of words within five words of each match of a query.

    Args:
        texts: The headline and text of each article, NFC.
        query: The query.
    """
    patterns = [term.pattern() for term in query.required_terms]
    found = Neighbours()
    for text in texts:
        near: list[str] = []
        for line in text.split("\n"):
            places = list(match_places(line, patterns))
            found.matches += len(places)
            for start, end in places:
                near += _terms_before(line[:start])
                near += _terms_after(line[end:])
        found.occurrences.update(near)
        found.articles.update(set(near))
    return found


def _terms_before(text: str) -> list[str]:
    piece = _WORD.findall(text[-_WINDOW * 16 :].lower())[-_WINDOW:]
    return piece + [" ".join(pair) for pair in pairwise(piece)]


def _terms_after(text: str) -> list[str]:
    piece = _WORD.findall(text[: _WINDOW * 16].lower())[:_WINDOW]
    return piece + [" ".join(pair) for pair in pairwise(piece)]


def is_storable(term: str) -> bool:
    """Return whether a term is short enough to be kept."""
    return len(term) <= _LONGEST
