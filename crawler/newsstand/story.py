"""Define the stories of the newsstand, and load the hand-written ones."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

BlockKind = Literal["text", "heading", "item", "picture"]
_MARKS: dict[str, BlockKind] = {"## ": "heading", "- ": "item", "[ảnh] ": "picture"}


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a story: a paragraph, a subhead, a list item, or a picture with its caption."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as its outlet wrote it.

    Attributes:
        outlet: The outlet's id.
        number: The outlet's article number.
        title: The headline.
        section: The section's name.
        published: The time of publication, with the outlet's offset.
        standfirst: The standfirst; empty for none.
        blocks: The body, in order.
        byline: The byline, as printed; empty for none.
        source: The agencies, as printed; empty for none.
        tags: The tags, as shown.
        kind: article, photo, opinion, video (a player and no text), undated, topic (a listing at an article's address),
            private (disallowed by robots.txt), gone (announced but missing) or moved (a second slug).
    """

    outlet: str
    number: int
    title: str
    section: str
    published: datetime
    standfirst: str = ""
    blocks: tuple[Block, ...] = ()
    byline: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()
    kind: str = "article"

    @property
    def slug(self) -> str:
        """The slug of the headline."""
        return slug(self.title)

    @property
    def announced(self) -> str:
        """The headline in lists: lists give a topic a title of their own, as real ones do."""
        return "Xem các bài cùng chuyên đề của tòa soạn" if self.kind == "topic" else self.title


def slug(text: str) -> str:
    """Turn a text into a slug: lower-case Latin letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "-".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c))))[:90]


def written_stories() -> Iterator[Story]:
    """Load the hand-written stories: the main ones, and one of every unusual kind."""
    for file in sorted((files("crawler") / "newsstand" / "stories").iterdir(), key=lambda file: file.name):
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        yield from (_story(entry) for entry in told["story"])


def _story(entry: dict[str, Any]) -> Story:
    facts = entry | {"tags": tuple(entry.get("tags", ())), "blocks": tuple(blocks(entry.pop("body", "")))}
    facts.pop("body", None)
    return Story(**facts)


def blocks(body: str) -> Iterator[Block]:
    """Split a body into blocks: paragraphs, or `## `, `- ` and `[ảnh] ` for other kinds."""
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        if paragraph:
            mark = next((mark for mark in _MARKS if paragraph.startswith(mark)), "")
            yield Block(_MARKS.get(mark, "text"), paragraph.removeprefix(mark))
