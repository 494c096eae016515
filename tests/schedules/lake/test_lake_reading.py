"""WARC files read into a lake: what is read, what is lost, and what a second reading does."""

import gzip
import json
from collections import Counter
from dataclasses import replace
from datetime import date

import poison
import pyarrow.parquet
import pytest
from lakefiles import HOST, OUTLETS, address, page, read_lake, records, rows, tree, write_warc

from archive.lake.layout import ReadingFilters, all_readings, current_readings, open_lake
from schedules.lake.dask_engine import Cluster
from schedules.lake.planning import reader_of_catalogue
from schedules.lake.share import Share

pytestmark = pytest.mark.slow
DECLARED = f"""
name = "Báo Hồ"
home = "{HOST}"
article = '-(?P<key>\\d{{7}})(?:/page/\\d+)?\\.html$'
timezone = "Asia/Ho_Chi_Minh"
[reading]
title = "h1"
body = "article"
"""


def test_a_lake_equals_import_then_export(khobao, tmp_path):
    """The part has the rows of the export, in all its columns; the ledger has the reasons of the import."""
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "ho.toml").write_text(DECLARED)
    (tmp_path / "khobao.toml").write_text('[archive]\npath = "a.db"\n[outlets]\nfolder = "outlets"\n')
    undated = (f"{HOST}/khong-ngay-0000099.html", "<html><body><h1>Không ngày</h1><p>Một.</p></body></html>")
    first = "2024-02-03T08:00:00+07:00"
    other = (
        "https://la.example/tin-la-ve-mot-phien-cho-ben-song-2024.html",
        page(50)[1].replace("2024-01-23T03:00:00+00:00", first),
    )
    pages = [page(n) for n in range(6)]
    pages += [(*undated, pages[0][2]), (*other, pages[0][2]), (f"{HOST}/", "<p>Trang nhất</p>", pages[0][2])]
    write_warc(tmp_path / "a.warc.gz", pages)

    imported = khobao("import", "a.warc.gz")
    exported = khobao("export", "out", "--format", "parquet")
    read = khobao("lake", "read", "a.warc.gz", "--to", "lake", "--json")

    assert (0, 0, 0) == (imported.code, exported.code, read.code), read.err
    ours = pyarrow.parquet.read_table(next((tmp_path / "lake" / "parts").iterdir()))
    theirs = [row for file in (tmp_path / "out").rglob("*.parquet") for row in _rows(file)]
    assert [*theirs[0], "fetched_at", "warc", "offset"] == ours.column_names
    shared = [{name: row[name] for name in theirs[0]} for row in ours.to_pylist()]
    assert sorted(theirs, key=_id) == sorted(shared, key=_id)
    reasons = json.loads(read.out)["reasons"]
    assert reasons, read.out
    for reason, count in reasons.items():
        assert f"{count} no article: {reason}" in imported.out


def _rows(file):
    return pyarrow.parquet.read_table(file, partitioning=None).to_pylist()


def _id(row):
    return row["id"]


def test_a_second_reading_changes_nothing(tmp_path):
    """A rerun reads no file again; a file that is added later is read alone."""
    first = write_warc(tmp_path / "a.warc.gz", [page(n) for n in range(3)])
    read_lake(tmp_path / "lake", first)
    before = tree(tmp_path / "lake")

    again = read_lake(tmp_path / "lake", first)
    assert (0, 1, before) == (again.read, again.finished, tree(tmp_path / "lake"))

    second = write_warc(tmp_path / "b.warc.gz", [page(9)])
    added = read_lake(tmp_path / "lake", first, second)
    assert (1, 1, 1) == (added.read, added.finished, added.articles)


def test_a_file_that_changed_is_read_again(tmp_path):
    """A file that has grown is read anew, and its earlier reading is deleted."""
    file = write_warc(tmp_path / "a.warc.gz", [page(1)])
    read_lake(tmp_path / "lake", file)
    write_warc(file, [page(1), page(2)])
    read_lake(tmp_path / "lake", file)

    assert [2] == [reading.rows for reading in all_readings(open_lake(str(tmp_path / "lake")))]
    assert 2 == len(rows(tmp_path / "lake"))


def test_new_rules_are_a_new_reading(tmp_path):
    """Another declaration makes another reader; of the readings of one file, the latest reader's counts."""
    file = write_warc(tmp_path / "a.warc.gz", [page(1)])
    changed = {"ho": OUTLETS["ho"].model_copy(update={"reading": ()})}
    readers = [reader_of_catalogue(OUTLETS), reader_of_catalogue(changed)]
    for reader in readers:
        read_lake(tmp_path / "lake", file, reader=reader)
    folder = open_lake(str(tmp_path / "lake"))

    assert readers[0] != readers[1]
    assert 2 == len(all_readings(folder))
    assert [readers[1]] == [reading.reader for reading in current_readings(folder, all_readings(folder))]


