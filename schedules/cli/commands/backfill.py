"""Run `khobao backfill`: archive what outlets published in the past."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import click
from rich.table import Table

from archive.errors import ArchiveLocked, Reason, UsageError
from archive.ledger.backfill_model import BackfillRun
from archive.store.reader import ArchiveReader
from archive.store.runs import RunStore
from crawler.outlets.article_urls import canonical
from crawler.outlets.catalogue import bare_outlet, outlet_for
from crawler.outlets.model import Outlet
from crawler.workers.process import MEGABYTE
from schedules.backfill.lists import historic_sources
from schedules.backfill.model import BackfillRequest
from schedules.backfill.requests import enter_urls, reads_lists_only, run_backfill, start_or_resume
from schedules.cli.backfill_progress import displaying_backfill
from schedules.cli.commands.backfill_warc import import_and_report
from schedules.cli.delegation import delegate, follow
from schedules.cli.lookups import enabled_outlets
from schedules.cli.params import Day, check_days
from schedules.cli.progress import RunDisplay, conclude
from schedules.cli.session import Session, command
from schedules.cli.spans import span
from schedules.events import Tally
from schedules.pipeline.context import utc_now
from schedules.timing.date_range import DateRange

_ASSUMED_BYTES = 100_000  # a guess at the size of a page, for an outlet without a fetched page
_NAMES_WIDTH = 60  # characters of outlet names in a table; if they are longer, their number is shown


@command(name="backfill")
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("--since", type=Day(), help="First day to archive.")
@click.option("--until", type=Day(), help="Last day to archive.  [default: today]")
@click.option("--urls", type=click.File(encoding="utf-8"), metavar="FILE", help="Archive the addresses in this file.")
@click.option("--warc", "warcs", multiple=True, metavar="FILE|URL", help="Import the pages of a WARC file.")
@click.option("--wayback", is_flag=True, help="Get pages that their site deleted from a web archive.")
@click.option("--dry-run", is_flag=True, help="Read the lists and estimate the work; fetch no page.")
@click.option("--list", "as_list", is_flag=True, help="List all backfills and their progress.")
@click.option("--cancel", type=int, metavar="RUN", help="Cancel a backfill for good.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
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
    """Archive what outlets published in a range of days, from all of their lists that go back so far.

    To resume a stopped backfill, give the same command again. While `khobao run` holds the archive, the service does
    the work, after its live work, and this command shows the progress.
    """
    check_days(since, until)
    if cancel is not None:
        return _cancel(session, cancel)
    if as_list:
        return _list(session, as_json=as_json)
    if urls:
        return _archive_urls(session, urls, DateRange(since, until), wayback=wayback, as_json=as_json)
    if warcs:
        return import_and_report(session, outlets, DateRange(since, until), warcs, as_json=as_json)
    request = replace(_request(session, outlets, since, until, dry_run=dry_run), wayback=wayback)
    return do_and_report(session, request, as_json=as_json)


def _archive_urls(session: Session, file: IO[str], dates: DateRange, *, wayback: bool, as_json: bool) -> int:
    """Archive the addresses of a file, of any outlet or site."""
    wanted: dict[str, tuple[Outlet, list[str]]] = {}
    for number, line in _numbered_lines(file):
        url = canonical(line)
        if url is None:
            example = "write one like https://example.vn/a.html"
            session.warn(f"{file.name}, line {number}: {line[:80]!r} is not an address; {example}")
            continue
        outlet = outlet_for(session.catalogue, url) or bare_outlet(url)
        wanted.setdefault(outlet.id, (outlet, []))[1].append(url)
    if not wanted:
        raise UsageError(f"{file.name}: no addresses; write one per line")
    request = BackfillRequest(tuple(wanted), dates, wayback=wayback, urls=str(Path(file.name).absolute()))
    enter = partial(_enter_urls, request, wanted)
    return do_and_report(session, request, enter, as_json=as_json)


def _enter_urls(
    request: BackfillRequest, wanted: Mapping[str, tuple[Outlet, list[str]]], runs: RunStore, run: int
) -> None:
    enter_urls(runs, run, request, wanted)


def _numbered_lines(file: IO[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that are neither empty nor comments, with their numbers.

    Raises:
        UsageError: The file cannot be read, or is not UTF-8.
    """
    try:
        for number, line in enumerate(file, start=1):
            text = line.strip()
            if text and not text.startswith("#"):
                yield number, text
    except OSError as error:
        raise UsageError(f"{file.name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{file.name}: not UTF-8: {error}") from None


