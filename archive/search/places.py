"""Find the places in a text where a query matches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence


def match_places(text: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    """Yield where patterns match, in order; a match inside another is skipped."""
    spans = sorted((match.start(), -match.end()) for pattern in patterns for match in pattern.finditer(text))
    at = 0
    for start, minus_end in spans:
        if start >= at:
            at = -minus_end
            yield start, at
