"""The words of a lake: how they are counted, in which files they are, and when they count no longer."""

import json
from datetime import date
from pathlib import Path

import pytest
from lakefiles import add_part

from archive.errors import ArchiveTooNew
from archive.lake import words
from archive.lake.checking import check_lake, lake_status
from archive.lake.compaction import compact_lake
from archive.lake.folder import LakeFolder
from archive.lake.layout import open_lake
from archive.lake.manifest import read_manifest
from archive.lake.queries import run_query
from archive.lake.reader import LakeReader
from archive.lake.sessions import lake_session
from archive.lake.words import count_words, find_periods
from archive.search.query import parse_query

DAYS = {"1": date(2023, 11, 2), "2": date(2023, 12, 9), "3": date(2024, 1, 1), "4": date(2024, 3, 31)}
LATER = {"5": date(2024, 4, 1), "6": date(2024, 4, 5), "7": date(2024, 5, 9)}


def grow(lake: Path, name: str, days: dict[str, date]) -> LakeFolder:
    """Add articles about a storm to a lake, and compact it."""
    add_part(lake, name, *((key, 0, {"text": f"Cơn bão số {key}", "day": day}) for key, day in days.items()))
    folder = open_lake(str(lake))
    compact_lake(folder)
    return folder


def word_files(folder: LakeFolder) -> dict[str, bytes]:
    """The files of words that count, by their names."""
    manifest = read_manifest(folder)
    return {
        file.path: (folder.path / file.path).read_bytes() for words in manifest.words.values() for file in words.files
    }


def counted_days(folder: LakeFolder, word: str) -> dict[str, int]:
    """Number of articles with a word on each day, as the table of words has them."""
    sql = f"SELECT date, sum(articles) FROM words WHERE word = '{word}' GROUP BY date ORDER BY date"
    with run_query(folder, sql) as result:
        return {day.isoformat(): int(number) for day, number in result.rows}


def matches(
    folder: LakeFolder, query: str, unit: str, since: str = "2023-11-02", until: str = "2024-12-31", outlet: str = ""
) -> dict[str, int]:
    """Number of matching articles of each period, as the pages of a lake count them."""
    parsed = parse_query(query)
    assert parsed
    with lake_session(folder.path) as session:
        reader = LakeReader(session, folder.path, read_manifest(folder))
        found = reader.count_matches(parsed.as_phrases(), since, until, outlet, unit)
        every = reader.count_articles(since, until, outlet, unit)
    assert {cell.day for cell in found.cells} <= {cell.day for cell in every.cells}
    return dict(sorted(found.by(lambda cell: cell.day).items()))


def test_words_are_counted_by_outlet_and_day(tmp_path):
    """A word counts once an article in `articles`, as often as it stands in `times`; '' counts all articles."""
    day = date(2024, 2, 4)
    add_part(
        tmp_path,
        "a",
        ("1", 0, {"title": "Bão", "text": "Cơn bão lớn, BÃO to", "day": day}),
        ("2", 0, {"title": "Nắng", "text": "Sau bão", "day": day}),
        ("3", 0, {"title": "Nắng", "text": "Trời trong", "day": day}),
    )
    folder = open_lake(str(tmp_path))
    compact_lake(folder)
    count_words(folder)

    with run_query(folder, "SELECT articles, times FROM words WHERE word IN ('bão', '') ORDER BY word") as result:
        assert [(3, 12), (2, 4)] == list(result.rows)
    assert 0 == count_words(folder).written
    add_part(tmp_path, "b", ("4", 0, {"title": "Mưa", "text": "bão", "day": day}))
    compact_lake(folder)
    assert 1 == count_words(folder).written


def test_past_years_and_quarters_are_one_period_each():
    """A year that is over is one period, and so is a quarter of the newest year; its newest quarter stays in months."""
    months = ["2022-05", "2023-01", "2023-12", "2024-01", "2024-03", "2024-04", "2024-09", "2024-08"]

    periods = find_periods(months)
    assert ["2022", "2023", "2024-Q1", "2024-Q2", "2024-08", "2024-09"] == list(periods)
    assert ["2024-01", "2024-03"] == periods["2024-Q1"]
    assert sorted(months) == [month for some in periods.values() for month in some]
    assert {} == find_periods([])


