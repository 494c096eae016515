"""What every command shares: the common options, the settings they lead to, and the ways to speak."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from archive.store.writer import Archive
    from crawler.outlets.model import Outlet
    from schedules.config import Settings


@dataclass
class Session:
    """One call of the program: its options, and what is made from them when it is first needed.

    Attributes:
        config: The settings file that was given, if any.
        archive: The archive file that was given, if any.
        verbosity: -1 for `-q`, 0, or 1 for `-v`.
    """

    config: Path | None = None
    archive: Path | None = None
    verbosity: int = 0
    flags: dict[str, Any] = field(default_factory=dict)

    def anew(self) -> Session:
        """The same call, with its files to be read again."""
        return Session(self.config, self.archive, self.verbosity, self.flags)

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings of this call."""
        from schedules.config import find_file, load_settings

        path = None if self.archive is None else self.archive.absolute()
        return load_settings(find_file(self.config), flags={"archive.path": path, **self.flags})

    @functools.cached_property
    def catalogue(self) -> Mapping[str, Outlet]:
        """Every declared outlet, by id."""
        from crawler.outlets.catalogue import load_catalogue

        return load_catalogue(self.settings.outlets.folder)

    @functools.cached_property
    def out(self) -> Console:
        """Where results go."""
        from rich.console import Console

        return Console(soft_wrap=not sys.stdout.isatty(), highlight=False, emoji=False, markup=False)

    @contextmanager
    def reader(self) -> Iterator[Archive]:
        """The archive, to ask."""
        from archive.store.writer import Archive

        with Archive.open(self.settings.archive.path) as archive:
            yield archive

    @contextmanager
    def writer(self) -> Iterator[Archive]:
        """The archive, to write to; made if there is none."""
        from archive.store.writer import Archive

        self.settings.archive.path.parent.mkdir(parents=True, exist_ok=True)
        with Archive.create_or_open(self.settings.archive.path) as archive:
            yield archive

    def tell(self, text: str = "") -> None:
        """Print a result."""
        click.echo(text)

    def answer(self, value: object) -> None:
        """Print a result as one JSON value, Vietnamese as it is."""
        click.echo(json.dumps(value, ensure_ascii=False, default=str))

    def note(self, text: str) -> None:
        """Tell of progress, unless asked to be quiet."""
        if self.verbosity >= 0:
            click.echo(text, err=True)


_FILE = click.Path(dir_okay=False, path_type=Path)
_OPTIONS = (
    click.Option(["--config"], type=_FILE, metavar="FILE", help="Settings file."),
    click.Option(["--archive"], type=_FILE, metavar="FILE", help="The archive's SQLite file."),
    click.Option(["-v", "--verbose"], is_flag=True, help="Tell more."),
    click.Option(["-q", "--quiet"], is_flag=True, help="Tell only results and failures."),
)


def command(**attrs: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """A click command with the common options; its function gets the `Session` first."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def call(*, config: Path | None, archive: Path | None, verbose: bool, quiet: bool, **params: Any) -> Any:
            session = click.get_current_context().ensure_object(Session)
            session.config = config or session.config
            session.archive = archive or session.archive
            session.verbosity = (1 if verbose else -1 if quiet else 0) or session.verbosity
            return function(session, **params)

        made: click.Command = click.command(**attrs)(call)
        made.params.extend(_OPTIONS)
        return made

    return decorate


def is_terminal() -> bool:
    """Whether progress is watched by a person."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
