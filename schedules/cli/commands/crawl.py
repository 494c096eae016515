"""Run `khobao crawl` and `khobao add`: crawl once, now.

What a crawl needs is imported when one begins, so that the help is quick.
"""

from __future__ import annotations

from contextlib import closing

import click

from schedules.cli.lookups import enabled_outlets
from schedules.cli.session import Session, command


@command(name="crawl")
@click.argument("outlets", nargs=-1, metavar="[OUTLET|URL]...")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Fetch at most N pages of each outlet.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def crawl_command(session: Session, outlets: tuple[str, ...], limit: int | None, as_json: bool) -> int:
    """Poll the sources of outlets now and archive new articles.

    OUTLET is an id from `khobao outlets`; without any, all enabled outlets are crawled. A URL is crawled as one more
    source of its outlet; if its site is not declared, khobao searches the site for feeds and sitemaps.
    """
    from schedules.cli.crawl_once import CrawlPlan, run_plan

    sites = tuple(name for name in outlets if "://" in name)
    named = [name for name in outlets if "://" not in name]
    chosen = () if sites and not named else enabled_outlets(session, named)
    return run_plan(session, CrawlPlan("crawl", outlets=chosen, sites=sites, limit=limit), as_json=as_json)


@command(name="add")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--json", "as_json", is_flag=True, help="Print counts by outlet and each address as JSON.")
def add_command(session: Session, urls: tuple[str, ...], as_json: bool) -> int:
    """Archive single pages now, even if they were rejected or failed before.

    For each address, print the article's id, or why there is none. While `khobao run` holds the archive, the service
    does the work.
    """
    from crawler.workers.process import READER_IMPORTS, WorkerProcess

    with closing(WorkerProcess(READER_IMPORTS)) as worker:  # it imports what it needs while this process does
        from schedules.cli.crawl_once import CrawlPlan, run_plan

        plan = CrawlPlan("add", pages=tuple(dict.fromkeys(urls)))
        return run_plan(session, plan, as_json=as_json, worker=worker)
