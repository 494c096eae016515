"""Crawl an outlet once: source -> links -> fetch -> capture -> read -> record -> store.

The steps meet only here. `polling` finds the links; `archiving` fetches, reads and stores the pages. A failure on the
way is a value that is recorded in the ledger and reported as an event, and the crawl goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archive.errors import Failure, Reason
from crawler.discovery.autodiscovery import complete, is_guess
from crawler.outlets.article_urls import article_link, canonical
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet, Source
from crawler.page import Fetched
from schedules.events import Event, PageEvent, PollEvent
from schedules.pipeline.archiving import archive_due, archive_page
from schedules.pipeline.context import RunContext, declare
from schedules.pipeline.polling import live_sources, poll


async def crawl_outlet(
    context: RunContext, outlet: Outlet, limit: int | None = None, *, due_only: bool = False
) -> None:
    """Poll the sources of an outlet, then archive the pages that are due.

    Args:
        context: The run.
        outlet: The outlet.
        limit: The largest number of pages to fetch; None for all.
        due_only: Poll only the sources that are due, not every source.
    """
    declare(context, outlet)
    resting = context.archive.reader.sources_not_due(context.now()) if due_only else frozenset[str]()
    for source in live_sources(outlet, context.now()):
        if source.url not in resting and not context.stop.is_set():
            await poll(context, outlet, source)
    await archive_due(context, outlet, limit)


async def crawl_site(
    context: RunContext, address: str, catalogue: Mapping[str, Outlet], limit: int | None = None
) -> None:
    """Crawl an address: as another source of the outlet that declares it, or as a site of its own.

    Args:
        context: The run.
        address: The address of a source or of a site.
        catalogue: Every declared outlet, by id.
        limit: The largest number of pages to fetch; None for all.
    """
    declared = outlet_for(catalogue, address)
    if declared:
        source = Source(kind="unknown", url=canonical(address) or address)
        await crawl_outlet(context, declared.model_copy(update={"sources": (source,)}), limit)
        return
    outlet = await discover_sources(context, address)
    if isinstance(outlet, Outlet):
        await crawl_outlet(_forgiving_guesses(context), outlet, limit)
    else:
        context.report(PollEvent(bare_outlet(address).id, address, "site", failure=outlet))


def _forgiving_guesses(context: RunContext) -> RunContext:
    """Return a context that reports a missing source as no failure if its address was only a guess."""

    def report(event: Event) -> None:
        if isinstance(event, PollEvent) and event.failure and event.failure.reason is Reason.GONE:
            event = replace(event, failure=None, notes="a guess; not there") if is_guess(event.url) else event
        context.report(event)

    return replace(context, report=report)


async def discover_sources(context: RunContext, address: str) -> Outlet | Failure:
    """Find the sources of an undeclared site: in its home page and robots.txt, or else by common paths."""
    bare = bare_outlet(address)
    front = await context.fetcher.fetch(address, outlet=bare, accept="site")
    if not isinstance(front, Fetched):
        return front if isinstance(front, Failure) else Failure(Reason.EMPTY, address)
    rules = await context.fetcher.rules(front.page.url, outlet=bare)
    sitemaps = () if isinstance(rules, Failure) else rules.sitemaps
    return await context.workers.run(complete, bare_outlet(front.page.url), front.page, sitemaps)


async def add_page(context: RunContext, address: str, catalogue: Mapping[str, Outlet]) -> None:
    """Archive the page at an address now, even if the ledger says that it is not due."""
    url = canonical(address)
    if url is None:
        hint = "write an address like https://example.vn/a.html"
        context.report(PageEvent("-", address, failure=Failure(Reason.BAD_ADDRESS, hint)))
        return
    outlet = outlet_for(catalogue, url) or bare_outlet(url)
    declare(context, outlet)
    context.archive.ledger.discover(outlet.id, "", [article_link(outlet, url)], context.now())
    known = context.archive.reader.address(url)
    assert known is not None
    await archive_page(context, outlet, known)
