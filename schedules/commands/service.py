"""`khobao service`: what a service manager is to be told."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

import click

from schedules.session import Session, command

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
    template = files("schedules").joinpath("deploy", KINDS[kind]).read_text(encoding="utf-8")
    facts = {
        "@khobao@": str(Path(sys.argv[0]).absolute() if Path(sys.argv[0]).name == "khobao" else "khobao"),
        "@archive@": str(archive),
        "@folder@": str(archive.parent),
        "@config@": f" --config {session.config.absolute()}" if session.config else "",
    }
    for mark, fact in facts.items():
        template = template.replace(mark, fact)
    session.tell(template.rstrip())
