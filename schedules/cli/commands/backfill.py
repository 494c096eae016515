"""`khobao backfill`: the past, from every way back that an outlet declares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import click
from rich.table import Table

from archive.errors import ArchiveLocked, UsageError
from archive.ledger.backfill_model import BackfillRun
from archive.store.reader import ArchiveReader
from archive.store.runs import RunStore
from crawler.outlets.article_urls import canonical
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet
from crawler.worker_pool import MEGABYTE
from schedules.backfill.lists import historic_sources
from schedules.backfill.model import BackfillRequest
from schedules.backfill.requests import enter_urls, reads_lists_only, run_backfill, start_or_resume
from schedules.cli.backfill_progress import span, watching
from schedules.cli.commands.backfill_warc import import_and_tell
from schedules.cli.delegation import follow, hand_over
from schedules.cli.lookups import enabled_outlets
from schedules.cli.params import Day
from schedules.cli.progress import Show, conclude
from schedules.cli.session import Session, command
from schedules.events import Tally
from schedules.pipeline.context import utc_now
from schedules.timing.date_range import DateRange

_ASSUMED = 100_000  # bytes of a page, where none was asked for yet


@command(name="backfill")
@click.argument("outlets", nargs=-1, metavar="[OUTLET…]")
@click.option("--since", type=Day(), help="The first day that is wanted.")
@click.option("--until", type=Day(), help="The last day that is wanted; today, if it is left out.")
@click.option("--urls", type=click.File(encoding="utf-8"), help="Archive the addresses in this file, one a line.")
@click.option("--warc", "warcs", multiple=True, metavar="FILE", help="Take in the pages of a WARC file or address.")
@click.option("--wayback", is_flag=True, help="Seek what is gone from its site in another archive.")
@click.option("--dry-run", is_flag=True, help="Read the lists and tell what the pages would take; fetch none of them.")
@click.option("--list", "as_list", is_flag=True, help="Show every backfill, and how far it is.")
@click.option("--cancel", type=int, metavar="RUN", help="End a backfill for good.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def backfill_command(
    session: Session,
    outlets: tuple[str, ...],
    since: date | None,
    until: date | None,
    urls: IO[str] | None,
    warcs: tuple[str, ...],
    wayback: bool,
    dry_run: bool,
    as_list: bool,
    cancel: int | None,
    as_json: bool,
) -> int:
    """Archive what outlets published from one day to another, by every way back that they declare.

    Stopped in any way, the same command goes on where it was. While `khobao run` is at work, it does the fetching,
    after what is live, and this command shows how far it is.
    """
    if cancel is not None:
        return _cancel(session, cancel)
    if as_list:
        return _list(session, as_json)
    if urls:
        return _archive_urls(session, urls, since, until, wayback=wayback, as_json=as_json)
    if warcs:
        return import_and_tell(session, outlets, DateRange(since, until), warcs, as_json=as_json)
    request = replace(_request(session, outlets, since, until, dry_run=dry_run), wayback=wayback)
    return do_and_tell(session, request, as_json)


def _archive_urls(
    session: Session, file: IO[str], since: date | None, until: date | None, *, wayback: bool, as_json: bool
) -> int:
    """Archive the addresses of a file, whosever they are."""
    wanted: dict[str, tuple[Outlet, list[str]]] = {}
    for number, line in enumerate(file, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        url = canonical(text)
        if url is None:
            session.note(
                f"{file.name}, line {number}: {text[:80]!r} is no address; write one like https://example.vn/a.html"
            )
            continue
        outlet = outlet_for(session.catalogue, url) or bare_outlet(url)
        wanted.setdefault(outlet.id, (outlet, []))[1].append(url)
    if not wanted:
        raise UsageError(f"{file.name}: no addresses; write one a line")
    dates, path = DateRange(since, until), str(Path(file.name).absolute())
    request = BackfillRequest(tuple(wanted), dates, wayback=wayback, urls=path)
    return do_and_tell(session, request, as_json, lambda archive, run: enter_urls(archive, run, request, wanted))


def _request(
    session: Session, names: Sequence[str], since: date | None, until: date | None, *, dry_run: bool
) -> BackfillRequest:
    chosen = enabled_outlets(session, names)
    dates = requested_dates(since, until, chosen)
    for outlet in chosen:
        if not historic_sources(outlet):
            session.note(f"{outlet.id}: no way back is declared, so nothing old can be listed; try --urls or --wayback")
    return BackfillRequest(tuple(outlet.id for outlet in chosen), dates, pages=not dry_run)


def requested_dates(since: date | None, until: date | None, outlets: Sequence[Outlet]) -> DateRange:
    """The days that are asked for, none of them in the future.

    Raises:
        UsageError: None is left.
    """
    if since is None:
        raise UsageError("--since is required, for example --since 2026-01-31")
    today = max((datetime.now(outlet.zone).date() for outlet in outlets), default=datetime.now(ZoneInfo("UTC")).date())
    if since > today:
        raise UsageError(f"--since {since} has not come yet")
    if until and since > until:
        raise UsageError(f"--since {since} is after --until {until}; write the earlier day first")
    return DateRange(since, min(until or today, today))


def do_request(
    session: Session, request: BackfillRequest, enter: Callable[[RunStore, int], None] = lambda _, __: None
) -> tuple[BackfillRun, Show]:
    """Carry out an request here, or let the service do it, and show how far it is; what it came to.

    Args:
        session: The call.
        request: What is asked.
        enter: What to call first, with the archive and the run.
    """

    def hand(runs: RunStore) -> int:
        run = start_or_resume(runs, request, served=True)
        enter(runs, run)
        return run

    show = Show(each=session.verbosity > 0)
    with watching(session) as watcher:
        try:
            with session.writer() as archive:
                done = run_backfill(
                    request, session.settings, session.catalogue, archive, show.tell, watcher.look, enter
                )
                run = asyncio.run(done)
        except ArchiveLocked:
            run = hand_over(session, hand)
            with session.reader() as reader:
                known = not request.pages and request.kind == "backfill" and not reads_lists_only(reader, run)
            if not known:  # else the service fetches already what was only to be planned
                follow(session, run, watcher.look)
    with session.reader() as reader:
        kept = reader.backfill(run)
        assert kept
    show.tallies = {name: Tally.of(counts) for name, counts in kept.counts.items()}
    return kept, show


def do_and_tell(
    session: Session,
    request: BackfillRequest,
    as_json: bool,
    enter: Callable[[RunStore, int], None] = lambda _, __: None,
) -> int:
    """Carry out an request, and tell what it came to, or what it would take; the exit code."""
    kept, show = do_request(session, request, enter)
    if not request.pages:
        with session.reader() as archive:
            _tell_estimate(session, archive, kept, request, as_json)
        return show.exit_code
    conclude(session, show, as_json)
    return 1 if any(tally.failed for tally in show.tallies.values()) or kept.state != "done" else 0


def _tell_estimate(
    session: Session, archive: ArchiveReader, kept: BackfillRun, request: BackfillRequest, as_json: bool
) -> None:
    """What it takes to fetch what the lists have shown: addresses, requests, megabytes and time."""
    rows = []
    for name in request.outlets:
        outlet, progress = session.catalogue[name], kept.progress.get(name)
        waiting = progress.waiting if progress else 0
        known = archive.average_cost(name)
        size = known[0] if known else _ASSUMED
        rows.append(
            {
                "outlet": name,
                "lists": progress.lists if progress else 0,
                "addresses": progress.found if progress else 0,
                "requests": waiting,
                "megabytes": round(waiting * size / MEGABYTE, 1),
                "seconds": round(waiting * _pause(session, archive, outlet)),
                "assumed": known is None,
                "undated": progress.undated if progress else 0,
            }
        )
    tell_untold(session, kept)
    if as_json:
        session.answer(rows)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("outlet", "lists read", "addresses", "requests to make", "megabytes", "time"):
        table.add_column(column, justify="left" if column == "outlet" else "right")
    for row in rows:
        about = "~" if row["assumed"] else ""
        told = (str(row[name]) for name in ("outlet", "lists", "addresses", "requests"))
        table.add_row(*told, f"{about}{row['megabytes']}", span(float(str(row["seconds"]))))
    session.out.print(table)
    session.tell("the same command without --dry-run goes on from here")


def tell_untold(session: Session, kept: BackfillRun) -> None:
    """What is not counted, because its lists tell no days."""
    for name, progress in kept.progress.items():
        if progress.untold:
            session.note(
                f"{name}: not counted are {progress.untold} lists that tell no days, {progress.undated} addresses on"
                " their first pages: how far they are turned shows when articles are read"
            )


def _pause(session: Session, archive: ArchiveReader, outlet: Outlet) -> float:
    """Seconds from one request to an outlet's host to the next."""
    network = session.settings.network
    asked = max((facts.crawl_delay for host in outlet.all_hosts for facts in archive.hosts(host)), default=0.0)
    return max(network.gap, min(asked, network.longest_gap))


