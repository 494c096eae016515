"""`khobao lake status` and `check`: show what a lake contains and lacks, and verify its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from archive.lake.checking import LakeStatus, check_lake, lake_status
from archive.lake.layout import open_lake
from schedules.cli.session import Session, command

_MOST_TOLD = 20  # missing files that are listed


@command(name="status")
@click.argument("lake", metavar="LAKE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status_command(session: Session, lake: str, as_json: bool) -> int:
    """Show the read, missing and failed files of a lake; the exit code is 1 if a file failed."""
    status = lake_status(open_lake(lake))
    if as_json:
        session.print_json(asdict(status))
    else:
        for line in _lines(status):
            session.print(line)
    return 1 if status.failed else 0


def _lines(status: LakeStatus) -> Iterator[str]:
    yield f"{status.readings} files read, {status.superseded} readings replaced by later ones"
    yield f"{status.pages} pages, {status.captures} with an article"
    for reason, count in status.reasons.most_common():
        yield f"  {count:8} no article: {reason}"
    counted = f", words of {status.words}" if status.words else ""
    yield f"{status.articles} articles compacted in {status.months} months{counted}"
    if status.uncompacted:
        yield f"{status.uncompacted} files are not compacted yet; `khobao lake compact` adds them"
    for path in status.missing[:_MOST_TOLD]:
        yield f"missing: {path}"
    if len(status.missing) > _MOST_TOLD:
        yield f"missing: … and {len(status.missing) - _MOST_TOLD} more files"
    for path, problem in sorted(status.failed.items()):
        yield f"failed: {path}: {problem}"


@command(name="check")
@click.argument("lake", metavar="LAKE")
def check_command(session: Session, lake: str) -> int:
    """Read every file of a lake again, and compare it with its marker or the manifest.

    The exit code is 1 if a file is missing, damaged or unknown.
    """
    folder = open_lake(lake)
    problems = 0
    for problem in check_lake(folder):
        session.warn(problem)
        problems += 1
    session.print(f"{problems} problems" if problems else "no problems")
    return 1 if problems else 0
