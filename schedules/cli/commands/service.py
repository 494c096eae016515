"""Run `khobao run` and `khobao service`: run the service, and print files for a service manager."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import click

from schedules.cli.session import Session, command, is_terminal
from schedules.config_layers import PREFIX
from schedules.service.unit_files import KINDS, Installation, render


@command(name="run")
def run_command(session: Session) -> int:
    """Run the service: poll each source at its own rate until stopped.

    On a terminal, show a table of the outlets and the latest log lines; elsewhere, log one line for each unit of work.
    SIGTERM or Ctrl-C finishes work in flight and stops; a second one stops immediately. SIGHUP reloads settings and
    outlets.
    """
    from schedules.cli.lookups import enabled_outlets
    from schedules.cli.service_view import viewing
    from schedules.service.daemon import serve
    from schedules.service.outlet_watcher import Setup

    def load() -> Setup:
        fresh = session.reload()
        return Setup(fresh.settings, fresh.catalogue, enabled_outlets(fresh))

    with session.writer() as archive, viewing(session, live=is_terminal() and session.verbosity == 0) as view:
        tallies = asyncio.run(serve(load, archive, view.log_event, view.show if view.live else None))
    view.conclude(session, tallies)
    return 0


@command(name="service")
@click.argument("kind", type=click.Choice(list(KINDS)), default="unit")
def service_command(session: Session, kind: str) -> None:
    """Print a file for a service manager, with the paths and settings of this installation.

    \b
    unit       systemd unit of the service (the default)
    backup     systemd unit of one backup
    timer      systemd timer that makes a backup every night
    container  Containerfile for podman or docker
    dashboard  Grafana dashboard for the service's metrics
    """
    config = session.settings_file
    installation = Installation(
        program=_program(),
        archive=session.settings.archive.path.absolute(),
        config=config.absolute() if config else None,
        variables={name: value for name, value in os.environ.items() if name.startswith(PREFIX) and "__" in name},
    )
    session.print(render(kind, installation))


def _program() -> Path:
    """Return the absolute path of this program."""
    called = Path(sys.argv[0])
    if called.name == "khobao":
        return Path(shutil.which(str(called)) or called).absolute()
    return Path(sys.executable).with_name("khobao")
