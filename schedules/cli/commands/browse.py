"""`khobao browse`: the archive in Datasette, with its own pages."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path

import click

from archive.errors import UsageError
from schedules.cli.session import Session, command


@command(name="browse")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; keep it, and let a proxy answer."
)
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.option("--public", is_flag=True, help="Safe for strangers: no SQL, no ledger, no full texts that say noarchive.")
@click.option("--sql", "allow_sql", is_flag=True, help="With --public: let strangers ask in SQL all the same.")
@click.option(
    "--write-config",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write metadata.yaml, settings.json and datasette.yaml for a Datasette of your own, and end.",
)
def browse_command(
    session: Session, port: int, host: str, opens: bool, public: bool, allow_sql: bool, folder: Path | None
) -> None:
    """Serve the archive in Datasette: today, stories, changes, search, timelines, outlets, and the tables.

    It reads the live archive beside whoever writes to it.
    """
    from archive.browse.serve import command_lines, serve, write_config

    if allow_sql and not public:
        raise UsageError("--sql goes with --public; without it, SQL may be asked anyway")
    with session.reader():
        path = session.settings.archive.path  # it is there, and an archive of this version
    if folder:
        written = write_config(folder, public=public, allow_sql=allow_sql)
        session.tell("\n".join(f"wrote {file}" for file in written))
        for version, line in zip(("0.65", "1.0"), command_lines(path, folder), strict=True):
            session.tell(f"\n  # Datasette {version}\n  {line}")
        return
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/today"

    def ready() -> None:
        session.note(f"serving {path} at {address}; Ctrl-C ends it")
        if opens:
            webbrowser.open(address)

    asyncio.run(serve(path, host, port, public=public, allow_sql=allow_sql, ready=ready))
