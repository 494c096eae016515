"""Compact a lake: one row for each article, sorted by outlet, date and id, in files by month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from archive.lake.folder import LakeFolder
from archive.lake.layout import all_readings, current_readings, lake_facts
from archive.lake.manifest import Manifest, MonthFiles, replacing_manifest, require_folder
from archive.lake.month_files import MonthWriter
from archive.lake.schema import DICTIONARIES, article_schema
from archive.lake.selection import MonthState, select_rows
from archive.lake.sessions import lake_session, query_errors

_SORTED_AT_ONCE = 4_000_000  # rows of the months that are sorted together
_BATCH = 1024  # rows
_ROWS = """
SELECT p.* EXCLUDE (filename, file_row_number)
FROM read_parquet(?, filename = true, file_row_number = true) AS p
    JOIN readings AS r ON r.part = p.filename
    JOIN selected AS s ON s.number = r.number AND s.row = p.file_row_number
WHERE list_contains(?, strftime(s.date, '%Y-%m'))
ORDER BY strftime(s.date, '%Y-%m'), p.outlet, p.date, p.id"""
_PARTS = """
SELECT DISTINCT r.part FROM selected AS s JOIN readings AS r USING (number)
WHERE list_contains(?, strftime(s.date, '%Y-%m')) ORDER BY r.part"""


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
        facts = lake_facts(folder)
        order = {reader: number for number, reader in enumerate(facts["readers"] if facts else [])}
        readings = sorted(
            current_readings(folder, all_readings(folder)),
            key=lambda reading: (order.get(reading.reader, -1), reading.name),
        )
        months = select_rows(session, lake, readings)
        old = manifests[0].articles
        kept = {state.month: old[state.month] for state in months if _is_same(old.get(state.month), state)}
        changed = [state for state in months if state.month not in kept]
        written = dict(_write_months(session, lake, changed))
        words = {month: files for month, files in manifests[0].words.items() if month in kept}
        manifests.append(Manifest(tuple(sorted(reading.name for reading in readings)), kept | written, words))
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
    """Write months in groups; a group is read once, and sorted on disk if memory is too small."""
    schema = article_schema()
    for some in _group_months(months):
        states = {state.month: state for state in some}
        parts = [part for (part,) in session.execute(_PARTS, [list(states)]).fetchall()]
        batches = session.sql(_ROWS, params=[parts, list(states)]).to_arrow_reader(_BATCH)
        for month, rows in groupby(_split_by_month(batches), key=lambda item: item[0]):
            writer = MonthWriter(
                lake,
                "articles",
                month,
                schema,
                dictionaries=DICTIONARIES,
                sorted_by=("outlet", "date", "id"),
                bloom="id",
            )
            writer.write(batch for _, batch in rows)
            yield month, MonthFiles(states[month].signature, states[month].rows, tuple(writer.files))


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


def _split_by_month(batches: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Split record batches, whose rows are sorted by month, into pieces of one month each."""
    for batch in batches:
        days = batch.column("date").to_pylist()
        start = 0
        for month, of_month in groupby(f"{day:%Y-%m}" for day in days):
            count = len(list(of_month))
            yield month, batch.slice(start, count)
            start += count
