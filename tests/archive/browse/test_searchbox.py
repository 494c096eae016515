"""Datasette's search box above articles finds the same as `khobao search --anywhere`, for any text."""

import asyncio
import shutil
import unicodedata
from datetime import UTC, date, datetime
from itertools import count

import pytest

from archive.browse import search_box
from archive.browse.serve import running
from archive.record import Document, Record, article_id
from archive.search import engine as search
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

NOW = datetime(2026, 2, 6, tzinfo=UTC)
TEXTS = {
    "Cầu Rồng ở Đà Nẵng": "Cuộc gặp vì hoà bình ở Đà Nẵng.",
    "Đã nắng lên rồi": "Trời đã nắng, đá nóng, vì hòa bình.",
    "Mưa lớn": "Điện đàm về vấn đề.",
    "Long lanh": "Đà xa, còn nắng thì nhiều, nẵng.",
}
TYPED = [
    *("da nang", "Đà Nẵng", '"da nang"', "hoà", "hòa bình", "HOA BINH", "da NOT nang", "mưa OR nắng", "đi*", "van-de"),
    *('"', '"đà', "AND", "NOT x", "a:b", "(", "*", "^x", "NEAR(a b)", "title:mưa", "xyz", "-", "\\", "{", "'", "%00"),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """An archive of a few articles."""
    made = tmp_path_factory.mktemp("box") / "archive.db"
    with ArchiveWriter.create_or_open(made) as archive:
        for number, (title, text) in enumerate(TEXTS.items(), start=1):
            document = Document(date(2026, 2, number), title, text)
            outlet = ("vntin", "song")[number % 2]
            archive.save_document(Record(id=article_id(outlet, title), outlet=outlet, url=None, document=document), NOW)
    return made


def box(path, typed, table="articles", **more):
    """Return the rows that a table of Datasette shows for a text in its search box."""

    async def answer():
        asked = {"_search": typed, "_shape": "objects", **more}
        async with running(path) as datasette:
            return await datasette.client.get(f"/archive/{table}.json", params=asked)

    answered = asyncio.run(answer())
    assert 200 == answered.status_code, (typed, answered.text)
    return answered.json()


def titles(answer) -> set[str]:
    """Return the headlines of the rows."""
    return {row["title"] for row in answer["rows"]}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_box_finds_what_the_program_finds(path, form):
    """Marks, phrases, prefixes and operators work as in the program; any other text is searched as words."""
    with ArchiveReader.open(path) as archive:
        expected = {typed: {hit.title for hit in archive.search(typed).hits} for typed in TYPED}

    assert expected == {typed: titles(box(path, unicodedata.normalize(form, typed))) for typed in TYPED}
    assert {"Cầu Rồng ở Đà Nẵng"} == expected['"da nang"'] & expected["Đà Nẵng"]
    assert {"Cầu Rồng ở Đà Nẵng", "Đã nắng lên rồi"} == expected["hoà"]


def test_other_filters_narrow_the_search_box(path):
    """Filters by outlet and day apply before the hits are limited; the public view is searched like the table."""
    assert {"Cầu Rồng ở Đà Nẵng"} == titles(box(path, "da nang", outlet="song", date__lte="2026-02-02"))
    assert {"Đã nắng lên rồi"} == titles(box(path, "da nang", date="2026-02-02"))
    assert titles(box(path, "da nang")) == titles(box(path, "da nang", date__gte="2026"))
    assert titles(box(path, "nắng")) == titles(box(path, "nắng", "headlines"))
    assert 4 == len(titles(box(path, "")))


def test_tables_without_our_search_are_unchanged(path):
    """Other tables have no search box, or Datasette's own."""
    assert 2 == len(box(path, "da nang", "outlets")["rows"])


def test_the_search_box_says_how_far_back_it_looked(path, tmp_path, monkeypatch):
    """If the time was too short for all texts, the page says so."""
    monkeypatch.setattr(search, "_AT_ONCE", 0)
    ticks = count()
    monkeypatch.setattr(search_box.time, "thread_time", lambda: next(ticks))
    path = shutil.copy(path, tmp_path / "archive.db")
    with ArchiveWriter.create_or_open(path) as archive:
        old = Document(date(2020, 1, 1), "Cũ", "Xưa lắm, nắng.")
        archive.save_document(Record(id=article_id("song", "old"), outlet="song", url=None, document=old), NOW)

    told = box(path, "xua")
    assert [] == told["rows"]
    assert "back to 2026-02" in told["human_description_en"]
    assert ["Cũ"] == [row["title"] for row in box(path, "xua", date__lte="2020-12-31")["rows"]]
