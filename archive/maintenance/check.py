"""Check the whole archive for damage, and repair damage where nothing can be lost.

It repairs what can be rebuilt or fetched again: the search index, the counts in `tallies`, the torn end of a captures
file, an address that refers to a missing article. It reports what is lost. A missing captures file may be on a disk
that is not mounted, so the rows that refer to it stay.
"""

from __future__ import annotations

import importlib.metadata
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from archive.articles.rows import row_record
from archive.captures.store import Captures
from archive.captures.warc import is_torn, iterate_records, truncate_torn_tail
from archive.database.connection import archive_errors
from archive.database.values import format_instant
from archive.errors import ArchiveError, FormatError
from archive.record import CaptureRef, dumps, loads
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter

_INDEXES = ("articles_fts", "headlines_fts")
_COUNTED = """
    SELECT outlet, 'article', '', count(*) FROM articles GROUP BY outlet UNION ALL
    SELECT outlet, state, reason, count(*) FROM addresses GROUP BY outlet, state, reason"""
_MISCOUNTED = f"""
    SELECT * FROM (SELECT * FROM tallies WHERE n <> 0 EXCEPT SELECT * FROM ({_COUNTED})) UNION
    SELECT * FROM (SELECT * FROM ({_COUNTED}) EXCEPT SELECT * FROM tallies)"""  # noqa: S608 - our own
