"""Showing a run: a live display on a terminal, one log line a unit of work elsewhere, and the table at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column, Table

from archive.errors import Reason
from schedules.cli.session import Session, is_terminal
from schedules.events import Event, Polled, Tally, is_skip
from schedules.logs import log, set_up_logs

TOLD = 20  # failures that are told one by one at the end


@dataclass
class Show:
    """What a run tells as it goes, and what it came to.

    Attributes:
        tallies: Counts by outlet.
        each: Whether each event is told as it comes.
        failures: The events that say what failed, oldest first, as many as are told one by one.
        failed: How many there were.
        strict: Whether a page that is no article is a failure too, because a person asked for it by name.
    """

    strict: bool = False
    each: bool = True
    tallies: dict[str, Tally] = field(default_factory=dict)
    failures: list[Event] = field(default_factory=list)
    failed: int = 0
    _bars: Progress | None = None
    _tasks: dict[str, TaskID] = field(default_factory=dict)

    def tell(self, event: Event) -> None:
        """Take in one event."""
        counts = self.tallies.setdefault(event.outlet, Tally())
        counts.add(event)
        if event.failure and (self.strict or not is_skip(event)):
            self.failed += 1
            self.failures += [event] if len(self.failures) < TOLD else []
        if self._bars is None:
            if self.each:
                log_event(event)
        else:
            self._move(self._bars, event, counts)

    def _move(self, bars: Progress, event: Event, counts: Tally) -> None:
        if event.outlet not in self._tasks:
            self._tasks[event.outlet] = bars.add_task(event.outlet, total=None, said="")
        task = self._tasks[event.outlet]
        if isinstance(event, Polled):
            bars.update(task, total=counts.new or None, said=event.url)
        else:
            bars.update(task, advance=1, total=max(counts.new, counts.asked), said=event.title or event.url)

    @property
    def exit_code(self) -> int:
        """0 if all went well, 1 if failures were reported."""
        return 1 if self.failed else 0


def bars_on(
    console: Console,
    said: str,
    before: Sequence[str] = (),
    behind: Sequence[ProgressColumn | str] = (),
    *,
    style: str = "dim",
    clock: Callable[[], float] | None = None,
) -> Progress:
    """The live display: outlet, bar and count come first, and what is said last gets the room that is left.

    Args:
        console: Where it is shown.
        said: The field that is shown last.
        before: Fields between the outlet and its bar.
        behind: Fields, or columns, behind the count.
        style: In which it is said.
        clock: Seconds that never go back; None for rich's own.
    """
    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        *map(_field, before),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        *(_field(one) if isinstance(one, str) else one for one in behind),
        TextColumn(f"{{task.fields[{said}]}}", style=style, markup=False, table_column=rest),
        console=console,
        transient=True,
        expand=True,
        get_time=clock,
    )


def _field(name: str) -> TextColumn:
    return TextColumn(f"{{task.fields[{name}]}}", markup=False)


@contextmanager
def showing(session: Session, *, strict: bool = False) -> Iterator[Show]:
    """Show a run while it lasts: bars on a terminal, log lines elsewhere, nothing but failures with `-q`."""
    watched = is_terminal() and session.verbosity == 0
    set_up_logs(session.settings.log, session.verbosity, terminal=is_terminal())
    show = Show(strict)
    if not watched:
        yield show
        return
    with bars_on(Console(stderr=True), "said", behind=[TimeElapsedColumn()]) as bars:
        show._bars = bars  # noqa: SLF001 - the display is this module's own
        yield show


def table(tallies: Mapping[str, Tally]) -> Table:
    """What a run came to, an outlet a row."""
    made = Table(box=None, header_style="bold", pad_edge=False)
    for name, justify in (("outlet", "left"), ("candidates", "right"), ("new", "right"), ("archived", "right")):
        made.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    made.add_column("skipped, and why")
    made.add_column("failed, and why")
    for outlet, counts in tallies.items():
        archived = str(counts.outcomes["archived"]) + (f" +{n} revised" if (n := counts.outcomes["revised"]) else "")
        made.add_row(
            outlet, str(counts.candidates), str(counts.new), archived, _reasons(counts.skipped), _reasons(counts.failed)
        )
    return made


def _reasons(counted: Counter[Reason]) -> str:
    return ", ".join(f"{count} {reason.label}" for reason, count in counted.most_common()) or "-"


def line(event: Event) -> str:
    """A failure in one line: what, where, why."""
    what = f"{event.kind} " if isinstance(event, Polled) else ""
    return f"{event.outlet}: {what}{event.url}: {event.failure}"


def log_event(event: Event) -> None:
    """One canonical line for one unit of work."""
    facts: dict[str, object] = {"outlet": event.outlet, "url": event.url}
    if isinstance(event, Polled):
        facts |= {"kind": event.kind, "candidates": event.candidates, "new": event.new}
        facts |= {"dropped": sum(event.dropped.values()), "unchanged": event.unchanged}
        facts |= {"overran": True} if event.overran else {}
    else:
        facts |= {"outcome": event.outcome or "not archived", "title": event.title}
    facts["notes"] = event.notes
    if event.failure:
        facts |= {"reason": event.failure.reason.value, "detail": event.failure.detail}
    name = "poll" if isinstance(event, Polled) else "page"
    (log().warning if event.failure else log().info)(name, **{k: v for k, v in facts.items() if v not in ("", None)})


def conclude(session: Session, show: Show, as_json: bool) -> None:
    """Tell what a run came to: counts on stdout, failures on stderr."""
    if as_json:
        session.answer({outlet: counts.counts() for outlet, counts in show.tallies.items()})
    elif show.tallies:
        session.out.print(table(show.tallies))
        if not any(counts.new or counts.asked for counts in show.tallies.values()):
            session.tell("nothing new")
    complaints = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for event in show.failures:
        complaints.print(line(event))
    if show.failed > TOLD:
        complaints.print(f"… and {show.failed - TOLD} more failures; `khobao why URL` tells each")
