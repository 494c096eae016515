"""Run `khobao reextract`: read captures again with today's rules."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.articles.text_diff import Segment, diff_texts
from archive.errors import UsageError
from archive.store.reader import ArchiveReader
from archive.store.reextraction_queue import ReextractionScope, count_queued
from archive.store.writer import ArchiveWriter
from crawler.outlets.model import Outlet
from crawler.reading.extract import reader_of
from schedules.cli.commands.reextract_plan import PlanOptions, plan_and_report
from schedules.cli.lookups import archived_outlets
from schedules.cli.params import Day, Name, PathArgument
from schedules.cli.session import Session, command, is_terminal
from schedules.lake.reextraction_plan import PlanFolder
from schedules.logs import log, set_up_logs
from schedules.offline.reextraction import (
    Outcome,
    Reextracted,
    ReextractionContext,
    ReextractionTally,
    reextract,
)
from schedules.pipeline.recorded_run import RecordedRun, recorded_run
from schedules.pipeline.runtime import make_workers, max_page_bytes, stopping_on_interrupt

_FOLDER = PathArgument()
_LONGEST = 600  # characters of a sample that are printed
_NOTHING_STALE = "the current rules have read every capture; --again reads all of them again"
_AROUND = 40  # unchanged characters that are printed beside a change
_SHOWN: tuple[Outcome, ...] = ("amended", "found", "refused", "another", "failed")
_WORDS: dict[Outcome, str] = {
    "same": "read as before",
    "amended": "read otherwise",
    "found": "rejected pages that are articles now",
    "refused": "articles that today's rules reject; they are kept unchanged",
    "another": "articles that would get another id by today's rules; they are kept unchanged",
    "none": "rejected pages that are still not articles",
    "failed": "could not be read again",
}


@dataclass
class _Results:
    """Collect the progress and the results of a re-extraction."""

    samples: int
    bars: Progress | None
    counts: dict[str, ReextractionTally] = field(default_factory=dict)
    shown: list[Reextracted] = field(default_factory=list)
    _taken: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, event: Reextracted) -> None:
        """Count one capture, and keep it if it is a sample to print."""
        self.counts.setdefault(event.outlet, ReextractionTally()).add(event)
        if event.outcome in _SHOWN and self._taken[event.outlet, event.outcome] < self.samples:
            self._taken[event.outlet, event.outcome] += 1
            self.shown.append(event)
        if self.bars:
            self.bars.advance(self.bars.task_ids[0])
        else:
            log_reread(event)


@command(name="reextract")
@click.option("--outlet", "outlets", multiple=True, metavar="OUTLET", help="Only captures of this outlet; repeatable.")
@click.option("--since", type=Day(), help="Only articles of this day or later.")
@click.option("--until", type=Day(), help="Only articles of this day or earlier.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--again", is_flag=True, help="Also read captures that today's rules have already read.")
@click.option(
    "--samples",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Changes of each kind to print, per outlet.",
)
@click.option("--plan", type=_FOLDER, metavar="DIR", help="Only read, and save the readings in this folder.")
@click.option("--part", default="", metavar="I/N", help="With --plan: read only this share of the captures.")
@click.option(
    "--engine", type=Name(["local", "dask"]), default="local", show_default=True, help="With --plan: what reads."
)
@click.option("--scheduler", default="", metavar="ADDRESS", help="With dask: the running scheduler, tcp://host:8786.")
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="With --plan: number of processes.")
@click.option(
    "--apply", "planned", type=_FOLDER, metavar="DIR", help="Store the readings that --plan saved in this folder."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per outlet.")
def reextract_command(
    session: Session,
    outlets: tuple[str, ...],
    since: date | None,
    until: date | None,
    dry_run: bool,
    again: bool,
    samples: int,
    plan: Path | None,
    part: str,
    engine: str,
    scheduler: str,
    workers: int | None,
    planned: Path | None,
    as_json: bool,
) -> int:
    """Read captures again with today's rules, and store changes as new revisions.

    No request is sent to any outlet. The earlier text stays among the revisions. An article that today's rules reject
    is kept unchanged. To resume a stopped run, give the same command again.

    With --plan, several processes or machines read the captures while the service works: each reads one --part, or
    --engine dask divides all captures among its workers. --apply then stores the results, which takes much less time.
    """
    _check_options(
        plan,
        planned,
        beside={"--engine dask": engine == "dask", "--part": part, "--scheduler": scheduler, "--workers": workers},
        dry_run=dry_run,
    )
    with ExitStack() as resources:
        writer = None if dry_run or plan else resources.enter_context(session.writer())
        archive = writer.reader if writer else resources.enter_context(session.reader())
        chosen, undeclared = archived_outlets(session, archive, outlets)
        for name in undeclared:
            session.note(f"{name}: not declared, so its captures are not read again")
        results = resources.enter_context(_showing(session, samples))
        scopes = [(outlet, ReextractionScope(outlet.id, reader_of(outlet), since, until, again)) for outlet in chosen]
        if plan:
            return plan_and_report(session, scopes, PlanOptions(plan, engine, part, scheduler, workers, as_json))
        folder = PlanFolder(planned) if planned else None
        stopped = asyncio.run(_reextract(session, archive, writer, scopes, results, folder))
    _conclude(session, results, dry_run=dry_run, again=again, as_json=as_json)
    if stopped:
        raise KeyboardInterrupt
    return 1 if any(count.outcomes["failed"] for count in results.counts.values()) else 0


def _check_options(plan: Path | None, planned: Path | None, beside: Mapping[str, object], *, dry_run: bool) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: Two of them exclude each other, or the folder of --apply is not there.
    """
    if plan and (planned or dry_run):
        raise UsageError("--plan stores nothing, so it cannot be combined with --apply and --dry-run")
    for option, value in beside.items():
        if value and not plan:
            raise UsageError(f"{option} needs --plan DIR")
    if planned and not planned.is_dir():
        raise UsageError(f"--apply {planned}: no such folder; `khobao reextract --plan {planned}` makes it")


