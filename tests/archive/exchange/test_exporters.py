"""Exporting Parquet and WARC, and reading exports of other tools, with the origin of each article."""

import json
import resource
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastwarc.warc import ArchiveIterator
from keeping import FIRST, START, Crawl, record_of, url_of

from archive.captures.store import Captures
from archive.errors import ArchiveError, ArchiveFull
from archive.exchange.exporters import export_captures, export_records
from archive.exchange.importers import read_files
from archive.exchange.model import ForeignArticle
from archive.exchange.warcs import read_pages, write_captures
from archive.record import Document
from archive.search.model import Filters
from archive.store.writer import ArchiveWriter

NEWS_PLEASE = {
    "authors": ["Minh Khôi"],
    "date_download": "2026-02-05 08:00:00",
    "date_modify": "None",
    "date_publish": "2026-02-04 19:25:00",
    "description": "Cầu dài 812 mét.",
    "filename": "tin-1.html.json",
    "image_url": None,
    "language": "vi",
    "localpath": None,
    "maintext": "Cầu dài 812 mét.\nCầu có bốn làn xe.",
    "source_domain": "bao.example",
    "title": "Cầu Mới thông xe",
    "title_page": None,
    "title_rss": None,
    "url": url_of("1"),
}
FUNDUS = {
    "authors": ["Minh Khôi"],
    "body": {
        "summary": ["Cầu dài 812 mét."],
        "sections": [{"headline": [], "paragraphs": ["Cầu có bốn làn xe."]}, {"headline": ["Phà"], "paragraphs": []}],
    },
    "free_access": True,
    "html": {"requested_url": url_of("1") + "?a", "responded_url": url_of("1"), "crawl_date": "2026-02-05 08:00:00"},
    "publishing_date": "2026-02-04 19:25:00+07:00",
    "title": "Cầu Mới thông xe",
    "topics": ["cầu"],
}


