"""Classify the change between two revisions of an article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.record import Document

Change = Literal["first", "cosmetic", "headline", "material", "correction", "reread"]
# What can happen to an archived article: a change of its text, or the loss or return of its page.
CLASSES = ("cosmetic", "headline", "material", "correction", "reread", "gone", "back")

_CORRECTION = re.compile(r"\b(?:đính chính|bản trước của bài viết|correction|corrected|clarification)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Version:
    """Hold one revision of an article.

    Attributes:
        revision: The revision's number, from 1.
        seen_at: When it was first read, UTC.
        change: How it differs from the revision before it, see `classify`; `reread` if only our reader changed.
        document: The date, headline and text of this revision.
    """

    revision: int
    seen_at: datetime
    change: str
    document: Document


@dataclass(frozen=True, slots=True)
class Edit:
    """Describe something that an outlet did to an archived article.

    Attributes:
        at: When khobao noticed it, UTC.
        change: The class of the change, one of `CLASSES`; gone and back concern the page itself.
        article: The article's id.
        outlet: The outlet's id.
        date: The article's civil date, ISO 8601.
        title: The article's current headline.
        url: The article's address.
        revision: The number of the revision that this edit made; None for gone and back.
    """

    at: datetime
    change: str
    article: str
    outlet: str
    date: str
    title: str
    url: str | None
    revision: int | None


def classify(old: Document, new: Document) -> Change | None:
    """Classify the change between two documents; None if they are equal.

    Returns:
        cosmetic: Only blanks, punctuation or letter case differ.
        headline: The headline's words differ, those of the text do not.
        correction: The new text says that it corrects the old one.
        material: Anything else, a changed date included.
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
