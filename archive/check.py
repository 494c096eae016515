"""Reading the whole archive again, and saying what is wrong with it."""

from __future__ import annotations

import importlib.metadata
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archive.captures import Captures, torn
from archive.errors import ArchiveError, FormatError
from archive.record import CaptureRef, dumps, loads
from archive.rows import row_record
from archive.store import Archive

PACKAGES = ("archive", "crawler", "schedules")
_ORPHANS = {
    "addresses that claim an article that is not there": (
        "SELECT url FROM addresses WHERE state IN ('archived') AND article NOT IN (SELECT id FROM articles)"
    ),
    "articles without the revision that they are of": (
        "SELECT id FROM articles AS a WHERE NOT EXISTS"
        " (SELECT 1 FROM revisions AS r WHERE r.article = a.id AND r.revision = a.revision)"
    ),
    "superseded revisions without their text": (
        "SELECT article FROM revisions AS r JOIN articles AS a ON a.id = r.article"
        " WHERE r.revision < a.revision AND r.text IS NULL"
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        gravity: error, or note for what harms nothing.
        what: What is wrong, and what would mend it.
        where: The file, table, article or address.
    """

    gravity: Literal["error", "note"]
    what: str
    where: str


def check(archive: Archive, folder: Path) -> Iterator[Finding]:
    """Everything that is wrong with an archive.

    Args:
        archive: The archive, open.
        folder: Where its captures are.
    """
    yield from _check_database(archive)
    yield from _check_documents(archive)
    yield from _check_captures(archive, folder)
    yield from check_packages()


def _check_database(archive: Archive) -> Iterator[Finding]:
    path = str(archive.path)
    for (said,) in archive.db.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield Finding("error", f"damaged: {said}; restore a backup", path)
    for table, row, parent, _ in archive.db.execute("PRAGMA foreign_key_check"):
        yield Finding("error", f"row {row} refers to a row of {parent} that is not there", table)
    for what, query in _ORPHANS.items():
        for (name,) in archive.db.execute(query):
            yield Finding("error", what, name)
    try:
        archive.db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        if "readonly" not in str(error):
            yield Finding("error", f"the search index does not fit the articles ({error}); --repair", "articles_fts")


def _check_documents(archive: Archive) -> Iterator[Finding]:
    for row in archive.all_rows("SELECT * FROM articles"):
        try:
            document = row_record(row).document
            same = row["document"] == dumps(document) and loads(row["document"]) == document
        except (FormatError, ValueError) as error:
            yield Finding("error", f"not a document: {error}", row["id"])
        else:
            if not same:
                yield Finding("error", "its document does not read back as it was written", row["id"])


def _check_captures(archive: Archive, folder: Path) -> Iterator[Finding]:
    kept = Captures(folder)
    for row in archive.all_rows("SELECT file, offset, length, digest FROM captures"):
        try:
            kept.read(CaptureRef(**row))
        except ArchiveError as error:
            yield Finding("error", str(error), row["file"])
    for path in sorted(folder.glob("*.warc")):
        if cut := torn(path):
            yield Finding("note", f"{cut} bytes of a torn record at its end; the next append cuts them off", str(path))


def check_packages() -> Iterator[Finding]:
    """Clashes of our top-level packages with other distributions, whose files would have overwritten ours."""
    owners = importlib.metadata.packages_distributions()
    for package in PACKAGES:
        for owner in sorted(set(owners.get(package, ())) - {"khobao"}):
            yield Finding("error", f"the distribution {owner!r} has a package of this name; use a venv apart", package)


def rebuild_search(archive: Archive) -> None:
    """Make the search index anew from the articles."""
    archive.db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