@pytest.fixture
def archive(tmp_path):
    """Articles of two months; the second has the same response as the first."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        crawl = Crawl(archive, tmp_path / "captures")
        crawl.see("1")
        crawl.see("2")
        crawl.see("3", "Cầu dài 815 mét.", document=Document(date(2026, 3, 1), "Cầu khác", "Cầu dài 815 mét."))
        crawl.end()
        yield archive


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of a folder's files, by name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parquet_reads_back(archive, tmp_path):
    """Parquet has one folder per month and typed columns, and reads back as the same records."""
    assert 3 == export_records("parquet", archive.reader.records(), tmp_path / "out")
    parts = ["articles/month=2026-02/part.parquet", "articles/month=2026-03/part.parquet"]
    assert [*parts, "manifest.json"] == sorted(files(tmp_path / "out"))
    assert list(archive.reader.records()) == [found.item for found in read_files([tmp_path / "out"])]
    table = pq.read_table(tmp_path / "out" / "articles")
    kinds = {field.name: str(field.type) for field in table.schema}
    assert ("date32[day]", "timestamp[ms, tz=UTC]") == (kinds["date"], kinds["published_at"])
    assert START == table["published_at"][0].as_py()
    metadata = pq.ParquetFile(tmp_path / "out" / parts[1]).metadata
    assert "ZSTD" == metadata.row_group(0).column(0).compression


@pytest.mark.parametrize("form", ["txt", "jsonl", "parquet", "warc"])
def test_the_same_archive_is_the_same_bytes(archive, tmp_path, form):
    """Two exports in any format have the same bytes, and the manifest lists every file."""
    for name in ("a", "b"):
        if form == "warc":
            export_captures(archive.reader.captures(), tmp_path / "captures", tmp_path / name)
        else:
            export_records(form, archive.reader.records(), tmp_path / name)

    assert files(tmp_path / "a") == files(tmp_path / "b")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert (form, 3) == (manifest["format"], manifest["records"])
    assert {"manifest.json", *manifest["sha256"]} == files(tmp_path / "a").keys()


def test_a_selection_is_what_the_filters_and_the_query_find(archive):
    """Outlet, days and a query select the exported articles and captures."""
    assert 2 == len(list(archive.reader.records(Filters(until=date(2026, 2, 28)))))
    assert [record_of("3").id] == [record.id for record in archive.reader.records(query="815")]
    assert 1 == len(list(archive.reader.captures(query="815")))
    assert [] == list(archive.reader.records(Filters(outlet="none"))) == list(archive.reader.records(query='""'))
    assert [] == list(archive.reader.records(Filters(story=1)))


def test_other_tools_read_the_captures(archive, tmp_path):
    """Other tools such as fastwarc read every response with its request, whole and with correct digests."""
    export_captures(archive.reader.captures(), tmp_path / "captures", tmp_path / "out")

    with (tmp_path / "out" / "captures-00000.warc").open("rb") as file:
        kept = [(r.headers["WARC-Type"], r.verify_payload_digest(), r.reader.read()) for r in ArchiveIterator(file)]
    assert ["response", "request"] * 3 == [kind for kind, _, _ in kept]
    assert [FIRST.text.encode()] * 2 == [content for kind, _, content in kept if kind == "response"][:2]
    assert all(sound for kind, sound, _ in kept if kind == "response")


def test_captures_go_to_several_files(archive, tmp_path):
    """A file of the largest size is closed, and another one is begun."""
    (tmp_path / "out").mkdir()

    assert 3 == write_captures(archive.reader.captures(), tmp_path / "captures", tmp_path / "out", largest=1)
    assert ["captures-00000.warc", "captures-00001.warc", "captures-00002.warc"] == sorted(files(tmp_path / "out"))


def test_a_missing_capture_is_reported(archive, tmp_path):
    """An export does not skip a capture that it cannot read."""
    with pytest.raises(ArchiveError, match="no capture can be read there"):
        export_captures(archive.reader.captures(), tmp_path / "none", tmp_path / "out")
    assert {} == files(tmp_path / "out")


def test_pages_read_back_from_warc_files(archive, tmp_path):
    """An exported capture reads back with the same address, time, header fields and payload."""
    export_captures(archive.reader.captures(), tmp_path / "captures", tmp_path / "out")
    kept = Captures(tmp_path / "captures")

    assert [kept.read(ref) for ref in archive.reader.captures()] == list(
        read_pages(tmp_path / "out" / "captures-00000.warc")
    )


def test_a_warc_file_that_breaks_off_gives_what_came_before(archive, tmp_path):
    """The pages before the damage are read, and then one line reports it."""
    export_captures(archive.reader.captures(), tmp_path / "captures", tmp_path / "out")
    place = tmp_path / "out" / "captures-00000.warc"
    place.write_bytes(place.read_bytes() + b"no record at all\r\n\r\n" * 100)
    pages = read_pages(place)

    assert url_of("1") == next(pages).url
    with pytest.raises(ArchiveError, match="not a complete, readable WARC file"):
        list(pages)


def test_an_article_of_news_please(tmp_path):
    """Only the day is used, because the time has lost its offset; each line of the text is a paragraph."""
    (tmp_path / "a.json").write_text(json.dumps(NEWS_PLEASE))
    (found,) = read_files([tmp_path])

    assert (
        ForeignArticle(
            url=url_of("1"),
            title="Cầu Mới thông xe",
            text="Cầu dài 812 mét.\n\nCầu có bốn làn xe.",
            day=date(2026, 2, 4),
            raw="2026-02-04 19:25:00",
            byline=("Minh Khôi",),
            language="vi",
            outlet="bao.example",
        )
        == found.item
    )
    assert ("news-please", "2026-02-05 08:00:00") == (found.format, found.facts["date_download"])
    assert "date_modify" not in found.facts


def test_articles_of_fundus(tmp_path):
    """A list in one file gives each article its instant, standfirst and sections; so does one object per line."""
    plain = {key: value for key, value in FUNDUS.items() if key not in {"body", "html"}}
    (tmp_path / "a.json").write_text(json.dumps([FUNDUS, plain | {"plaintext": "Cầu dài 812 mét."}]))
    (tmp_path / "b.jsonl").write_text(json.dumps(FUNDUS))
    whole, bare, line = read_files([tmp_path])

    assert (
        ForeignArticle(
            url=url_of("1"),
            title="Cầu Mới thông xe",
            text="Cầu dài 812 mét.\n\nCầu có bốn làn xe.\n\nPhà",
            day=date(2026, 2, 4),
            published_at=datetime(2026, 2, 4, 12, 25, tzinfo=UTC),
            raw="2026-02-04 19:25:00+07:00",
            standfirst="Cầu dài 812 mét.",
            byline=("Minh Khôi",),
            tags=("cầu",),
        )
        == whole.item
        == line.item
    )
    assert ("fundus", "2026-02-05 08:00:00") == (whole.format, whole.facts["crawl_date"])
    assert ("", "Cầu dài 812 mét.", {}) == (bare.item.url, bare.item.text, bare.facts)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"title": "Cầu', "not JSON: Unterminated string"),
        ('{"a": 1}', "not an article of news-please or fundus"),
        ("5", "not an article of news-please or fundus"),
        (
            json.dumps(NEWS_PLEASE | {"date_publish": "None"}),
            "an article of news-please that cannot be read: it has no date_publish",
        ),
        (json.dumps(NEWS_PLEASE | {"title": None}), "an article of news-please that cannot be read: it has no title"),
        (json.dumps(NEWS_PLEASE | {"url": 5}), "url is 5; it should be a text"),
        (
            json.dumps(FUNDUS | {"publishing_date": "today"}),
            "an article of fundus that cannot be read: Invalid isoformat string",
        ),
        (json.dumps(FUNDUS | {"body": None}), "it has neither body nor plaintext"),
        (json.dumps(FUNDUS | {"body": {"sections": [5]}}), "it has neither body nor plaintext"),
    ],
)
def test_a_bad_article_of_another_tool_is_reported(tmp_path, content, said):
    """One line says what is missing, and nothing is imported."""
    (tmp_path / "a.json").write_text(content)
    (found,) = read_files([tmp_path])

    assert found.item is None
    assert said in found.problem


def parquet(folder: Path, **columns) -> Path:
    """A Parquet file of another program."""
    pq.write_table(pa.table(columns), folder / "a.parquet")
    return folder / "a.parquet"


def test_a_parquet_file_of_another_schema_is_reported(archive, tmp_path):
    """The column that is missing, or has another type, is named."""
    (found,) = read_files([parquet(tmp_path, title=["Cầu"])])
    assert "Parquet of another schema: it has no column 'id'" in found.problem
    (found,) = read_files([parquet(tmp_path, id=[5])])
    assert "'id' is int64; it should be string" in found.problem
    (tmp_path / "a.parquet").write_bytes(b"PAR1 is how it begins")
    (found,) = read_files([tmp_path / "a.parquet"])
    assert "not a readable Parquet file" in found.problem


def test_parquet_of_the_first_release_is_read(archive, tmp_path):
    """A table of the first release, with reader and rules in one column, reads back with both."""
    export_records("parquet", archive.reader.records(), tmp_path / "out")
    place = tmp_path / "out" / "articles" / "month=2026-02" / "part.parquet"
    table = pq.ParquetFile(place).read().drop_columns(["rules", "doubts"])
    read_by = pa.array(["1 trafilatura-2.3.1 rules-5f3a9c1b generic"] * 2, pa.string())
    pq.write_table(table.set_column(table.schema.get_field_index("reader"), "reader", read_by), place)

    assert [("1 trafilatura-2.3.1 rules-5f3a9c1b", "generic", ())] * 2 == [
        (found.item.reader, found.item.rules, found.item.doubts) for found in read_files([place])
    ]


def test_a_bad_row_is_reported(archive, tmp_path):
    """A bad row is reported and the others are imported."""
    export_records("parquet", archive.reader.records(), tmp_path / "out")
    place = tmp_path / "out" / "articles" / "month=2026-02" / "part.parquet"
    table = pq.ParquetFile(place).read()
    wrong = table.set_column(0, table.schema.field("id"), pa.array(["x", "0" * 16], pa.string()))
    pq.write_table(wrong, place)
    bad, good = read_files([place])

    assert "row 1" in bad.place
    assert "the id is 'x'; it should be 16 hex digits" in bad.problem
    assert "0" * 16 == good.item.id


def test_the_order_of_captures_is_that_of_time(archive):
    """Selected captures are exported in the order in which they were fetched."""
    kept = Captures(archive.path.parent / "captures")
    times = [kept.read(ref).fetched_at for ref in archive.reader.captures()]

    assert [START + timedelta(hours=hour) for hour in (1, 2, 3)] == times


@pytest.mark.parametrize("form", ["txt", "jsonl", "parquet", "warc"])
def test_a_disk_that_fills_up_during_an_export_is_reported(archive, tmp_path, form):
    """One line names the file that could not be written, and no part of it stays."""
    export = partial(export_records, form, archive.reader.records())
    if form == "warc":
        export = partial(export_captures, archive.reader.captures(), tmp_path / "captures")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(ArchiveFull, match="the disk is full; nothing was written there"):
            export(tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {} == files(tmp_path / "out")
