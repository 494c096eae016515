"""Show a run: live bars on a terminal, log lines elsewhere, and a table at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.errors import Reason
from archive.printable import printable
from schedules.cli.session import Session, is_terminal
from schedules.events import Event, PageEvent, PollEvent, Tally, is_rejection
from schedules.logs import log, set_up_logs

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID
    from rich.table import Table

MAX_FAILURES = 20  # failures of pages that are printed at the end; the sources are few, so all of theirs are


@dataclass
class RunDisplay:
    """Show the progress of a run, and collect its result.

    Attributes:
        strict: A page that is not an article counts as a failure too, because a person named it.
        each: Log each event when it happens.
        tallies: Counts by outlet.
        pages: The pages that a person named, in the order in which they were finished.
        failures: The failures of sources, and the first ones of pages; those with one cause are printed together.
        failed: The number of all failures.
    """

    strict: bool = False
    each: bool = True
    tallies: dict[str, Tally] = field(default_factory=dict)
    pages: list[PageEvent] = field(default_factory=list)
    failures: list[Event] = field(default_factory=list)
    failed: int = 0
    _pages_failed: int = 0
    _bars: Progress | None = None
    _tasks: dict[str, TaskID] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Count one event and show it."""
        tally = self.tallies.setdefault(event.outlet, Tally())
        tally.add(event)
        if self.strict and isinstance(event, PageEvent):
            self.pages.append(event)
        if event.failure and (self.strict or not is_rejection(event)):
            self.failed += 1
            self._pages_failed += isinstance(event, PageEvent)
            if isinstance(event, PollEvent) or self._pages_failed <= MAX_FAILURES:
                self.failures.append(event)
        if self._bars is None:
            if self.each:
                log_event(event)
        else:
            self._advance(self._bars, event, tally)

    def _advance(self, bars: Progress, event: Event, tally: Tally) -> None:
        if event.outlet not in self._tasks:
            self._tasks[event.outlet] = bars.add_task(event.outlet, total=None, latest="")
        task = self._tasks[event.outlet]
        if isinstance(event, PollEvent):
            bars.update(task, total=tally.new or None, latest=printable(event.url))
        else:
            latest = printable(event.title or event.url)
            bars.update(task, advance=1, total=max(tally.new, tally.asked), latest=latest)

    @property
    def exit_code(self) -> int:
        """The exit code: 0 if all went well, 1 if there were failures."""
        return 1 if self.failed else 0


def log_event(event: Event) -> None:
    """Log one unit of work in one line."""
    facts: dict[str, object] = {"outlet": event.outlet, "url": event.url}
    if isinstance(event, PollEvent):
        facts |= {"kind": event.kind, "candidates": event.candidates, "new": event.new}
        facts |= {"dropped": sum(event.dropped.values()), "unchanged": event.unchanged}
        facts |= {"overran": True} if event.overran else {}
    else:
        facts |= {"outcome": event.outcome or "not archived", "title": event.title}
    facts["notes"] = event.notes
    if event.failure:
        facts |= {"reason": event.failure.reason.value, "detail": event.failure.detail}
    name = "poll" if isinstance(event, PollEvent) else "page"
    (log().warning if event.failure else log().info)(name, **{k: v for k, v in facts.items() if v not in ("", None)})


@contextmanager
def displaying(session: Session, *, strict: bool = False) -> Iterator[RunDisplay]:
    """Show a run while it lasts: bars on a terminal, log lines elsewhere; with `-q`, only failures."""
    set_up_logs(session.settings.log, session.verbosity, terminal=is_terminal(), color=session.color)
    display = RunDisplay(strict)
    if not is_terminal() or session.verbosity != 0:
        yield display
        return
    from rich.console import Console
    from rich.progress import TimeElapsedColumn

    from schedules.cli.progress_bars import progress_bars

    console = Console(stderr=True, no_color=not session.color)
    with progress_bars(console, "latest", behind=[TimeElapsedColumn()]) as bars:
        display._bars = bars  # noqa: SLF001 - the display is this module's own
        yield display


def conclude(session: Session, display: RunDisplay, as_json: bool) -> None:
    """Print the result of a run: counts on stdout, failures on stderr."""
    if as_json:
        session.print_json({outlet: tally.counts() for outlet, tally in display.tallies.items()})
    elif display.tallies:
        session.print_table(table(display.tallies))
        if not any(tally.new or tally.asked for tally in display.tallies.values()):
            session.print("nothing new")
    print_failures(session, display)


def print_failures(session: Session, display: RunDisplay) -> None:
    """Print the first failures of a run on stderr, one line a cause, and how many more there were."""
    for line in failure_lines(display.failures):
        session.warn(line)
    if more := display.failed - len(display.failures):
        session.warn(f"… and {more} more failures; `khobao why URL` explains each")


def table(tallies: Mapping[str, Tally]) -> Table:
    """Lay out the counts of a run, one row per outlet."""
    from rich.table import Table

    grid = Table(box=None, header_style="bold", pad_edge=False)
    grid.add_column("outlet", no_wrap=True)
    for name in ("links", "new", "archived"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("not archived, by reason")
    grid.add_column("failed, by reason")
    for outlet, tally in tallies.items():
        archived = str(tally.outcomes["archived"]) + (f" +{n} revised" if (n := tally.outcomes["revised"]) else "")
        skipped, failed = _reasons(tally.skipped), _reasons(tally.failed)
        grid.add_row(outlet, str(tally.candidates), str(tally.new), archived, skipped, failed)
    return grid


def _reasons(counts: Counter[Reason]) -> str:
    """Format counts by reason, largest first."""
    return ", ".join(f"{count} {reason.value.replace('_', ' ')}" for reason, count in counts.most_common()) or "-"


def failure_lines(events: Iterable[Event]) -> Iterator[str]:
    """Yield one line per cause; sources of an outlet that failed alike share a line with their number.

    Pages keep a line each, because a person may have named them, and each has a remedy of its own.
    """
    groups: dict[tuple[object, ...], list[Event]] = {}
    for position, event in enumerate(events):
        source = isinstance(event, PollEvent)
        host = urlsplit(event.url).hostname if source else position
        groups.setdefault((source, event.outlet, host, str(event.failure)), []).append(event)
    for first, *others in groups.values():
        if others:
            yield f"{first.outlet}: {len(others) + 1} sources, such as {first.url}: {first.failure}"
        else:
            yield failure_line(first)


def failure_line(event: Event) -> str:
    """Format a failure in one line: where, what, why."""
    kind = f"{event.kind} " if isinstance(event, PollEvent) else ""
    return f"{event.outlet}: {kind}{event.url}: {event.failure}"
