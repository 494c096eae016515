"""`khobao backup`, `merge` and `vacuum`: whole archives, copied, joined and tidied."""

from __future__ import annotations

from pathlib import Path

import click

from archive.maintenance.backup import backup
from schedules.cli.session import Session, command

_FILE = click.Path(dir_okay=False, path_type=Path)


@command(name="backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup_command(session: Session, file: Path) -> None:
    """Copy the database to FILE while others read and write it, and check the copy.

    An older backup of that name is replaced once the new one is whole. The captures beside the archive are not in it:
    they are files that only grow, so copy their folder with any tool, before or after.
    """
    articles = backup(session.settings.archive.path, file)
    session.tell(f"{file}: {articles} articles, checked; captures are in {session.settings.captures_folder}")


@command(name="merge")
@click.argument("other", type=_FILE)
@click.option("--captures", type=click.Path(file_okay=False, path_type=Path), help="Where its captures are kept.")
def merge_command(session: Session, other: Path, captures: Path | None) -> int:
    """Take in all that another archive knows: articles, versions, captures and the ledger.

    An article of both gets the versions of both. Doing it twice is doing it once; OTHER is only read.
    """
    theirs = captures or other.parent / "captures"
    with session.writer() as archive:
        merged = archive.merge(other, theirs, session.settings.captures_folder)
    session.tell(
        f"{merged.articles} articles, {merged.revisions} versions, {merged.addresses} addresses and"
        f" {merged.captures} captures came in; {merged.revised} articles of both have more versions now"
    )
    if merged.lost:
        session.note(f"{merged.lost} captures are not in {theirs}, and were left out; --captures says where they are")
    return 1 if merged.lost else 0


@command(name="vacuum")
def vacuum_command(session: Session) -> None:
    """Give back the space that the database no longer uses; for a while that takes as much again."""
    path = session.settings.archive.path
    before = path.stat().st_size if path.exists() else 0
    with session.writer() as archive:
        archive.vacuum()
    session.tell(f"{path}: {before / 1e6:.1f} MB before, {path.stat().st_size / 1e6:.1f} MB now")