def test_words_counted_step_by_step_equal_those_counted_at_once(tmp_path, monkeypatch):
    """Periods that grow from months counted before, in runs of any size, have the same bytes as those of a new lake."""
    grow(tmp_path / "steps", "a", DAYS)
    steps = open_lake(str(tmp_path / "steps"))
    assert 4 == count_words(steps).written
    assert {"2023", "2024-01", "2024-03"} == set(read_manifest(steps).words)
    grow(tmp_path / "steps", "b", LATER)
    assert 2 == count_words(steps).written
    monkeypatch.setattr(words, "_AT_ONCE", 1)
    once = grow(tmp_path / "once", "a", DAYS | LATER)
    count_words(once)

    assert {"2023", "2024-Q1", "2024-04", "2024-05"} == set(read_manifest(once).words)
    assert word_files(once) == word_files(steps)
    assert {day.isoformat(): 1 for day in (DAYS | LATER).values()} == counted_days(steps, "bão")
    before = word_files(steps)
    assert 0 == count_words(steps).written
    assert before == word_files(steps)
    stored = {path.relative_to(steps.path).as_posix() for path in (steps.path / "words").rglob("*.parquet")}
    assert set(before) == stored
    assert [] == list(check_lake(steps))


def test_a_month_that_changed_counts_no_longer_until_it_is_counted_again(tmp_path):
    """After a compaction, the words of a changed month of a year are left out, and its texts are counted instead."""
    folder = grow(tmp_path, "a", DAYS)
    count_words(folder)
    grow(tmp_path, "b", {"8": date(2023, 12, 9)})

    assert 3 == lake_status(folder).words
    assert {"2023-11-02": 1, "2024-01-01": 1, "2024-03-31": 1} == counted_days(folder, "bão")
    every = {"2023-11-02": 1, "2023-12-09": 2, "2024-01-01": 1, "2024-03-31": 1}
    assert every == matches(folder, "bão", "day")
    assert 1 == count_words(folder).written
    assert every == counted_days(folder, "bão") == matches(folder, "bão", "day")


@pytest.mark.parametrize("query", ["bão", "bão số", "bão AND số"])
@pytest.mark.parametrize("is_counted", [True, False], ids=["counted", "not counted"])
def test_pages_count_by_any_unit(tmp_path, query, is_counted):
    """Days are added up to weeks, months and years, which begin with the first day asked for at the earliest."""
    folder = grow(tmp_path, "a", DAYS | LATER)
    if is_counted:
        count_words(folder)

    months = {"2023-11-02": 1, "2023-12-01": 1, "2024-01-01": 1, "2024-03-01": 1, "2024-04-01": 2, "2024-05-01": 1}
    assert months == matches(folder, query, "month")
    assert {"2023-11-02": 2, "2024-01-01": 5} == matches(folder, query, "year")
    weeks = {"2023-11-02": 1, "2023-12-04": 1, "2024-01-01": 1, "2024-03-25": 1, "2024-04-01": 2, "2024-05-06": 1}
    assert weeks == matches(folder, query, "week")
    assert {"2023-12-01": 1} == matches(folder, query, "month", "2023-12-01", "2023-12-31")
    assert {"2024-04-01": 1, "2024-03-31": 1} == matches(folder, query, "day", "2024-03-01", "2024-04-04", "vntin")
    assert {} == matches(folder, query, "day", outlet="song")


def test_a_manifest_of_version_1_is_read_and_its_words_are_merged(tmp_path):
    """The words of the first layout, with files of months, count; the next count merges them and reads no text."""
    folder = grow(tmp_path, "a", DAYS)
    count_words(folder)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    months = {
        month: {"signature": manifest["articles"][month]["signature"], "rows": words["rows"], "files": words["files"]}
        for month, words in manifest["words"].items()
        if month in manifest["articles"]
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"version": 1, "words": months}))

    assert {"2024-01": "2024-01", "2024-03": "2024-03"} == read_manifest(folder).counted
    assert {"2024-01-01": 1, "2024-03-31": 1} == counted_days(folder, "bão")
    assert 2 == count_words(folder).written
    assert 4 == len(counted_days(folder, "bão"))
    assert 2 == json.loads((tmp_path / "manifest.json").read_text())["version"]


def test_a_manifest_of_a_newer_khobao_is_one_line(tmp_path):
    """A manifest of an unknown version is refused, and says what to do."""
    folder = grow(tmp_path, "a", DAYS)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"version": 3}))

    with pytest.raises(ArchiveTooNew, match=r"a manifest of version 3; this khobao reads up to version 2; upgrade"):
        count_words(folder)
