"""An archive of one invented outlet, filled page by page like a crawl, but without a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from factories import make_article_html, make_capture

from archive.captures.store import Captures
from archive.errors import Failure
from archive.ledger.model import OutletFacts, Visit
from archive.record import Candidate, Record, StoredCapture
from archive.store.writer import ArchiveWriter
from crawler.outlets.article_urls import article_link
from crawler.outlets.model import Outlet, Reading
from crawler.page import Page
from crawler.reading.extract import read_article

START = datetime(2026, 2, 4, 12, tzinfo=UTC)
SENTENCES = (
    "Chủ tịch nước hội đàm trực tuyến với người đồng cấp trong khoảng một giờ hai mươi lăm phút vào chiều ngày 4/2.",
    "Hai bên nhất trí duy trì các cuộc trao đổi cấp cao và mở rộng hợp tác trong nhiều lĩnh vực cùng quan tâm.",
)
OUTLET = Outlet(
    id="bao",
    name="Báo Ví dụ",
    home="https://bao.example/",
    article=r"-(?P<key>\d{7})\.html",
    language="vi",
    timezone="Asia/Ho_Chi_Minh",
    reading=(Reading(title=("h1",), standfirst=(".sapo",), body=(".body",)),),
)


def address(number: int) -> str:
    """Return the address of an article."""
    return f"https://bao.example/hoi-dam-{number:07}.html"


def html(*paragraphs: str, title: str = "Hội đàm cấp cao hai nước", day: str = "2026-02-04", body: str = "body") -> str:
    """Return a page of the outlet."""
    whole = make_article_html(title, paragraphs or SENTENCES, f"{day}T08:00:00+07:00" if day else "")
    standfirst = "<p class=sapo>Hai nhà lãnh đạo bàn về hợp tác.</p>"
    return whole.replace("<article>", f"{standfirst}<div class={body}>").replace("</article>", "</div>")


@dataclass
class Clippings:
    """The archive and its captures.

    Attributes:
        folder: The folder of both.
        outlet: The outlet.
        start: The time of the first request.
        step: The time between two requests.
        requests: The number of requests so far.
    """

    folder: Path
    outlet: Outlet = OUTLET
    start: datetime = START
    step: timedelta = timedelta(hours=1)
    requests: int = 0
    archive: ArchiveWriter = field(init=False)
    captures: Captures = field(init=False)

    def __enter__(self) -> Self:
        self.archive = ArchiveWriter.create_or_open(self.folder / "archive.db")
        self.captures = Captures(self.folder / "captures")
        home = self.outlet
        self.archive.runs.declare([OutletFacts(home.id, home.name, home.home, home.language, home.timezone)])
        self.run = self.archive.runs.begin_run("crawl", {}, self.start)
        return self

    def __exit__(self, *_: object) -> None:
        self.captures.close()
        self.archive.close()

    @property
    def now(self) -> datetime:
        """Return the time of the next request."""
        return self.start + self.requests * self.step

    def visit(self, url: str, page: str, *, kept: bool = True, published: datetime | None = None) -> Record | Failure:
        """Fetch a page, read it by the outlet's rules, and record the result.

        Args:
            url: The address of the page.
            page: The response.
            kept: Store the response.
            published: The time of publication that a source gives.
        """
        candidate = Candidate(url, "", published)
        self.archive.ledger.discover(self.outlet.id, "", [article_link(self.outlet, url, candidate)], self.now)
        fetched_at = self.now + timedelta(seconds=1)
        capture = make_capture(page.encode(), url, fetched_at=fetched_at)
        ref = StoredCapture(self.captures.append(capture), fetched_at) if kept else None
        record = read_article(Page(url, page.encode(), "text/html; charset=utf-8", candidate), self.outlet, self.now)
        failure = record if isinstance(record, Failure) else None
        answered_at = self.now + timedelta(seconds=2)
        visit = Visit(url=url, run=self.run, asked_at=self.now, answered_at=answered_at, status=200, failure=failure)
        self.requests += 1
        if isinstance(record, Record):
            self.archive.save_record(record, visit, ref)
        else:
            self.archive.record_outcome(replaced(visit), ref)
        return record

    def texts(self, record: Record) -> list[tuple[str, str]]:
        """Return the change and the text of every revision of an article, oldest first."""
        rows = self.archive.reader.query(
            "SELECT change, text FROM versions WHERE article = ? ORDER BY revision", (record.id,)
        )
        return [(row["change"], row["text"]) for row in rows]


def replaced(visit: Visit) -> Visit:
    """Return a visit whose page was read and is not an article."""
    facts = {name: getattr(visit, name) for name in Visit.__dataclass_fields__}
    return Visit(**facts | {"rejected": True})