def test_shares_and_engines_give_the_same_bytes(tmp_path):
    """One process, two processes, the shares of an array and a cluster of two write the same files."""
    files = [write_warc(tmp_path / f"{n}.warc.gz", [page(10 * n + k) for k in range(5)]) for n in range(4)]
    for name, engine in (("one", 1), ("two", 2), ("dask", Cluster(workers=2))):
        read_lake(tmp_path / name, *files, engine=engine)
    for number in (1, 2):
        read_lake(tmp_path / "parts", *Share(number, 2).of([str(file) for file in files]))

    whole = {name: content for name, content in tree(tmp_path / "one").items() if not name.startswith("plans/")}
    for name in ("two", "dask", "parts"):
        other = {file: content for file, content in tree(tmp_path / name).items() if not file.startswith("plans/")}
        assert whole == other, name


@pytest.mark.parametrize("packed", [True, False])
def test_one_process_and_several_read_a_file_alike(tmp_path, packed):
    """A process that reads a file alone writes the same bytes as two that share it, whatever the file contains."""
    second = address(3).replace(".html", "/page/2.html")
    url, html, fetched_at = page(3)
    undated = "<html><body><h1>Không ngày</h1><p>Một.</p></body></html>"
    pages = [
        (second, page(3, more="Đoạn này ở trang hai.", head=f'<link rel="canonical" href="{url}">')[1], fetched_at),
        (url, html.replace("</article>", f'</article><a href="{second}">2</a>'), fetched_at),
        *(page(n, days=n % 4) for n in range(4, 24)),
        page(4, more="Sửa lại.", days=9),
        (address(99), undated, fetched_at),
        (f"{HOST}/", "<p>Trang nhất</p>", fetched_at),
    ]
    made = records([*pages, page(30), page(31)], packed=packed)
    made[-2] = made[-2][:20] + bytes(len(made[-2]) - 20)
    file = tmp_path / "a.warc.gz"
    file.write_bytes(b"".join(made)[:-30])
    for workers in (1, 2):
        read_lake(tmp_path / f"{workers}", file, engine=workers)

    assert tree(tmp_path / "1") == tree(tmp_path / "2")
    reasons = Counter(row["reason"] for row in rows(tmp_path / "1", "ledger"))
    assert 22 == reasons[""]
    assert "malformed" in reasons


@pytest.mark.parametrize("engine", [2, Cluster(workers=2)], ids=["local", "dask"])
def test_poison_pages_lose_exactly_themselves(tmp_path, engine):
    """A page that loops, one that kills its process and one that takes 3 GB are three rows of the ledger."""
    poisoned = {2: poison.LOOP, 5: poison.SEGFAULT, 7: poison.MEMORY}
    pages = [page(n, more=poisoned.get(n, "")) for n in range(10)]
    file = write_warc(tmp_path / "a.warc.gz", pages)
    healthy = write_warc(tmp_path / "b.warc.gz", [page(n) for n in range(20, 24)])

    result = read_lake(tmp_path / "lake", file, healthy, engine=engine, imports=["poison"], seconds=3)

    ledger = {row["url"]: row["reason"] for row in rows(tmp_path / "lake", "ledger")}
    lost = {url: reason for url, reason in ledger.items() if reason}
    assert {address(2): "hung", address(5): "crashed", address(7): "memory"} == lost
    assert 11 == result.articles


@pytest.mark.parametrize("packed", [True, False])
def test_a_damaged_record_costs_only_itself(tmp_path, packed):
    """The pages before and behind a damaged record are read; the record is told and stands in the ledger."""
    made = records([page(n) for n in range(5)], packed=packed)
    made[2] = made[2][:20] + bytes(len(made[2]) - 20)
    file = tmp_path / "a.warc.gz"
    file.write_bytes(b"".join(made))

    result = read_lake(tmp_path / "lake", file)

    assert {address(n) for n in (0, 1, 3, 4)} == {row["url"] for row in rows(tmp_path / "lake")}
    assert {"malformed"} == set(result.reasons)
    assert result.damaged[0].startswith(f"{file}, offset ")
    assert "malformed: the record cannot be read" in result.damaged[0]


