"""Open DuckDB with a memory limit, and without access to other files than those of a lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError, ArchiveFull, UsageError
from archive.lake.extras import needs_extra
from archive.lake.scratch import scratch_folder

_LONGEST_ERROR = 500  # characters of an error that are shown
MEMORY = "700MB"  # memory limit of DuckDB; what does not fit goes to a temporary folder


class QueryAborted(ArchiveError):  # noqa: N818 - reads as the sentence it is
    """Report that a query was interrupted, or needed too much memory."""


@contextmanager
def lake_session(lake: Path, memory: str = MEMORY) -> Iterator[Any]:
    """Open an in-memory DuckDB that can read the files of a lake and nothing else.

    Args:
        lake: The folder of the lake.
        memory: The memory limit, such as `700MB`.

    Raises:
        UsageError: DuckDB is not installed.
    """
    with needs_extra("lake"):
        import duckdb
    with scratch_folder() as scratch, duckdb.connect() as session:
        for name, value in (
            ("memory_limit", memory),
            ("temp_directory", scratch),
            ("allowed_directories", [f"{lake}/", f"{scratch}/"]),
            ("TimeZone", "UTC"),
            ("parquet_metadata_cache", True),  # a file of a lake never changes
            ("preserve_insertion_order", False),
            ("autoinstall_known_extensions", False),
            ("autoload_known_extensions", False),
            ("python_enable_replacements", False),
            ("enable_progress_bar", False),
            ("enable_external_access", False),
        ):
            session.execute(f"SET {name} = {quoted(value)}")
        session.execute("SET lock_configuration = true")
        yield session


def quoted(value: Any) -> str:
    """Write a text, a truth value or a list of them as a literal of SQL."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    return "'" + str(value).replace("'", "''") + "'"


def _explanation(error: str) -> str:
    """Return an error of DuckDB in one line, with its hints, but without the query that it repeats."""
    told = error.strip().partition("\n\nLINE ")[0]
    return " ".join(told.split())[:_LONGEST_ERROR]


@contextmanager
def query_errors(lake: Path) -> Iterator[None]:
    """Turn DuckDB's errors into one clear line.

    Raises:
        UsageError: The query is wrong, or does something forbidden.
        QueryAborted: The query was interrupted, or needed too much memory.
        ArchiveFull: The disk is full.
        ArchiveError: A file of the lake is missing or damaged.
    """
    with needs_extra("lake"):
        import duckdb
    try:
        yield
    except duckdb.Error as error:
        detail = str(error).strip().splitlines()[0][:300]
        if isinstance(error, duckdb.InterruptException):
            raise QueryAborted(f"{lake}: the query takes too long") from None
        if isinstance(error, duckdb.OutOfMemoryException) and "No space left" not in str(error):
            raise QueryAborted(f"{lake}: the query takes too much memory") from None
        if "No space left" in str(error):
            raise ArchiveFull(f"{lake}: the disk is full") from None
        if isinstance(error, duckdb.IOException | duckdb.InvalidInputException) and str(lake) in str(error):
            raise ArchiveError(f"{lake}: {detail}; `khobao lake check {lake}` finds all damaged files") from None
        raise UsageError(_explanation(str(error))) from None
