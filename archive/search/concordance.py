"""List the places where a query matches, each with the words around it (keyword in context)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.search.folding import fold
from archive.search.places import match_places
from archive.search.query import Query

_CONTEXT = 70  # characters on each side, cut at a word
_MOST_OF_ONE = 20  # places that are listed of one article
SORTS = ("date", "left", "right")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is searched for places.

    Attributes:
        id: Id of the article.
        day: Its civil date, ISO 8601.
        outlet: Id of its outlet.
        title: Its headline.
        text: Its text, NFC.
    """

    id: str
    day: str
    outlet: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ConcordanceLine:
    """One place where the query matches.

    Attributes:
        article: Id of the article.
        day: Its civil date, ISO 8601.
        outlet: Id of its outlet.
        title: Its headline.
        paragraph: Number of the paragraph, from 1; 0 for the headline.
        left: The words before the match.
        match: The matching words as printed.
        right: The words after the match.
    """

    article: str
    day: str
    outlet: str
    title: str
    paragraph: int
    left: str
    match: str
    right: str


def concordance_lines(texts: Iterable[Text], query: Query, most: int) -> list[ConcordanceLine]:
    """Return the places where the terms of a query match, in the order of the texts.

    Args:
        texts: The texts to search.
        query: The query; texts with its excluded words must be left out before.
        most: The largest number of lines.
    """
    patterns = [term.pattern() for term in query.required_terms]
    lines: list[ConcordanceLine] = []
    for text in texts:
        of_one = 0
        for number, paragraph in enumerate([text.title, *text.text.split("\n\n")]):
            for start, end in match_places(paragraph, patterns):
                if of_one == _MOST_OF_ONE or len(lines) == most:
                    break
                of_one += 1
                lines.append(
                    ConcordanceLine(
                        text.id,
                        text.day,
                        text.outlet,
                        text.title,
                        number,
                        _left_context(paragraph, start),
                        paragraph[start:end],
                        _right(paragraph, end),
                    )
                )
    return lines


def _left_context(paragraph: str, end: int) -> str:
    piece = paragraph[max(end - _CONTEXT, 0) : end]
    if end > _CONTEXT:
        piece = piece.partition(" ")[2]
    return " ".join(piece.split())


def _right(paragraph: str, start: int) -> str:
    piece = paragraph[start : start + _CONTEXT]
    if start + _CONTEXT < len(paragraph):
        piece = piece.rpartition(" ")[0]
    return " ".join(piece.split())


def sort_lines(lines: Iterable[ConcordanceLine], by: str) -> list[ConcordanceLine]:
    """Sort concordance lines.

    Args:
        lines: The lines.
        by: `left` or `right` for the nearest word on that side, then the next; `date` for the newest first.
    """
    if by == "date":
        return sorted(lines, key=lambda line: line.day, reverse=True)
    return sorted(lines, key=lambda line: _sort_key(line, by))


def _sort_key(line: ConcordanceLine, by: str) -> tuple[list[str], list[str]]:
    """Return the words of one side, from the match outwards: first without marks, then as written."""
    words = line.left.lower().split()[::-1] if by == "left" else line.right.lower().split()
    bare = [word.strip(".,;:!?\"'“”‘’()[]…-–") for word in words]
    return [fold(word) for word in bare], bare
