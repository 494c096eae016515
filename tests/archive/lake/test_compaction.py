"""A lake compacted: which capture of an article is kept, in which month, and what a second compaction does."""

from datetime import date
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import pyarrow.parquet
import pytest
from lakefiles import START, add_part

from archive.errors import ArchiveLocked
from archive.lake import sorted_files
from archive.lake.compaction import compact_lake
from archive.lake.layout import open_lake
from archive.lake.manifest import read_manifest


def compacted(lake: Path) -> list[dict]:
    """The rows of a lake's articles, in the order of its files."""
    files = [file.path for file in read_manifest(open_lake(str(lake))).files if file.path.startswith("articles/")]
    return [row for file in files for row in pyarrow.parquet.read_table(lake / file, partitioning=None).to_pylist()]


def kept(lake: Path) -> list[tuple]:
    """Text, and days of the fetch after the first, of each article."""
    return [(row["text"], (row["fetched_at"] - START).days) for row in compacted(lake)]


def test_the_earliest_capture_of_the_last_wording_is_kept(tmp_path):
    """An article that says A, B, B, A, A, captured in several files, is kept as the first of the last two."""
    add_part(tmp_path, "b", ("1", 4, {"text": "A"}), ("1", 1, {"text": "B"}), ("1", 2, {"text": "B"}))
    add_part(tmp_path, "a", ("1", 0, {"text": "A"}), ("1", 3, {"text": "A"}))
    compact_lake(open_lake(str(tmp_path)))

    assert [("A", 3)] == kept(tmp_path)


def test_rows_are_sorted_in_their_months(tmp_path):
    """Each month has its folder; its rows are sorted by outlet, date and id, and all columns are kept."""
    days = {"1": date(2024, 3, 1), "2": date(2024, 2, 9), "3": date(2024, 2, 1), "4": date(2024, 2, 9)}
    add_part(tmp_path, "a", *((key, 0, {"day": day, "outlet": f"o{int(key) % 2}"}) for key, day in days.items()))
    result = compact_lake(open_lake(str(tmp_path)))

    assert (4, 2, 2) == (result.articles, result.months, result.written)
    assert {"month=2024-02", "month=2024-03"} == {path.name for path in (tmp_path / "articles").iterdir()}
    order = [(f"{row['date']:%Y-%m}", row["outlet"], row["date"], row["id"]) for row in compacted(tmp_path)]
    assert sorted(order) == order
    part = pyarrow.parquet.read_table(next((tmp_path / "parts").iterdir()))
    table = pyarrow.parquet.read_table(next((tmp_path / "articles").rglob("*.parquet")), partitioning=None)
    assert part.schema.equals(table.schema)
    assert sorted(part.to_pylist(), key=lambda row: row["id"]) == sorted(compacted(tmp_path), key=lambda row: row["id"])


def test_files_have_bounds_of_all_columns_but_texts(tmp_path):
    """Queries skip row groups by the least and greatest values of days and outlets; those of texts are not stored."""
    add_part(tmp_path, "a", ("1", 0, {}), ("2", 0, {}))
    compact_lake(open_lake(str(tmp_path)))

    group = pyarrow.parquet.ParquetFile(next((tmp_path / "articles").rglob("*.parquet"))).metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    bounded = {column.path_in_schema for column in columns if column.statistics and column.statistics.has_min_max}
    assert {"id", "outlet", "date", "fetched_at"} < bounded
    assert not bounded & {"title", "text", "standfirst"}


def test_a_second_compaction_writes_nothing(tmp_path):
    """The same readings give the same manifest and leave the files as they are."""
    add_part(tmp_path, "a", ("1", 0, {}), ("2", 0, {"day": date(2024, 3, 1)}))
    compact_lake(open_lake(str(tmp_path)))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "articles").rglob("*.parquet")}
    manifest = (tmp_path / "manifest.json").read_bytes()

    assert 0 == compact_lake(open_lake(str(tmp_path))).written
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "articles").rglob("*.parquet")}
    assert manifest == (tmp_path / "manifest.json").read_bytes()


def test_only_changed_months_are_written_and_a_row_that_changed_its_day_moves(tmp_path):
    """An article of February that is dated March later leaves the one month and enters the other."""
    february, march = date(2024, 2, 4), date(2024, 3, 1)
    add_part(
        tmp_path, "a", ("1", 0, {"day": february}), ("2", 0, {"day": february}), ("3", 0, {"day": date(2024, 1, 1)})
    )
    compact_lake(open_lake(str(tmp_path)))
    add_part(tmp_path, "b", ("1", 5, {"day": march}))
    result = compact_lake(open_lake(str(tmp_path)))

    assert (3, 3, 2) == (result.articles, result.months, result.written)
    months = {month: files.rows for month, files in read_manifest(open_lake(str(tmp_path))).articles.items()}
    assert {"2024-01": 1, "2024-02": 1, "2024-03": 1} == months


def test_a_page_that_churns_keeps_an_earlier_version(tmp_path):
    """A page whose same paragraph changes at every capture is kept as an archive would keep it."""
    captures = [("1", n, {"text": f"Đầu bài.\n\nLượt xem: {n}\n\nCuối bài."}) for n in range(9)]
    add_part(tmp_path, "a", *captures)
    compact_lake(open_lake(str(tmp_path)))

    ((text, day),) = kept(tmp_path)
    assert day < 8
    assert f"Lượt xem: {day}" in text


def test_a_later_reader_replaces_the_readings_of_an_earlier_one(tmp_path):
    """What an earlier reader read of a file does not count when a later one has read it."""
    add_part(tmp_path, "a", ("1", 0, {"text": "cũ"}), ("2", 0, {"text": "cũ"}))
    add_part(tmp_path, "a", ("1", 0, {"text": "mới"}), reader="2 test")
    compact_lake(open_lake(str(tmp_path)))

    assert [("mới", 0)] == kept(tmp_path)


def test_a_large_month_has_several_files(tmp_path, monkeypatch):
    """A file is ended when it is large enough, and no row is lost or doubled between two files."""
    monkeypatch.setattr(sorted_files, "_GROUP", 10)
    monkeypatch.setattr(sorted_files.SortedFiles.__init__, "__kwdefaults__", {"bloom": "", "group": 0, "largest": 1000})
    add_part(tmp_path, "a", *((str(n), 0, {}) for n in range(45)))
    compact_lake(open_lake(str(tmp_path)))

    files = read_manifest(open_lake(str(tmp_path))).articles["2026-02"].files
    assert len(files) > 1
    assert 45 == len({row["id"] for row in compacted(tmp_path)}) == sum(file.rows for file in files)


def test_two_compactors_are_one_too_many(tmp_path):
    """While one process compacts, another is refused with one clear line."""
    add_part(tmp_path, "a", ("1", 0, {}))
    with (tmp_path / ".manifest.json.draft").open("w") as held:
        flock(held, LOCK_EX | LOCK_NB)
        with pytest.raises(ArchiveLocked, match="another process is writing it"):
            compact_lake(open_lake(str(tmp_path)))
