"""A news site on loopback whose pages change, move and disappear, and a crawler that watches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from factories import make_article_html, make_outlet

from archive.articles.model import Article
from archive.ledger.model import AddressHistory, AddressState, OutletFacts
from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import ByteServer, reply
from crawler.outlets.article_urls import article_link
from crawler.outlets.model import Outlet
from crawler.workers.pool import WorkerPool
from schedules.config import Settings
from schedules.events import Event, PageEvent
from schedules.pipeline.archiving import archive_due
from schedules.pipeline.context import RunContext
from schedules.pipeline.runtime import open_fetcher

HOST = "http://bao.example"
OUTLET = make_outlet("bao", "Báo", HOST, article=r"-(?P<key>\d+)\.(?:html|amp)$")
PUBLISHED = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
PARAGRAPHS = (
    "Cầu Mới dài 812 mét nối hai bờ sông, khởi công từ năm 2023 và được thông xe sáng nay sau ba năm xây dựng.",
    "Theo ban quản lý dự án, cầu có bốn làn xe, đường dẫn hai đầu dài hơn hai cây số và chịu được động đất cấp bảy.",
    "Người dân hai bên bờ đã chờ cây cầu này từ lâu, vì phà ngang sông thường phải dừng khi nước lớn.",
)


def page(title: str = "Cầu Mới thông xe", paragraphs: Sequence[str] = PARAGRAPHS, head: str = "") -> bytes:
    """Return the page of an article."""
    return make_article_html(title, paragraphs, PUBLISHED.isoformat(), head).encode()


def moved(path: str) -> bytes:
    """Return a redirect to another path of the site, or to another site."""
    return reply(301, Location=path if "://" in path else HOST + path)


@dataclass
class LiveSite:
    """The site, the archive of its articles, and the clock, which only the test moves.

    Attributes:
        answers: The responses, by path; a missing path is a 404.
        told: All reported events so far.
    """

    server: ByteServer
    context: RunContext
    outlet: Outlet
    clock: datetime = PUBLISHED + timedelta(minutes=5)
    told: list[Event] = field(default_factory=list)

    @property
    def archive(self) -> ArchiveWriter:
        """Return the archive."""
        return self.context.archive

    def put(self, path: str, answer: bytes) -> None:
        """Set the response of a path; bytes of a page mean a 200."""
        whole = answer if answer.startswith(b"HTTP/") else reply(200, answer)
        self.server.answers[HOST + path] = whole

    def lose(self, path: str) -> None:
        """Make a path a 404."""
        del self.server.answers[HOST + path]

    def list(self, *paths: str) -> None:
        """Let a source list these paths."""
        links = [article_link(self.outlet, HOST + path) for path in paths]
        self.archive.ledger.discover(self.outlet.id, f"{HOST}/rss", links, self.clock)

    async def crawl(self, **later: float) -> list[PageEvent]:
        """Move the clock, and fetch what is due then."""
        self.clock += timedelta(**later)
        before = len(self.told)
        await archive_due(self.context, self.outlet)
        return [event for event in self.told[before:] if isinstance(event, PageEvent)]

    def article(self, path: str) -> Article:
        """Return the archived article of an address."""
        article = self.archive.reader.article(HOST + path)
        assert article
        return article

    def address(self, path: str) -> AddressState:
        """Return what the ledger knows about an address."""
        address = self.archive.reader.address(HOST + path)
        assert address
        return address

    def why(self, path: str) -> AddressHistory:
        """Return everything that the ledger knows about an address."""
        why = self.archive.reader.why(HOST + path)
        assert why
        return why

    def due_in(self, path: str) -> timedelta | None:
        """Return how long it is until an address is due; None for never."""
        due = self.address(path).next_due_at
        return due - self.clock if due else None

    @property
    def paths(self) -> list[str]:
        """Return the requested paths, without robots.txt."""
        return [path.removeprefix(HOST) for path in self.server.paths if not path.endswith("robots.txt")]


@asynccontextmanager
async def live_site(folder: Path, workers: WorkerPool, outlet: Outlet = OUTLET) -> AsyncIterator[LiveSite]:
    """Start a site, and a crawler that reaches it through a proxy, so that its addresses stay the same.

    Args:
        folder: The folder of the archive and its captures.
        workers: The worker processes.
        outlet: The declaration of the site.
    """
    async with ByteServer({}) as server:
        network = {"proxy": f"http://127.0.0.1:{server.port}", "gap": 0}
        settings = Settings.model_validate({"archive": {"path": folder / "archive.db"}, "network": network})
        with ArchiveWriter.create_or_open(settings.archive.path) as archive:
            archive.runs.declare([OutletFacts(outlet.id, outlet.name)])
            run = archive.runs.begin_run("crawl", {}, PUBLISHED)
            told: list[Event] = []
            async with open_fetcher(settings) as fetcher:
                context = RunContext(
                    archive,
                    None,
                    fetcher,
                    workers,
                    report=told.append,
                    run=run,
                    now=lambda: site.clock,
                )
                site = LiveSite(server, context, outlet, told=told)
                yield site
