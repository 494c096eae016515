"""Run `khobao backup`, `merge` and `vacuum`: copy, merge and compact whole archives."""

from __future__ import annotations

from pathlib import Path

import click

from archive.errors import UsageError
from archive.maintenance.backup import backup
from schedules.cli.params import PathArgument
from schedules.cli.session import Session, command


@command(name="backup")
@click.argument("file", type=PathArgument())
def backup_command(session: Session, file: Path) -> None:
    """Copy the database to FILE while others read and write it, and verify the copy.

    An older backup of that name is replaced once the new one is complete. The captures beside the archive are not
    copied: they are files that only grow, so any tool can copy their folder.
    """
    articles = backup(session.archive_path, file)
    session.print(f"{file}: {articles} articles, verified; captures are in {session.settings.captures_folder}")


@command(name="merge")
@click.argument("other", type=PathArgument())
@click.option("--captures", type=PathArgument(), metavar="DIR", help="Folder of OTHER's captures.")
def merge_command(session: Session, other: Path, captures: Path | None) -> int:
    """Merge the archive OTHER into this one: articles, revisions, captures and ledger.

    An article of both archives gets the revisions of both. Merging twice changes nothing; OTHER is only read.
    """
    folder = captures or other.parent / "captures"
    if captures and not captures.is_dir():
        raise UsageError(f"--captures {captures}: no such folder")
    with session.writer() as archive:
        merged = archive.merge(other, folder, session.settings.captures_folder)
    session.print(
        f"merged {merged.articles} articles, {merged.revisions} revisions, {merged.addresses} addresses and"
        f" {merged.captures} captures; {merged.revised} known articles got more revisions"
    )
    if merged.lost:
        session.warn(f"{merged.lost} captures are not in {folder} and were skipped; name their folder with --captures")
    if merged.refused:
        session.warn(
            f"{merged.refused} rows of {other} are invalid and were skipped, with everything that belongs to them"
        )
    return 1 if merged.lost or merged.refused else 0


@command(name="vacuum")
def vacuum_command(session: Session) -> None:
    """Return unused disk space; while it runs, the archive takes up to twice its space."""
    path = session.archive_path
    with session.writer() as archive:
        before = path.stat().st_size
        archive.vacuum()
    session.print(f"{path}: {before / 1e6:.1f} MB before, {path.stat().st_size / 1e6:.1f} MB now")
