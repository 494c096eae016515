"""Merge another archive, attached as `other`, within the caller's transaction.

An article of both archives gets the revisions of both, in the order in which they were seen; nothing is overwritten.
Facts about hosts are left out, and so are stories, which are grouped again. Merging twice has the effect of once.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sqlite_utils import Database

from archive.articles.change_kinds import classify
from archive.atomic_files import atomic_path
from archive.captures.names import confined_path
from archive.errors import ArchiveError
from archive.record import Document
from archive.store.merge_checks import accepted_condition, refuse_unsound_rows


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The numbers of rows that a merge added, lost or refused.

    Attributes:
        articles: Articles that were not here.
        revised: Articles of both archives that have more revisions now.
        revisions: Revisions that were not here.
        addresses: Addresses that were unknown.
        captures: Captures that were not here.
        lost: Captures that were left out because their file is missing.
        refused: Invalid rows, left out with everything that belongs to them.
    """

    articles: int
    revised: int
    revisions: int
    addresses: int
    captures: int
    lost: int
    refused: int = 0


class _Version(NamedTuple):
    """Hold a version of an article, with the document that the newest row of `revisions` leaves out."""

    seen_at: str
    document: Document
    change: str
    reader: str
    rules: str

    @property
    def order(self) -> tuple[str, ...]:
        """Return a sort key: when the version was seen, then its content, so that both archives agree."""
        document = self.document
        return (self.seen_at, document.date.isoformat(), document.title, document.text, *self[2:])


@contextmanager
def attached_archive(db: Database, other: Path) -> Iterator[None]:
    """Attach another archive as `other`, for reading; outside of any transaction."""
    db.execute("ATTACH ? AS other", (f"{other.absolute().as_uri()}?mode=ro",))
    try:
        yield
    finally:
        db.execute("DETACH other")


def merge_archive(db: Database, theirs: Path, ours: Path) -> MergeResult:
    """Merge the other archive; copy its captures files first, so that no row lacks its response.

    Args:
        db: The archive, in a transaction, with the other one attached as `other`.
        theirs: The folder of the other archive's captures.
        ours: The folder of this archive's captures.
    """
    refused = refuse_unsound_rows(db)
    tag = _tag(db)
    merged = _merge_tables(db, tag, _copy_captures(_new_captures(db), theirs, ours / tag))
    db.execute("DROP TABLE temp.refused")
    return replace(merged, refused=refused)


def _merge_tables(db: Database, tag: str, lost: frozenset[str]) -> MergeResult:
    """Add every row that is not here.

    Args:
        db: The archive, in a transaction, with the other one attached as `other`.
        tag: The folder for the other archive's captures files.
        lost: Names of its captures files that are missing.
    """
    before = _counts(db)
    both = db.execute(
        "SELECT ours.id FROM main.articles AS ours JOIN other.articles AS theirs ON theirs.id = ours.id"
        f" WHERE {accepted_condition('articles', 'theirs')}"
    ).fetchall()
    _add(db, "outlets")
    _add(db, "articles", leave={"number", "story"}, order="number")
    _add_revisions(db)
    _add(db, "tombstones")
    _join_runs(db)
    missing = _join_captures(db, tag, lost)
    _add(db, "sources", leave={"claims"})
    _add(db, "addresses", leave={"backfill", "claims"})
    _improve_addresses(db)
    _join_requests(db)
    _join_imports(db)
    revised = sum(_weave(db, article) for (article,) in both)
    for table in ("runs_of", "captures_of", "lost"):
        db.execute(f"DROP TABLE temp.{table}")
    after = _counts(db)
    articles, revisions, addresses, captures = (after[name] - before[name] for name in _COUNTED)
    return MergeResult(articles, revised, revisions, addresses, captures, missing)


_COUNTED = ("articles", "revisions", "addresses", "captures")


def _counts(db: Database) -> dict[str, int]:
    return {name: db.execute(f"SELECT count(*) FROM main.{name}").fetchone()[0] for name in _COUNTED}


def _columns(db: Database, table: str, leave: set[str]) -> list[str]:
    """Return the stored columns of a table, except some; generated columns are left out."""
    return [row[1] for row in db.execute(f"PRAGMA main.table_info({table})").fetchall() if row[1] not in leave]


def _add(db: Database, table: str, leave: set[str] | None = None, order: str = "rowid") -> None:
    """Add the rows of a table whose key this archive lacks."""
    columns = ", ".join(_columns(db, table, leave or set()))
    db.execute(
        f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM other.{table} AS theirs"
        f" WHERE {accepted_condition(table, 'theirs')} ORDER BY {order}"
        " ON CONFLICT DO NOTHING"
    )


def _add_revisions(db: Database) -> None:
    """Add the revisions of the articles that were just added: those that have none yet."""
    columns = ", ".join(_columns(db, "revisions", {"id"}))
    db.execute(
        f"INSERT INTO main.revisions ({columns}) SELECT {columns} FROM other.revisions AS theirs"
        f" WHERE {accepted_condition('revisions', 'theirs')} AND NOT EXISTS"
        " (SELECT 1 FROM main.revisions AS ours WHERE ours.article = theirs.article) ORDER BY id"
    )


