"""The page *Article* of a lake: one article as its outlet published it, and where its capture is."""

from __future__ import annotations

from datetime import date
from typing import Any

from archive.browse.page_request import NotFoundError, PageRequest
from archive.browse.pages.article import excerpt_only, paragraphs
from archive.browse.served_lake import LakeView
from archive.record import Document, dumps

# What an archive knows of an article and a lake does not.
_UNKNOWN: dict[str, Any] = {
    "revision": 1,
    "gone_at": None,
    "last_checked_at": None,
    "story": None,
    "revisions": [],
    "tombstones": [],
    "captures": [],
    "story_mates": [],
}


def lake_article(lake: LakeView, request: PageRequest) -> dict[str, Any]:
    """Show an article by its id, or by its canonical address with `?url=`; `?q=` highlights matches."""
    name = request.part("id") or request.text("url")
    found = lake.reader.article(name)
    if found is None:
        raise NotFoundError(f"no article {name[:80]!r} in this lake")
    place = {"warc": found.pop("warc"), "offset": found.pop("offset")}
    found |= _UNKNOWN | {
        "outlet_name": lake.outlets.names.get(found["outlet"], found["outlet"]),
        "first_seen_at": found.pop("fetched_at"),
        "q": request.text("q"),
        "withheld": bool(request.public and found["noarchive"]),
        "place": None if request.public else place,
    }
    if found["withheld"]:
        return found | excerpt_only(found) | {"paragraphs": []}
    document = Document(date.fromisoformat(found["date"]), found["title"], found["text"])
    return found | {"document": dumps(document), "paragraphs": paragraphs(found)}
