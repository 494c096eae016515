"""Decide which rows of another archive may be merged: each row is validated, since strangers wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from archive.articles.validation import row_problem
from archive.captures.names import is_own_name
from archive.errors import ArchiveError

TABLES = (
    "outlets",
    "articles",
    "revisions",
    "tombstones",
    "runs",
    "captures",
    "sources",
    "addresses",
    "requests",
    "imports",
)


def refuse_unsound_rows(db: Database) -> int:
    """List the other archive's invalid rows in the temporary table `refused`; return how many there are.

    Args:
        db: The archive, in a transaction, with the other one attached as `other`.

    Raises:
        ArchiveError: The other archive lacks one of our tables or columns.
    """
    db.execute("CREATE TEMP TABLE refused (kind TEXT, row INTEGER, PRIMARY KEY (kind, row)) WITHOUT ROWID")
    for table in TABLES:
        types = _column_types(db, "main", table)
        if missing := types.keys() - _column_types(db, "other", table).keys():
            raise ArchiveError(f"the other archive: not of this schema: {table} has no column {min(missing)!r}")
        columns = ", ".join(types)
        refused = [
            (table, number)
            for number, *values in db.execute(f"SELECT rowid, {columns} FROM other.{table}")  # noqa: S608 - our schema
            if _problem(table, dict(zip(types, values, strict=True)), types)
        ]
        db.conn.executemany("INSERT INTO refused VALUES (?, ?)", refused)
    # A row whose article or outlet is neither here nor accepted is refused too.
    for table, column, parent in (
        ("articles", "outlet", "outlets"),
        ("revisions", "article", "articles"),
        ("tombstones", "article", "articles"),
        ("imports", "article", "articles"),
        ("sources", "outlet", "outlets"),
        ("addresses", "outlet", "outlets"),
    ):
        _refuse_orphans(db, table, column, parent)
    return int(db.execute("SELECT count(*) FROM refused").fetchone()[0])


def accepted_condition(table: str, alias: str) -> str:
    """Build the SQL condition that a row of the other archive was not refused."""
    return f"NOT EXISTS (SELECT 1 FROM temp.refused WHERE kind = '{table}' AND row = {alias}.rowid)"  # noqa: S608 - our schema


def _problem(table: str, row: Mapping[str, Any], types: Mapping[str, tuple[str, bool]]) -> str:
    if problem := row_problem(table, row, types):
        return problem
    if table == "captures" and (not is_own_name(row["file"]) or row["offset"] < 0 or row["length"] <= 0):
        return "not the place of a capture"
    return ""


def _column_types(db: Database, schema: str, table: str) -> dict[str, tuple[str, bool]]:
    """Return the stored columns of a table: the type of each, and whether it may be NULL."""
    rows = db.execute(f"PRAGMA {schema}.table_info({table})").fetchall()
    return {name: (kind, not required and not key) for _, name, kind, required, _, key in rows}


def _refuse_orphans(db: Database, table: str, column: str, parent: str) -> None:
    db.execute(
        f"INSERT OR IGNORE INTO refused SELECT '{table}', child.rowid FROM other.{table} AS child"  # noqa: S608 - our schema
        f" WHERE NOT EXISTS (SELECT 1 FROM main.{parent} WHERE id = child.{column})"
        f" AND NOT EXISTS (SELECT 1 FROM other.{parent} AS parent WHERE parent.id = child.{column}"
        f" AND {accepted_condition(parent, 'parent')})"
    )
