"""Provide what every command shares: options, settings, the archive, and ways to print."""

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

from archive.errors import ArchiveError
from archive.printable import printable, printable_json
from schedules.cli.params import PathArgument

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from archive.store.reader import ArchiveReader
    from archive.store.writer import ArchiveWriter
    from crawler.outlets.model import Outlet
    from schedules.config import Settings
    from schedules.config_layers import Layer


_UNLIMITED = 10_000  # columns; wider than any table


@dataclass
class Session:
    """One call of a command: its options, and the objects that are built from them when first needed.

    Attributes:
        config: The given settings file, if any.
        archive: The given archive file, if any.
        verbosity: -1 for `-q`, 0, or 1 for `-v`.
        as_json: `--json` was given before the command.
        color: Output may be coloured; `--no-color` and the variable NO_COLOR forbid it.
        flags: Other settings of this call, by `section.key`.
    """

    config: Path | None = None
    archive: Path | None = None
    verbosity: int = 0
    as_json: bool = False
    color: bool = True
    flags: dict[str, Any] = field(default_factory=dict)

    def reload(self) -> Session:
        """Return the same call with its files to be read again; the settings file must still exist."""
        return Session(self.settings_file, self.archive, self.verbosity, self.as_json, self.color, self.flags)

    @functools.cached_property
    def settings_file(self) -> Path | None:
        """The settings file of this call, if there is one."""
        from schedules.config_layers import find_file

        return find_file(self.config)

    @functools.cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The settings of this call, by the place that sets them."""
        from schedules.config_layers import read_layers

        path = None if self.archive is None else self.archive.absolute()
        return read_layers(self.settings_file, flags={"archive.path": path, **self.flags})

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings of this call."""
        from schedules.config import build_settings

        return build_settings(self.layers)

    @functools.cached_property
    def archive_path(self) -> Path:
        """The archive's file. The settings schema is loaded only if the value is wrong."""
        from schedules.config_layers import archive_path

        return archive_path(self.layers) or self.settings.archive.path

    @functools.cached_property
    def catalogue(self) -> Mapping[str, Outlet]:
        """Every declared outlet, by id."""
        from crawler.outlets.catalogue import load_catalogue

        healed = self.settings.healed_folder / "in-force"
        return load_catalogue(self.settings.outlets.folder, healed if _is_folder(healed) else None)

    @functools.cached_property
    def out(self) -> Console:
        """The console for tables and coloured results."""
        from rich.console import Console

        width = None if sys.stdout.isatty() else _UNLIMITED
        return Console(width=width, no_color=not self.color, highlight=False, emoji=False, markup=False)

    @contextmanager
    def reader(self) -> Iterator[ArchiveReader]:
        """Open the archive for reading, while another process may write to it."""
        from archive.store.reader import ArchiveReader

        with ArchiveReader.open(self.archive_path) as archive:
            yield archive

    @contextmanager
    def writer(self, *, create: bool = False) -> Iterator[ArchiveWriter]:
        """Open the archive for writing.

        Args:
            create: Create the archive if there is none, and print a note.

        Raises:
            ArchiveError: There is no archive and `create` is false, or it cannot be used.
        """
        from archive.database.connection import archive_exists
        from archive.store.writer import ArchiveWriter

        path = self.archive_path
        is_new = not archive_exists(path)
        if is_new and not create:
            raise ArchiveError(f"{path}: no archive there; `khobao init` makes one, `khobao crawl` makes and fills one")
        if is_new:
            _make_folder(path)
        with ArchiveWriter.create_or_open(path) as archive:
            if is_new:
                self.note(f"created the archive {path}")
            yield archive

    def print(self, text: str = "") -> None:
        """Print a result, with control characters escaped."""
        click.echo(printable(text))

    def print_json(self, value: object) -> None:
        """Print a result as one JSON value on one line, with Vietnamese letters unescaped."""
        click.echo(printable_json(json.dumps(value, ensure_ascii=False, default=str)))

    def print_document(self, text: str) -> None:
        """Print a document: unchanged into a file or pipe, with control characters escaped on a terminal."""
        click.echo(printable(text) if sys.stdout.isatty() else text)

    def print_table(self, table: RenderableType) -> None:
        """Print a table: within the width of a terminal, in full into a file or pipe."""
        with self.out.capture() as captured:
            self.out.print(table)
        click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()), color=self.out.is_terminal)

    def note(self, text: str) -> None:
        """Print progress or a hint on stderr; with `-q`, print nothing."""
        if self.verbosity >= 0:
            click.echo(printable(text), err=True)

    def warn(self, text: str) -> None:
        """Print a failure on stderr, even with `-q`."""
        click.echo(printable(text), err=True)


def _is_folder(path: Path) -> bool:
    """Return whether a folder is there; one that may not be reached counts as missing."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _make_folder(path: Path) -> None:
    """Make the folder of a new archive."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be made: {error.strerror}: {error.filename}") from None


_FILE = PathArgument()
SHARED_OPTIONS = (
    click.Option(["--config"], type=_FILE, metavar="FILE", help="Settings file."),
    click.Option(["--archive"], type=_FILE, metavar="FILE", help="The archive's SQLite file."),
    click.Option(["-v", "--verbose"], is_flag=True, help="Print more."),
    click.Option(["-q", "--quiet"], is_flag=True, help="Print only results and failures."),
    click.Option(
        ["--no-color"], is_flag=True, help="Print without colours; the variable NO_COLOR has the same effect."
    ),
)


def apply_shared_options(ctx: click.Context, params: dict[str, Any]) -> Session:
    """Move the shared options from the parameters to the session of this call."""
    session = ctx.ensure_object(Session)
    session.config = params.pop("config") or session.config
    session.archive = params.pop("archive") or session.archive
    verbose, quiet = params.pop("verbose"), params.pop("quiet")
    session.verbosity = (1 if verbose else -1 if quiet else 0) or session.verbosity
    session.color = session.color and not params.pop("no_color") and not os.environ.get("NO_COLOR")
    return session


def command(**attrs: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Build a click command with the shared options; its function gets the `Session` first."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def call(**params: Any) -> Any:
            session = apply_shared_options(click.get_current_context(), params)
            if session.as_json:
                if "as_json" not in params:
                    raise click.UsageError("No such option: --json; this command does not print JSON")
                params["as_json"] = True
            return function(session, **params)

        made: click.Command = click.command(**attrs)(call)
        made.params.extend(SHARED_OPTIONS)
        return made

    return decorate


def is_terminal() -> bool:
    """Return whether stderr is a terminal."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
