"""Compact a lake: one row for each article, sorted by outlet, date and id, in files by month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.lake.folder import LakeFolder
from archive.lake.layout import all_readings, current_readings, reader_order
from archive.lake.manifest import Manifest, MonthFiles, replacing_manifest, require_folder
from archive.lake.row_sorting import PartRows, sorted_rows
from archive.lake.schema import DICTIONARIES, TEXTS, article_schema
from archive.lake.scratch import scratch_folder
from archive.lake.selection import MonthState, select_rows
from archive.lake.sessions import lake_session, query_errors
from archive.lake.sorted_files import SortedFiles

_SORTED_AT_ONCE = 1_000_000  # rows of the months that are sorted together; they need 4 GB of temporary disk
_PLACES = """
SELECT part, list(row ORDER BY row), list(place ORDER BY row) FROM (
    SELECT number, row, row_number() OVER (ORDER BY date_trunc('month', date), outlet, date, id) - 1 AS place
    FROM selected WHERE list_contains(?, strftime(date, '%Y-%m'))
) JOIN readings USING (number) GROUP BY part"""


@dataclass(frozen=True, slots=True)
class CompactionResult:
    """The result of a compaction.

    Attributes:
        readings: Number of readings in use.
        articles: Number of articles in the lake.
        months: Number of months in the lake.
        written: Number of months that were written; the others have not changed.
        removed: Number of months that no longer have an article.
    """

    readings: int
    articles: int
    months: int
    written: int
    removed: int


def compact_lake(folder: LakeFolder) -> CompactionResult:
    """Write the articles of the months that changed, then replace the manifest.

    Raises:
        UsageError: The lake is not on this machine's file system.
        ArchiveLocked: Another process is compacting the lake.
    """
    lake = require_folder(folder)
    with replacing_manifest(folder) as manifests, query_errors(lake), lake_session(lake) as session:
        order = reader_order(folder)
        readings = sorted(
            current_readings(folder, all_readings(folder)),
            key=lambda reading: (order.get(reading.reader, -1), reading.name),
        )
        months = select_rows(session, lake, readings)
        old = manifests[0].articles
        kept = {state.month: old[state.month] for state in months if _is_same(old.get(state.month), state)}
        changed = [state for state in months if state.month not in kept]
        written = dict(_write_months(session, lake, changed))
        names = tuple(sorted(reading.name for reading in readings))
        manifests.append(Manifest(names, kept | written, manifests[0].words))
        return CompactionResult(
            len(readings),
            sum(state.rows for state in months),
            len(months),
            len(written),
            len(old.keys() - {state.month for state in months}),
        )


def _is_same(files: MonthFiles | None, state: MonthState) -> bool:
    return files is not None and (files.signature, files.rows) == (state.signature, state.rows)


def _write_months(session: Any, lake: Path, months: Sequence[MonthState]) -> Iterator[tuple[str, MonthFiles]]:
    """Write months in groups; the rows of a group are read once."""
    schema = article_schema()
    for group in _group_months(months):
        with scratch_folder() as scratch:
            tables = sorted_rows(_find_rows(session, group), schema, scratch)
            for state, rows in _split_by_month(tables, group):
                writer = SortedFiles(
                    lake,
                    f"articles/month={state.month}",
                    schema,
                    dictionaries=DICTIONARIES,
                    sorted_by=("outlet", "date", "id"),
                    texts=TEXTS,
                    bloom="id",
                )
                writer.write(rows)
                yield state.month, MonthFiles(state.signature, state.rows, tuple(writer.files))


def _find_rows(session: Any, months: Sequence[MonthState]) -> list[PartRows]:
    """Return the selected rows of some months, and their places in the order of the lake."""
    found = session.sql(_PLACES, params=[[state.month for state in months]]).to_arrow_table()
    return [
        PartRows(Path(part.as_py()), rows.values, places.values)
        for part, rows, places in zip(*found.columns, strict=True)
    ]


def _group_months(months: Iterable[MonthState]) -> Iterator[list[MonthState]]:
    """Yield groups of months that are sorted together."""
    group: list[MonthState] = []
    for state in months:
        if group and sum(one.rows for one in group) + state.rows > _SORTED_AT_ONCE:
            yield group
            group = []
        group.append(state)
    if group:
        yield group


def _split_by_month(tables: Iterator[Any], months: Sequence[MonthState]) -> Iterator[tuple[MonthState, Iterator[Any]]]:
    """Yield each month with its rows, from tables whose rows are sorted by month."""
    rest: list[Any] = []

    def take(count: int) -> Iterator[Any]:
        while count:
            table = rest.pop() if rest else next(tables)
            if table.num_rows > count:
                rest.append(table.slice(count))
            yield table.slice(0, count)
            count -= min(count, table.num_rows)

    for state in months:
        yield state, take(state.rows)