async def _reextract(
    session: Session,
    archive: ArchiveReader,
    writer: ArchiveWriter | None,
    scopes: Sequence[tuple[Outlet, ReextractionScope]],
    results: _Results,
    plan: PlanFolder | None = None,
) -> bool:
    """Read every scope again, in a recorded run if results are stored; return whether it was stopped."""
    if results.bars:
        results.bars.update(results.bars.task_ids[0], total=sum(count_queued(archive, scope) for _, scope in scopes))
    asked = [{"outlet": scope.outlet, "since": scope.since, "until": scope.until} for _, scope in scopes]
    stop = asyncio.Event()
    with recorded_run(writer.runs, "reextract", {"spans": asked}) if writer else nullcontext(RecordedRun(0)) as run:
        run.counts = lambda: {name: count.counts() for name, count in results.counts.items()}
        async with make_workers(session.settings) as workers:
            context = ReextractionContext(
                archive,
                session.settings.captures_folder,
                workers,
                max_page_bytes(session.settings),
                results.add,
                writer=writer,
                is_stopped=stop.is_set,
            )
            with stopping_on_interrupt(stop):
                for outlet, scope in scopes:
                    await reextract(context, outlet, scope, plan.load(scope) if plan else None)
        run.state = "stopped" if stop.is_set() else "done"
    return stop.is_set()


