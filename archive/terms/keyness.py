"""Measure which terms are typical: log-likelihood, log ratio and logDice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, log2

from archive.terms.counting import Neighbours, TermCounts

# Below this log-likelihood chance explains a difference: p < 0.0001 with one degree of freedom
# (https://ucrel.lancs.ac.uk/llwizard.html).
_LEAST_LIKELIHOOD = 15.13
_FEWEST_ARTICLES = 3  # a term of one or two articles is typical only of these
_FEWEST_NEAR = 3  # occurrences near a match
_DICE_MOST = 14  # logDice of two words that never stand apart
_FIRST_BATCH = 1000  # terms that are looked up at first; each batch is twice as long as the one before
_INSIDE = 0.8  # share of a word's occurrences inside a listed pair above which the word is not listed again


@dataclass(frozen=True, slots=True)
class Frequency:
    """The frequency of a term in the background.

    Attributes:
        occurrences: Number of occurrences.
        articles: Number of articles with it.
    """

    occurrences: int = 0
    articles: int = 0


@dataclass(frozen=True, slots=True)
class Background:
    """The word frequencies with which articles are compared.

    Attributes:
        frequencies: The frequencies of the terms that were looked up; missing terms do not occur.
        words: Total number of words.
        pairs: Total number of pairs.
        sampled: Number of articles.
    """

    frequencies: Mapping[str, Frequency]
    words: int
    pairs: int
    sampled: int

    def total(self, term: str) -> int:
        """Return the number of all words, or of all pairs for a pair."""
        return self.pairs if " " in term else self.words


@dataclass(frozen=True, slots=True)
class KeyTerm:
    """A term that is typical of some articles.

    Attributes:
        term: A word, or two words with a space between.
        occurrences: How often it occurs in these articles.
        articles: In how many of them.
        background: How often it occurs in the background.
        likelihood: Log-likelihood; larger is more certain.
        ratio: How many times as often as in the background; None if it is not in the background.
    """

    term: str
    occurrences: int
    articles: int
    background: int
    likelihood: float
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Collocate:
    """A term that stands near the matches of a query.

    Attributes:
        term: A word, or two words with a space between.
        occurrences: How often it stands within five words of a match.
        articles: In how many articles.
        log_dice: From 14 for terms that never stand apart; less is looser.
    """

    term: str
    occurrences: int
    articles: int
    log_dice: float


def log_likelihood(seen: int, total: int, seen_there: int, total_there: int) -> float:
    """Return the log-likelihood G2 that two frequencies differ.

    Source: Rayson and Garside, "Comparing corpora using frequency profiling", 2000, after Dunning, 1993.

    Args:
        seen: Occurrences here.
        total: Size of the text here, in words.
        seen_there: Occurrences there.
        total_there: Size of the text there, in words.
    """
    rate = (seen + seen_there) / (total + total_there)
    here = seen * log(seen / (total * rate)) if seen else 0.0
    there = seen_there * log(seen_there / (total_there * rate)) if seen_there else 0.0
    return 2 * (here + there)


def candidates(counts: TermCounts, without: Collection[str] = ()) -> list[str]:
    """Return the terms that may be typical: in three articles or more, not only words of the query.

    Args:
        counts: The counts of the articles.
        without: Words of the query.
    """
    own = set(without)
    return [
        term
        for term, articles in counts.articles.items()
        if articles >= _FEWEST_ARTICLES and not (own and own.issuperset(term.split(" ")))
    ]


def key_terms(
    counts: TermCounts,
    totals: Background,
    look_up: Callable[[Sequence[str]], Mapping[str, Frequency]],
    terms: Iterable[str],
    most: int,
) -> list[KeyTerm]:
    """Return the terms that are typical of some articles, the most certain first.

    The log-likelihood of a term is largest if the background does not contain it. So terms are looked up in the order
    of that bound, until no other term can be among the most certain ones.

    Args:
        counts: The counts of the articles.
        totals: The totals of the background; it may include the same articles.
        look_up: Returns the frequencies of terms in the background; missing terms do not occur.
        terms: The result of `candidates`.
        most: The largest number of words, and of pairs.
    """
    ranked = _rank_by_bound(counts, totals, terms)

    def most_certain(*, are_pairs: bool, listed: Sequence[KeyTerm] = ()) -> list[KeyTerm]:
        """Look up the terms of one kind until no other can be among the most certain."""
        waiting = [one for one in ranked if (" " in one[1]) == are_pairs]
        found: list[KeyTerm] = []
        size = _FIRST_BATCH
        while waiting and (len(found) < most or waiting[0][0] >= found[-1].likelihood):
            batch, waiting, size = [term for _, term in waiting[:size]], waiting[size:], 2 * size
            found += _outside(_score_terms(counts, replace(totals, frequencies=look_up(batch)), batch), listed)
            found = sorted(found, key=_by_certainty)[:most]
        return found

    pairs = most_certain(are_pairs=True)
    return sorted(pairs + most_certain(are_pairs=False, listed=pairs), key=_by_certainty)


def _rank_by_bound(counts: TermCounts, totals: Background, terms: Iterable[str]) -> list[tuple[float, str]]:
    """Return the terms that can be typical, each with its largest possible log-likelihood, largest first."""
    per_occurrence = {
        is_pair: 2 * log((here + there) / here) if here and there else 0.0
        for is_pair, here, there in ((False, counts.words, totals.words), (True, counts.pairs, totals.pairs))
    }
    bounds = ((counts.occurrences(term) * per_occurrence[" " in term], term) for term in terms)
    return sorted((bound for bound in bounds if bound[0] >= _LEAST_LIKELIHOOD), key=lambda one: (-one[0], one[1]))


def _score_terms(counts: TermCounts, background: Background, terms: Iterable[str]) -> Iterable[KeyTerm]:
    """Yield the terms that chance does not explain."""
    for term in terms:
        seen, total, total_there = counts.occurrences(term), counts.total(term), background.total(term)
        there = background.frequencies.get(term, Frequency()).occurrences
        if seen * total_there <= there * total:
            continue
        likelihood = log_likelihood(seen, total, there, total_there)
        if likelihood >= _LEAST_LIKELIHOOD:
            ratio = seen * total_there / (total * there) if there else None
            yield KeyTerm(term, seen, counts.articles[term], there, likelihood, ratio)


def _by_certainty(key: KeyTerm) -> tuple[float, str]:
    return -key.likelihood, key.term


def _outside(found: Iterable[KeyTerm], pairs: Iterable[KeyTerm]) -> list[KeyTerm]:
    """Return the terms that mostly occur outside the listed pairs."""
    inside: dict[str, int] = {}
    for pair in pairs:
        for word in pair.term.split(" "):
            inside[word] = max(inside.get(word, 0), pair.occurrences)
    return [key for key in found if inside.get(key.term, 0) < _INSIDE * key.occurrences]


def collocates(
    near: Neighbours, background: Background, scale: float, without: Collection[str], most: int
) -> list[Collocate]:
    """Return the terms that stand near the matches of a query, the closest first.

    Source: Rychlý, "A Lexicographer-Friendly Association Score", 2008.

    Args:
        near: The terms near the matches.
        background: The frequencies of these terms in the archive.
        scale: By how much the background is smaller than the text whose matches were counted, as a factor.
        without: Words of the query.
        most: The largest number of terms.
    """
    own = set(without)
    found = []
    for term, seen in near.occurrences.items():
        if near.articles[term] < _FEWEST_NEAR or seen < _FEWEST_NEAR or not own.isdisjoint(term.split(" ")):
            continue
        everywhere = max(background.frequencies.get(term, Frequency()).occurrences * scale, seen)
        dice = _DICE_MOST + log2(2 * seen / (near.matches + everywhere))
        found.append(Collocate(term, seen, near.articles[term], dice))
    return sorted(found, key=lambda one: (-one.log_dice, one.term))[:most]
