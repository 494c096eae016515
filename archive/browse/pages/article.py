"""*Article*: one article as its outlet published it, with what the archive knows of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlite_utils import Database

from archive.browse.page_request import Asked, NotFound
from archive.browse.sql import Query, excerpt, with_lists

_ARTICLE = """
SELECT a.*, o.name AS outlet_name FROM articles AS a JOIN outlets AS o ON o.id = a.outlet
WHERE a.id IN (:name, (SELECT article FROM addresses WHERE url = :name)) LIMIT 1"""
_REVISIONS = "SELECT revision, seen_at, change, title FROM versions WHERE article = :id ORDER BY revision"
_CAPTURES = (
    "SELECT id, fetched_at, status, file, offset, length, digest FROM captures WHERE article = :id ORDER BY fetched_at"
)
_TOMBSTONES = "SELECT missed_at, confirmed_at, back_at, reason FROM tombstones WHERE article = :id ORDER BY missed_at"
_NEAR = """
SELECT id, title FROM articles WHERE id >= :head AND id < :head || 'g' ORDER BY id LIMIT 5"""
_OTHERS = """
SELECT a.id, a.outlet, o.name AS outlet_name, a.date, a.title FROM articles AS a JOIN outlets AS o ON o.id = a.outlet
WHERE a.story = :story AND a.id <> :id ORDER BY a.published_at LIMIT 20"""


def article(db: Database, asked: Asked) -> dict[str, Any]:
    """An article by its id, or by any of its addresses with `/article?url=…`."""
    name = asked.part("id") or asked.text("url")
    row = Query(_ARTICLE, {"name": name}).first(db)
    if row is None:
        raise NotFound(f"no article {name[:80]!r}" + _alike(db, name))
    found = with_lists(row)
    withheld = bool(asked.public and found["noarchive"])
    if withheld:
        found |= _excerpted(found)
    return found | {
        "withheld": withheld,
        "paragraphs": [] if withheld else paragraphs(found),
        "revisions": Query(_REVISIONS, {"id": found["id"]}).rows(db),
        "tombstones": Query(_TOMBSTONES, {"id": found["id"]}).rows(db),
        "captures": [] if asked.public else Query(_CAPTURES, {"id": found["id"]}).rows(db),
        "story_mates": Query(_OTHERS, {"story": found["story"], "id": found["id"]}).rows(db) if found["story"] else [],
    }


def _excerpted(found: dict[str, Any]) -> dict[str, Any]:
    """What may be shown of an article whose page says `noarchive`."""
    cut = excerpt(found["standfirst"] or found["text"])
    return {"text": "", "standfirst": cut, "document": "", "captions": [], "signature": ""}


def paragraphs(found: dict[str, Any]) -> list[dict[str, str]]:
    """The text in page order, each paragraph with what it is: standfirst, caption, signature, item or text."""
    captions = Counter(found["captions"])
    opening, end = found["standfirst"].split("\n\n"), found["signature"].split("\n\n")
    told = found["text"].split("\n\n") if found["text"] else []
    kinds = ["text"] * len(told)
    if found["standfirst"] and told[: len(opening)] == opening:
        kinds[: len(opening)] = ["standfirst"] * len(opening)
    if found["signature"] and told[len(told) - len(end) :] == end:
        kinds[len(told) - len(end) :] = ["signature"] * len(end)
    for i, paragraph in enumerate(told):
        if kinds[i] == "text" and captions[paragraph]:
            captions[paragraph] -= 1
            kinds[i] = "caption"
        elif kinds[i] == "text" and paragraph.startswith("- "):
            kinds[i] = "item"
    return [{"kind": kind, "text": paragraph} for kind, paragraph in zip(kinds, told, strict=True)]


def _alike(db: Database, name: str) -> str:
    if "://" in name or len(name) < 4:  # noqa: PLR2004 - fewer digits are like too many ids
        return ""
    near = Query(_NEAR, {"head": name[:4].lower()}).rows(db)
    return f"; near are {', '.join(row['id'] for row in near)}" if near else ""
