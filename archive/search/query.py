"""What a person searches for, read and put as FTS5 has it: no text is wrong, and no expression can fail.

A query without any marks finds every word it may stand for; a word with its marks finds just that word, in whichever
of the two ways its tone is placed. The index has each text as it is written and folded (see the schema), so both are
plain expressions, which Datasette can ask as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, product
from typing import NamedTuple

MOST_CHARACTERS = 1000  # of a query; what goes beyond is not read
MOST_TERMS = 32
_MOST_SPELLINGS = 32  # of a phrase
_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_BETWEEN = r"[\W_]+"  # the words of a phrase
_JOINTS = frozenset({"AND", "OR", "NOT"})
_MARKED = "".join(
    unicodedata.normalize("NFC", letter + tone)
    for letter in "aăâeêioôơuưyđ"
    for tone in ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
)
_FOLDED = str.maketrans(
    {
        letter: base.upper() if letter.isupper() else base
        for lower in _MARKED
        for base in ("d" if lower == "đ" else unicodedata.normalize("NFD", lower)[0],)
        for letter in (lower, lower.upper())
    }
)
# Where a syllable ends in oa, oe or uy, the tone stands on the first vowel (hòa) or on the second (hoà).
_PLACED = {
    ending[0] + tone + ending[1]: ending + tone
    for ending in ("oa", "oe", "uy")
    for tone in ("\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
}
_OTHERWISE = {
    unicodedata.normalize("NFC", one): unicodedata.normalize("NFC", other)
    for pair in _PLACED.items()
    for one, other in (pair, pair[::-1])
}


def fold(text: str) -> str:
    """A text in NFC without Vietnamese marks, letter for letter, as the index has it folded."""
    return text.translate(_FOLDED)


def spellings(word: str) -> tuple[str, ...]:
    """The ways to write a word, itself first: `hoà` and `hòa` are one."""
    other = _OTHERWISE.get(word[-2:])
    return (word, word[:-2] + other) if other else (word,)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an expression reaches.

    Attributes:
        exact: Words without marks stand for themselves alone.
        near: Words that were typed one after the other stand so, as the syllables of a Vietnamese word do.
        apart: Even the words of a phrase stand anywhere: then more is found than is meant.
    """

    exact: bool = False
    near: bool = False
    apart: bool = False


