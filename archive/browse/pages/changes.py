"""*Changes*: how outlets edited what they had published, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import chain
from typing import Any

from sqlite_utils import Database

from archive.articles.text_diff import Paragraph, Run, compare
from archive.browse.page_request import Asked, NotFound, link
from archive.browse.sql import Query, outlet_names

_LISTED = 15  # edits on a page, each with its differences
_SHOWN = 3  # changed paragraphs of an edit in the list
CLASSES = ("headline", "material", "correction", "cosmetic", "reread", "gone", "back")
_LAST = "9999"  # later than any instant

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


def changes(db: Database, asked: Asked) -> dict[str, Any]:
    """Edits, and articles that were taken down or came back, the newest first: of all outlets and classes or of one."""
    since, until = asked.day("since"), asked.day("until")
    given = asked.given("outlet", "class", "since", "until")
    end = (until + timedelta(days=1)).isoformat() if until and until < date.max else _LAST
    values = {
        "outlet": asked.text("outlet"),
        "class": asked.text("class"),
        "since": str(since or ""),
        "end": min(end, asked.text("before") or _LAST),
        "public": asked.public,
        "most": _LISTED,
    }
    found = chain.from_iterable(Query(sql, values).rows(db) for sql in (_EDITS, _GONE, _BACK))
    rows = sorted(found, key=lambda row: row["at"], reverse=True)[:_LISTED]
    return {
        "changes": [row | _difference(db, row) for row in rows],
        "filters": given,
        "classes": CLASSES,
        "names": outlet_names(db),
        "older": link("/changes", given | {"before": rows[-1]["at"]}) if len(rows) == _LISTED else None,
    }


def change(db: Database, asked: Asked) -> dict[str, Any]:
    """One edit: the version before and the version after it, side by side and in one."""
    name, told = asked.part("id"), asked.part("revision")
    found = Query(_ARTICLE, {"id": name}).first(db)
    number = int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0  # noqa: PLR2004 - no article has as many
    if found is None or not 1 < number <= found["newest"]:
        raise NotFound(f"no revision {told[:20]!r} of article {name[:20]!r} that changed anything")
    if asked.public and found["noarchive"]:
        raise NotFound("its outlet asks not to show this text from an archive")
    old, new = _pair(db, name, number)
    return found | {
        "revision": number,
        "old": old,
        "new": new,
        "title": _shown(compare(old["title"], new["title"])),
        "text": _shown(compare(old["text"], new["text"])),
        "change": new["change"],
    }


def _pair(db: Database, article: str, revision: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A version and the one before it."""
    old, new = Query(_VERSIONS, {"id": article, "revision": revision}).rows(db)
    return old, new


def _difference(db: Database, row: dict[str, Any]) -> dict[str, Any]:
    """What an edit did; nothing of what is none."""
    return _summary(*_pair(db, row["id"], row["revision"])) if row["revision"] else {}


def _summary(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    text = compare(old["text"], new["text"])
    changed = [paragraph for paragraph in text if paragraph.changed]
    return {
        "title": _shown(compare(old["title"], new["title"])),
        "paragraphs": _shown(changed[:_SHOWN]),
        "changed": len(changed),
        "words_gone": _words(changed, "gone"),
        "words_new": _words(changed, "new"),
    }


def _words(paragraphs: Sequence[Paragraph], op: str) -> int:
    return sum(len(run.text.split()) for paragraph in paragraphs for run in paragraph.runs if run.op == op)


def _shown(paragraphs: Sequence[Paragraph]) -> list[dict[str, Any]]:
    """Paragraphs as pages and JSON have them."""
    return [
        {
            "changed": paragraph.changed,
            "runs": _runs(paragraph.runs),
            "before": _runs(paragraph.side("gone")),
            "after": _runs(paragraph.side("new")),
        }
        for paragraph in paragraphs
    ]


def _runs(runs: Sequence[Run]) -> list[list[str]]:
    return [[run.op, run.text] for run in runs]