def _join_runs(db: Database) -> None:
    """Add the runs that are not here, and map their ids to ours."""
    columns = ", ".join(_columns(db, "runs", {"id"}))
    same = "ours.kind = theirs.kind AND ours.started_at = theirs.started_at AND ours.arguments = theirs.arguments"
    db.execute(
        f"INSERT INTO main.runs ({columns}) SELECT {columns} FROM other.runs AS theirs"
        f" WHERE {accepted_condition('runs', 'theirs')}"
        f" AND NOT EXISTS (SELECT 1 FROM main.runs AS ours WHERE {same}) ORDER BY id"
    )
    db.execute(
        "CREATE TEMP TABLE runs_of AS SELECT theirs.id AS theirs, min(ours.id) AS ours"
        f" FROM other.runs AS theirs JOIN main.runs AS ours ON {same} GROUP BY theirs.id"
    )


_SAME_CAPTURE = "ours.url = theirs.url AND ours.fetched_at = theirs.fetched_at AND ours.digest = theirs.digest"


def _new_captures(db: Database) -> list[str]:
    """Return the other archive's captures files that hold responses which are not here."""
    rows = db.execute(
        "SELECT DISTINCT file FROM other.captures AS theirs"
        f" WHERE {accepted_condition('captures', 'theirs')}"
        f" AND NOT EXISTS (SELECT 1 FROM main.captures AS ours WHERE {_SAME_CAPTURE}) ORDER BY file"
    )
    return [file for (file,) in rows.fetchall()]


def _join_captures(db: Database, tag: str, lost: frozenset[str]) -> int:
    """Add the captures that are not here, map their ids to ours, and return how many are lost."""
    db.execute("CREATE TEMP TABLE lost (file TEXT PRIMARY KEY)")
    for file in lost:
        db.execute("INSERT INTO lost VALUES (?)", (file,))
    new = accepted_condition("captures", "theirs")
    new += f" AND NOT EXISTS (SELECT 1 FROM main.captures AS ours WHERE {_SAME_CAPTURE})"
    (missing,) = db.execute(
        f"SELECT count(*) FROM other.captures AS theirs WHERE file IN (SELECT file FROM lost) AND {new}"
    ).fetchone()
    columns = _columns(db, "captures", {"id", "file", "article"})
    db.execute(
        f"INSERT INTO main.captures (file, article, {', '.join(columns)})"
        " SELECT ? || '/' || file, (SELECT id FROM main.articles WHERE id = theirs.article),"
        f" {', '.join(columns)} FROM other.captures AS theirs"
        f" WHERE file NOT IN (SELECT file FROM lost) AND {new} ORDER BY id",
        (tag,),
    )
    db.execute(
        "CREATE TEMP TABLE captures_of AS SELECT theirs.id AS theirs, min(ours.id) AS ours"
        f" FROM other.captures AS theirs JOIN main.captures AS ours ON {_SAME_CAPTURE} GROUP BY theirs.id"
    )
    return int(missing)


def _improve_addresses(db: Database) -> None:
    """Take over the state of each address that is archived in the other archive and not in this one."""
    columns = _columns(db, "addresses", {"url", "discovered_at", "source", "outlet", "backfill", "claims"})
    db.execute(
        f"UPDATE main.addresses SET {', '.join(f'{name} = theirs.{name}' for name in columns)}"
        " FROM other.addresses AS theirs WHERE theirs.url = addresses.url AND theirs.state = 'archived'"
        f" AND {accepted_condition('addresses', 'theirs')}"
        " AND EXISTS (SELECT 1 FROM main.articles WHERE id = theirs.article)"
        " AND addresses.state <> 'archived' AND NOT EXISTS (SELECT 1 FROM main.addresses AS held"
        " WHERE held.article = theirs.article AND held.state = 'archived')"
    )
    # Only one address of an article is fetched again, from whichever archive it comes.
    db.execute(
        "UPDATE main.addresses SET state = 'alias', next_due_at = NULL WHERE article IN (SELECT id FROM other.articles)"
        " AND state IN ('archived', 'due', 'failed') AND rowid NOT IN"
        " (SELECT min(rowid) FROM main.addresses WHERE state = 'archived' GROUP BY article)"
    )


def _join_requests(db: Database) -> None:
    columns = _columns(db, "requests", {"id", "run", "capture"})
    same = "ours.url = theirs.url AND ours.asked_at = theirs.asked_at"
    db.execute(
        f"INSERT INTO main.requests (run, capture, {', '.join(columns)})"
        f" SELECT runs_of.ours, captures_of.ours, {', '.join(f'theirs.{name}' for name in columns)}"
        " FROM other.requests AS theirs LEFT JOIN runs_of ON runs_of.theirs = theirs.run"
        " LEFT JOIN captures_of ON captures_of.theirs = theirs.capture"
        f" WHERE {accepted_condition('requests', 'theirs')}"
        f" AND NOT EXISTS (SELECT 1 FROM main.requests AS ours WHERE {same}) ORDER BY theirs.id"
    )