ANYWHERE = Reach()
APART = Reach(apart=True)


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase of a query.

    Attributes:
        words: Its words, NFC and lower-case.
        is_prefix: Whether the last one is only the beginning of a word.
        is_phrase: Whether it was quoted.
        exact: Whether words without marks stand for themselves alone.
        endings: Words as they are written, for which alone the index is asked in place of all that begin so.
    """

    words: tuple[str, ...]
    is_prefix: bool = False
    is_phrase: bool = False
    exact: bool = False
    endings: frozenset[str] = frozenset()

    @property
    def is_marked(self) -> bool:
        """Whether any of its words has marks, so that all are meant as they are written."""
        return any(fold(word) != word for word in self.words)

    def apart(self) -> Iterator[Term]:
        """Its words, each by itself."""
        *before, last = self.words
        yield from (Term((word,)) for word in before)
        yield replace(self, words=(last,))

    def expression(self) -> str:
        """The term as FTS5 has it: quoted, so that nothing in it is syntax."""
        as_written = self.exact or self.is_marked
        ways = islice(product(*map(spellings, self.words)), _MOST_SPELLINGS)
        quoted = [f'"{" ".join(words)}"' for words in ways]
        if self.endings:
            quoted += _ended(self.words, self.endings if as_written else map(fold, self.endings))
        elif self.is_prefix:
            quoted[0] += " *"  # `hòa*` has hoà as another spelling, and not hoàn
        return f"{'{title text}' if as_written else '{title_folded text_folded}'} : ({' OR '.join(quoted)})"

    def headline(self) -> str:
        """The term as the index of headlines has it, where all is folded: what it finds is to be looked at again."""
        words = tuple(map(fold, self.words))
        quoted = [f'"{" ".join(words)}"', *_ended(words, map(fold, self.endings))]
        return f"title : ({' OR '.join(quoted)}{' *' if self.is_prefix and not self.endings else ''})"

    def sought(self) -> Sought:
        """What the term looks like in a text."""
        ways = ("(?:" + "|".join(map(re.escape, spellings(word))) + ")" for word in self.words)
        whole = _BETWEEN.join(ways) + r"(?![^\W_])"
        begun = _BETWEEN.join(map(re.escape, self.words)) + "|" if self.is_prefix else ""
        pattern = re.compile(rf"(?<![^\W_])(?:{begun}{whole})", re.IGNORECASE)
        return Sought(pattern, as_written=self.exact or self.is_marked)

    def place(self, text: str) -> int | None:
        """Where in a text the term stands first, as it is or folded."""
        sought = self.sought()
        found = sought.pattern.search(text if sought.as_written else fold(text))
        return found.start() if found else None


def _ended(words: Sequence[str], endings: Iterable[str]) -> list[str]:
    """Words with each of those that the last one may be, as FTS5 has them."""
    *before, last = words
    return [f'"{" ".join((*before, ending))}"' for ending in sorted(set(endings)) if ending.startswith(last)]


class Sought(NamedTuple):
    """What a term looks like, in a text as it is written or else folded."""

    pattern: re.Pattern[str]
    as_written: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """Terms that are wanted together, and terms that are not wanted beside them.

    Attributes:
        wanted: At least one, in runs of those that were typed one after the other.
        unwanted: What AND NOT follows, in runs; an article that holds all of a run is none that is meant.
    """

    wanted: tuple[tuple[Term, ...], ...]
    unwanted: tuple[tuple[Term, ...], ...] = ()

    def terms(self, reach: Reach) -> Iterator[Term]:
        """What an article must hold."""
        return (term for run in self.wanted for term in _terms_of(run, reach))

    def expression(self, reach: Reach) -> str:
        """The clause as FTS5 has it."""
        wanted = " AND ".join(term.expression() for term in self.terms(reach))
        unwanted = "".join(f" NOT ({' AND '.join(term.expression() for term in run)})" for run in self.unwanted)
        return f"({wanted}){unwanted}" if unwanted else wanted

    def with_endings(self, known: Mapping[Term, frozenset[str]]) -> Clause:
        """The clause, some beginnings of words of which stand for words that are known."""

        def told(runs: tuple[tuple[Term, ...], ...]) -> tuple[tuple[Term, ...], ...]:
            return tuple(tuple(replace(term, endings=known.get(term, frozenset())) for term in run) for run in runs)

        return Clause(told(self.wanted), told(self.unwanted))


def _terms_of(run: tuple[Term, ...], reach: Reach) -> Iterator[Term]:
    """A run of terms: each by itself, or as one phrase where that is asked and may be."""
    for is_phrase, group in groupby(run, key=lambda term: term.is_phrase):
        terms = tuple(replace(term, exact=reach.exact) for term in group)
        if is_phrase or not reach.near or len(terms) == 1:
            yield from (word for term in terms for word in (term.apart() if reach.apart else (term,)))
            continue
        words = tuple(word for term in terms for word in term.words)
        marked = [term for term in terms if term.is_marked]
        if marked and not reach.exact:
            words = tuple(map(fold, words))
            yield from marked
        yield Term(words, terms[-1].is_prefix, exact=reach.exact, endings=terms[-1].endings)


@dataclass(frozen=True, slots=True)
class Query:
    """What a person searches for: articles that any of the clauses fits."""

    clauses: tuple[Clause, ...]

    @property
    def wanted(self) -> list[Term]:
        """The terms that may make an article a hit."""
        return [term for clause in self.clauses for run in clause.wanted for term in run]

    def longest(self, reach: Reach) -> int:
        """How many words its longest term has."""
        return max(len(term.words) for clause in self.clauses for term in clause.terms(reach))

    @property
    def prefixes(self) -> set[Term]:
        """The beginnings of words, wanted or not."""
        every = (term for clause in self.clauses for run in (*clause.wanted, *clause.unwanted) for term in run)
        return {term for term in every if term.is_prefix}

    def with_endings(self, known: Mapping[Term, frozenset[str]]) -> Query:
        """The query, some beginnings of words of which stand for words that are known."""
        return Query(tuple(clause.with_endings(known) for clause in self.clauses))

    def expression(self, reach: Reach = ANYWHERE) -> str:
        """An FTS5 expression; the one that reaches farthest finds every hit."""
        return " OR ".join(f"({clause.expression(reach)})" for clause in self.clauses)

    def headline(self, reach: Reach = ANYWHERE) -> str:
        """An FTS5 expression for the index of headlines, which finds all that have what is wanted, and some more."""
        every = (" AND ".join(term.headline() for term in clause.terms(reach)) for clause in self.clauses)
        return " OR ".join(f"({clause})" for clause in every)

    def fitting(self, reach: Reach = ANYWHERE) -> Callable[[Sequence[str]], bool]:
        """What tells whether the expression finds an article, without the index.

        Args:
            reach: How far the expression reaches.

        Returns:
            A function of headline and text, in NFC, or what of them is looked at; no phrase goes from one to another.
        """
        clauses = [
            (
                [term.sought() for term in clause.terms(reach)],
                [[term.sought() for term in run] for run in clause.unwanted],
            )
            for clause in self.clauses
        ]

        def fits(parts: Sequence[str]) -> bool:
            folded = [fold(part) for part in parts]

            def holds(sought: Sought) -> bool:
                return any(map(sought.pattern.search, parts if sought.as_written else folded))

            return any(
                all(map(holds, wanted)) and not any(all(map(holds, run)) for run in unwanted)
                for wanted, unwanted in clauses
            )

        return fits


def read_query(text: str) -> Query | None:
    """What a person typed, as a query; None where there is nothing to search for.

    Words are all to be found; `"…"` is a phrase, `word*` a beginning. AND, OR and NOT between two of those join them:
    words side by side bind tightest, then AND and NOT, then OR. What is no such syntax is searched as words.
    """
    clauses: list[tuple[list[list[Term]], list[list[Term]]]] = []
    for joint, run in _runs(_terms(text)):
        if joint == "OR" or not clauses:
            clauses.append(([run], []))
        else:
            clauses[-1][joint == "NOT"].append(run)
    if not clauses:
        return None
    return Query(tuple(Clause(tuple(map(tuple, wanted)), tuple(map(tuple, unwanted))) for wanted, unwanted in clauses))


def _terms(text: str) -> list[Term | str]:
    """Terms, and the words that may join them."""
    found: list[Term | str] = []
    for quoted, bare in _TERM.findall(unicodedata.normalize("NFC", text[:MOST_CHARACTERS])):
        if bare in _JOINTS:
            found.append(bare)
        elif words := tuple(_WORD.findall((quoted or bare).lower())):
            found.append(Term(words, bare.endswith("*"), bool(quoted)))
    return found[:MOST_TERMS]


def _runs(found: list[Term | str]) -> Iterator[tuple[str, list[Term]]]:
    """Terms side by side, each run with what joins it to the one before; a joint that joins nothing is a word."""
    run: list[Term] = []
    joint = "AND"
    for i, term in enumerate(found):
        if isinstance(term, Term):
            run.append(term)
        elif i and run and i + 1 < len(found) and isinstance(found[i + 1], Term):
            yield joint, run
            run, joint = [], term
        else:
            run.append(Term((term.lower(),)))
    if run:
        yield joint, run
