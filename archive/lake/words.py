"""Count how often each word occurs on each day of each outlet of a lake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive.errors import UsageError
from archive.lake.folder import LakeFolder
from archive.lake.manifest import Manifest, WordFiles, replacing_manifest, require_folder
from archive.lake.schema import pyarrow_module
from archive.lake.scratch import scratch_folder
from archive.lake.sessions import lake_session, query_errors
from archive.lake.sorted_files import SortedFiles
from archive.lake.word_counts import count_articles
from archive.lake.word_tables import SORTED_BY, merge_words, sort_words, words_schema

_GROUP = 262_144  # rows of a row group; DuckDB looks at the bounds of all groups, so there should be few
_AT_ONCE = 1_000_000  # rows that are sorted in memory, before they wait in a file and while files are merged


@dataclass(frozen=True, slots=True)
class WordsResult:
    """The result of counting words.

    Attributes:
        months: Number of months whose words are counted.
        written: Number of months that were counted now; the others have not changed.
        rows: Number of rows of the table.
    """

    months: int
    written: int
    rows: int


def count_words(folder: LakeFolder) -> WordsResult:
    """Count the words of the months that changed since the last count.

    Raises:
        UsageError: The lake is not on this machine's file system, or was never compacted.
        ArchiveLocked: Another process is compacting the lake.
    """
    lake = require_folder(folder)
    with replacing_manifest(folder) as manifests, query_errors(lake), lake_session(lake) as session:
        manifest = manifests[0]
        if not manifest.articles:
            raise UsageError(f"{lake}: the lake is not compacted yet; run `khobao lake compact {lake}` first")
        words, written = dict[str, WordFiles](), 0
        for period, months in find_periods(manifest.articles).items():
            signatures = {month: manifest.articles[month].signature for month in months}
            found = manifest.words.get(period)
            if found is None or found.months != signatures:
                found = _count_period(session, lake, manifest, period, signatures)
                written += len(signatures.keys() - manifest.counted.keys())
            words[period] = found
        manifests.append(replace(manifest, words=words))
    return WordsResult(len(manifests[-1].counted), written, sum(files.rows for files in words.values()))


def find_periods(months: Iterable[str]) -> dict[str, list[str]]:
    """Group the months of a lake into the periods of its words.

    A period is a year, in the newest year a quarter, and in the newest quarter a month. So a word is looked up in few
    files, and a new month needs no new file for the years before it.

    Args:
        months: Months that have articles, `YYYY-MM`.

    Returns:
        The months of each period, `YYYY`, `YYYY-Qn` or `YYYY-MM`; all in order.
    """
    listed = sorted(months)
    periods: dict[str, list[str]] = {}
    for month in listed:
        year, newest = month[:4], listed[-1]
        if year != newest[:4]:
            period = year
        elif _quarter(month) != _quarter(newest):
            period = _quarter(month)
        else:
            period = month
        periods.setdefault(period, []).append(month)
    return periods


def _quarter(month: str) -> str:
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def _count_period(
    session: Any, lake: Path, manifest: Manifest, period: str, signatures: Mapping[str, str]
) -> WordFiles:
    """Write the words of a period: count its months that are not counted, and merge them with the others."""
    counted: dict[tuple[Path, ...], list[str]] = {}  # the months to take from files
    articles: list[Path] = []
    for month in signatures:
        if month in manifest.counted:
            files = manifest.words[manifest.counted[month]].files
            counted.setdefault(tuple(lake / file.path for file in files), []).append(month)
        else:
            articles += [lake / file.path for file in manifest.articles[month].files]
    with scratch_folder() as scratch:
        runs = list(_write_runs(count_articles(session, articles), scratch))
        rows = max(_AT_ONCE // (len(counted) + len(runs)), 1)
        sources = [_read_words(paths, rows, months) for paths, months in counted.items()]
        sources += [_read_words(paths, rows) for paths in runs]
        writer = _write_words(lake, f"words/period={period}", merge_words(sources, rows))
    return WordFiles(signatures, sum(file.rows for file in writer.files), tuple(writer.files))


def _write_runs(tables: Iterable[Any], scratch: Path) -> Iterator[tuple[Path, ...]]:
    """Sort about a million rows at a time, and write each run to temporary files; yield its files."""
    waiting: list[Any] = []
    for number, table in enumerate(tables):
        waiting.append(table)
        if sum(some.num_rows for some in waiting) >= _AT_ONCE:
            yield _write_run(waiting, scratch, f"{number}")
            waiting = []
    if waiting:
        yield _write_run(waiting, scratch, "last")


def _write_run(tables: Iterable[Any], scratch: Path, name: str) -> tuple[Path, ...]:
    """Sort rows and write them to temporary files."""
    return tuple(scratch / file.path for file in _write_words(scratch, name, [sort_words(tables)]).files)


def _read_words(paths: Sequence[Path], rows: int, months: Sequence[str] = ()) -> Iterator[Any]:
    """Yield the rows of sorted files in their order, as `sort_words` takes them.

    Args:
        paths: The files, in their order.
        rows: Number of rows that are read at a time.
        months: The months to take; none for all.
    """
    arrow = pyarrow_module()
    for path in paths:
        with arrow.parquet.ParquetFile(path, read_dictionary=["word", "outlet"]) as file:
            for batch in file.iter_batches(rows, use_threads=False):
                table = arrow.Table.from_batches([batch])
                if months:
                    days = [day for day in table["date"].unique().to_pylist() if f"{day:%Y-%m}" in months]
                    table = table.filter(arrow.compute.is_in(table["date"], arrow.array(days, arrow.date32())))
                yield table


def _write_words(folder: Path, place: str, rows: Iterable[Any]) -> SortedFiles:
    """Write sorted rows of words; files in a lake that its new manifest does not name are deleted later."""
    schema = words_schema()
    writer = SortedFiles(folder, place, schema, dictionaries=schema.names, sorted_by=SORTED_BY, group=_GROUP)
    writer.write(rows)
    return writer
