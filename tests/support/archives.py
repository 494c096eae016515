"""Values to fill an archive with: each made whole by default, and changed where a test says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.captures.store import Captures
from archive.captures.warc import iterate_records
from archive.ledger.model import OutletFacts, SourceFacts, SourcePoll, Visit
from archive.record import ArticleLink, Candidate, Capture, CaptureRef, Document, Record, article_id

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SITE = "https://vntin.example"
PAGE = f"{SITE}/vet-trang-100.html"
FEED = f"{SITE}/tin.rss"
OUTLET = OutletFacts("vntin", "Vntin", SITE, "vi", "Asia/Ho_Chi_Minh")
SOURCE = SourceFacts(FEED, "vntin", "feed")
FIRST = "khobao-20260204-00000.warc"  # the file of captures of that day
TEXT = "Vệt trắng dài trên trời.\n\nẢnh: Reuters\n\nMinh Khôi (Theo Reuters)"


def identity(key: str = "100") -> str:
    """The id of an article of the outlet, by its number."""
    return article_id("vntin", key)


def make_document(title: str = "Vệt trắng trên trời", text: str = TEXT, day: date = date(2026, 2, 4)) -> Document:
    """A document."""
    return Document(day, title, text)


def make_record(key: str = "100", **facts: Any) -> Record:
    """A record of the article with a number; `title`, `text` and `day` go to its document."""
    document = make_document(**{name: facts.pop(name) for name in ("title", "text", "day") if name in facts})
    facts = {
        "id": identity(key),
        "outlet": "vntin",
        "url": f"{SITE}/vet-trang-{key}.html",
        "document": document,
        "standfirst": document.paragraphs[0] if document.paragraphs else "",
        "captions": ("Ảnh: Reuters",),
        "signature": "Minh Khôi (Theo Reuters)",
        "byline": ("Minh Khôi",),
        "credits": ("Reuters",),
        "tags": ("vũ trụ", "tên lửa"),
        "section": "Khoa học",
        "published_at": NOW,
        "date_source": "json-ld",
        "date_raw": "2026-02-04T19:25:00+07:00",
        "modified_at": LATER,
        "language": "vi",
        "noarchive": True,
        "reader": "khobao 0.1.0 vntin",
    } | facts
    return Record(**facts)


def make_visit(url: str = PAGE, **facts: Any) -> Visit:
    """A request that was answered with 200 a second later."""
    given = {"run": 1, "asked_at": NOW, "answered_at": NOW + timedelta(seconds=1), "status": 200, "size": 1000} | facts
    return Visit(url=url, **given)


def make_poll(**facts: Any) -> SourcePoll:
    """A poll of the feed that brought two candidates, one of them new."""
    given = {"polled_at": NOW, "next_due_at": LATER, "status": 200, "candidates": 2, "new": 1, "interval": 3600.0}
    return SourcePoll(url=FEED, **(given | facts))


def make_capture(payload: bytes = b"<p>xin ch\xc3\xa0o</p>", url: str = PAGE, **facts: Any) -> Capture:
    """An exchange over HTTP."""
    given: dict[str, Any] = {
        "fetched_at": NOW,
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(payload)))),
        "request_headers": (("Host", "vntin.example"), ("User-Agent", "khobao")),
    }
    return Capture(url=url, payload=payload, **(given | facts))


def found(*keys: str, **facts: Any) -> list[ArticleLink]:
    """Candidates for the articles with these numbers, as `ArchiveWriter.discover` takes them."""
    urls = [(f"{SITE}/vet-trang-{key}.html", key) for key in keys]
    return [ArticleLink(url, identity(key), Candidate(url, **facts)) for url, key in urls]


def keep(folder: Path, *captures: Capture, largest: int = 1 << 30) -> list[CaptureRef]:
    """Keep captures in a process's life of their own."""
    kept = Captures(folder, largest)
    try:
        return [kept.append(capture) for capture in captures]
    finally:
        kept.close()


def kinds(path: Path) -> list[str]:
    """The kinds of a file's records."""
    return [place.fields["warc-type"] for place in iterate_records(path)]