def _request(
    session: Session, names: Sequence[str], since: date | None, until: date | None, *, dry_run: bool
) -> BackfillRequest:
    chosen = enabled_outlets(session, names)
    dates = requested_dates(since, until, chosen)
    for outlet in chosen:
        if not historic_sources(outlet):
            session.note(f"{outlet.id}: declares no list of old articles; try --urls FILE or --wayback")
    return BackfillRequest(tuple(outlet.id for outlet in chosen), dates, pages=not dry_run)


def requested_dates(since: date | None, until: date | None, outlets: Sequence[Outlet]) -> DateRange:
    """Return the requested days, none of them in the future.

    Raises:
        UsageError: No day is left, or `since` is missing.
    """
    if since is None:
        raise UsageError("--since is required, for example --since 2026-01-31")
    check_days(since, until)
    today = max((datetime.now(outlet.zone).date() for outlet in outlets), default=datetime.now(ZoneInfo("UTC")).date())
    if since > today:
        raise UsageError(f"--since {since} is in the future; today is {today}")
    return DateRange(since, min(until or today, today))


def do_request(
    session: Session, request: BackfillRequest, enter: Callable[[RunStore, int], None] = lambda _, __: None
) -> tuple[BackfillRun, RunDisplay]:
    """Run a request here, or let the service run it, and show the progress.

    Args:
        session: The session of this command.
        request: What is requested.
        enter: Called first, with the archive and the run.

    Returns:
        The run in its final state, and the display with its counts.
    """

    def queue(runs: RunStore) -> int:
        run = start_or_resume(runs, request, served=True)
        enter(runs, run)
        return run

    display = RunDisplay(each=session.verbosity > 0)
    with displaying_backfill(session) as progress:
        try:
            with session.writer() as archive:
                work = run_backfill(
                    request, session.settings, session.catalogue, archive, display.add, progress.show, enter
                )
                run = asyncio.run(work)
        except ArchiveLocked:
            run = delegate(session, queue)
            if not _is_fetched_already(session, request, run):
                follow(session, run, progress.show)
    with session.reader() as reader:
        finished = reader.backfill(run)
        assert finished
    display.tallies = {name: Tally.of(counts) for name, counts in finished.counts.items()}
    return finished, display


def _is_fetched_already(session: Session, request: BackfillRequest, run: int) -> bool:
    """Return whether the service is already fetching what this request only estimates."""
    with session.reader() as reader:
        return not request.pages and request.kind == "backfill" and not reads_lists_only(reader, run)


def do_and_report(
    session: Session,
    request: BackfillRequest,
    enter: Callable[[RunStore, int], None] = lambda _, __: None,
    *,
    as_json: bool,
) -> int:
    """Run a request and print its result or its estimate; return the exit code."""
    finished, display = do_request(session, request, enter)
    if not request.pages:
        with session.reader() as archive:
            _print_estimate(session, archive, finished, request, as_json=as_json)
        return display.exit_code
    conclude(session, display, as_json)
    session.note(f"days: {request.dates}")
    problem = _why_incomplete(finished, display)
    if problem:
        session.warn(problem)
    return int(bool(problem))


def _why_incomplete(finished: BackfillRun, display: RunDisplay) -> str:
    """Return why a backfill ends with exit code 1; empty if it is complete."""
    failed = sum((tally.failed for tally in display.tallies.values()), Counter())
    if finished.state != "done":
        waiting = sum(progress.waiting for progress in finished.progress.values())
        retries = [progress.retry_at for progress in finished.progress.values() if progress.retry_at]
        due = f", the next at {min(retries):%Y-%m-%d %H:%M}Z" if retries else ""
        reasons = f" ({_by_reason(failed)})" if failed else ""
        return (
            f"not complete: {waiting} pages are left{reasons}{due}; run {finished.run} is {finished.state};"
            " repeat the command to resume it"
        )
    if failed:
        return f"{failed.total()} requests failed ({_by_reason(failed)}); `khobao why URL` explains a page"
    return ""


