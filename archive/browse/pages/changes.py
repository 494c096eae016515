"""*Changes*: how outlets edited what they had published, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from archive.browse.ask import Query, outlet_names
from archive.browse.asked import Asked, NotFound, link
from archive.wording import Paragraph, Run, compare

_LISTED = 15  # edits on a page, each with its differences
_SHOWN = 3  # changed paragraphs of an edit in the list
CLASSES = ("headline", "material", "correction", "cosmetic", "reread")

_EDITS = """
SELECT r.id AS number, r.article AS id, r.revision, r.seen_at, r.change, a.outlet, a.date, a.noarchive,
    o.name AS outlet_name
FROM revisions AS r JOIN articles AS a ON a.id = r.article JOIN outlets AS o ON o.id = a.outlet
WHERE r.revision > 1 AND (:class = '' AND r.change <> 'reread' OR r.change = :class)
AND (:outlet = '' OR a.outlet = :outlet)
AND (:since = '' OR r.seen_at >= :since) AND (:until = '' OR r.seen_at < date(:until, '+1 day'))
AND (:before = '' OR r.seen_at < :before)
ORDER BY r.seen_at DESC LIMIT :most"""
_VERSIONS = """
SELECT revision, seen_at, change, date, title, text FROM versions
WHERE article = :id AND revision IN (:revision - 1, :revision) ORDER BY revision"""
_ARTICLE = """
SELECT a.id, a.outlet, a.noarchive, a.revision AS newest, o.name AS outlet_name
FROM articles AS a JOIN outlets AS o ON o.id = a.outlet WHERE a.id = :id"""


def changes(db: Database, asked: Asked) -> dict[str, Any]:
    """Edits, the newest first: of every outlet or one, of every class or one."""
    since, until = asked.day("since"), asked.day("until")
    given = asked.given("outlet", "class", "since", "until")
    values = {
        "outlet": asked.text("outlet"),
        "class": asked.text("class"),
        "since": str(since or ""),
        "until": str(until or ""),
        "before": asked.text("before"),
    }
    rows = Query(_EDITS, values | {"most": _LISTED}).rows(db)
    if asked.public:
        rows = [row for row in rows if not row["noarchive"]]
    return {
        "changes": [row | _summary(*_pair(db, row["id"], row["revision"])) for row in rows],
        "filters": given,
        "classes": CLASSES,
        "names": outlet_names(db),
        "older": link("/changes", given | {"before": rows[-1]["seen_at"]}) if len(rows) == _LISTED else None,
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


def _summary(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    text = compare(old["text"], new["text"])
    changed = [paragraph for paragraph in text if paragraph.changed]
    return {
        "title": _shown(compare(old["title"], new["title"])),
        "headline": new["title"],
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
