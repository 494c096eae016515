"""Parse a typed query, and write it as an FTS5 expression.

Every text is a valid query, and none of our expressions fails in FTS5. A word without marks matches every marked word
that it may stand for. A word with marks matches only itself, with the tone mark on either vowel. The index holds each
text as written and once more folded (see the schema), so Datasette can run both kinds of expression too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, product

from archive.search.folding import fold, letters_like, spellings

MOST_CHARACTERS = 1000  # of a query; the rest is ignored
MOST_TERMS = 32
_MOST_SPELLINGS = 32  # of a phrase
_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_BETWEEN = r"[\W_]+"  # what may stand between the words of a phrase
_OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class MatchLevel:
    """The strictness with which an expression matches.

    Attributes:
        exact: Words without marks match only themselves.
        adjacent: Words that are adjacent in the query must be adjacent in the text, like the syllables of a Vietnamese
            word.
        scattered: Even the words of a phrase may be anywhere, so the expression matches more than the query.
    """

    exact: bool = False
    adjacent: bool = False
    scattered: bool = False


ANYWHERE = MatchLevel()
SCATTERED = MatchLevel(scattered=True)


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase of a query.

    Attributes:
        words: Its words, NFC and lower-case.
        is_prefix: The last word is only the beginning of a word.
        is_phrase: The words were quoted.
        exact: Words without marks match only themselves.
        endings: Whole words to search instead of the prefix; empty to search all words with that prefix.
    """

    words: tuple[str, ...]
    is_prefix: bool = False
    is_phrase: bool = False
    exact: bool = False
    endings: frozenset[str] = frozenset()

    @property
    def is_marked(self) -> bool:
        """Whether any word has marks; if so, all words match only as written."""
        return any(fold(word) != word for word in self.words)

    def single_words(self) -> Iterator[Term]:
        """Yield each of its words as a term."""
        *before, last = self.words
        yield from (Term((word,)) for word in before)
        yield replace(self, words=(last,))

    def expression(self) -> str:
        """Return the term as an FTS5 expression, quoted so that nothing in it is syntax."""
        as_written = self.exact or self.is_marked
        ways = islice(product(*map(spellings, self.words)), _MOST_SPELLINGS)
        quoted = [f'"{" ".join(words)}"' for words in ways]
        if self.endings:
            quoted += _with_endings(self.words, self.endings if as_written else map(fold, self.endings))
        elif self.is_prefix:
            quoted[0] += " *"  # `hòa*` also matches the spelling hoà, but not hoàn
        return f"{'{title text}' if as_written else '{title_folded text_folded}'} : ({' OR '.join(quoted)})"

    def headline_expression(self) -> str:
        """Return the term for the folded index of headlines; callers must check each match again."""
        words = tuple(map(fold, self.words))
        quoted = [f'"{" ".join(words)}"', *_with_endings(words, map(fold, self.endings))]
        return f"title : ({' OR '.join(quoted)}{' *' if self.is_prefix and not self.endings else ''})"

    def pattern(self) -> re.Pattern[str]:
        """Return the pattern that finds the term in a text in NFC.

        It lists every letter that is possible in each place, so the text needs no folding, and upper case needs no
        flag. It begins with a letter, not with a condition, so that the engine skips to the places where a match can
        begin: twenty times as fast.
        """
        as_written = self.exact or self.is_marked
        first, *rest = (
            [_letter_classes(way, with_marks=not as_written) for way in spellings(word)] for word in self.words
        )
        start, skipped = r"(?<![^\W_])", 0
        if len({letters[0] for letters in first}) == 1:
            start, skipped = rf"{first[0][0]}(?<![^\W_].)", 1
        ways = [[way[skipped:] for way in first], *rest]
        whole = _BETWEEN.join(f"(?:{'|'.join(map(''.join, word))})" for word in ways) + r"(?![^\W_])"
        begun = _BETWEEN.join("".join(word[0]) for word in ways) + "|" if self.is_prefix else ""
        return re.compile(f"{start}(?:{begun}{whole})", re.DOTALL)

    def find(self, text: str) -> int | None:
        """Return the index of the term's first occurrence in a text; None if it does not occur."""
        match = self.pattern().search(text)
        return match.start() if match else None

    def text(self) -> str:
        """Return a text that parses to the same query, with an operator between all terms."""
        if self.is_prefix or len(self.words) == 1:
            return "-".join(self.words) + "*" * self.is_prefix
        return f'"{" ".join(self.words)}"'


