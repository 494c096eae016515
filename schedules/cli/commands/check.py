"""`khobao check`: verify the archive, and repair what can be repaired without loss."""

from __future__ import annotations

from itertools import chain

import click

from archive.maintenance.check import check, repair
from schedules.cli.session import Session, command
from schedules.pipeline.context import utc_now


@command(name="check")
@click.option("--repair", "repairs", is_flag=True, help="Repair what can be repaired without loss, and say what.")
def check_command(session: Session, repairs: bool) -> int:
    """Verify the archive: read the whole database, search index, documents and captures again.

    The exit code is 1 if there are errors. --repair rebuilds the search index, cuts captures files back to their last
    complete record, and schedules addresses again that lead to a missing article.
    """
    folder, errors = session.settings.captures_folder, 0
    with session.writer() if repairs else session.reader() as archive:
        repaired = repair(archive, folder, utc_now()) if repairs else ()
        for finding in chain(repaired, check(archive, folder)):
            session.print(f"{finding.gravity}: {finding.where}: {finding.what}")
            errors += finding.gravity == "error"
        articles = sum(status.articles for status in archive.status())
    session.print(f"{articles} articles verified, {errors} errors found")
    return 1 if errors else 0
