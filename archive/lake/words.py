"""Count how often each word occurs on each day of each outlet of a lake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from archive.errors import UsageError
from archive.lake.folder import LakeFolder
from archive.lake.manifest import Manifest, WordFiles, replacing_manifest, require_folder
from archive.lake.schema import pyarrow_module
from archive.lake.sessions import lake_session, query_errors, quoted
from archive.lake.sorted_files import SortedFiles

_BATCH = 8192  # rows
_GROUP = 262_144  # rows of a row group; DuckDB looks at the bounds of all groups, so there should be few
# A word is a run of letters, marks and digits, in lower case. The word '' counts all articles of an outlet and day.
_COUNTS = r"""
WITH texts AS (
    SELECT outlet, date, regexp_extract_all(lower(title || ' ' || text), '[\p{L}\p{M}\p{N}_]+') AS found
    FROM read_parquet(?)
), counted AS (
    SELECT outlet, date, unnest(map_entries(list_histogram(found))) AS entry FROM texts
)
SELECT entry.key AS word, outlet, date, count(*)::INTEGER AS articles, sum(entry.value)::BIGINT AS times
FROM counted GROUP BY ALL
UNION ALL
SELECT '', outlet, date, count(*)::INTEGER, sum(len(found))::BIGINT FROM texts GROUP BY ALL
ORDER BY word, outlet, date"""
_MERGED_AT_ONCE = 2_000_000  # rows that are sorted in memory while files are merged


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


def words_schema() -> Any:
    """Return the columns of the table of words."""
    arrow = pyarrow_module()
    columns = {
        "word": arrow.string(),
        "outlet": arrow.string(),
        "date": arrow.date32(),
        "articles": arrow.int32(),
        "times": arrow.int64(),
    }
    return arrow.schema([arrow.field(name, kind, nullable=False) for name, kind in columns.items()])


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
    """Write the words of a period; count its months one by one, unless they are counted, and merge them."""
    sources: dict[tuple[str, ...], list[str]] = {}  # the months to take from files
    for month in signatures:
        if month in manifest.counted:
            files = manifest.words[manifest.counted[month]].files
        else:
            articles = [str(lake / file.path) for file in manifest.articles[month].files]
            counted = session.sql(_COUNTS, params=[articles]).to_arrow_reader(_BATCH)
            files = tuple(_write_words(lake, month, counted).files)
            if period == month:
                return WordFiles(signatures, sum(file.rows for file in files), files)
        sources.setdefault(tuple(str(lake / file.path) for file in files), []).append(month)
    writer = _write_words(lake, period, _merged_rows(session, sources))
    return WordFiles(signatures, sum(file.rows for file in writer.files), tuple(writer.files))


def _merged_rows(session: Any, sources: Mapping[tuple[str, ...], Sequence[str]]) -> Iterator[Any]:
    """Yield the rows of sorted files in their order, one range of words after the other.

    Args:
        session: A session from `lake_session`.
        sources: The months to take from some files.
    """
    months = " UNION ALL ".join(
        f"SELECT * FROM read_parquet({quoted(list(paths))}, hive_partitioning = false) "  # noqa: S608 - quoted
        f"WHERE list_contains({quoted(list(wanted))}, strftime(date, '%Y-%m')) AND {{0}}"
        for paths, wanted in sources.items()
    )
    for first, end in pairwise(_word_ranges([path for paths in sources for path in paths])):
        wanted = f"word >= {quoted(first)}" + ("" if end is None else f" AND word < {quoted(end)}")
        yield from session.sql(f"{months.format(wanted)} ORDER BY word, outlet, date").to_arrow_reader(_BATCH)


def _word_ranges(paths: Iterable[str]) -> list[str | None]:
    """Return the words at which ranges of about equally many rows begin; None ends the last range."""
    arrow = pyarrow_module()
    groups: list[tuple[str, int]] = []
    for path in paths:
        with arrow.parquet.ParquetFile(path) as file:
            for number in range(file.metadata.num_row_groups):
                group = file.metadata.row_group(number)
                bounds = group.column(0).statistics
                first = bounds.min if bounds and bounds.has_min_max else ""  # none are stored for a very long word
                groups.append((first, group.num_rows))
    ranges: list[str | None] = [""]
    rows = 0
    for first, count in sorted(groups):
        if rows >= _MERGED_AT_ONCE and first != ranges[-1]:
            ranges.append(first)
            rows = 0
        rows += count
    return [*ranges, None]


def _write_words(lake: Path, period: str, rows: Any) -> SortedFiles:
    """Write the words of a period; files that the new manifest does not name are deleted later."""
    schema = words_schema()
    writer = SortedFiles(
        lake,
        f"words/period={period}",
        schema,
        dictionaries=schema.names,
        sorted_by=("word", "outlet", "date"),
        group=_GROUP,
    )
    writer.write(rows)
    return writer