@pytest.mark.parametrize("left", [-100, 20, 64], ids=["nearly whole", "header of gzip", "beginning"])
def test_a_truncated_file_gives_its_whole_records(tmp_path, left):
    """A file that breaks off gives the records before, and the damage is told, however little is left of the last."""
    file = tmp_path / "a.warc.gz"
    *whole, last = records([page(n) for n in range(3)])
    file.write_bytes(b"".join([*whole, last[:left]]))

    result = read_lake(tmp_path / "lake", file)

    assert {address(0), address(1)} <= {row["url"] for row in rows(tmp_path / "lake")}
    assert 1 == len(result.damaged)


def test_a_file_compressed_as_one_is_read(tmp_path):
    """A file whose records are not compressed one by one is unpacked first."""
    file = tmp_path / "a.warc.gz"
    file.write_bytes(gzip.compress(b"".join(records([page(n) for n in range(3)], packed=False))))

    assert 3 == read_lake(tmp_path / "lake", file).articles


def test_an_article_of_several_pages_is_read_as_one(tmp_path):
    """The further pages of an article are found in its file, wherever they stand; they are no articles of their own."""
    second = f"{HOST}/phien-cho-0000003/page/2.html"
    links = f'<a href="{second}">2</a>'
    url, html, fetched_at = page(3)
    canonical = f'<link rel="canonical" href="{url}">'
    further = page(3, more="Đoạn này chỉ có ở trang hai của bài, viết dài để được đọc.", head=canonical)[1]
    pages = [
        (second, further, fetched_at),
        page(4),
        (url, html.replace("</article>", f"</article>{links}"), fetched_at),
    ]

    read_lake(tmp_path / "lake", write_warc(tmp_path / "a.warc.gz", pages))

    texts = {row["url"]: row["text"] for row in rows(tmp_path / "lake")}
    assert {url, address(4)} == set(texts)
    assert "chỉ có ở trang hai" in texts[url]


def test_filters_choose_outlets_and_days(tmp_path):
    """Pages of other outlets are not in the ledger; articles of other days are there with their reason."""
    other = ("https://la.example/mot-bai-bao-la-o-noi-khac-12345.html", page(1)[1], page(1)[2])
    file = write_warc(tmp_path / "a.warc.gz", [page(1), page(2), page(3), other])
    filters = ReadingFilters(("ho",), "2024-01-03", "2024-01-03")

    result = read_lake(tmp_path / "lake", file, filters=filters)

    assert (1, {"out_of_range": 2}) == (result.articles, dict(result.reasons))
    assert [date(2024, 1, 3)] == [row["date"] for row in rows(tmp_path / "lake")]


def test_a_file_that_cannot_be_read_is_named_and_never_done(tmp_path):
    """Missing, empty and foreign files are told with one line each; the others are read."""
    good = write_warc(tmp_path / "a.warc.gz", [page(1)])
    empty, foreign, missing = tmp_path / "empty.warc", tmp_path / "foreign.warc.gz", tmp_path / "missing.warc"
    empty.write_bytes(b"")
    foreign.write_bytes(b"%PDF-1.7 not a WARC file\n" * 100)

    result = read_lake(tmp_path / "lake", empty, good, foreign, missing)

    assert (1, 1) == (result.read, len(all_readings(open_lake(str(tmp_path / "lake")))))
    assert {
        str(empty): "the file is empty",
        str(foreign): "not a WARC or ARC file: no record can be read in it",
        str(missing): "cannot be read: No such file or directory",
    } == result.failed
    assert 3 == len(list((tmp_path / "lake" / "failed").iterdir()))
    write_warc(empty, [page(2)])
    assert 1 == read_lake(tmp_path / "lake", empty).read
    assert 2 == len(list((tmp_path / "lake" / "failed").iterdir()))


def test_a_reading_with_filters_gives_way_to_the_whole_one(tmp_path):
    """A later reader's reading without filters replaces the filtered one; a filtered one replaces only its like."""
    file = write_warc(tmp_path / "a.warc.gz", [page(1)])
    narrow = ReadingFilters(("ho",))
    lake = tmp_path / "lake"
    for reader, filters in (("1 a", narrow), ("2 b", ReadingFilters()), ("3 c", narrow)):
        read_lake(lake, file, reader=reader, filters=filters)
    folder = open_lake(str(lake))

    current = {(reading.reader, reading.filters) for reading in current_readings(folder, all_readings(folder))}
    assert {("2 b", ReadingFilters()), ("3 c", narrow)} == current
    assert replace(narrow, outlets=()).is_open
