"""Find the places in a text where a query matches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.search.folding import fold
from archive.search.query import TermPattern


def match_places(text: str, patterns: Sequence[TermPattern]) -> Iterator[tuple[int, int]]:
    """Yield where patterns match, in order; a match inside another is skipped."""
    folded = text if all(pattern.as_written for pattern in patterns) else fold(text)  # folding is the slowest step
    spans = sorted(
        (match.start(), -match.end())
        for pattern in patterns
        for match in pattern.regex.finditer(text if pattern.as_written else folded)
    )
    at = 0
    for start, minus_end in spans:
        if start >= at:
            at = -minus_end
            yield start, at
