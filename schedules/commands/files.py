"""`khobao import`, `export` and `check`: what goes in and out as files, and whether all is well."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import chain
from pathlib import Path

import click

from archive.check import check, repair
from archive.documents import OUTLET, read_files, write_lines, write_texts
from archive.ledger import Filters
from schedules.commands.ask import Day
from schedules.pipeline import utc_now
from schedules.session import Session, command


@command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--outlet", default=OUTLET, show_default=True, help="Whose dated documents these are.")
def import_command(session: Session, paths: tuple[Path, ...], outlet: str) -> int:
    """Take in dated documents (.txt) and records (.jsonl), from files and folders.

    What is archived already stays as it is: a file that differs from it is told as a clash and left out.
    """
    counts: Counter[str] = Counter()
    with session.writer() as archive:
        for found in read_files(paths, outlet):
            outcome = "not read"
            if found.record:
                outcome = archive.keep_document(found.record, utc_now())
            counts[outcome] += 1
            if outcome == "clash":
                session.note(f"{found.place}: clashes with the archived article {found.record and found.record.id}")
            elif found.problem:
                session.note(f"{found.place}: {found.problem}")
    told = ", ".join(f"{counts[name]} {name}" for name in ("new", "unchanged", "clash", "not read") if counts[name])
    session.tell(told or "nothing to import")
    return 1 if counts["clash"] or counts["not read"] else 0


@command(name="export")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--format", "form", type=click.Choice(["txt", "jsonl"]), default="txt", show_default=True)
@click.option("--outlet", help="Only of this outlet.")
@click.option("--since", type=Day(), help="From this day on.")
@click.option("--until", type=Day(), help="Up to this day.")
def export_command(
    session: Session, folder: Path, form: str, outlet: str | None, since: date | None, until: date | None
) -> None:
    """Write articles to an empty folder: as dated documents, or with every field as JSONL.

    The same articles are written as the same bytes; manifest.json has their number and their SHA-256.
    """
    write = write_texts if form == "txt" else write_lines
    with session.reader() as archive:
        count = write(archive.records(Filters(outlet, since, until)), folder)
    session.tell(f"wrote {count} articles to {folder}")


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
