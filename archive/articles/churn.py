"""Detect pages that churn: a clock or a counter that changes at every visit is not an edit.

Some pages replace the same paragraphs again and again while the rest stays. Storing each version would fill the disk
with revisions that nobody needs (reader has a similar cap, lemon24/reader src/reader/_update/__init__.py).
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
    """Describe which place churns on a page, if the new version differs from the last ones only there.

    Args:
        recent: The last stored versions, oldest first; at most `MEMORY` of them are compared.
        new: The page as it is now.

    Returns:
        A line that names the first place that churns; empty if the new version is an edit, which is stored.
    """
    versions = [*recent[-MEMORY:], new]
    if len(versions) <= PATIENCE:
        return ""
    if sum(version == new for version in recent) > 1:
        return "the page goes back and forth between stored versions"
    changes = [_name_replaced_paragraphs(old, later) for old, later in pairwise(versions)]
    times = Counter(place for change in changes[:-1] if change is not None for place in change)
    last = changes[-1]
    if last is None or not last or any(times[place] < PATIENCE - 1 for place in last):
        return ""
    place = next(iter(last))
    return (
        f"the paragraph after {place[-60:]!r} changes every time" if place else "its first paragraph changes every time"
    )


def _name_replaced_paragraphs(old: Document, new: Document) -> frozenset[str] | None:
    """Name each replaced paragraph by the paragraph before it.

    None if the headline, the date or the number of paragraphs differs: that is an edit.
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
