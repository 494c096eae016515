"""Tell a page that churns from a page that was edited: a clock or a counter in the text is not news.

A page whose same paragraphs are replaced again and again, while all else stays, would fill the disk with versions that
nobody asks for (reader has a like cap on changes that mean nothing, lemon24/reader src/reader/_update/__init__.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from archive.record import Document

PATIENCE = 4  # revisions that may differ in the same place only, before the page counts as churning
MEMORY = 8  # recent revisions that are compared


def describe_churn(recent: Sequence[Document], new: Document) -> str:
    """Describe what churns on a page, if the new version differs by nothing else.

    Args:
        recent: The last versions that were kept, oldest first; no more than `MEMORY` are looked at.
        new: What the page says now.

    Returns:
        A line that names the first place that churns; empty where the new version is an edit, to be kept.
    """
    versions = [*recent[-MEMORY:], new]
    if len(versions) <= PATIENCE:
        return ""
    if sum(version == new for version in recent) > 1:
        return "the page goes back and forth between versions that are kept"
    changes = [_replaced(old, later) for old, later in pairwise(versions)]
    times = Counter(place for change in changes[:-1] if change is not None for place in change)
    last = changes[-1]
    if last is None or not last or any(times[place] < PATIENCE - 1 for place in last):
        return ""
    place = next(iter(last))
    return (
        f"the paragraph after {place[-60:]!r} changes every time" if place else "its first paragraph changes every time"
    )


def _replaced(old: Document, new: Document) -> frozenset[str] | None:
    """Name each paragraph that the other version replaces by the paragraph before it.

    None where a version has another headline or date, or more or fewer paragraphs: that is an edit.
    """
    before, after = old.paragraphs, new.paragraphs
    if (old.date, old.title, len(before)) != (new.date, new.title, len(after)):
        return None
    places = set()
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "replace" and end - start == new_end - new_start:
            places.add(after[new_start - 1] if new_start else "")
        elif tag != "equal":
            return None
    return frozenset(places)
