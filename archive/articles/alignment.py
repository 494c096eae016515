"""Align two sequences in nearly linear time: find the blocks that both have, in the same order.

`difflib.SequenceMatcher` takes cubic time on sequences of few distinct items. This module anchors the alignment on
n-grams that occur once in both sequences (patience diff, https://bramcohen.livejournal.com/73318.html), longest
first, and fills the gaps with the greedy algorithm of Myers (1986, https://doi.org/10.1007/BF01840446), which is
stopped after a fixed number of edits and continued from the farthest point that it has reached.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_ANCHOR_SIZES = (32, 8, 3, 1)  # items of an n-gram; a guess, each about a third of the one before
_MOST_EDITS = 16  # edits of one greedy step; the work of a step grows with the square of this number


class Block(NamedTuple):
    """Describe a run of items that both sequences have in common.

    Attributes:
        old: Index of the first item in the old sequence.
        new: Index of the first item in the new sequence.
        size: Number of items.
    """

    old: int
    new: int
    size: int


class _Gap(NamedTuple):
    """Hold two slices that are still to be aligned: `old[i:j]` and `new[k:m]`."""

    i: int
    j: int
    k: int
    m: int


def align(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Return the common blocks of two sequences, in order and without overlap.

    Args:
        old: Any strings.
        new: Any strings.

    Returns:
        Blocks whose indexes increase in both sequences. The alignment is good, not always the longest.
    """
    joined: list[Block] = []
    for block in _blocks(old, new, _Gap(0, len(old), 0, len(new)), 0):
        last = joined[-1] if joined else None
        if last and (last.old + last.size, last.new + last.size) == (block.old, block.new):
            joined[-1] = Block(last.old, last.new, last.size + block.size)
        else:
            joined.append(block)
    return joined


def _blocks(old: Sequence[str], new: Sequence[str], gap: _Gap, level: int) -> Iterator[Block]:
    """Yield the common blocks of a gap: equal ends first, then between anchors, then greedily."""
    i, j, k, m = gap
    while i < j and k < m and old[i] == new[k]:
        i, k = i + 1, k + 1
    if i > gap.i:
        yield Block(gap.i, gap.k, i - gap.i)
    while i < j and k < m and old[j - 1] == new[m - 1]:
        j, m = j - 1, m - 1
    if i < j and k < m:
        yield from _inner_blocks(old, new, _Gap(i, j, k, m), level)
    if j < gap.j:
        yield Block(j, m, gap.j - j)


def _inner_blocks(old: Sequence[str], new: Sequence[str], gap: _Gap, level: int) -> Iterator[Block]:
    if set(old[gap.i : gap.j]).isdisjoint(new[gap.k : gap.m]):
        return
    for finer, size in enumerate(_ANCHOR_SIZES[level:], start=level + 1):
        if anchors := _anchors(old, new, gap, size):
            i, k = gap.i, gap.k
            for anchor in anchors:
                if anchor.old < i or anchor.new < k:  # it overlaps the anchor before it
                    continue
                yield from _blocks(old, new, _Gap(i, anchor.old, k, anchor.new), finer)
                yield anchor
                i, k = anchor.old + size, anchor.new + size
            yield from _blocks(old, new, _Gap(i, gap.j, k, gap.m), finer)
            return
    yield from _greedy_blocks(old, new, gap)


def _anchors(old: Sequence[str], new: Sequence[str], gap: _Gap, size: int) -> list[Block]:
    """Return n-grams that occur once in each slice, in an order that increases in both."""
    places = _unique_ngrams(new, gap.k, gap.m, size)
    candidates = [
        Block(at, places[ngram], size)
        for ngram, at in _unique_ngrams(old, gap.i, gap.j, size).items()
        if ngram in places
    ]
    return _longest_increasing(candidates)


def _unique_ngrams(items: Sequence[str], start: int, end: int, size: int) -> dict[tuple[str, ...], int]:
    """Return where each n-gram that occurs once in `items[start:end]` begins, in the order of the slice."""
    places: dict[tuple[str, ...], int] = {}
    for at in range(start, end - size + 1):
        ngram = tuple(items[at : at + size])
        places[ngram] = -1 if ngram in places else at
    return {ngram: at for ngram, at in places.items() if at >= 0}


def _longest_increasing(candidates: Sequence[Block]) -> list[Block]:
    """Return the longest subsequence with increasing `new` (patience sorting)."""
    ends: list[int] = []  # for each length, the smallest `new` with which a subsequence of that length ends
    last: list[int] = []  # for each length, the index of the candidate that ends it
    before: list[int] = []  # for each candidate, the index of the candidate before it
    for number, candidate in enumerate(candidates):
        length = bisect_left(ends, candidate.new)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [candidate.new]
        last[length : length + 1] = [number]
    chain: list[Block] = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(candidates[number])
        number = before[number]
    return chain[::-1]


def _greedy_blocks(old: Sequence[str], new: Sequence[str], gap: _Gap) -> Iterator[Block]:
    """Align a gap by repeated greedy steps."""
    i, j, k, m = gap
    while i < j and k < m:
        blocks, i, k = _greedy_step(old, new, _Gap(i, j, k, m))
        yield from blocks


def _greedy_step(old: Sequence[str], new: Sequence[str], gap: _Gap) -> tuple[list[Block], int, int]:
    """Align a gap until the limit of edits is reached.

    Returns:
        The blocks, and the indexes in both sequences at which the next step starts.
    """
    height, width = gap.j - gap.i, gap.m - gap.k
    reached: dict[int, int] = {}  # by diagonal (old index minus new index): the farthest old index
    history: list[dict[int, int]] = []
    for edits in range(_MOST_EDITS + 1):
        history.append(dict(reached))
        end = (0, 0)
        for diagonal in range(-min(edits, width), min(edits, height) + 1):
            if (diagonal + edits) % 2:
                continue
            x = _enter(reached, diagonal) if edits else 0
            y = x - diagonal
            if not (0 <= x <= height and 0 <= y <= width):
                reached.pop(diagonal, None)
                continue
            while x < height and y < width and old[gap.i + x] == new[gap.k + y]:
                x, y = x + 1, y + 1
            reached[diagonal] = x
            end = max(end, (x, y), key=sum)
        if sum(end) == height + width:
            break
    return _trace_back(history, *end, gap), gap.i + end[0], gap.k + end[1]


def _enter(reached: dict[int, int], diagonal: int) -> int:
    """Return the farthest old index at which an edit enters a diagonal; -1 if no edit does."""
    return max(reached.get(diagonal + 1, -1), reached.get(diagonal - 1, -2) + 1)


def _trace_back(history: Sequence[dict[int, int]], x: int, y: int, gap: _Gap) -> list[Block]:
    """Return the blocks on the path to a point, from the farthest points after each edit."""
    blocks: list[Block] = []
    for reached in reversed(history):
        diagonal = x - y
        entered = _enter(reached, diagonal) if reached else 0
        if entered < x:
            blocks.append(Block(gap.i + entered, gap.k + entered - diagonal, x - entered))
        inserted = reached.get(diagonal + 1) == entered
        x = entered if inserted else entered - 1
        y = x - diagonal - 1 if inserted else x - diagonal + 1
    return blocks[::-1]
