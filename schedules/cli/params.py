"""Define types of option values that several commands share, with helpful error messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click

from archive.errors import UsageError

KINDS = ("article", "photo", "video", "live", "emagazine", "opinion")  # values of `archive.record.Record.kind`

_NAMES = 12  # names that a hint lists


class PathArgument(click.Path):
    """The path of a file or a folder.

    The code that opens it checks it, and reports a bad path with a line and an exit code of its own. So one bad path
    among many does not end a command.
    """

    def __init__(self) -> None:
        super().__init__(readable=False, path_type=Path)


class Day(click.ParamType[date]):
    """A calendar day, written YYYY-MM-DD."""

    name = "day"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return how the help shows the value."""
        del param, ctx
        return "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail with a line that shows how to write one."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day; write it as 2026-02-04", param, ctx)


class Name(click.Choice[str]):
    """One of a few names; an error message suggests a similar name."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return the error message, with a similar name and all names."""
        del ctx
        return f"{value!r} is unknown; {suggest(str(value), self.choices)}"


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a hint for a mistyped name: a similar known name, or the first known names."""
    import difflib

    names = list(known)
    near = difflib.get_close_matches(name, names, n=1) or difflib.get_close_matches(name.lower(), names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known are {', '.join(names[:_NAMES])}" + (", …" if len(names) > _NAMES else "")


def check_days(since: date | None, until: date | None) -> None:
    """Refuse a range of days that is empty.

    Raises:
        UsageError: The first day is after the last.
    """
    if since and until and since > until:
        raise UsageError(f"--since {since} is after --until {until}; write the earlier day first")