def _list(session: Session, as_json: bool) -> int:
    with session.reader() as archive:
        kept = archive.backfills()
    if as_json:
        session.answer([_facts(one) for one in kept])
        return 0
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("run", "kind", "state", "outlets", "days", "lists", "addresses"):
        table.add_column(column)
    for one in kept:
        facts = _facts(one)
        names = ", ".join(one.arguments.get("outlets", []))
        days = str(DateRange.parse(one.arguments.get("since"), one.arguments.get("until")))
        table.add_row(
            str(one.run),
            one.kind,
            f"{one.state}, by the service" if one.served else one.state,
            names if len(names) < 60 else f"{len(one.arguments['outlets'])} outlets",  # noqa: PLR2004 - a line
            days,
            f"{facts['read']}/{facts['lists']}",
            f"{facts['done']}/{facts['found']}",
        )
    if kept:
        session.out.print(table)
    else:
        session.tell("no backfills yet")
    return 0


def _facts(one: BackfillRun) -> dict[str, object]:
    parts = one.progress.values()
    return {
        "run": one.run,
        "kind": one.kind,
        "state": one.state,
        "served": one.served,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "arguments": one.arguments,
        "lists": sum(part.lists for part in parts),
        "read": sum(part.read + part.failed for part in parts),
        "found": sum(part.found for part in parts),
        "done": sum(part.found - part.waiting for part in parts),
    }


def _cancel(session: Session, run: int) -> int:
    with RunStore.beside(session.settings.archive.path) as runs:
        kept = runs.backfill(run)
        if kept is None:
            raise UsageError(f"no backfill {run}; `khobao backfill --list` shows them")
        if kept.state in {"done", "cancelled"}:
            raise UsageError(f"backfill {run} is {kept.state} already")
        runs.cancel_run(run, utc_now())
    session.tell(f"backfill {run} is cancelled; what it archived stays")
    return 0
