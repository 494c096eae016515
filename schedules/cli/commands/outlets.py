"""Run `khobao outlets`: list the declared outlets, or check, draft and heal them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

import click
from rich.table import Table
from rich.text import Text

from archive.database.connection import archive_exists
from archive.errors import UsageError
from archive.ledger.model import HostFacts, OutletStatus
from archive.statistics.extraction_stats import extraction_stats
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.article_urls import select_articles
from crawler.outlets.model import Outlet, Source
from crawler.page import Listing
from crawler.workers.pool import WorkerPool
from schedules.cli.lookups import enabled_outlets
from schedules.cli.params import PathArgument
from schedules.cli.session import Session, command
from schedules.events import PollEvent
from schedules.monitoring.drift import Drift, drifts
from schedules.monitoring.health import Health, examine
from schedules.pipeline.context import utc_now
from schedules.pipeline.polling import live_sources
from schedules.pipeline.runtime import LedgerHosts, make_workers, open_fetcher
from schedules.pipeline.source_reading import fetch_listing

_SAMPLES = 6  # pages from which a draft is made
_WIDE = 110  # columns that hold the widest row: an id, a name, a home page and three short columns
_FILE = PathArgument()


@command(name="outlets")
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("--check", is_flag=True, help="Poll every source now, archive nothing, and report what fails.")
@click.option("--boilerplate", is_flag=True, help="Print lines that recur in articles, as rules that remove them.")
@click.option("--new", metavar="URL", help="Draft a declaration of this site.")
@click.option("--write", type=_FILE, metavar="FILE", help="With --new: write the draft to this file.")
@click.option("--report", type=_FILE, metavar="FILE.html", help="With --new: write a page that shows what it reads.")
@click.option(
    "--samples", type=click.IntRange(1, 50), default=_SAMPLES, show_default=True, metavar="N", help="With --new: pages."
)
@click.option(
    "--match",
    type=click.File("r", encoding="utf-8", errors="replace"),
    metavar="FILE|-",
    help="For each address in this file, print its outlet, whether it is an article, and why.",
)
@click.option("--heal", metavar="OUTLET", help="Draft new rules for an outlet that was redesigned; apply proven ones.")
@click.option("--undo", is_flag=True, help="With --heal: put the earlier rules in force again.")
@click.option("--shard", default="", metavar="I/N", help="Print the ids of one share of the outlets, by host.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per outlet, source or address.")
def outlets_command(
    session: Session,
    outlets: tuple[str, ...],
    check: bool,
    boilerplate: bool,
    new: str | None,
    write: Path | None,
    report: Path | None,
    samples: int,
    match: IO[str] | None,
    heal: str | None,
    undo: bool,
    shard: str,
    as_json: bool,
) -> int:
    """List the declared outlets, their sources, and what the archive has of them.

    \b
    health  declared     never polled here; its sources were verified before
            unproven     never polled here, and its declaration is a guess;
                         `khobao outlets --check ID` proves it
            N unproven   never polled here; N of its sources are a guess
            ok           articles arrive as expected
            quiet        expected articles did not arrive
            drifting     pages are read differently than before
            retrying     every source failed at its last poll
            failing      every source failed, three times in a row
            blocked      the outlet refuses our requests
            N/M failing  N of its M sources failed at their last poll
    """
    if new:
        from schedules.cli.commands.outlets_new import draft_outlet

        return draft_outlet(session, new, write, report, samples)
    if match:
        from schedules.cli.commands.outlets_match import tell_matches

        return tell_matches(session, match, as_json)
    if heal:
        from schedules.cli.commands.outlets_heal import heal_command

        return heal_command(session, heal, undo=undo, as_json=as_json)
    if write or report:
        raise UsageError("--write and --report need --new URL")
    if undo:
        raise UsageError("--undo needs --heal OUTLET")
    chosen = enabled_outlets(session, outlets)
    if shard:
        from schedules.cli.commands.outlets_shard import print_shard

        return print_shard(session, chosen, shard, as_json=as_json)
    if boilerplate:
        from schedules.cli.commands.outlets_boilerplate import propose_rules

        return propose_rules(session, chosen, as_json=as_json)
    return asyncio.run(_check(session, chosen, as_json=as_json)) if check else _list(session, chosen, as_json=as_json)


@dataclass(frozen=True)
class Known:
    """The facts of the archive about the outlets and their hosts; empty without an archive."""

    outlets: Mapping[str, OutletStatus] = field(default_factory=dict)
    healths: Mapping[str, Health] = field(default_factory=dict)
    hosts: Mapping[str, HostFacts] = field(default_factory=dict)
    drifted: Mapping[str, Drift] = field(default_factory=dict)


def _query_known(session: Session) -> Known:
    if not archive_exists(session.archive_path):
        return Known()
    with session.reader() as archive:
        now = utc_now()
        healths = {name: found for name, (_, found) in examine(archive, now).items()}
        hosts = {host.host: host for host in archive.hosts()}
        statuses = {status.id: status for status in archive.status()}
        return Known(statuses, healths, hosts, drifts(extraction_stats(archive.query, now), now))


def _list(session: Session, outlets: Sequence[Outlet], *, as_json: bool) -> int:
    """Print the outlets; return exit code 1 if no source of one of them can be read."""
    known = _query_known(session)
    if as_json:
        for outlet in outlets:
            session.print_json(outlet.model_dump(mode="json"))
        return 0
    session.print_table(_table(outlets, known, homes=session.out.width >= _WIDE))
    for outlet in outlets:
        for remark in _remarks(outlet, known, session.settings.network.longest_gap, utc_now()):
            session.print(f"{outlet.id}: {remark}")
    states = {known.healths[outlet.id].state for outlet in outlets if outlet.id in known.healths}
    return int(bool(states & {"retrying", "failing", "blocked"}))


def _table(outlets: Sequence[Outlet], known: Known, *, homes: bool) -> Table:
    """Lay out one row per outlet, with its home page if there is room for it beside the name."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("outlet", no_wrap=True)
    table.add_column("name")
    if homes:
        table.add_column("home", no_wrap=True)
    table.add_column("sources", justify="right", no_wrap=True)
    table.add_column("articles", justify="right", no_wrap=True)
    table.add_column("health", no_wrap=True)
    for outlet in outlets:
        status = known.outlets.get(outlet.id)
        home = outlet.home.removeprefix("https://").rstrip("/")
        articles = str(status.articles) if status else "-"
        health = describe_health(outlet, status, known.healths.get(outlet.id))
        table.add_row(
            outlet.id, outlet.name, *([home] if homes else []), str(len(outlet.sources)), articles, Text(health)
        )
    return table


