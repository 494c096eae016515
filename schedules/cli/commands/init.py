"""Run `khobao init`: write a short settings file, and create an empty archive."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from archive.errors import UsageError
from schedules.cli.params import PathArgument
from schedules.cli.session import Session, command
from schedules.config_layers import FILE

TEMPLATE = """\
# Settings of khobao: the ones that people change. A line that begins with # shows the default; remove the # to
# change it. `khobao config` prints every setting in force. Each is also a variable, such as KHOBAO_NETWORK__GAP=2.

[archive]
path = "archive.db"            # the SQLite file, relative to this file
# keep_captures = ""           # delete raw pages after "365d", above "50GB", or both: "365d 50GB"; "" keeps them

[outlets]
# enabled = []                 # ids to crawl, such as ["vnexpress", "vov"]; [] for all (`khobao outlets` lists them)
# folder = "outlets"           # a folder of your own outlet declarations

[network]
# contact = ""                 # your e-mail or web address, sent to outlets so that they can reach you
# gap = 1.0                    # seconds between two requests to one host
# proxy = ""                   # http://host:port

[service]
# listen = "127.0.0.1:9471"    # where `khobao run` serves metrics and its health; "" for nowhere

[alerts]
# webhook = ""                 # an address that gets a JSON message when the health of an outlet changes

# Saved searches stand below lines [[watch]]; `khobao browse` writes them, on its page /watches.

[log]
# level = "info"               # debug, info, warning or error
"""


@command(name="init")
@click.argument("folder", default=".", type=PathArgument(), metavar="[DIR]")
def init_command(session: Session, folder: Path) -> None:
    """Write a short settings file, khobao.toml, and create the archive, in DIR (default: here)."""
    file = folder / FILE
    if file.exists():
        raise UsageError(f"{file}: exists already and was not changed")
    folder.mkdir(parents=True, exist_ok=True)
    path = session.archive.absolute() if session.archive else folder / "archive.db"
    session.archive = path
    with session.writer(create=True):
        pass
    written = str(path) if path.parent != folder else path.name
    file.write_text(
        TEMPLATE.replace('"archive.db" ', f"{json.dumps(written, ensure_ascii=False)} ", 1), encoding="utf-8"
    )
    session.print(f"wrote {file} and {path}")
    step = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    session.print(f"next: {step}khobao crawl --limit 20 vnexpress")
