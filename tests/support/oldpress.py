"""An outlet with old articles on loopback, and every kind of list that leads to them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from factories import (
    make_article_html,
    make_json_answer,
    make_links_html,
    make_outlet,
    make_sitemap,
    make_sitemap_index,
)

from archive.captures.store import Captures
from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import Answer, ByteServer, reply
from crawler.outlets.model import Outlet, Source
from crawler.workers.pool import WorkerPool
from schedules.backfill.model import BackfillOptions, BackfillRequest
from schedules.backfill.outlet_backfill import OutletBackfill
from schedules.backfill.requests import start_or_resume
from schedules.config import Settings
from schedules.events import Event
from schedules.pipeline.context import RunContext
from schedules.pipeline.runtime import LedgerHosts, open_fetcher
from schedules.timing.date_range import DateRange

HOST = "http://cu.example"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST = date(2024, 1, 1)
NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
_TEXT = (
    "Bản tin số {number} của ngày {day} kể rằng phiên chợ đã họp từ sáng sớm, đông hơn mọi năm.",
    "Ban quản lý cho biết số ghe thuyền neo dọc bờ kè là {number}, phần lớn đến từ các tỉnh lân cận.",
    "Phiên kế tiếp sẽ họp vào chủ nhật, có thêm khu ẩm thực và bến đò miễn phí cho học sinh.",
)


def outlet_of(*sources: Source, **facts: object) -> Outlet:
    """Return the outlet, with these sources."""
    return make_outlet("cu", "Báo Cũ", HOST, *sources, **{"article": r"-(?P<key>\d{7})\.html$"} | facts)


def archive(path: str) -> Source:
    """Return a source of kind `archive`."""
    return Source(kind="archive", url=HOST + path)


@dataclass
class OldPress:
    """The responses of the outlet, by path.

    Attributes:
        per_day: Articles per day.
        days: How many days it published.
        given: Responses of some paths that replace the usual ones.
        size: Entries of one page of a listing.
        first: The first day on which it published.
    """

    per_day: int = 3
    days: int = 60
    size: int = 10
    given: dict[str, Answer] = field(default_factory=dict)
    first: date = FIRST

    def numbers(self, first: date, last: date) -> list[int]:
        """Return the numbers of the articles of some days."""
        begin_, end = ((day - self.first).days * self.per_day for day in (first, last + timedelta(days=1)))
        return list(range(max(begin_, 0), max(min(end, self.per_day * self.days), 0)))

    def day(self, number: int) -> date:
        """Return the day of an article."""
        return self.first + timedelta(days=number // self.per_day)

    def moment(self, number: int) -> datetime:
        """Return when an article was published."""
        day = self.day(number)
        return datetime(day.year, day.month, day.day, 7 + number % self.per_day % 12, 30, tzinfo=ZONE)

    def url(self, number: int) -> str:
        """Return the address of an article."""
        return f"{HOST}/bai-{number:07}.html"

    # The mapping that `ByteServer` needs.

    def get(self, target: str, default: Answer) -> Answer:
        """Return the response of an address."""
        path = target.removeprefix(HOST)
        if path in self.given:
            return self.given[path]
        for pattern, make in self._paths():
            if found := re.fullmatch(pattern, path):
                return make(self, *map(int, found.groups())) or default
        return default

    @staticmethod
    def _paths() -> tuple[tuple[str, Callable[..., bytes | None]], ...]:
        return (
            (r"/bai-(\d{7})\.html", OldPress.article),
            (r"/ngay/(\d+)/(\d+)/(\d+)/trang-(\d+)", OldPress.day_page),
            (r"/sitemaps/news-(\d{4})-(\d+)\.xml", OldPress.month_sitemap),
            (r"/timeline/trang-(\d+)\.htm", OldPress.timeline),
            (r"/api/zone-(\d+)\.json", OldPress.listing),
        )

    def article(self, number: int) -> bytes | None:
        """Return the page of an article."""
        if number >= self.per_day * self.days:
            return None
        title = f"Tin số {number} ngày {self.day(number)}"
        lines = [line.format(number=number, day=self.day(number)) for line in _TEXT]
        return reply(200, make_article_html(title, lines, self.moment(number).isoformat()).encode())

    def day_page(self, year: int, month: int, day: int, page: int) -> bytes:
        """Return a page of a day's archive, with two articles; after the end, the last page again."""
        numbers = self.numbers(date(year, month, day), date(year, month, day))
        pages = max((len(numbers) + 1) // 2, 1)
        here = numbers[(min(page, pages) - 1) * 2 :][:2]
        return self._section(here)

    def month_sitemap(self, year: int, month: int) -> bytes | None:
        """Return the sitemap of a month, without times of publication."""
        first = date(year, month, 1)
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        numbers = self.numbers(first, last)
        return sitemap(*map(self.url, numbers)) if numbers else None

    def timeline(self, page: int) -> bytes:
        """Return a page of a section, newest first, without days; after the end, without articles."""
        return self._section(self._newest(page))

    def listing(self, page: int) -> bytes:
        """Return a page of a JSON listing, newest first, with times."""
        contents = [
            {"title": f"Tin {n}", "url": self.url(n), "date": int(self.moment(n).timestamp())}
            for n in self._newest(page)
        ]
        return make_json_answer({"data": {"contents": contents}})

    def _newest(self, page: int) -> list[int]:
        newest = range(self.per_day * self.days - 1, -1, -1)
        return list(newest[(page - 1) * self.size : page * self.size])

    def _section(self, numbers: list[int]) -> bytes:
        return reply(200, make_links_html((self.url(n), f"Tin số {n}") for n in numbers).encode())


def sitemap(*urls: str) -> bytes:
    """Return a sitemap without times."""
    return reply(200, make_sitemap(urls), Content_Type="application/xml")


def index(*children: tuple[str, str]) -> bytes:
    """Return an index of sitemaps, each with its path and its `lastmod`."""
    urls, days = [HOST + path for path, _ in children], [day for _, day in children]
    return reply(200, make_sitemap_index(urls, days), Content_Type="application/xml")


@dataclass
class Past:
    """The outlet, an archive, and the context of a run.

    Attributes:
        told: The reported events so far.
    """

    press: OldPress
    server: ByteServer
    context: RunContext
    outlet: Outlet
    told: list[Event]

    async def fill(self, since: date, until: date, **facts: object) -> int:
        """Run a backfill, and end it if it is done; return its run."""
        request = BackfillRequest((self.outlet.id,), DateRange(since, until))
        run = start_or_resume(self.context.archive.runs, request)
        part = OutletBackfill(self.context, self.outlet, BackfillOptions(run, request.dates, **facts))
        part.enter_initial_lists()
        if await part.work() and part.options.pages:
            self.context.archive.runs.end_run(run, "done", {}, NOW)
            self.context.archive.runs.release_addresses(run)
        return run

    @property
    def dates(self) -> dict[str, int]:
        """Return the number of archived articles, by day."""
        rows = self.context.archive.db.execute("SELECT date, count(*) FROM articles GROUP BY date").fetchall()
        return dict(rows)

    @property
    def lists(self) -> dict[str, tuple[str, str, str]]:
        """Return state, reason and detail of each list, by path."""
        rows = self.context.archive.db.execute("SELECT url, state, reason, detail FROM lists").fetchall()
        return {url.removeprefix(HOST): (state, reason, detail) for url, state, reason, detail in rows}

    def asked(self, pattern: str = "") -> list[str]:
        """Return the requested paths that match."""
        paths = [path.removeprefix(HOST) for path in self.server.paths]
        return [path for path in paths if re.search(pattern, path) and path != "/robots.txt"]


@asynccontextmanager
async def past(folder: Path, workers: WorkerPool, press: OldPress, *sources: Source) -> AsyncIterator[Past]:
    """Start the outlet with these sources, and an archive in a folder."""
    async with ByteServer(press) as server:
        network = {"proxy": f"http://127.0.0.1:{server.port}", "gap": 0}
        settings = Settings.model_validate({"archive": {"path": folder / "archive.db"}, "network": network})
        with ArchiveWriter.create_or_open(settings.archive.path) as kept:
            run = kept.runs.begin_run("crawl", {}, NOW)
            told: list[Event] = []
            async with open_fetcher(settings, LedgerHosts(kept.reader, kept.ledger)) as fetcher:
                captures = Captures(settings.captures_folder)
                context = RunContext(kept, captures, fetcher, workers, told.append, run, now=lambda: NOW)
                try:
                    yield Past(press, server, context, outlet_of(*sources), told)
                finally:
                    captures.close()


def captures(*times: str) -> bytes:
    """Return the response of a CDX server."""
    rows = [["timestamp", "statuscode", "mimetype", "original"], *([time, "200", "text/html", ""] for time in times)]
    return make_json_answer(rows)
