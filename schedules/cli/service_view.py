"""Show `khobao run`: a live table with log lines on a terminal, plain log lines elsewhere."""

from __future__ import annotations

import io
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from schedules.cli.progress import log_event, table
from schedules.cli.session import Session, is_terminal
from schedules.cli.spans import ago, ahead
from schedules.events import Event, Tally
from schedules.logs import log, set_up_logs
from schedules.service.snapshot import OutletRow, ServiceSnapshot

_LOG_LINES = 100  # latest log lines that are stored for the screen
_FRAME = 4  # lines around the table and the log: headline, header, blank line, and one for the cursor
_MIN_LOG = 5  # log lines that are shown even if the table is long


class LogTail(io.StringIO):
    """A file for structlog that stores the latest log lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=_LOG_LINES)

    def write(self, text: str) -> int:
        """Store a line."""
        self.lines.extend(text.rstrip("\n").splitlines())
        return len(text)


@dataclass
class ServiceView:
    """Show a service while it runs.

    Attributes:
        live: The live display; None for plain log lines.
        tail: The latest log lines, for the live display.
    """

    live: Live | None = None
    tail: LogTail = field(default_factory=LogTail)

    def log_event(self, event: Event) -> None:
        """Log one unit of work."""
        log_event(event)

    def show(self, snapshot: ServiceSnapshot) -> None:
        """Show the state of the service."""
        if self.live:
            height = self.live.console.size.height
            self.live.update(render(snapshot, list(self.tail.lines), height), refresh=True)

    def conclude(self, session: Session, tallies: Mapping[str, Tally]) -> None:
        """Print the counts of the service: a table on a terminal, one log line elsewhere."""
        facts = {
            "polls": sum(tally.sources for tally in tallies.values()),
            "pages": sum(tally.asked for tally in tallies.values()),
            "archived": sum(tally.outcomes["archived"] for tally in tallies.values()),
            "revised": sum(tally.outcomes["revised"] for tally in tallies.values()),
            "failed": sum(tally.failed.total() for tally in tallies.values()),
        }
        if self.live is None:
            log().info("stopped", **facts)
            return
        if tallies:
            session.print_table(table(tallies))
        session.note("stopped; " + ", ".join(f"{count} {name}" for name, count in facts.items()))


@contextmanager
def viewing(session: Session, *, live: bool) -> Iterator[ServiceView]:
    """Show a service while it runs: live on a terminal, in log lines elsewhere."""
    view = ServiceView()
    if not live:
        set_up_logs(session.settings.log, session.verbosity, terminal=is_terminal(), color=session.color)
        yield view
        return
    set_up_logs(session.settings.log, 0, terminal=True, color=session.color, file=view.tail)
    console = Console(stderr=True, no_color=not session.color, highlight=False, markup=False, emoji=False)
    with Live(console=console, auto_refresh=False, transient=True) as view.live:
        yield view
    for line in list(view.tail.lines)[-_MIN_LOG:]:
        sys.stderr.write(f"{line}\n")


def render(snapshot: ServiceSnapshot, log_lines: list[str], height: int) -> RenderableType:
    """Lay out the table and the latest log lines below it, within the height of the terminal."""
    rows = sorted(snapshot.rows, key=lambda row: not row.working)  # a stable sort: working outlets first
    room = max(height - _FRAME - _MIN_LOG - len(snapshot.problems), 1)
    shown = rows if len(rows) <= room else rows[: max(room - 1, 1)]
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for name, justify in _COLUMNS.items():
        grid.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for row in shown:
        grid.add_row(*_cells(row, snapshot.now))
    hidden = [Text(f"… and {len(rows) - len(shown)} more outlets", style="dim")] if len(shown) < len(rows) else []
    tail = log_lines[-max(height - _FRAME - len(shown) - len(hidden) - len(snapshot.problems), _MIN_LOG) :]
    return Group(
        Text(_headline(snapshot), style="bold"),
        grid,
        *hidden,
        *(Text(f"problem: {problem}", style="red") for problem in snapshot.problems),
        Text(),
        *(Text.from_ansi(line, no_wrap=True, overflow="ellipsis") for line in tail),
    )


_COLUMNS = {
    "outlet": "left",
    "last poll": "right",
    "next poll": "right",
    "new": "right",
    "revised": "right",
    "failures": "right",
    "queue": "right",
}


def _headline(snapshot: ServiceSnapshot) -> str:
    working = sum(row.working for row in snapshot.rows)
    archived = sum(row.archived for row in snapshot.rows)
    return f"{len(snapshot.rows)} outlets, {working} working, {archived} articles archived; Ctrl-C stops"


def _cells(row: OutletRow, now: datetime) -> tuple[Text | str, ...]:
    name = Text(row.outlet, style="green" if row.working else "")
    failures = Text(str(row.failures), style="red" if row.failures else "")
    following = "at work" if row.working else ahead(row.next_poll_at, now)
    return name, ago(row.polled_at, now), following, str(row.archived), str(row.revised), failures, str(row.queue)
