"""`khobao upgrade-check`: print the tasks that remain after an upgrade of khobao."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click

from archive.database.connection import pending_migrations
from archive.store.reader import ArchiveReader
from archive.store.reextraction_queue import ReextractionScope, count_stale_articles
from crawler.outlets.model import Outlet
from crawler.reading.extract import reader_of
from schedules.cli.lookups import archived_outlets
from schedules.cli.session import Session, command

_NAMES = 8  # outlets that are named in a line


@dataclass(frozen=True, slots=True)
class UpgradeTask:
    """A task that remains after an upgrade.

    Attributes:
        part: schema, declarations or captures.
        what: What is out of date.
        remedy: What a person can do.
        optional: The archive is in order without it.
    """

    part: str
    what: str
    remedy: str
    optional: bool = False


@command(name="upgrade-check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per task.")
def upgrade_check_command(session: Session, as_json: bool) -> int:
    """List the tasks that an upgrade of khobao leaves for the archive; change nothing.

    \b
    schema        tables that an older khobao created
    declarations  archived outlets that are no longer declared, and drafted
                      rules that take precedence over new declarations
    captures      articles that were read with earlier rules

    The exit code is 1 if there is something to do. Outlets without a declaration, such as those of the demo, are
    named, but their articles are in order.
    """
    tasks = list(_tasks(session))
    needed = any(not task.optional for task in tasks)
    if not needed and not as_json:
        session.print("nothing to do: schema, declarations and captures are current")
    for task in tasks:
        if as_json:
            session.print_json(asdict(task))
        else:
            session.print(f"{task.part}: {task.what}\n    {task.remedy}")
    return int(needed)


def _tasks(session: Session) -> Iterator[UpgradeTask]:
    if pending := pending_migrations(session.archive_path):
        yield UpgradeTask(
            "schema",
            f"{len(pending)} changes to apply: {', '.join(pending)}",
            "make a backup with `khobao backup FILE`, then apply them with `khobao check --repair`",
        )
        return  # the other tasks can only be read in a current schema
    with session.reader() as archive:
        outlets, undeclared = archived_outlets(session, archive)
        yield from _declaration_tasks(session, undeclared)
        yield from _capture_tasks(archive, outlets)


def _declaration_tasks(session: Session, undeclared: list[str]) -> Iterator[UpgradeTask]:
    """Yield outlets without a declaration, and outlets whose drafted rules override the new ones."""
    if undeclared:
        yield UpgradeTask(
            "declarations",
            f"archived but no longer declared: {_names(undeclared)}",
            "their articles stay; to crawl them again, write a declaration into the folder `outlets.folder`",
            optional=True,
        )
    folder = session.settings.healed_folder / "in-force"
    if healed := sorted(file.stem for file in folder.glob("*.toml")):
        yield UpgradeTask(
            "declarations",
            f"drafted rules override the new declarations: {_names(healed)}",
            f"try `khobao outlets --check {healed[0]}`; remove with `khobao outlets --heal {healed[0]} --undo`",
        )


def _capture_tasks(archive: ArchiveReader, outlets: list[Outlet]) -> Iterator[UpgradeTask]:
    """Yield a task if articles were read with earlier rules."""
    counts = {
        outlet.id: count_stale_articles(archive, ReextractionScope(outlet.id, reader_of(outlet))) for outlet in outlets
    }
    if stale := [name for name, count in counts.items() if count]:
        yield UpgradeTask(
            "captures",
            f"{sum(counts.values())} articles were read with earlier rules: {_names(stale)}",
            "`khobao reextract --dry-run` shows what today's rules change; `khobao reextract` saves it",
        )


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMES])
    return f"{shown} and {len(names) - _NAMES} more" if len(names) > _NAMES else shown