def _join_imports(db: Database) -> None:
    columns = _columns(db, "imports", {"id", "run"})
    db.execute(
        f"INSERT INTO main.imports (run, {', '.join(columns)})"
        f" SELECT runs_of.ours, {', '.join(f'theirs.{name}' for name in columns)} FROM other.imports AS theirs"
        f" LEFT JOIN runs_of ON runs_of.theirs = theirs.run WHERE {accepted_condition('imports', 'theirs')}"
        " ORDER BY theirs.id ON CONFLICT DO NOTHING"
    )


def _weave(db: Database, article: str) -> bool:
    """Give an article of both archives the revisions of both; return whether that added any."""
    ours, theirs = (_versions(db, schema, article) for schema in ("main", "other"))
    woven: list[_Version] = []
    for version in sorted({*ours, *theirs}, key=lambda version: version.order):
        if not woven or woven[-1].document != version.document:
            woven.append(version)
    _share_facts(db, article, newest_is_theirs=bool(woven) and woven[-1] not in ours)
    if woven == ours:
        return False
    db.execute("DELETE FROM main.revisions WHERE article = ?", (article,))
    for number, (seen_at, document, change, reader, rules) in enumerate(woven, start=1):
        before = woven[number - 2].document if number > 1 else None
        told = "first" if before is None else change if change == "reread" else classify(before, document)
        kept = (document.date.isoformat(), document.title, document.text) if number < len(woven) else (None,) * 3
        row = (article, number, seen_at, *kept, told, reader, rules)
        db.execute(
            "INSERT INTO main.revisions (article, revision, seen_at, date, title, text, change, reader, rules)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
    db.execute("UPDATE main.articles SET revision = ? WHERE id = ?", (len(woven), article))
    return len(woven) > len(ours)


def _versions(db: Database, schema: str, article: str) -> list[_Version]:
    rows = db.execute(
        "SELECT seen_at, coalesce(r.date, a.date), coalesce(r.title, a.title), coalesce(r.text, a.text), change,"
        f" r.reader, r.rules FROM {schema}.revisions AS r JOIN {schema}.articles AS a ON a.id = r.article"
        f" WHERE article = ? AND ({schema == 'main'} OR {accepted_condition('revisions', 'r')}) ORDER BY r.revision",
        (article,),
    )
    return [
        _Version(seen_at, Document(date.fromisoformat(day), title, text), change, reader, rules)
        for seen_at, day, title, text, change, reader, rules in rows.fetchall()
    ]


def _share_facts(db: Database, article: str, *, newest_is_theirs: bool) -> None:
    """Set an article's columns: newest revision, earliest first visit, latest check of both archives."""
    facts: set[str] = {"number", "id", "outlet", "first_seen_at", "last_checked_at", "gone_at", "revision", "story"}
    columns = _columns(db, "articles", facts) if newest_is_theirs else []
    if newest_is_theirs:  # its new text must be compared with other texts again
        db.execute("DELETE FROM main.sketches WHERE article = (SELECT number FROM articles WHERE id = ?)", (article,))
    taken = "".join(f" {name} = theirs.{name}," for name in columns)
    db.execute(
        f"UPDATE main.articles SET{taken}"
        " gone_at = iif(coalesce(theirs.last_checked_at, '') > coalesce(articles.last_checked_at, ''),"
        "  theirs.gone_at, articles.gone_at),"
        " last_checked_at ="
        "  nullif(max(coalesce(theirs.last_checked_at, ''), coalesce(articles.last_checked_at, '')), ''),"
        " first_seen_at = min(theirs.first_seen_at, articles.first_seen_at)"
        " FROM other.articles AS theirs WHERE theirs.id = articles.id AND articles.id = ?",
        (article,),
    )


def _tag(db: Database) -> str:
    """Name the folder for the other archive's captures: the same name at every merge."""
    first: Any = db.execute("SELECT kind, started_at, arguments FROM other.runs ORDER BY id LIMIT 1").fetchone()
    return "from-" + hashlib.sha256(repr(first).encode()).hexdigest()[:12]


def _copy_captures(files: list[str], theirs: Path, ours: Path) -> frozenset[str]:
    """Copy captures files, each whole or not at all; return the names of those that cannot be read."""
    lost = set()
    for name in files:
        try:
            source = confined_path(theirs, name)
        except ArchiveError:
            lost.add(name)
            continue
        target = confined_path(ours, name)
        try:
            file = source.open("rb")
        except OSError:
            lost.add(name)
            continue
        with file:
            if target.is_file() and target.stat().st_size == source.stat().st_size:
                continue  # files only grow, so this one is complete
            target.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(target) as draft, draft.open("wb") as copy:
                shutil.copyfileobj(file, copy)
    return frozenset(lost)
