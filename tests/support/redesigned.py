"""A site that publishes articles and is redesigned at once, and an archive of it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.record import Candidate, article_id
from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import ByteServer, reply
from crawler.newsstand.redesign import redesigned_page
from crawler.outlets.article_urls import ArticleLink, article_key
from crawler.outlets.catalogue import load_catalogue
from crawler.outlets.model import Outlet
from schedules.config import Settings
from schedules.drafting.healing import HealingTools
from schedules.pipeline.archiving import archive_due
from schedules.pipeline.context import RunContext, declare
from schedules.pipeline.runtime import max_page_bytes, open_run_context
from schedules.service.healer import HealingTask

HOST = "http://bao.example"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DECLARATION = f"""name = "Báo"
home = "{HOST}"
article = '-(?P<key>\\d+)\\.html$'
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
[reading]
title = "h1"
standfirst = ".sapo"
body = ".text"
byline = ".author"
section = ".section"
drop = ".related"
"""
WORDS = "sông cầu đường chợ phà bến tàu lúa mưa nắng trường lớp thầy trò làng phố núi biển thuyền lưới".split()


def sentence(chance: random.Random, words: int = 30) -> str:
    """Return a sentence that occurs nowhere else."""
    return " ".join(chance.choice(WORDS) for _ in range(words)).capitalize() + "."


def article_page(number: int, at: datetime) -> bytes:
    """Return the page of an article in its first design; the same at every call."""
    chance = random.Random(number)
    paragraphs = "".join(f"<p>{sentence(chance)}</p>" for _ in range(5))
    title, sapo, author = (
        f"Tin số {number} về {sentence(chance, 4)}",
        sentence(chance, 20),
        f"Nguyễn Văn {'ABCDE'[number % 5]}n",
    )
    return (
        f'<!doctype html><html lang="vi"><head><title>{title} - Báo</title><meta property="og:title" content="{title}">'
        f'<meta property="article:published_time" content="{at.isoformat()}"></head><body>'
        f'<nav><a href="/a">Thời sự</a><a href="/b">Kinh tế</a></nav><div class="section">Thời sự</div><h1>{title}</h1>'
        f'<p class="sapo">{sapo}</p><div class="text">{paragraphs}<div class="related">'
        f'<a href="/x-1.html">Tin khác nữa</a></div></div><p class="author">{author}</p></body></html>'
    ).encode()


@dataclass
class RedesignedSite:
    """The site, its archive, and a clock that the test moves.

    Attributes:
        design: The number of its design.
        clock: The current time.
    """

    server: ByteServer
    context: RunContext
    settings: Settings
    folder: Path
    design: int = 0
    clock: datetime = START
    published: dict[int, datetime] = field(default_factory=dict)

    @property
    def outlet(self) -> Outlet:
        """Return the outlet with its declared rules."""
        return load_catalogue(self.folder / "outlets", self.settings.healed_folder / "in-force")["bao"]

    def show(self) -> None:
        """Set the responses of the site in its current design."""
        for number, at in self.published.items():
            page = redesigned_page(article_page(number, at), self.design)
            self.server.answers[f"{HOST}/tin-{number}.html"] = reply(200, page)

    async def publish(self, articles: int, every: timedelta = timedelta(minutes=40)) -> None:
        """Publish articles one after the other, and archive each."""
        outlet = self.outlet
        declare(self.context, outlet)
        for _ in range(articles):
            self.clock += every
            number = len(self.published) + 1
            self.published[number] = self.clock
            self.show()
            url = f"{HOST}/tin-{number}.html"
            link = ArticleLink(url, article_id(outlet.id, article_key(outlet, url)), Candidate(url))
            self.context.archive.ledger.discover(outlet.id, f"{HOST}/rss", [link], self.clock)
            await archive_due(self.context, outlet)

    def task(self, *, apply: bool = True, fetch: bool = True) -> HealingTask:
        """Return what healing the site needs."""
        return HealingTask(
            archive=self.context.archive,
            tools=HealingTools(
                self.context.archive.reader,
                self.context.fetcher if fetch else None,
                self.context.workers,
                self.settings.captures_folder,
                max_page_bytes(self.settings),
                lambda: self.clock,
            ),
            folder=self.settings.healed_folder,
            apply=apply,
        )


@asynccontextmanager
async def redesigned_site(folder: Path) -> AsyncIterator[RedesignedSite]:
    """Start a site, and an archive with captures that watches it through a proxy."""
    (folder / "outlets").mkdir()
    (folder / "outlets" / "bao.toml").write_text(DECLARATION, encoding="utf-8")
    async with ByteServer({}) as server:
        told = {
            "archive": {"path": folder / "archive.db"},
            "network": {"proxy": f"http://127.0.0.1:{server.port}", "gap": 0},
            "reading": {"workers": 1},
        }
        settings = Settings.model_validate(told)
        with ArchiveWriter.create_or_open(settings.archive.path) as archive:
            run = archive.runs.begin_run("crawl", {}, START)
            async with open_run_context(settings, archive, lambda event: None, run, lambda: site.clock) as context:
                site = RedesignedSite(server, context, settings, folder)
                yield site
