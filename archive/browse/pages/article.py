"""The page *Article*: one article as its outlet published it, and its history in the archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlite_utils import Database

from archive.browse.page_request import NotFoundError, PageRequest
from archive.browse.sql import SqlQuery, excerpt, with_lists
from archive.exchange.citations import Citation

_LEAST_LIKE = 4  # characters of an id; with at least so many, ids with the same beginning are suggested
_ARTICLE = """
SELECT a.*, o.name AS outlet_name FROM articles AS a JOIN outlets AS o ON o.id = a.outlet
WHERE a.id IN (:name, (SELECT article FROM addresses WHERE url = :name)) LIMIT 1"""
_REVISIONS = "SELECT revision, seen_at, change, title FROM versions WHERE article = :id ORDER BY revision"
_CAPTURES = (
    "SELECT id, fetched_at, status, file, offset, length, digest FROM captures WHERE article = :id ORDER BY fetched_at"
)
_TOMBSTONES = "SELECT missed_at, confirmed_at, back_at, reason FROM tombstones WHERE article = :id ORDER BY missed_at"
_SIMILAR_IDS = "SELECT id FROM articles WHERE id >= :head AND id < :head || 'g' ORDER BY id LIMIT 5"
_OTHERS = """
SELECT a.id, a.outlet, o.name AS outlet_name, a.date, a.title FROM articles AS a JOIN outlets AS o ON o.id = a.outlet
WHERE a.story = :story AND a.id <> :id ORDER BY a.published_at LIMIT 20"""


def article(db: Database, request: PageRequest) -> dict[str, Any]:
    """Show an article by its id, or by any address with `/article?url=…`; `?q=` highlights matches."""
    name = request.part("id") or request.text("url")
    row = SqlQuery(_ARTICLE, {"name": name}).first(db)
    if row is None:
        raise NotFoundError(f"no article {name[:80]!r}" + _similar_ids(db, name))
    found = with_lists(row)
    withheld = bool(request.public and found["noarchive"])
    if withheld:
        found |= excerpt_only(found)
    return found | {
        "q": request.text("q"),
        "withheld": withheld,
        "paragraphs": [] if withheld else paragraphs(found),
        "revisions": SqlQuery(_REVISIONS, {"id": found["id"]}).rows(db),
        "tombstones": SqlQuery(_TOMBSTONES, {"id": found["id"]}).rows(db),
        "captures": [] if request.public else SqlQuery(_CAPTURES, {"id": found["id"]}).rows(db),
        "story_mates": _other_reports(db, found) if found["story"] else [],
    }


def citation_of(found: Mapping[str, Any]) -> Citation:
    """Build the citation of an article from the result of its page."""
    return Citation(
        found["id"],
        found["title"],
        tuple(found["byline"]),
        found["outlet_name"],
        date.fromisoformat(found["date"]),
        found["url"] or "",
        found["language"],
        found["section"],
        found["published_at"],
    )


def excerpt_only(found: dict[str, Any]) -> dict[str, Any]:
    """Reduce an article marked noarchive to its headline, link and excerpt."""
    cut = excerpt(found["standfirst"] or found["text"])
    return {"text": "", "standfirst": cut, "document": "", "captions": [], "signature": ""}


def _other_reports(db: Database, found: dict[str, Any]) -> list[dict[str, Any]]:
    return SqlQuery(_OTHERS, {"story": found["story"], "id": found["id"]}).rows(db)


def paragraphs(found: dict[str, Any]) -> list[dict[str, str]]:
    """Return the text in page order, each paragraph with its kind."""
    captions = Counter(found["captions"])
    opening, end = found["standfirst"].split("\n\n"), found["signature"].split("\n\n")
    texts = found["text"].split("\n\n") if found["text"] else []
    kinds = ["text"] * len(texts)
    if found["standfirst"] and texts[: len(opening)] == opening:
        kinds[: len(opening)] = ["standfirst"] * len(opening)
    if found["signature"] and texts[len(texts) - len(end) :] == end:
        kinds[len(texts) - len(end) :] = ["signature"] * len(end)
    for i, text in enumerate(texts):
        if kinds[i] == "text" and captions[text]:
            captions[text] -= 1
            kinds[i] = "caption"
        elif kinds[i] == "text" and text.startswith("- "):
            kinds[i] = "item"
    return [{"kind": kind, "text": text} for kind, text in zip(kinds, texts, strict=True)]


def _similar_ids(db: Database, name: str) -> str:
    if "://" in name or len(name) < _LEAST_LIKE:
        return ""
    similar = SqlQuery(_SIMILAR_IDS, {"head": name[:_LEAST_LIKE].lower()}).rows(db)
    return f"; similar ids are {', '.join(row['id'] for row in similar)}" if similar else ""