def _by_reason(failed: Counter[Reason]) -> str:
    return ", ".join(f"{count} {reason.label}" for reason, count in failed.most_common())


def _print_estimate(
    session: Session, archive: ArchiveReader, run: BackfillRun, request: BackfillRequest, *, as_json: bool
) -> None:
    """Print the estimated cost of the found pages: requests, megabytes and time."""
    rows = []
    for name in request.outlets:
        outlet, progress = session.catalogue[name], run.progress.get(name)
        waiting = progress.waiting if progress else 0
        known = archive.average_cost(name)
        size = known[0] if known else _ASSUMED_BYTES
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
    note_uncounted(session, run)
    if as_json:
        session.print_json(rows)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("outlet", "lists read", "addresses", "requests to make", "megabytes", "time"):
        table.add_column(column, justify="left" if column == "outlet" else "right")
    for row in rows:
        about = "~" if row["assumed"] else ""
        cells = (str(row[name]) for name in ("outlet", "lists", "addresses", "requests"))
        table.add_row(*cells, f"{about}{row['megabytes']}", span(float(str(row["seconds"]))))
    session.print_table(table)
    session.print("the same command without --dry-run continues from here")


def note_uncounted(session: Session, run: BackfillRun) -> None:
    """Print what the estimate leaves out, because some lists show no days."""
    for name, progress in run.progress.items():
        if progress.untold:
            session.note(
                f"{name}: not counted: {progress.untold} lists without days, with {progress.undated} addresses on their"
                " first pages; articles must be read to know how many pages of these lists are needed"
            )


def _pause(session: Session, archive: ArchiveReader, outlet: Outlet) -> float:
    """Return the seconds between two requests to an outlet's host."""
    network = session.settings.network
    delay = max((facts.crawl_delay for host in outlet.all_hosts for facts in archive.hosts(host)), default=0.0)
    return max(network.gap, min(delay, network.longest_gap))


def _list(session: Session, *, as_json: bool) -> int:
    with session.reader() as archive:
        runs = archive.backfills()
    if as_json:
        session.print_json([_facts(run) for run in runs])
        return 0
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("run", "kind", "state", "outlets", "days", "lists", "addresses"):
        table.add_column(column)
    for run in runs:
        facts = _facts(run)
        names = ", ".join(run.arguments.get("outlets", []))
        days = str(DateRange.parse(run.arguments.get("since"), run.arguments.get("until")))
        table.add_row(
            str(run.run),
            run.kind,
            f"{run.state}, by the service" if run.served else run.state,
            names if len(names) < _NAMES_WIDTH else f"{len(run.arguments['outlets'])} outlets",
            days,
            f"{facts['read']}/{facts['lists']}",
            f"{facts['done']}/{facts['found']}",
        )
    if runs:
        session.print_table(table)
    else:
        session.print("no backfills yet")
    return 0


def _facts(run: BackfillRun) -> dict[str, object]:
    parts = run.progress.values()
    return {
        "run": run.run,
        "kind": run.kind,
        "state": run.state,
        "served": run.served,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "arguments": run.arguments,
        "lists": sum(part.lists for part in parts),
        "read": sum(part.read + part.failed for part in parts),
        "found": sum(part.found for part in parts),
        "done": sum(part.found - part.waiting for part in parts),
    }


def _cancel(session: Session, run: int) -> int:
    with RunStore.beside(session.archive_path) as runs:
        known = runs.backfill(run)
        if known is None:
            raise UsageError(f"no backfill {run}; `khobao backfill --list` lists them")
        if known.state in {"done", "cancelled"}:
            raise UsageError(f"backfill {run} is {known.state} already")
        runs.cancel_run(run, utc_now())
    session.print(f"backfill {run} is cancelled; what it archived stays")
    return 0
