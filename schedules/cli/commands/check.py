"""`khobao check`: whether all is well."""

from __future__ import annotations

from itertools import chain

import click

from archive.maintenance.check import check, repair
from schedules.cli.session import Session, command
from schedules.pipeline.context import utc_now


@command(name="check")
@click.option("--repair", "mend", is_flag=True, help="Mend what can be mended without loss, and say what was.")
def check_command(session: Session, mend: bool) -> int:
    """Re-read everything (database, search index, documents, captures) and report what is wrong.

    Mended are: the search index, made anew; captures files, cut back to their last whole record; addresses that claim
    an article that is not there, asked for again.
    """
    folder, wrong = session.settings.captures_folder, 0
    with session.writer() if mend else session.reader() as archive:
        mended = repair(archive, folder, utc_now()) if mend else ()
        for finding in chain(mended, check(archive, folder)):
            session.tell(f"{finding.gravity}: {finding.where}: {finding.what}")
            wrong += finding.gravity == "error"
        articles = sum(status.articles for status in archive.status())
    session.tell(f"{articles} articles re-read, {wrong} errors found")
    return 1 if wrong else 0
