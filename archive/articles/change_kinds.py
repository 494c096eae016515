"""Classify the change between two revisions of an article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.record import Document

Change = Literal["first", "cosmetic", "headline", "material", "correction", "reread"]
# What can happen to an article after it was first archived: to its text, or to its page.
CLASSES = ("cosmetic", "headline", "material", "correction", "reread", "gone", "back")

_CORRECTION = re.compile(r"\b(?:đính chính|bản trước của bài viết|correction|corrected|clarification)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Version:
    """Hold one revision of an article.

    Attributes:
        revision: Its number, from 1.
        seen_at: When it was first read, UTC.
        change: What sets it apart from the one before: see `archive.articles.change_kinds`.
        document: What it says.
    """

    revision: int
    seen_at: datetime
    change: str
    document: Document


@dataclass(frozen=True, slots=True)
class Edit:
    """Describe something that an outlet did to an archived article.

    Attributes:
        at: When it was noticed, UTC.
        change: The class of the change (see `archive.articles.change_kinds`), or gone or back for the page itself.
        article: The article's id.
        outlet: Whose it is.
        date: Its civil date, ISO 8601.
        title: Its headline now.
        url: Its address.
        revision: The number of the version that this made; None for gone and back.
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
