"""An archive added to a lake, again and again."""

from datetime import timedelta

import pyarrow.parquet
import pytest
from factories import LATER, NOW, OUTLET, make_capture, make_links, make_record, make_visit, store_captures
from lakefiles import rows

from archive.lake.additions import add_archive
from archive.lake.compaction import compact_lake
from archive.lake.layout import open_lake
from archive.lake.manifest import read_manifest
from archive.record import StoredCapture
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter


@pytest.fixture
def archive(tmp_path):
    """An archive with two articles, one of which has its capture kept."""
    (ref,) = store_captures(tmp_path / "captures", make_capture())
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as writer:
        writer.runs.begin_run("crawl", {}, NOW)
        writer.runs.declare([OUTLET])
        writer.ledger.discover("vntin", "", make_links("100", "101"), NOW)
        writer.save_record(make_record(), make_visit(), StoredCapture(ref, NOW))
        writer.save_document(make_record("101"), NOW)
        yield writer


def add(tmp_path, lake):
    """Add the archive to a lake; return how many articles were new."""
    with ArchiveReader.open(tmp_path / "a.db") as reader:
        return add_archive(lake, reader, tmp_path / "captures").articles


def test_only_what_is_new_is_added(archive, tmp_path):
    """The first time adds every article, the next one nothing, and an edit adds its article once more."""
    lake = open_lake(str(tmp_path / "lake"), create=True)
    first, second = add(tmp_path, lake), add(tmp_path, lake)
    archive.save_record(
        make_record(text="Bản sửa."), make_visit(answered_at=LATER, asked_at=LATER - timedelta(seconds=1))
    )

    assert (2, 0, 1) == (first, second, add(tmp_path, lake))
    compact_lake(lake)
    (file,) = read_manifest(lake).files
    kept = pyarrow.parquet.read_table(tmp_path / "lake" / file.path, partitioning=None).to_pylist()
    assert {"Bản sửa.", make_record("101").document.text} == {row["text"] for row in kept}


def test_a_row_says_where_its_capture_is_kept(archive, tmp_path):
    """File and offset of the capture, and when the version was first seen; no file where nothing was kept."""
    add(tmp_path, open_lake(str(tmp_path / "lake"), create=True))

    kept, imported = rows(tmp_path / "lake")
    assert (str(tmp_path / "captures" / "khobao-20260204-00000.warc"), NOW + timedelta(seconds=1)) == (
        kept["warc"],
        kept["fetched_at"],
    )
    assert kept["offset"] > 0
    assert ("", -1) == (imported["warc"], imported["offset"])
