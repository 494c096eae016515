"""Define the values that importers read from files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from archive.record import Record

OUTLET = "imported"
LARGEST = 50_000_000  # bytes of one document; documents have a few thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignArticle:
    """Hold an article from another tool's export; its outlet and id are not decided yet.

    Attributes:
        url: The address; empty if the tool does not export it.
        title: The headline.
        text: Paragraphs separated by blank lines.
        day: The date, as the tool exports it.
        published_at: The instant of publication, UTC; None if the tool exports no offset.
        raw: The date as the tool writes it.
        standfirst: The paragraphs that lead the text.
        byline: The authors' names.
        tags: What the tool calls topics or keywords.
        language: BCP 47 tag; empty if the tool does not export it.
        outlet: The tool's name of the outlet; empty if the tool does not export it.
    """

    url: str
    title: str
    text: str
    day: date
    published_at: datetime | None = None
    raw: str = ""
    standfirst: str = ""
    byline: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """Hold what one place of a file contains: an article, or the problem with it.

    Attributes:
        place: The file, and the line or row in it.
        format: txt, jsonl, parquet, news-please or fundus.
        item: The article; None if it could not be read.
        problem: One line that says what is wrong and what would be right; empty if nothing is wrong.
        digest: SHA-256 of the file, line or row, in hex digits.
        facts: What the file says about how it got the article.
    """

    place: str
    format: str = ""
    item: Record | ForeignArticle | None = None
    problem: str = ""
    digest: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def digest_of(content: str | bytes) -> str:
    """Compute the SHA-256 of a text in UTF-8, or of bytes, in hex digits."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content).hexdigest()
