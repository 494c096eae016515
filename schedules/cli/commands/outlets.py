"""`khobao outlets`: what is declared, and with --check whether its sources answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Container, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click
from rich.table import Table

from archive.errors import UsageError
from archive.ledger.model import HostFacts, OutletStatus
from archive.statistics.extraction_stats import extraction_stats
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.article_urls import select_articles
from crawler.outlets.model import Outlet, Source
from crawler.page import Listing
from crawler.worker_pool import WorkerPool
from schedules.cli.commands.outlets_boilerplate import propose
from schedules.cli.commands.outlets_heal import heal_command
from schedules.cli.commands.outlets_match import tell_matches
from schedules.cli.commands.outlets_new import SAMPLES, draft_new
from schedules.cli.lookups import enabled_outlets
from schedules.cli.session import Session, command
from schedules.events import Polled
from schedules.monitoring.drift import Drift, drifts
from schedules.pipeline.context import utc_now
from schedules.pipeline.polling import live_sources
from schedules.pipeline.runtime import LedgerHosts, make_workers, open_fetcher
from schedules.pipeline.source_reading import fetch_listing

_FILE = click.Path(dir_okay=False, path_type=Path)


@command(name="outlets")
@click.argument("outlets", nargs=-1, metavar="[OUTLET…]")
@click.option("--check", is_flag=True, help="Ask every source now, archive nothing, and tell of drift.")
@click.option("--boilerplate", is_flag=True, help="Lines that recur in their articles, as rules to strip them.")
@click.option("--new", metavar="URL", help="Draft a declaration of this site.")
@click.option("--write", type=_FILE, metavar="FILE", help="With --new: where to write it, else it is printed.")
@click.option("--report", type=_FILE, metavar="FILE.html", help="With --new: where to show what was taken and dropped.")
@click.option("--samples", type=click.IntRange(1, 50), default=SAMPLES, show_default=True, help="With --new: pages.")
@click.option(
    "--match",
    type=click.File("r", encoding="utf-8", errors="replace"),
    metavar="FILE|-",
    help="Which outlet's article each address of this list is, one a line, and by which rule.",
)
@click.option("--heal", metavar="OUTLET", help="Draft new rules for an outlet that was redesigned; proven ones count.")
@click.option("--undo", is_flag=True, help="With --heal: put the rules from before in force again.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an outlet, a source or an address.")
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
    as_json: bool,
) -> int:
    """The declared outlets, their sources, and what the archive has of them."""
    if new:
        return draft_new(session, new, write, report, samples)
    if match:
        return tell_matches(session, match, as_json)
    if heal:
        return heal_command(session, heal, undo=undo, as_json=as_json)
    _refuse_strays({"--write and --report go with --new URL": write or report, "--undo goes with --heal OUTLET": undo})
    chosen = enabled_outlets(session, outlets)
    if boilerplate:
        return propose(session, chosen, as_json)
    if check:
        return asyncio.run(_check(session, chosen, as_json))
    return _list(session, chosen, as_json)


def _refuse_strays(flags: Mapping[str, object]) -> None:
    for complaint in (complaint for complaint, given in flags.items() if given):
        raise UsageError(complaint)


def _list(session: Session, chosen: tuple[Outlet, ...], as_json: bool) -> int:
    """Print what is declared, and what the archive has of it."""
    known, hosts, drifted = _known(session)
    if as_json:
        for outlet in chosen:
            session.answer(outlet.model_dump(mode="json"))
    else:
        session.out.print(_table(chosen, known, drifted))
        for outlet in chosen:
            if outlet.id in drifted:
                session.tell(f"{outlet.id}: no longer read as before: {drifted[outlet.id]}")
            for complaint in _complaints(outlet, hosts, session.settings.network.longest_gap):
                session.tell(f"{outlet.id}: {complaint}")
    return 0


def _known(session: Session) -> tuple[dict[str, OutletStatus], dict[str, HostFacts], dict[str, Drift]]:
    """What the archive has of each outlet and of each host, and whose pages drifted; nothing without an archive."""
    if not session.settings.archive.path.exists():
        return {}, {}, {}
    with session.reader() as archive:
        hosts, now = {host.host: host for host in archive.hosts()}, utc_now()
        return (
            {status.id: status for status in archive.status()},
            hosts,
            drifts(extraction_stats(archive.query, now), now),
        )


def _table(outlets: tuple[Outlet, ...], known: dict[str, OutletStatus], drifted: Container[str]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("outlet", "name", "home", "sources", "articles", "health"):
        table.add_column(name, justify="right" if name in {"sources", "articles"} else "left")
    for outlet in outlets:
        status = known.get(outlet.id)
        table.add_row(
            outlet.id,
            outlet.name,
            outlet.home,
            str(len(outlet.sources)),
            str(status.articles) if status else "-",
            _health(outlet, status, drifted=outlet.id in drifted),
        )
    return table


def _health(outlet: Outlet, status: OutletStatus | None, *, drifted: bool) -> str:
    unproven = sum(source.unproven for source in outlet.sources)
    guess = "unproven" if outlet.unproven else f"{unproven} sources unproven" if unproven else "declared"
    if status is None or status.last_polled_at is None:
        return guess
    failing = f"{status.failing} of {status.sources} sources failing" if status.failing else ""
    return ", ".join(part for part in (failing, "drifted" if drifted else "") if part) or "ok"


def _complaints(outlet: Outlet, hosts: dict[str, HostFacts], longest: float) -> Iterator[str]:
    """What a person should know of an outlet's hosts: who asks for more patience than we have, who is left alone."""
    now = utc_now()
    for host in sorted(outlet.all_hosts & hosts.keys()):
        facts = hosts[host]
        if facts.crawl_delay > longest:
            yield f"{host} asks for {facts.crawl_delay:g} s between requests and gets {longest:g} s"
        if facts.resting_until and facts.resting_until > now:
            yield f"{host} is left alone until {facts.resting_until:%Y-%m-%d %H:%M}Z ({facts.reason.replace('_', ' ')})"