@contextmanager
def _showing(session: Session, samples: int) -> Iterator[_Results]:
    """Show a progress bar on a terminal, and log lines elsewhere."""
    set_up_logs(session.settings.log, session.verbosity, terminal=is_terminal())
    with ExitStack() as display:
        bars = None
        if is_terminal() and session.verbosity == 0:
            columns = (TextColumn("re-reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            bars = display.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
            bars.add_task("re-reading", total=None)
        yield _Results(samples, bars)


def _conclude(session: Session, results: _Results, *, dry_run: bool, again: bool, as_json: bool) -> None:
    """Print the results of each outlet, and samples of the changes."""
    if as_json:
        for outlet, count in results.counts.items():
            samples = [_facts(event) for event in results.shown if event.outlet == outlet]
            session.print_json({"outlet": outlet, "dry_run": dry_run, **count.counts(), "samples": samples})
        return
    for outlet, count in results.counts.items():
        for line in _summary(outlet, count):
            session.print(line)
        for event in results.shown:
            if event.outlet == outlet:
                session.print("\n".join(_sample(event)))
    if not results.counts:
        why = "no capture matches" if again else _NOTHING_STALE
        session.print(f"nothing to read again: {why}")
    elif dry_run:
        session.print("nothing was changed; without --dry-run, each change becomes a new revision")


def _summary(outlet: str, count: ReextractionTally) -> Iterator[str]:
    """Yield the result of an outlet's captures, one line each."""
    yield f"{outlet}: {sum(count.outcomes.values())} captures read again"
    for outcome, words in _WORDS.items():
        if n := count.outcomes[outcome]:
            detail = count.changed if outcome == "amended" else {}
            why = ", ".join(f"{name} {many}" for name, many in Counter(detail).most_common())
            yield f"  {n:6} {words}" + (f": {why}" if why else "")
    for reason, n in count.reasons.most_common():
        yield f"         {n} because of {reason.value.replace('_', ' ')}"


def _sample(event: Reextracted) -> Iterator[str]:
    """Yield the lines that show one capture with its differences, word by word."""
    yield f"  {event.outcome} {event.url}"
    if event.failure:
        yield f"      {event.failure}"
    elif event.outcome == "found" and event.after:
        yield f"      {event.after.document.date} {event.after.document.title}"
    elif event.outcome == "another" and event.after:
        yield f"      {event.before.id if event.before else 'rejected'} -> {event.after.id}"
    for name, was, is_ in _changes(event):
        for paragraph in _mark_differences(was, is_):
            yield f"      {name}: {paragraph[:_LONGEST]}" + (" …" if len(paragraph) > _LONGEST else "")


def _changes(event: Reextracted) -> Iterator[tuple[str, str, str]]:
    """Yield each field that differs: its name, its old and its new text."""
    for name in event.changed:
        of = "document" if name in {"date", "title", "text"} else ""
        was, is_ = (getattr(record, of) if of else record for record in (event.before, event.after))
        yield name, _text(getattr(was, name)), _text(getattr(is_, name))


def _mark_differences(was: str, is_: str) -> Iterator[str]:
    """Yield the paragraphs that differ, with marks as in GNU wdiff."""
    for paragraph in diff_texts(was, is_):
        if paragraph.changed:
            yield " ".join(_mark(run) for run in paragraph.segments)


def _mark(run: Segment) -> str:
    text = run.text.strip()
    if run.op == "same":
        return text if len(text) < 3 * _AROUND else f"{text[:_AROUND]}…{text[-_AROUND:]}"
    return f"[-{text}-]" if run.op == "gone" else f"{{+{text}+}}"


def _text(value: object) -> str:
    return "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _facts(event: Reextracted) -> dict[str, object]:
    facts: dict[str, object] = {"url": event.url, "outcome": event.outcome}
    if event.failure:
        facts |= {"reason": event.failure.reason.value, "detail": event.failure.detail}
    if event.after:
        facts |= {"id": event.after.id, "date": event.after.document.date, "title": event.after.document.title}
    return facts | {"changed": {name: list(_mark_differences(was, is_)) for name, was, is_ in _changes(event)}}


def log_reread(event: Reextracted) -> None:
    """Log one line for a capture that was read again; use debug level if nothing changed."""
    facts = {"outlet": event.outlet, "url": event.url, "outcome": event.outcome, "changed": ", ".join(event.changed)}
    facts |= {"reason": event.failure.reason.value, "detail": event.failure.detail} if event.failure else {}
    (log().debug if event.outcome in {"same", "none"} else log().info)(
        "reread", **{k: v for k, v in facts.items() if v}
    )
