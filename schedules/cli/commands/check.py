"""Run `khobao check`: verify the archive, and repair damage where nothing can be lost."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import chain

import click

from archive.maintenance.check import check, repair
from schedules.cli.session import Session, command
from schedules.pipeline.context import utc_now


@command(name="check")
@click.option(
    "--repair", "repairs", is_flag=True, help="Repair what can be repaired without loss, and list the repairs."
)
def check_command(session: Session, repairs: bool) -> int:
    """Verify the archive: read the whole database, search index, documents and captures again.

    The exit code is 1 if there are errors. --repair rebuilds the search index, corrects the counts of articles and
    addresses, truncates captures files to their last complete record, and makes addresses that lead to a missing
    article due again.
    """
    folder, errors = session.settings.captures_folder, 0
    with ExitStack() as resources:
        writer = resources.enter_context(session.writer()) if repairs else None
        archive = writer.reader if writer else resources.enter_context(session.reader())
        repaired = repair(writer, folder, utc_now()) if writer else iter(())
        for finding in chain(repaired, check(archive, folder)):
            session.print(f"{finding.gravity}: {finding.where}: {finding.what}")
            errors += finding.gravity == "error"
        articles = sum(status.articles for status in archive.status())
    session.print(f"{articles} articles verified, {errors} errors found")
    return 1 if errors else 0