def _with_endings(words: Sequence[str], endings: Iterable[str]) -> list[str]:
    """Return the phrases with each fitting ending in place of the last word."""
    *before, last = words
    return [f'"{" ".join((*before, ending))}"' for ending in sorted(set(endings)) if ending.startswith(last)]


def _letter_classes(word: str, *, with_marks: bool) -> list[str]:
    """Return for each letter of a word a regular expression that matches it in lower and upper case."""
    return [f"[{re.escape(letters_like(letter, with_marks=with_marks))}]" for letter in word]


Group = tuple[Term, ...]  # terms that were typed side by side


@dataclass(frozen=True, slots=True)
class Clause:
    """Terms that an article must match together, and terms that it must not match.

    Attributes:
        required: At least one group of terms.
        excluded: The groups after NOT; an article is excluded if it matches all terms of one.
    """

    required: tuple[Group, ...]
    excluded: tuple[Group, ...] = ()

    def terms(self, level: MatchLevel) -> Iterator[Term]:
        """Yield the terms that an article must match."""
        return (term for group in self.required for term in _terms_at(group, level))

    def expression(self, level: MatchLevel) -> str:
        """Return the clause as an FTS5 expression."""
        required = " AND ".join(term.expression() for term in self.terms(level))
        excluded = "".join(f" NOT ({' AND '.join(term.expression() for term in group)})" for group in self.excluded)
        return f"({required}){excluded}" if excluded else required

    def with_endings(self, known: Mapping[Term, frozenset[str]]) -> Clause:
        """Return the clause with whole words in place of known prefixes."""

        def replaced(groups: tuple[Group, ...]) -> tuple[Group, ...]:
            return tuple(tuple(replace(term, endings=known.get(term, frozenset())) for term in g) for g in groups)

        return Clause(replaced(self.required), replaced(self.excluded))

    def as_phrases(self) -> Clause:
        """Return the clause with terms that were typed side by side joined to phrases."""
        return Clause(tuple(map(_join_words, self.required)), tuple(map(_join_words, self.excluded)))


def _join_words(group: Group) -> Group:
    """Join unquoted words to one phrase; a prefix ends a phrase, because FTS5 allows it only there."""
    joined: list[Term] = []
    for term in group:
        last = joined[-1] if joined else None
        if last is None or last.is_phrase or last.is_prefix or term.is_phrase:
            joined.append(term)
        else:
            joined[-1] = Term((*last.words, *term.words), term.is_prefix)
    return tuple(replace(term, is_phrase=term.is_phrase or len(term.words) > 1) for term in joined)


