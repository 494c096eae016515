"""Run SQL queries on a lake: only SELECT, and only on the lake's own files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from archive.errors import UsageError
from archive.lake.extras import needs_extra
from archive.lake.folder import LakeFolder
from archive.lake.layout import all_readings, current_readings
from archive.lake.manifest import read_manifest, require_folder
from archive.lake.schema import article_schema, ledger_schema
from archive.lake.sessions import lake_session, query_errors, quoted
from archive.lake.word_tables import words_schema

T = TypeVar("T")

_ROWS = 1000  # rows that are fetched at a time
_FILLED_BY = {"articles": "compact", "words": "words"}  # commands of `khobao lake`


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a query.

    Attributes:
        columns: The names of the columns.
        rows: The rows, fetched while they are iterated over.
        unfilled: The tables of the query that stay empty until the command of this name is run.
    """

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]
    unfilled: Mapping[str, str]


@contextmanager
def open_tables(folder: LakeFolder) -> Iterator[Any]:
    """Open DuckDB with the tables of a lake: `articles`, `words`, `captures` and `ledger`.

    Raises:
        UsageError: The lake is not on this machine's file system.
        ArchiveError: A file of the lake is missing or damaged.
    """
    lake = require_folder(folder)
    manifest = read_manifest(folder)
    readings = current_readings(folder, all_readings(folder))
    tables = {
        "articles": ([file.path for month in manifest.articles.values() for file in month.files], article_schema()),
        "words": ([file.path for period in manifest.words.values() for file in period.files], words_schema()),
        "captures": ([reading.part for reading in readings], article_schema()),
        "ledger": ([reading.ledger for reading in readings], ledger_schema()),
    }
    with query_errors(lake), lake_session(lake) as session:
        for name, (files, schema) in tables.items():
            stale = manifest.stale if name == "words" else []
            _make_view(session, lake, name, sorted(files), schema, stale)
        yield session


def _make_view(session: Any, lake: Path, name: str, files: list[str], schema: Any, stale: list[str]) -> None:
    """Create a view of files without the rows of some months; without files, the view has no rows."""
    if files:
        rows = f"read_parquet({quoted([str(lake / file) for file in files])}, hive_partitioning = false)"
        wanted = f" WHERE NOT list_contains({quoted(stale)}, strftime(date, '%Y-%m'))" if stale else ""
        session.execute(f"CREATE VIEW {name} AS SELECT * FROM {rows}{wanted}")  # noqa: S608 - quoted
        return
    session.register("empty_rows", schema.empty_table())
    session.execute(f"CREATE TABLE {name} AS SELECT * FROM empty_rows")  # noqa: S608 - our own names
    session.unregister("empty_rows")


@contextmanager
def run_query(folder: LakeFolder, sql: str) -> Iterator[QueryResult]:
    """Run one SELECT on the tables of a lake.

    Args:
        folder: The lake.
        sql: The statement.

    Raises:
        UsageError: The statement is wrong or not a single SELECT, or the lake is not on this file system.
    """
    with needs_extra("lake"):
        import duckdb
    with open_tables(folder) as session, query_errors(folder.path):
        statements = session.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise UsageError("write one SELECT; nothing in a lake is changed by SQL")
        cursor = _interruptible(session, lambda: session.execute(statements[0]))
        columns = tuple(column[0] for column in cursor.description)
        yield QueryResult(columns, _fetch_rows(session, cursor), _unfilled_tables(folder, sql))


def _unfilled_tables(folder: LakeFolder, sql: str) -> dict[str, str]:
    """Return the tables of a query that are not made yet, each with the command that makes it."""
    manifest, names = read_manifest(folder), set(re.findall(r"\w+", sql.lower()))
    filled = {"articles": manifest.articles, "words": manifest.words}
    return {name: _FILLED_BY[name] for name, files in filled.items() if name in names and not files}


def _fetch_rows(session: Any, cursor: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a cursor, fetched in batches."""
    while rows := _interruptible(session, lambda: cursor.fetchmany(_ROWS)):
        yield from rows


def _interruptible(session: Any, call: Callable[[], T]) -> T:
    """Make a call of DuckDB that Ctrl-C ends.

    It runs in a thread, because DuckDB itself notices a signal only sometimes.
    """
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(call)
        try:
            return future.result()
        except KeyboardInterrupt:
            session.interrupt()
            raise
