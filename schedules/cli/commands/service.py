"""`khobao service`: what a service manager is to be told."""

from __future__ import annotations

import asyncio
import sys
from importlib.resources import files
from pathlib import Path

import click

from schedules.cli.lookups import enabled
from schedules.cli.progress import log_event
from schedules.cli.session import Session, command, is_terminal
from schedules.logs import set_up_logs
from schedules.service.daemon import Setup, serve

KINDS = {
    "unit": "khobao.service",
    "backup": "khobao-backup.service",
    "timer": "khobao-backup.timer",
    "container": "Containerfile",
    "dashboard": "grafana.json",
}


@command(name="service")
@click.argument("kind", type=click.Choice(list(KINDS)), default="unit")
def service_command(session: Session, kind: str) -> None:
    """Print a systemd unit (the default), the unit and timer of a nightly backup, a Containerfile or a dashboard.

    They are made for this installation and these settings: the program's path, the archive's folder.
    """
    archive = session.settings.archive.path.absolute()
    template = files("schedules.service").joinpath("deploy", KINDS[kind]).read_text(encoding="utf-8")
    facts = {
        "@khobao@": str(Path(sys.argv[0]).absolute() if Path(sys.argv[0]).name == "khobao" else "khobao"),
        "@archive@": str(archive),
        "@folder@": str(archive.parent),
        "@config@": f" --config {session.config.absolute()}" if session.config else "",
    }
    for mark, fact in facts.items():
        template = template.replace(mark, fact)
    session.tell(template.rstrip())


@command(name="run")
def run_command(session: Session) -> int:
    """The service: watch the outlets, each source at its own pace, until it is told to stop.

    SIGTERM or Ctrl-C finishes what is in flight; a second one ends at once. SIGHUP reads settings and outlets again.
    """
    set_up_logs(session.settings.log, session.verbosity, terminal=is_terminal())

    def load() -> Setup:
        anew = session.anew()
        return Setup(anew.settings, anew.catalogue, enabled(anew, ()))

    with session.writer() as archive:
        asyncio.run(serve(load, archive, log_event))
    return 0
