"""Run `khobao browse`: serve the archive as web pages, with Datasette."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.errors import UsageError, install_command
from archive.lake.layout import open_lake
from archive.lake.manifest import read_manifest, require_folder
from schedules.cli.params import PathArgument
from schedules.cli.session import Session, command

if TYPE_CHECKING:  # Datasette takes a while to import
    from archive.browse.serve import LakeToServe, ServeOptions

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
@click.option("--lake", default="", metavar="LAKE", help="Serve this lake instead of the archive.")
def browse_command(
    session: Session,
    port: int,
    host: str,
    opens: bool,
    public: bool,
    allow_sql: bool,
    names: tuple[str, ...],
    folder: Path | None,
    lake: str,
) -> None:
    """Serve the archive as web pages: days, stories, changes, search, shares, outlets, tables.

    The pages read the live archive, even while another khobao writes to it. A request for an unknown host name is
    refused, so that no other site can read the archive through a visitor's browser. With --lake, the pages show the
    articles of a lake: days, search, shares and outlets.
    """
    from archive.browse.serve import ServeOptions

    if allow_sql and not public:
        raise UsageError("--sql needs --public; without --public, SQL is always allowed")
    options = ServeOptions(public, allow_sql, (*session.settings.browse.hosts, *names))
    if lake and (folder or allow_sql):
        raise UsageError(
            "--lake serves no tables, so it cannot be combined with --sql and --write-config; see `khobao lake sql`"
        )
    if lake:
        serve_lake(session, lake, host, port, options, opens=opens)
    elif folder:
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
    from archive.browse.serve import ServeOptions

    with session.reader():
        path = session.archive_path  # checks that the file exists and is an archive of this version
    _serve(session, path, str(path), host, port, options or ServeOptions(), opens=opens)


def serve_lake(session: Session, lake: str, host: str, port: int, options: ServeOptions, *, opens: bool) -> None:
    """Serve a lake until Ctrl-C; see `serve_archive`.

    Raises:
        UsageError: There is no lake, it is in an object store, or it is not compacted.
    """
    from archive.browse.serve import LakeToServe
    from archive.browse.served_lake import LakeOutlets

    folder = open_lake(lake)
    path = require_folder(folder)
    if not read_manifest(folder).articles:
        raise UsageError(f"{path}: the lake is not compacted yet; run `khobao lake compact {lake}` first")
    names = {name: outlet.name for name, outlet in session.catalogue.items()}
    zones = {name: outlet.timezone for name, outlet in session.catalogue.items()}
    served = LakeToServe(folder, LakeOutlets(names, zones))
    _serve(session, served, str(path), host, port, options, opens=opens)


def _serve(
    session: Session,
    served: Path | LakeToServe,
    shown: str,
    host: str,
    port: int,
    options: ServeOptions,
    *,
    opens: bool,
) -> None:
    """Serve an archive or a lake until Ctrl-C, and print where."""
    from archive.browse.charts.renderer import is_available
    from archive.browse.serve import serve

    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/today"

    def ready() -> None:
        session.note(f"serving {shown} at {address}; Ctrl-C stops")
        if not is_available():
            session.note(f"charts are shown as tables; to draw them: {install_command('charts')}")
        if opens:
            webbrowser.open(address)

    asyncio.run(serve(served, host, port, options, ready=ready))


def _write_config(session: Session, folder: Path, options: ServeOptions) -> None:
    """Write the configuration for the user's own Datasette, and print how to start it."""
    from archive.browse.serve import command_lines, write_config

    with session.reader():
        path = session.archive_path
    for file in write_config(folder, options):
        session.print(f"wrote {file}")
    for version, line in zip(("0.65", "1.0"), command_lines(path, folder), strict=True):
        session.print(f"\n  # Datasette {version}\n  {line}")
