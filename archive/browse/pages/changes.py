"""The page *Changes*: how outlets edited published articles, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlite_utils import Database

from archive.articles.text_diff import ParagraphDiff, Segment, diff_texts
from archive.browse.page_request import NotFoundError, PageRequest, page_link
from archive.browse.sql import SqlQuery, outlet_names

_LISTED = 15  # edits on a page, each with its diff
_SHOWN = 3  # changed paragraphs that the list shows of an edit
_CONTEXT = 1  # unchanged paragraphs that a change page shows on each side of a changed one
_CACHED = 128  # edits whose diffs are cached
_LONGEST_CACHED = 100_000  # characters of both texts
CLASSES = ("headline", "material", "correction", "cosmetic", "reread", "gone", "back")
_END = "9999"  # later than any instant

_WITHIN = """
AND (:outlet = '' OR a.outlet = :outlet) AND NOT (a.noarchive AND :public)
AND {at} >= :since AND {at} < :end ORDER BY {at} DESC LIMIT :most"""
_EDITS = """
SELECT r.seen_at AS at, r.change, r.article AS id, r.revision, a.outlet, a.date, a.title AS headline,
    o.name AS outlet_name
FROM revisions AS r JOIN articles AS a ON a.id = r.article JOIN outlets AS o ON o.id = a.outlet
WHERE r.revision > 1 AND (:class = '' AND r.change <> 'reread' OR r.change = :class)""" + _WITHIN.format(at="r.seen_at")
_TOMBSTONES = """
SELECT t.{at} AS at, '{change}' AS change, t.article AS id, NULL AS revision, a.outlet, a.date, a.title AS headline,
    o.name AS outlet_name, t.reason
FROM tombstones AS t JOIN articles AS a ON a.id = t.article JOIN outlets AS o ON o.id = a.outlet
WHERE t.{at} IS NOT NULL AND :class IN ('', '{change}')"""
_GONE = (_TOMBSTONES + _WITHIN).format(at="confirmed_at", change="gone")
_BACK = (_TOMBSTONES + _WITHIN).format(at="back_at", change="back")
_VERSIONS = """
SELECT revision, seen_at, change, date, title, text FROM versions
WHERE article = :id AND revision IN (:revision - 1, :revision) ORDER BY revision"""
_ARTICLE = """
SELECT a.id, a.outlet, a.noarchive, a.revision AS newest, o.name AS outlet_name
FROM articles AS a JOIN outlets AS o ON o.id = a.outlet WHERE a.id = :id"""


def changes(db: Database, request: PageRequest) -> dict[str, Any]:
    """List edits, deletions and returns of articles, newest first."""
    since, until = request.day("since"), request.day("until")
    given = request.given_values("outlet", "class", "since", "until")
    end = (until + timedelta(days=1)).isoformat() if until and until < date.max else _END
    values = {
        "outlet": request.text("outlet"),
        "class": request.text("class"),
        "since": str(since or ""),
        "end": min(end, request.text("before") or _END),
        "public": request.public,
        "most": _LISTED,
    }
    found = chain.from_iterable(SqlQuery(sql, values).rows(db) for sql in (_EDITS, _GONE, _BACK))
    rows = sorted(found, key=lambda row: row["at"], reverse=True)[:_LISTED]
    return {
        "changes": [row | _summary(db, row) for row in rows],
        "filters": given,
        "classes": CLASSES,
        "names": outlet_names(db),
        "older": page_link("/changes", given | {"before": rows[-1]["at"]}) if len(rows) == _LISTED else None,
    }


def change(db: Database, request: PageRequest) -> dict[str, Any]:
    """Show one edit: the changes with the paragraphs around them, in one text and side by side."""
    name, number = request.part("id"), request.part("revision")
    found = SqlQuery(_ARTICLE, {"id": name}).first(db)
    revision = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0  # noqa: PLR2004 - no article has as many
    if found is None or not 1 < revision <= found["newest"]:
        raise NotFoundError(f"no revision {number[:20]!r} of article {name[:20]!r} that changed anything")
    if request.public and found["noarchive"]:
        raise NotFoundError("its outlet asks not to show this text from an archive")
    old, new = _versions(db, name, revision)
    text = _diff(old["text"], new["text"])
    return found | {
        "revision": revision,
        "old": old,
        "new": new,
        "title": _as_lists(_diff(old["title"], new["title"])),
        "text": _as_lists(text),
        "hunks": _hunks(text),
        "change": new["change"],
    }


def _versions(db: Database, article: str, revision: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a revision and the one before it."""
    old, new = SqlQuery(_VERSIONS, {"id": article, "revision": revision}).rows(db)
    return old, new


def _summary(db: Database, row: dict[str, Any]) -> dict[str, Any]:
    """Return what an edit changed; a deletion has no details."""
    if not row["revision"]:
        return {}
    old, new = _versions(db, row["id"], row["revision"])
    changed = [paragraph for paragraph in _diff(old["text"], new["text"]) if paragraph.changed]
    return {
        "title": _as_lists(_diff(old["title"], new["title"])),
        "paragraphs": _as_lists(changed[:_SHOWN]),
        "changed": len(changed),
        "words_gone": _count_words(changed, "gone"),
        "words_new": _count_words(changed, "new"),
    }


def _diff(old: str, new: str) -> tuple[ParagraphDiff, ...]:
    """Compare two revisions and cache the result, because revisions never change."""
    return _cached_diff(old, new) if len(old) + len(new) <= _LONGEST_CACHED else diff_texts(old, new)


_cached_diff = lru_cache(maxsize=_CACHED)(diff_texts)


def _hunks(paragraphs: Sequence[ParagraphDiff]) -> list[dict[str, Any]]:
    """Return runs of changed paragraphs with context, and how many paragraphs are left out before each."""
    near = {
        place
        for number, paragraph in enumerate(paragraphs)
        if paragraph.changed
        for place in range(number - _CONTEXT, number + _CONTEXT + 1)
    }
    hunks: list[dict[str, Any]] = []
    skipped, is_open = 0, False
    for number, paragraph in enumerate(paragraphs):
        if number not in near:
            skipped, is_open = skipped + 1, False
            continue
        if not is_open:
            hunks.append({"skipped": skipped, "paragraphs": []})
        hunks[-1]["paragraphs"] += _as_lists([paragraph])
        skipped, is_open = 0, True
    return [*hunks, {"skipped": skipped, "paragraphs": []}] if skipped else hunks


def _count_words(paragraphs: Sequence[ParagraphDiff], op: str) -> int:
    return sum(len(part.text.split()) for paragraph in paragraphs for part in paragraph.segments if part.op == op)


def _as_lists(paragraphs: Sequence[ParagraphDiff]) -> list[dict[str, Any]]:
    """Convert paragraphs to the form of pages and JSON."""
    return [
        {
            "changed": paragraph.changed,
            "runs": _pairs(paragraph.segments),
            "before": _pairs(paragraph.side("gone")),
            "after": _pairs(paragraph.side("new")),
        }
        for paragraph in paragraphs
    ]


def _pairs(segments: Sequence[Segment]) -> list[list[str]]:
    return [[segment.op, segment.text] for segment in segments]
