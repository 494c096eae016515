"""The archive of the newsstand, crawled with the real code, then with edits, a copy and a deletion."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from archive.articles.model import Article
from archive.errors import Failure, Reason
from archive.ledger.backfill_model import Coverage
from archive.ledger.model import Visit
from archive.record import article_id
from archive.store.writer import ArchiveWriter
from crawler.newsstand import Newsstand
from crawler.reading.confidence import WEAK_DATE
from schedules.config import Settings
from schedules.pipeline.runtime import CrawlPlan, run_crawl

LATER = timedelta(days=1)


def crawl(path: Path) -> None:
    """Crawl the newsstand into an archive, like the demo."""
    with Newsstand() as stand:
        network = {"proxy": stand.proxy, "gap": 0}
        settings = Settings.model_validate({"archive": {"path": path}, "network": network})
        plan = CrawlPlan("crawl", outlets=tuple(stand.outlets.values()))
        with ArchiveWriter.create_or_open(path) as archive:
            asyncio.run(run_crawl(plan, settings, stand.outlets, archive, lambda event: None))


def change(path: Path) -> None:
    """Let outlets edit three articles, and delete a fourth."""
    with ArchiveWriter.create_or_open(path) as archive:
        run = archive.runs.begin_run("crawl", {}, archive_time(archive))
        for outlet in ("vntin", "phuongnam", "songhong"):
            edit(archive, run, longest(archive, outlet))
        take_down(archive, run, longest(archive, "biendong"))
        reprint(archive, longest(archive, "vntin"), "cholon")
        audit(archive)
        archive.runs.end_run(run, "done", {}, archive_time(archive) + 3 * LATER)


def audit(archive: ArchiveWriter) -> None:
    """Store audited days: complete ones, incomplete ones, and one without any archived article."""
    today = archive_time(archive)
    days = [
        Coverage(
            day=(today - n * LATER).date(), announced=9, archived=9 - n, missing=n, reasons={"gone": n} if n else {}
        )
        for n in range(10)
    ]
    archive.runs.save_coverage("vntin", days, today)


def archive_time(archive: ArchiveWriter):
    """Return when the newest article was first seen."""
    return max(found.first_seen_at for outlet in ("vntin", "biendong") for found in [longest(archive, outlet)])


def longest(archive: ArchiveWriter, outlet: str) -> Article:
    """Return the article of an outlet that has the most paragraphs."""
    records = [record for record in archive.reader.records() if record.outlet == outlet]
    found = archive.reader.article(max(records, key=lambda record: len(record.document.paragraphs)).id)
    assert found
    return found


def edit(archive: ArchiveWriter, run: int, article: Article) -> None:
    """Change an article's headline, a word and a number in its text, add a paragraph, and let its reading be unsure."""
    document = article.record.document
    first, second, *rest = document.text.split("\n\n")
    more = "Tòa soạn đã bổ sung ý kiến của cơ quan chức năng vào cuối ngày."
    text = "\n\n".join([first, f"{second} Con số 12 này chưa được kiểm chứng.", *rest[:-1], more, *rest[-1:]])
    record = replace(
        article.record, document=replace(document, title=f"{document.title} (cập nhật)", text=text), doubts=(WEAK_DATE,)
    )
    assert record.url
    then = article.first_seen_at + LATER
    archive.save_record(record, Visit(url=record.url, run=run, asked_at=then, answered_at=then, status=200))


def take_down(archive: ArchiveWriter, run: int, article: Article) -> None:
    """Let two visits, a day apart, find an article missing."""
    url = article.record.url
    assert url
    for days in (1, 2):
        then = article.first_seen_at + days * LATER
        gone = Failure(Reason.GONE, "404")
        archive.record_outcome(Visit(url=url, run=run, asked_at=then, answered_at=then, status=404, failure=gone))


def reprint(archive: ArchiveWriter, article: Article, outlet: str) -> None:
    """Let another outlet print an article two hours later."""
    record = article.record
    assert record.published_at
    copy = replace(
        record,
        id=article_id(outlet, "copy"),
        outlet=outlet,
        url=f"http://{outlet}.example/copy.html",
        published_at=record.published_at + timedelta(hours=2),
        captions=(),
    )
    archive.save_document(copy, article.first_seen_at)
