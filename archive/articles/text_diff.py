"""Compare two texts, paragraph by paragraph and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from archive.articles.alignment import align

_WORD = re.compile(r"\S+\s*")
_ALIKE = 0.3  # share of equal characters above which two paragraphs are versions of one paragraph; a guess
_MOST_PAIRS = 900  # pairs of paragraphs that are compared to find replacements: 30 old ones by 30 new ones
_ISLAND = 2  # an unchanged run of words is shown as changed if the changes on both sides are this many times as long

Op = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Segment:
    """Hold consecutive words that stayed, were removed or were added.

    Attributes:
        op: `same`, `gone` (only in the old text) or `new` (only in the new text).
        text: The words, with the blanks between them.
    """

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class ParagraphDiff:
    """Hold one paragraph with its changes: common, removed or added words in their order."""

    segments: tuple[Segment, ...]

    @property
    def changed(self) -> bool:
        """Whether any of its words were removed or added."""
        return any(segment.op != "same" for segment in self.segments)

    def side(self, op: Literal["gone", "new"]) -> tuple[Segment, ...]:
        """Return the segments of one text: of the old text for `gone`, of the new text for `new`."""
        return tuple(segment for segment in self.segments if segment.op in {"same", op})


def diff_texts(old: str, new: str) -> tuple[ParagraphDiff, ...]:
    """Compare two texts in nearly linear time.

    Args:
        old: Paragraphs separated by blank lines.
        new: Paragraphs separated by blank lines.

    Returns:
        The paragraphs of both texts in order. The segments that are not `new` give the old text; the segments that
        are not `gone` give the new text.
    """
    before, after = _paragraphs(old), _paragraphs(new)
    diffs: list[ParagraphDiff] = []
    i = k = 0
    for block in (*align(before, after), None):
        j, m = (block.old, block.new) if block else (len(before), len(after))
        diffs += _diff_replaced(before[i:j], after[k:m])
        if block:
            i, k = j + block.size, m + block.size
            diffs += [ParagraphDiff((Segment("same", text),)) for text in before[j:i]]
    return tuple(diffs)


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n") if text else []


def _diff_replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[ParagraphDiff]:
    """Compare paragraphs that replaced others; unlike paragraphs become one removed and one added."""
    for old, new in _pairs(before, after):
        segments = _diff_words(_WORD.findall(old), _WORD.findall(new))
        kept = sum(len(segment.text) for segment in segments if segment.op == "same")
        if old and new and kept < _ALIKE * max(len(old), len(new)):
            yield ParagraphDiff((Segment("gone", old),))
            yield ParagraphDiff((Segment("new", new),))
        else:
            yield ParagraphDiff(segments)


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pair each old paragraph with the new one that replaces it, or with an empty one, in order.

    The pairs share the most words in total (a weighted longest common subsequence). If there are too many paragraphs
    for that, the first is paired with the first, the second with the second, and so on.
    """
    if len(before) == len(after) or not before or not after or len(before) * len(after) > _MOST_PAIRS:
        yield from zip_longest(before, after, fillvalue="")
        return
    i = k = 0
    best = _shared_words(before, after)
    while i < len(before) or k < len(after):
        if k == len(after) or (i < len(before) and best[i][k] == best[i + 1][k]):
            yield before[i], ""
            i += 1
        elif i == len(before) or best[i][k] == best[i][k + 1]:
            yield "", after[k]
            k += 1
        else:
            yield before[i], after[k]
            i, k = i + 1, k + 1


def _shared_words(before: Sequence[str], after: Sequence[str]) -> list[list[float]]:
    """Tabulate how many words the paragraphs from each pair onwards can share at most."""
    olds, news = ([set(text.split()) for text in texts] for texts in (before, after))
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i in reversed(range(len(olds))):
        for k in reversed(range(len(news))):
            share = len(olds[i] & news[k]) / max(len(olds[i]), len(news[k]), 1)
            paired = best[i + 1][k + 1] + share if share >= _ALIKE else 0.0
            best[i][k] = max(paired, best[i + 1][k], best[i][k + 1])
    return best


def _diff_words(old: Sequence[str], new: Sequence[str]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    i = k = 0
    for j, m, size in _blocks(old, new):
        segments += _replace_words(old[i:j], new[k:m])
        i, k = j + size, m + size
        if size:
            segments.append(Segment("same", "".join(new[m:k])))
    return tuple(segments)


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the unchanged runs of words, without short runs between much longer changes.

    Yields:
        Index in the old words, index in the new words, and number of words; the last run is empty.
    """
    # The last word of a paragraph has no blank after it; it is compared without blanks so that it matches.
    blocks = align([word.strip() for word in old], [word.strip() for word in new])
    end = (len(old), len(new), 0)
    i = k = 0
    for number, (j, m, size) in enumerate(blocks):
        after_j, after_m, _ = blocks[number + 1] if number + 1 < len(blocks) else end
        change_before = max(j - i, m - k)
        change_after = max(after_j - j - size, after_m - m - size)
        if _ISLAND * size > min(change_before, change_after):
            yield j, m, size
            i, k = j + size, m + size
    yield end


def _replace_words(old: Sequence[str], new: Sequence[str]) -> list[Segment]:
    """Return the removed words and the words that were added in their place."""
    segments = [Segment("gone", "".join(old)), Segment("new", "".join(new))]
    return [segment for segment in segments if segment.text]
