"""Fill an archive with articles like a crawl, one line per visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from factories import make_capture, make_plain_record, make_visit

from archive.articles.model import SaveResult
from archive.captures.store import Captures
from archive.errors import Failure, Reason
from archive.ledger.model import OutletFacts, Visit
from archive.record import ArticleLink, Candidate, Document, Record, StoredCapture, article_id
from archive.store.writer import ArchiveWriter

START = datetime(2026, 2, 4, 12, tzinfo=UTC)
FIRST = Document(date(2026, 2, 4), "Cầu Mới thông xe", "Cầu dài 812 mét.\n\nMinh Khôi")


def url_of(key: str) -> str:
    """Return the address of an article."""
    return f"http://bao.example/tin-{key}.html"


def id_of(key: str) -> str:
    """Return the id of an article."""
    return article_id("bao", key)


def record_of(key: str, text: str = FIRST.text, **facts: object) -> Record:
    """Return an article as it is read, with this text."""
    given = {"url": url_of(key), "title": FIRST.title, "day": FIRST.date, "text": text, "tags": ("cầu",)}
    return replace(make_plain_record(key, "bao", **given, published_at=START, section="Thời sự"), **facts)


class Crawl:
    """One run of a crawler with given results, each an hour after the one before."""

    def __init__(self, archive: ArchiveWriter, folder: Path, began_at: datetime = START) -> None:
        self.archive = archive
        self.captures = Captures(folder)
        self.now = began_at
        archive.runs.declare([OutletFacts("bao", "Báo")])
        self.run = archive.runs.begin_run("crawl", {"folder": str(folder)}, began_at)

    def _visit(self, key: str) -> Visit:
        self.now += timedelta(hours=1)
        self.archive.ledger.discover(
            "bao", "", [ArticleLink(url_of(key), id_of(key), Candidate(url_of(key)))], self.now
        )
        return make_visit(url_of(key), run=self.run, asked_at=self.now, answered_at=self.now, size=0)

    def see(self, key: str, text: str = FIRST.text, **facts: object) -> SaveResult:
        """Fetch an article with this text."""
        visit = self._visit(key)
        capture = make_capture(
            text.encode(), url_of(key), fetched_at=self.now, headers=(("Content-Type", "text/html"),)
        )
        ref = self.captures.append(capture)
        return self.archive.save_record(record_of(key, text, **facts), visit, StoredCapture(ref, self.now))

    def miss(self, key: str) -> None:
        """Fetch a missing article, and some hours later once more."""
        failure = Failure(Reason.GONE, "404 Not Found")
        for hours in (0, 8):
            self.now += timedelta(hours=hours)
            self.archive.record_outcome(replace(self._visit(key), status=404, failure=failure))

    def end(self) -> None:
        """End the run."""
        self.captures.close()
        self.archive.runs.end_run(self.run, "done", {}, self.now)
