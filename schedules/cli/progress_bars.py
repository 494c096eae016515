"""Build the live display of a run on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
from rich.table import Column


def progress_bars(
    console: Console,
    latest: str,
    before: Sequence[str] = (),
    behind: Sequence[ProgressColumn | str] = (),
    *,
    style: str = "dim",
    clock: Callable[[], float] | None = None,
) -> Progress:
    """Build a live display: outlet, bar and count first; the last field gets the remaining width.

    Args:
        console: The console to show it on.
        latest: The field that is shown last.
        before: Fields between the outlet and its bar.
        behind: Fields, or columns, after the count.
        style: The style of the last field.
        clock: A monotonic clock in seconds; None for rich's own.
    """
    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        *map(_text_column, before),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        *(_text_column(column) if isinstance(column, str) else column for column in behind),
        TextColumn(f"{{task.fields[{latest}]}}", style=style, markup=False, table_column=rest),
        console=console,
        transient=True,
        expand=True,
        get_time=clock,
    )


def _text_column(name: str) -> TextColumn:
    return TextColumn(f"{{task.fields[{name}]}}", markup=False)