async def _check(session: Session, outlets: tuple[Outlet, ...], as_json: bool) -> int:
    """Ask every source of the outlets and tell what each lists; 1 if one fails, or pages drifted."""
    failed = _tell_drifts(session, outlets, as_json)
    async with _network(session) as fetcher, make_workers(session.settings) as workers:
        asked = [_ask(fetcher, workers, outlet, source) for outlet in outlets for source in _today(outlet)]
        for done in asyncio.as_completed(asked):
            poll = await done
            failed = failed or poll.failure is not None
            if as_json:
                session.answer(asdict(poll))
            else:
                session.tell(f"{poll.outlet}: {poll.kind} {poll.url}: {poll.failure or f'{poll.candidates} articles'}")
    return 1 if failed else 0


def _tell_drifts(session: Session, outlets: tuple[Outlet, ...], as_json: bool) -> bool:
    """Tell which of the outlets are no longer read as before; whether any is."""
    _, _, drifted = _known(session)
    told = [drifted[outlet.id] for outlet in outlets if outlet.id in drifted]
    for drift in told:
        if as_json:
            session.answer(asdict(drift))
        else:
            session.tell(f"{drift.outlet}: no longer read as before: {drift}")
    return bool(told)


@asynccontextmanager
async def _network(session: Session) -> AsyncIterator[Fetcher]:
    """The network, as the archive remembers its hosts where there is one: a daemon may be asking them, too."""
    if not session.settings.archive.path.exists():
        async with open_fetcher(session.settings) as fetcher:
            yield fetcher
        return
    with session.reader() as archive:
        async with open_fetcher(session.settings, LedgerHosts(archive)) as fetcher:
            yield fetcher


def _today(outlet: Outlet) -> list[Source]:
    return live_sources(outlet, utc_now())


async def _ask(fetcher: Fetcher, workers: WorkerPool, outlet: Outlet, source: Source) -> Polled:
    result = await fetch_listing(fetcher, workers, source, outlet, utc_now)
    if not isinstance(result.content, Listing):
        return Polled(outlet.id, source.url, source.kind, failure=result.content)
    selection = select_articles(outlet, result.content.candidates)
    return Polled(outlet.id, source.url, source.kind, len(selection.links), dropped=selection.dropped)