def describe_health(outlet: Outlet, status: OutletStatus | None, health: Health | None) -> str:
    """Describe an outlet's health in one or two words; `khobao outlets --help` explains each."""
    if status is None or health is None or status.last_polled_at is None:
        unproven = sum(source.unproven for source in outlet.sources)
        return "unproven" if outlet.unproven else f"{unproven} unproven" if unproven else "declared"
    if health.state == "ok" and status.failing:
        return f"{status.failing}/{status.sources} failing"
    return health.state


def _remarks(outlet: Outlet, known: Known, longest_gap: float, now: datetime) -> Iterator[str]:
    """Yield what a person should know about an outlet: why it is not ok, and the limits of its hosts."""
    health = known.healths.get(outlet.id)
    if drift := known.drifted.get(outlet.id):
        yield f"drifting: {drift}"
    elif health and health.why and known.outlets[outlet.id].last_polled_at:
        yield health.why
    for host in sorted(outlet.all_hosts & known.hosts.keys()):
        facts = known.hosts[host]
        if facts.crawl_delay > longest_gap:
            yield f"{host} asks for {facts.crawl_delay:g} s between requests and gets {longest_gap:g} s"
        if facts.resting_until and facts.resting_until > now:
            reason = facts.reason.replace("_", " ")
            yield f"{host} is not requested until {facts.resting_until:%Y-%m-%d %H:%M}Z ({reason})"


async def _check(session: Session, outlets: Sequence[Outlet], *, as_json: bool) -> int:
    """Poll every source of the outlets and print its links; return 1 if one fails, or pages drifted."""
    failed = _print_drifts(session, outlets, as_json=as_json)
    async with _network(session) as fetcher, make_workers(session.settings) as workers:
        sources = [(outlet, source) for outlet in outlets for source in live_sources(outlet, utc_now())]
        polls = [_poll(fetcher, workers, outlet, source) for outlet, source in sources]
        for finished in asyncio.as_completed(polls):
            poll = await finished
            failed = failed or poll.failure is not None
            if as_json:
                session.print_json(asdict(poll))
            else:
                session.print(f"{poll.outlet}: {poll.kind} {poll.url}: {_outcome(poll)}")
    return 1 if failed else 0


def _outcome(poll: PollEvent) -> str:
    """Return the number of articles in a source, with remarks, or the failure of its poll."""
    if poll.failure:
        return str(poll.failure)
    dropped = ", ".join(f"{count} {reason.label}" for reason, count in poll.dropped.items())
    empty = "" if poll.candidates or poll.notes else "it lists no address"
    why = "; ".join(filter(None, (f"left out: {dropped}" if dropped else empty, poll.notes)))
    return f"{poll.candidates} articles" + (f" ({why})" if why else "")


def _print_drifts(session: Session, outlets: Sequence[Outlet], *, as_json: bool) -> bool:
    """Print which of the outlets drift; return whether any does."""
    drifted = _query_known(session).drifted
    found = [drifted[outlet.id] for outlet in outlets if outlet.id in drifted]
    for drift in found:
        if as_json:
            session.print_json(asdict(drift))
        else:
            session.print(f"{drift.outlet}: drifting: {drift}")
    return bool(found)


@asynccontextmanager
async def _network(session: Session) -> AsyncIterator[Fetcher]:
    """Open the network with the stored state of hosts, because a service may be polling them too."""
    if not archive_exists(session.archive_path):
        async with open_fetcher(session.settings) as fetcher:
            yield fetcher
        return
    with session.reader() as archive:
        async with open_fetcher(session.settings, LedgerHosts(archive)) as fetcher:
            yield fetcher


async def _poll(fetcher: Fetcher, workers: WorkerPool, outlet: Outlet, source: Source) -> PollEvent:
    result = await fetch_listing(fetcher, workers, source, outlet, utc_now)
    if not isinstance(result.content, Listing):
        return PollEvent(outlet.id, source.url, source.kind, failure=result.content)
    selection = select_articles(outlet, result.content.candidates, lists_articles=source.kind == "feed")
    sitemaps = f"{len(result.content.children)} sitemaps" if result.content.children else ""
    notes = "; ".join(filter(None, (sitemaps, result.notes)))
    return PollEvent(outlet.id, source.url, source.kind, len(selection.links), dropped=selection.dropped, notes=notes)
