"""Build the objects that tests need: records, ledger values, captures, outlets, pages and responses.

Every function fills in a complete, plausible value; a test sets only what matters to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.captures.store import Captures
from archive.captures.warc import iterate_records
from archive.ledger.model import OutletFacts, SourceFacts, SourcePoll, Visit
from archive.record import ArticleLink, Candidate, Capture, CaptureRef, Document, Record, article_id
from crawler.newsstand.raw_http import reply
from crawler.outlets.model import Outlet, Reading, Source

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DAY = date(2026, 2, 4)
HANOI = "Asia/Ho_Chi_Minh"

# The archive's outlet.
SITE = "https://vntin.example"
PAGE = f"{SITE}/vet-trang-100.html"
FEED = f"{SITE}/tin.rss"
OUTLET = OutletFacts("vntin", "Vntin", SITE, "vi", HANOI)
SOURCE = SourceFacts(FEED, "vntin", "feed")
FIRST = "khobao-20260204-00000.warc"  # the captures file of that day
TEXT = "Vệt trắng dài trên trời.\n\nẢnh: Reuters\n\nMinh Khôi (Theo Reuters)"


# Records.


def make_document(title: str = "Vệt trắng trên trời", text: str = TEXT, day: date = DAY) -> Document:
    """Build a document."""
    return Document(day, title, text)


def make_plain_record(key: str = "100", outlet: str = "vntin", **facts: Any) -> Record:
    """Build a record with only its document and its address.

    Args:
        key: The number of the article.
        outlet: The outlet's id.
        facts: `title`, `text` and `day` of the document, or any field of the record.
    """
    document = make_document(**{name: facts.pop(name) for name in ("title", "text", "day") if name in facts})
    url = f"https://{outlet}.example/vet-trang-{key}.html"
    return Record(**{"id": article_id(outlet, key), "outlet": outlet, "url": url, "document": document} | facts)


def make_record(key: str = "100", **facts: Any) -> Record:
    """Build a record of the archive's outlet with every field filled; arguments as above."""
    text = facts.get("text", TEXT)
    whole = {
        "standfirst": text.split("\n\n")[0],
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
        "reader": "1 trafilatura-2.3.1 rules-5f3a9c1b",
        "rules": "today",
        "doubts": ("date: only the address states it",),
    }
    return make_plain_record(key, **(whole | facts))


def make_id(key: str = "100") -> str:
    """Build the id of an article of the archive's outlet."""
    return article_id("vntin", key)


# The ledger.


def make_visit(url: str = PAGE, **facts: Any) -> Visit:
    """Build a request that got a 200 a second later."""
    given = {"run": 1, "asked_at": NOW, "answered_at": NOW + timedelta(seconds=1), "status": 200, "size": 1000} | facts
    return Visit(url=url, **given)


def make_poll(**facts: Any) -> SourcePoll:
    """Build a poll of the feed with two candidates, one of them new."""
    given = {"polled_at": NOW, "next_due_at": LATER, "status": 200, "candidates": 2, "new": 1, "interval": 3600.0}
    return SourcePoll(url=FEED, **(given | facts))


def make_links(*keys: str, **facts: Any) -> list[ArticleLink]:
    """Build links to the articles with these numbers; the facts are those of their candidates."""
    urls = [(f"{SITE}/vet-trang-{key}.html", key) for key in keys]
    return [ArticleLink(url, make_id(key), Candidate(url, **facts)) for url, key in urls]


# Captures.


def make_capture(payload: bytes = b"<p>xin ch\xc3\xa0o</p>", url: str = PAGE, **facts: Any) -> Capture:
    """Build an HTTP exchange."""
    given: dict[str, Any] = {
        "fetched_at": NOW,
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(payload)))),
        "request_headers": (("Host", "vntin.example"), ("User-Agent", "khobao")),
    }
    return Capture(url=url, payload=payload, **(given | facts))


def store_captures(folder: Path, *captures: Capture, largest: int = 1 << 30) -> list[CaptureRef]:
    """Store captures like one process, and close the files."""
    kept = Captures(folder, largest)
    try:
        return [kept.append(capture) for capture in captures]
    finally:
        kept.close()


def record_types(path: Path) -> list[str]:
    """List the types of the records in a WARC file."""
    return [place.fields["warc-type"] for place in iterate_records(path)]


# Outlets.


def make_outlet(id_: str, name: str, home: str, *sources: Source, **facts: Any) -> Outlet:
    """Build an outlet in Hanoi whose articles have a headline in `h1` and a text in `article`.

    Args:
        id_: The outlet's id.
        name: The outlet's name.
        home: The address of its home page.
        sources: Its sources.
        facts: Any other field of the outlet.
    """
    given = {
        "id": id_,
        "name": name,
        "home": home,
        "timezone": HANOI,
        "reading": (Reading(title=("h1",), body=("article",)),),
        "sources": sources,
    }
    return Outlet.model_validate(given | facts)


# Pages and responses.


def make_article_html(title: str, paragraphs: Iterable[str], published_at: str = "", head: str = "") -> str:
    """Build the page of an article.

    Args:
        title: The headline.
        paragraphs: The text.
        published_at: The time of publication, ISO 8601; empty for none.
        head: More elements of the page's head.
    """
    time = f'<meta property="article:published_time" content="{published_at}">' if published_at else ""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="vi"><head><title>{title}</title>{head}{time}</head>'
        f"<body><h1>{title}</h1><article>{text}</article></body></html>"
    )


def make_links_html(links: Iterable[tuple[str, str]]) -> str:
    """Build a section page that lists addresses with their headlines."""
    items = "".join(f'<h3><a href="{url}">{title}</a></h3>' for url, title in links)
    return f"<!doctype html><html><body><a href='/'>Trang chủ</a>{items}</body></html>"


def make_feed(urls: Iterable[str], title: str = "Cầu Mới") -> bytes:
    """Build an RSS feed without times."""
    items = "".join(f"<item><title>{title}</title><link>{url}</link></item>" for url in urls)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Báo</title>{items}</channel></rss>'.encode()


def make_sitemap(urls: Sequence[str], days: Sequence[str] = ()) -> bytes:
    """Build a sitemap; `days` are the `lastmod` of the addresses, empty for none."""
    return _sitemap("urlset", "url", urls, days)


def make_sitemap_index(urls: Sequence[str], days: Sequence[str] = ()) -> bytes:
    """Build an index of sitemaps; `days` are the `lastmod` of the sitemaps, empty for none."""
    return _sitemap("sitemapindex", "sitemap", urls, days)


def _sitemap(outer: str, inner: str, urls: Sequence[str], days: Sequence[str]) -> bytes:
    changed = [f"<lastmod>{day}</lastmod>" if day else "" for day in days] or [""] * len(urls)
    rows = "".join(f"<{inner}><loc>{url}</loc>{day}</{inner}>" for url, day in zip(urls, changed, strict=True))
    return f'<{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{outer}>'.encode()


def make_json_answer(value: object) -> bytes:
    """Build a complete HTTP response with JSON."""
    return reply(200, json.dumps(value).encode(), Content_Type="application/json")
