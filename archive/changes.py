"""What kind of change there is between two versions of an article."""

from __future__ import annotations

import re
from typing import Literal

from archive.record import Document

Change = Literal["first", "cosmetic", "headline", "material", "correction", "reread"]
# What can happen to an article after it was first archived, to its text or to its page.
CLASSES = ("cosmetic", "headline", "material", "correction", "reread", "gone", "back")

_CORRECTION = re.compile(r"\b(?:đính chính|bản trước của bài viết|correction|corrected|clarification)\b", re.IGNORECASE)


def classify(old: Document, new: Document) -> Change | None:
    """The class of a change; None where there is none.

    Returns:
        cosmetic: Only blanks, punctuation or letter case differ.
        headline: The headline's words differ, those of the text do not.
        correction: The new text says that it corrects the old one.
        material: Anything else, another date among it.
    """
    if old == new:
        return None
    if old.date == new.date and _words(old.text) == _words(new.text):
        return "cosmetic" if _words(old.title) == _words(new.title) else "headline"
    if len(_CORRECTION.findall(new.text)) > len(_CORRECTION.findall(old.text)):
        return "correction"
    return "material"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
