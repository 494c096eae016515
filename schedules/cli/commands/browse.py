"""Run `khobao browse`: serve the archive as web pages, with Datasette."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.errors import UsageError, install_command
from schedules.cli.params import PathArgument
from schedules.cli.session import Session, command

if TYPE_CHECKING:  # Datasette takes a while to import
    from archive.browse.serve import ServeOptions

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8001


@command(name="browse")
@click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, help="Port.")
@click.option(
    "--host",
    default=DEFAULT_HOST,
    show_default=True,
    help="Address to listen on; for the public, put a reverse proxy in front.",
)
@click.option("--open", "opens", is_flag=True, help="Open the pages in the browser.")
@click.option(
    "--public", is_flag=True, help="Make it safe for strangers: no SQL, no ledger, no texts marked noarchive."
)
@click.option("--sql", "allow_sql", is_flag=True, help="With --public: let strangers use SQL anyway.")
@click.option("--name", "names", multiple=True, help="Answer for this name too, besides browse.hosts; repeatable.")
@click.option(
    "--write-config",
    "folder",
    type=PathArgument(),
    metavar="DIR",
    help="Write metadata.yaml, settings.json and datasette.yaml for your own Datasette, and exit.",
)
def browse_command(
    session: Session,
    port: int,
    host: str,
    opens: bool,
    public: bool,
    allow_sql: bool,
    names: tuple[str, ...],
    folder: Path | None,
) -> None:
    """Serve the archive as web pages: days, stories, changes, search, shares, outlets, tables.

    The pages read the live archive, even while another khobao writes to it. A request for an unknown host name is
    refused, so that no other site can read the archive through a visitor's browser.
    """
    from archive.browse.serve import ServeOptions

    if allow_sql and not public:
        raise UsageError("--sql goes with --public; without --public, SQL is allowed anyway")
    options = ServeOptions(public, allow_sql, (*session.settings.browse.hosts, *names))
    if folder:
        _write_config(session, folder, options)
    else:
        serve_archive(session, host, port, options, opens=opens)


def serve_archive(
    session: Session,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    options: ServeOptions | None = None,
    *,
    opens: bool = False,
) -> None:
    """Serve the archive until Ctrl-C.

    Args:
        session: The session of this command.
        host: The address to listen on.
        port: The port to listen on.
        options: Options for who may see what; None to show everything to everybody who can connect.
        opens: Open the pages in the browser.
    """
    from archive.browse.charts.renderer import is_available
    from archive.browse.serve import ServeOptions, serve

    with session.reader():
        path = session.archive_path  # checks that the file exists and is an archive of this version
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/today"

    def ready() -> None:
        session.note(f"serving {path} at {address}; Ctrl-C stops")
        if not is_available():
            session.note(f"charts are shown as tables; to draw them: {install_command('charts')}")
        if opens:
            webbrowser.open(address)

    asyncio.run(serve(path, host, port, options or ServeOptions(), ready=ready))


def _write_config(session: Session, folder: Path, options: ServeOptions) -> None:
    """Write the configuration for the user's own Datasette, and print how to start it."""
    from archive.browse.serve import command_lines, write_config

    with session.reader():
        path = session.archive_path
    for file in write_config(folder, options):
        session.print(f"wrote {file}")
    for version, line in zip(("0.65", "1.0"), command_lines(path, folder), strict=True):
        session.print(f"\n  # Datasette {version}\n  {line}")