def _terms_at(group: Group, level: MatchLevel) -> Iterator[Term]:
    """Yield the terms of a group: each on its own, or joined to a phrase if the level asks for that."""
    for is_phrase, part in groupby(group, key=lambda term: term.is_phrase):
        terms = tuple(replace(term, exact=level.exact) for term in part)
        if is_phrase or not level.adjacent or len(terms) == 1:
            yield from (word for term in terms for word in (term.single_words() if level.scattered else (term,)))
            continue
        words = tuple(word for term in terms for word in term.words)
        marked = [term for term in terms if term.is_marked]
        if marked and not level.exact:
            words = tuple(map(fold, words))
            yield from marked
        yield Term(words, terms[-1].is_prefix, exact=level.exact, endings=terms[-1].endings)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: an article matches it if it matches any of the clauses."""

    clauses: tuple[Clause, ...]

    @property
    def required_terms(self) -> list[Term]:
        """Return the terms that can make an article a hit."""
        return [term for clause in self.clauses for group in clause.required for term in group]

    def longest(self, level: MatchLevel) -> int:
        """Return the number of words of its longest term."""
        return max(len(term.words) for clause in self.clauses for term in clause.terms(level))

    @property
    def prefixes(self) -> set[Term]:
        """Return the terms that are prefixes, required or excluded."""
        terms = (term for clause in self.clauses for group in (*clause.required, *clause.excluded) for term in group)
        return {term for term in terms if term.is_prefix}

    def with_endings(self, known: Mapping[Term, frozenset[str]]) -> Query:
        """Return the query with whole words in place of known prefixes."""
        return Query(tuple(clause.with_endings(known) for clause in self.clauses))

    def as_phrases(self) -> Query:
        """Join words that were typed side by side to phrases: `kinh tế` becomes `"kinh tế"`."""
        return Query(tuple(clause.as_phrases() for clause in self.clauses))

    def expression(self, level: MatchLevel = ANYWHERE) -> str:
        """Return an FTS5 expression for a level; the one for `ANYWHERE` matches every hit."""
        return " OR ".join(f"({clause.expression(level)})" for clause in self.clauses)

    def headline_expression(self, level: MatchLevel = ANYWHERE) -> str:
        """Return an expression for the index of headlines; it matches every wanted headline, and more."""
        clauses = (" AND ".join(term.headline_expression() for term in clause.terms(level)) for clause in self.clauses)
        return " OR ".join(f"({clause})" for clause in clauses)

    def matcher(self, level: MatchLevel = ANYWHERE) -> Callable[[Sequence[str]], bool]:
        """Return a function that checks without the index whether an article matches.

        Args:
            level: The level of the expression.

        Returns:
            A function of the parts of an article, such as headline and text, in NFC; no phrase spans two parts.
        """
        clauses = [
            (
                [term.pattern() for term in clause.terms(level)],
                [[term.pattern() for term in group] for group in clause.excluded],
            )
            for clause in self.clauses
        ]

        def matches(parts: Sequence[str]) -> bool:
            def holds(pattern: re.Pattern[str]) -> bool:
                return any(map(pattern.search, parts))

            return any(
                all(map(holds, required)) and not any(all(map(holds, group)) for group in excluded)
                for required, excluded in clauses
            )

        return matches

    def text(self) -> str:
        """Return a text that parses to the same query, with an operator between all terms."""
        return " OR ".join(
            " AND ".join(term.text() for group in clause.required for term in group)
            + "".join(f" NOT {' '.join(term.text() for term in group)}" for group in clause.excluded)
            for clause in self.clauses
        )


def parse_query(text: str) -> Query | None:
    """Parse a query as a person typed it.

    All words must match; `"…"` is a phrase, `word*` a prefix. AND, OR and NOT join two terms: words side by side bind
    tightest, then AND and NOT, then OR. An operator without a term on each side is searched as a word.

    Returns:
        The query; None if it contains nothing to search for.
    """
    clauses: list[tuple[list[list[Term]], list[list[Term]]]] = []
    for operator, group in _groups(_tokens(text)):
        if operator == "OR" or not clauses:
            clauses.append(([group], []))
        else:
            clauses[-1][operator == "NOT"].append(group)
    if not clauses:
        return None
    return Query(tuple(Clause(tuple(map(tuple, yes)), tuple(map(tuple, no))) for yes, no in clauses))


def _tokens(text: str) -> list[Term | str]:
    """Split a text into terms and operators."""
    tokens: list[Term | str] = []
    for quoted, bare in _TERM.findall(unicodedata.normalize("NFC", text[:MOST_CHARACTERS])):
        if bare in _OPERATORS:
            tokens.append(bare)
        elif words := tuple(_WORD.findall((quoted or bare).lower())):
            tokens.append(Term(words, bare.endswith("*"), bool(quoted)))
    return tokens[:MOST_TERMS]


def _groups(tokens: list[Term | str]) -> Iterator[tuple[str, list[Term]]]:
    """Yield groups of terms side by side, each with the operator that joins it to the group before."""
    group: list[Term] = []
    operator = "AND"
    for i, token in enumerate(tokens):
        if isinstance(token, Term):
            group.append(token)
        elif i and group and i + 1 < len(tokens) and isinstance(tokens[i + 1], Term):
            yield operator, group
            group, operator = [], token
        else:
            group.append(Term((token.lower(),)))
    if group:
        yield operator, group
