"""`khobao crawl` and `khobao add`: one pass now."""

from __future__ import annotations

import asyncio

import click

from archive.errors import ArchiveLocked, Failure, Reason
from crawler.outlets.article_urls import canonical
from schedules.cli.delegation import follow, hand_over
from schedules.cli.lookups import enabled_outlets
from schedules.cli.progress import Show, conclude, showing
from schedules.cli.session import Session, command
from schedules.events import Asked, Tally
from schedules.pipeline.context import utc_now
from schedules.pipeline.runtime import CrawlPlan, run_crawl


@command(name="crawl")
@click.argument("outlets", nargs=-1, metavar="[OUTLET|URL…]")
@click.option("--limit", type=click.IntRange(min=0), help="Ask for at most so many pages of each outlet.")
@click.option("--json", "as_json", is_flag=True, help="Tell the counts as JSON.")
def crawl_command(session: Session, outlets: tuple[str, ...], limit: int | None, as_json: bool) -> int:
    """Poll the sources of outlets now and archive what is new.

    OUTLET is an id from `khobao outlets`; none means all that are enabled. A URL is crawled as one more source of the
    outlet it belongs to; of a site that is not declared, feeds and sitemaps are found by themselves.
    """
    sites = tuple(name for name in outlets if "://" in name)
    named = [name for name in outlets if "://" not in name]
    chosen = () if sites and not named else enabled_outlets(session, named)
    return crawl_and_tell(session, CrawlPlan("crawl", outlets=chosen, sites=sites, limit=limit), as_json)


@command(name="add")
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option("--json", "as_json", is_flag=True, help="Tell the counts as JSON.")
def add_command(session: Session, urls: tuple[str, ...], as_json: bool) -> int:
    """Archive these pages now, whatever the ledger thought of them."""
    return crawl_and_tell(session, CrawlPlan("add", pages=urls), as_json)


def crawl_and_tell(session: Session, plan: CrawlPlan, as_json: bool) -> int:
    """Carry out a plan, showing how it goes and what it came to; the exit code."""
    try:
        with session.writer(create=plan.kind == "crawl") as archive, showing(session, strict=bool(plan.pages)) as show:
            asyncio.run(run_crawl(plan, session.settings, session.catalogue, archive, show.tell))
    except ArchiveLocked:
        if plan.kind != "add":
            raise
        show = _leave_to_service(session, plan)
    conclude(session, show, as_json)
    return show.exit_code


def _leave_to_service(session: Session, plan: CrawlPlan) -> Show:
    """Let the service that holds the archive carry out a plan; what it came to."""
    run = hand_over(
        session, lambda runs: runs.begin_run("add", plan.arguments(), utc_now(), state="waiting", served=True)
    )
    kept = follow(session, run)
    show = Show(strict=True, tallies={name: Tally.of(counts) for name, counts in kept.counts.items()})
    with session.reader() as archive:
        for page in plan.pages:
            known = archive.address(canonical(page) or page)
            if known and known.reason:
                failure = Failure(Reason(known.reason), known.detail)
                show.failures.append(Asked(known.outlet, page, failure=failure))
                show.failed += 1
    return show