PACKAGES = ("archive", "crawler", "schedules")
_CLAIMS = "state = 'archived' AND article NOT IN (SELECT id FROM articles)"
_ORPHANS = {
    "refers to a missing article; `khobao check --repair` makes it due again": (
        f"SELECT url FROM addresses WHERE {_CLAIMS}"  # noqa: S608 - our own
    ),
    "an article whose newest revision is missing": (
        "SELECT id FROM articles AS a WHERE NOT EXISTS"
        " (SELECT 1 FROM revisions AS r WHERE r.article = a.id AND r.revision = a.revision)"
    ),
    "an article with an older revision whose text is missing": (
        "SELECT DISTINCT article FROM revisions AS r JOIN articles AS a ON a.id = r.article"
        " WHERE r.revision < a.revision AND r.text IS NULL"
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Describe something that is wrong in the archive.

    Attributes:
        gravity: error, note for something harmless, or mended for a repair.
        what: What is wrong, and how to repair it.
        where: The file, table, article or address.
    """

    gravity: Literal["error", "note", "mended"]
    what: str
    where: str


def check(archive: ArchiveReader, folder: Path) -> Iterator[Finding]:
    """Find everything that is wrong with an archive.

    Args:
        archive: The open archive. If it is open for writing, the search index is compared with the articles in full,
            otherwise only for missing entries.
        folder: The folder of its captures.
    """
    for findings in (
        _check_database(archive),
        _check_index(archive),
        _check_tallies(archive),
        _check_documents(archive),
    ):
        try:
            yield from findings
        except ArchiveError as error:  # reported damage ends this step, not the steps after it
            yield Finding("error", f"damaged: {error.__cause__ or error}; restore a backup", str(archive.path))
    yield from _check_captures(archive, folder)
    yield from check_packages()


def repair(archive: ArchiveWriter, folder: Path, now: datetime) -> Iterator[Finding]:
    """Repair damage where nothing can be lost; yield the repairs.

    Args:
        archive: The archive, open for writing, so that nobody else appends to its captures.
        folder: The folder of its captures.
        now: The current time, UTC.
    """
    if any(_check_index(archive.reader)):
        with archive_errors(archive.path):
            for index in _INDEXES:
                archive.db.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608 - our own
        yield Finding("mended", "the search index was rebuilt", "articles_fts")
    if any(_check_tallies(archive.reader)):
        with archive_errors(archive.path):
            archive.db.execute("DELETE FROM tallies")
            archive.db.execute(f"INSERT INTO tallies {_COUNTED}")
        yield Finding("mended", "the counts of articles and addresses were corrected", "tallies")
    with archive_errors(archive.path):
        asked = archive.db.execute(
            f"UPDATE addresses SET state = 'due', next_due_at = ?, etag = '', last_modified = '' WHERE {_CLAIMS}"  # noqa: S608 - our own
            " RETURNING url",
            (format_instant(now),),
        ).fetchall()
    for (url,) in asked:
        yield Finding("mended", "it referred to a missing article; it is due again", url)
    for path in sorted(folder.rglob("*.warc")):
        size, (_, end) = path.stat().st_size, _survey(path)
        if is_torn(path, end) and truncate_torn_tail(path, end):
            yield Finding("mended", f"{size - end} bytes of a torn record were truncated", str(path))


def _check_database(archive: ArchiveReader) -> Iterator[Finding]:
    for row in archive.query("PRAGMA integrity_check"):
        if row["integrity_check"] != "ok":
            yield Finding("error", f"damaged: {row['integrity_check']}; restore a backup", str(archive.path))
    for row in archive.query("PRAGMA foreign_key_check"):
        what = f"row {row['rowid']} refers to a row of {row['parent']} that does not exist"
        yield Finding("error", what, row["table"])
    for what, query in _ORPHANS.items():
        for row in archive.query(query):
            yield Finding("error", what, next(iter(row.values())))


def _check_index(archive: ArchiveReader) -> Iterator[Finding]:
    try:
        for index in _INDEXES:
            archive.db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")  # noqa: S608 - our own
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CORRUPT:
            yield Finding(
                "error",
                f"the search index does not match the articles ({error}); run `khobao check --repair`",
                "articles_fts",
            )
            return
        if error.sqlite_errorcode != sqlite3.SQLITE_READONLY:
            raise
    for index in _INDEXES:
        due = "number < (SELECT coalesce(min(since), 1 << 60) FROM unindexed)"  # the others wait for the index
        odd = f"SELECT number FROM articles WHERE {due} EXCEPT SELECT id FROM {index}_docsize"  # noqa: S608 - our own
        extra = f"SELECT id FROM {index}_docsize EXCEPT SELECT number FROM articles"  # noqa: S608 - our own
        for row in archive.query(f"SELECT (SELECT count(*) FROM ({odd})) + (SELECT count(*) FROM ({extra})) AS n"):  # noqa: S608 - our own
            if row["n"]:
                what = f"the search index has {row['n']} articles too few or too many; run `khobao check --repair`"
                yield Finding("error", what, index)


def _check_tallies(archive: ArchiveReader) -> Iterator[Finding]:
    for outlet in sorted({row["outlet"] for row in archive.query(_MISCOUNTED)}):
        yield Finding(
            "error", f"articles or addresses of {outlet} are miscounted; run `khobao check --repair`", "tallies"
        )


def _check_documents(archive: ArchiveReader) -> Iterator[Finding]:
    for row in archive.query("SELECT * FROM articles"):
        try:
            document = row_record(row).document
            same = row["document"] == dumps(document) and loads(row["document"]) == document
        except (FormatError, ValueError) as error:
            yield Finding("error", f"not a document: {error}", row["id"])
        else:
            if not same:
                yield Finding("error", "its document does not read back as it was written", row["id"])


def _check_captures(archive: ArchiveReader, folder: Path) -> Iterator[Finding]:
    # List the rows before reading the files, so that a capture that arrives meanwhile is a record without a row.
    rows = list(archive.query("SELECT file, count(*) AS answers FROM captures GROUP BY file ORDER BY file"))
    for row in rows:
        if not (folder / row["file"]).exists():
            yield Finding("error", f"the file of {row['answers']} captures is missing", str(folder / row["file"]))
    for path in sorted(folder.rglob("*.warc")):
        yield from _check_file(archive, folder, path)


def _check_file(archive: ArchiveReader, folder: Path, path: Path) -> Iterator[Finding]:
    kept = Captures(folder)
    refs = [
        CaptureRef(**row)
        for row in archive.query(
            "SELECT file, offset, length, digest FROM captures WHERE file = ? ORDER BY offset",
            (path.relative_to(folder).as_posix(),),
        )
    ]
    answers, end = _survey(path)
    for ref in refs:
        try:
            kept.read(ref)
        except ArchiveError as error:
            yield Finding("error", str(error), str(path))
        else:
            if answers.get(ref.offset) != ref.length:
                yield Finding("error", f"the capture at {ref.offset} has another length than its row says", str(path))
    if orphans := len(answers.keys() - {ref.offset for ref in refs}):
        yield Finding(
            "note", f"{orphans} captures that no row refers to; a killed process leaves such captures", str(path)
        )
    if is_torn(path, end):
        yield Finding("note", "ends in a torn record; the next crawl, or --repair, truncates it", str(path))
    elif end < path.stat().st_size:
        yield Finding("error", f"damaged at byte {end}; restore it from a copy", str(path))


def _survey(path: Path) -> tuple[dict[int, int], int]:
    """Return offset and length of every response in a file, and where its last whole record ends."""
    answers, end = {}, 0
    for place in iterate_records(path):
        end = place.offset + place.length
        if place.is_answer:
            answers[place.offset] = place.length
    return answers, end


def check_packages() -> Iterator[Finding]:
    """Find other distributions that own our top-level packages and would overwrite their files."""
    owners = importlib.metadata.packages_distributions()
    for package in PACKAGES:
        for owner in sorted(set(owners.get(package, ())) - {"khobao"}):
            yield Finding(
                "error",
                f"the distribution {owner!r} has a package of this name; install khobao into a venv of its own",
                package,
            )
