"""Carry out one crawl from the command line: show its progress, and print its result."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from archive.errors import ArchiveLocked, Failure, Reason
from archive.store.reader import ArchiveReader
from crawler.outlets.article_urls import canonical
from crawler.workers.process import WorkerProcess
from schedules.cli.delegation import delegate, follow
from schedules.cli.progress import RunDisplay, conclude, displaying, print_failures
from schedules.cli.session import Session
from schedules.events import PageEvent, Tally
from schedules.pipeline.context import utc_now
from schedules.pipeline.runtime import CrawlPlan, run_crawl


def run_plan(session: Session, plan: CrawlPlan, *, as_json: bool, worker: WorkerProcess | None = None) -> int:
    """Run a plan, show its progress and print its result; return the exit code.

    Args:
        session: The session of this command.
        plan: What to crawl.
        as_json: Print the result as JSON.
        worker: A worker process that was started ahead.
    """
    try:
        create = plan.kind == "crawl"
        with session.writer(create=create) as archive, displaying(session, strict=bool(plan.pages)) as display:
            asyncio.run(run_crawl(plan, session.settings, session.catalogue, archive, display.add, worker))
    except ArchiveLocked:
        if plan.kind != "add":
            raise
        if worker:
            worker.close()  # the service has its own
        display = _delegate_to_service(session, plan)
    if plan.kind == "add":
        _print_pages(session, plan, display, as_json=as_json)
    else:
        conclude(session, display, as_json)
    return display.exit_code


def _delegate_to_service(session: Session, plan: CrawlPlan) -> RunDisplay:
    """Let the service that holds the archive run a plan, and wait for it."""
    run = delegate(
        session, lambda runs: runs.begin_run("add", plan.arguments(), utc_now(), state="waiting", served=True)
    )
    finished = follow(session, run)
    display = RunDisplay(strict=True, tallies={name: Tally.of(counts) for name, counts in finished.counts.items()})
    with session.reader() as archive:
        for page in plan.pages:
            known = archive.address(canonical(page) or page)
            if known and known.reason:
                failure = Failure(Reason(known.reason), known.detail)
                display.failures.append(PageEvent(known.outlet, page, failure=failure))
                display.failed += 1
    return display


_MEANINGS = {
    "archived": "archived",
    "revised": "archived as a new revision",
    "unchanged": "archived before, unchanged",
    "churned": "archived before, unchanged",
    "": "archived before",
}


def _print_pages(session: Session, plan: CrawlPlan, display: RunDisplay, *, as_json: bool) -> None:
    """Print the result of each address: its article's id and headline, or why there is none."""
    failures = {event.url: event.failure for event in display.failures if event.failure}
    with session.reader() as archive:
        fates = [_fate(archive, page, failures) for page in plan.pages]
    if as_json:
        counts = {outlet: tally.counts() for outlet, tally in display.tallies.items()}
        session.print_json(counts | {"pages": fates})
    else:
        for facts in fates:
            if "id" in facts:
                meaning = _MEANINGS[str(facts["outcome"])]
                session.print(f"{facts['id']}  {facts['date']}  {facts['title']}  ({meaning})")
    print_failures(session, display)


def _fate(archive: ArchiveReader, page: str, failures: Mapping[str, Failure]) -> dict[str, object]:
    """Return the result of an address, as `khobao add --json` prints it."""
    url = canonical(page) or page
    article, why = archive.article(url), archive.why(url)
    failure = failures.get(page) or failures.get(url)
    if failure:
        return {"url": page, "outcome": "failed", "reason": failure.reason.value, "detail": failure.detail}
    if article is None:
        return {"url": page, "outcome": "failed", "reason": why.address.reason if why else "", "detail": ""}
    outcome = str(why.requests[-1]["outcome"]) if why and why.requests else ""
    record = article.record
    return {
        "url": page,
        "outcome": outcome if outcome in _MEANINGS else "",
        "id": record.id,
        "outlet": record.outlet,
        "date": record.document.date,
        "title": record.document.title,
        "revision": article.revision,
    }


__all__ = ["CrawlPlan", "run_plan"]
