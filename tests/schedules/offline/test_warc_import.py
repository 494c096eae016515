"""`khobao backfill --warc`: importing the pages of WARC and ARC files, even damaged ones."""

import asyncio
import gzip
import json
import os
from datetime import UTC, datetime

import pytest
from oldpress import HOST
from warcfiles import PRESS, pages_of

from archive.errors import ArchiveError
from archive.exchange.warcs import read_pages
from archive.store.writer import ArchiveWriter
from crawler.workers.pool import WorkerPool
from schedules.offline.page_filter import ANY_PAGE
from schedules.offline.warc_pages import PageChoice, store_in_worker

DECLARED = f"""
name = "Báo Cũ"
home = "{HOST}"
article = '-(?P<key>\\d{{7}})\\.html$'
timezone = "Asia/Ho_Chi_Minh"
[reading]
title = "h1"
body = "article"
"""


def numbers(path, **facts) -> list[int]:
    """Return the numbers of the articles whose pages are read from a file."""
    return [int(page.url[-12:-5]) for page in read_pages(path, **facts)]


@pytest.mark.parametrize("packed", [True, False])
def test_a_damaged_record_is_skipped(tmp_path, packed):
    """Damaged bytes are reported and later records are read; without a reporter the file ends there."""
    records = pages_of(5, packed=packed)
    records[2] = records[2][:20] + bytes(len(records[2]) - 20)
    file = tmp_path / "torn.warc"
    file.write_bytes(b"".join(records))
    told = []

    assert {0, 1, 3, 4} == set(numbers(file, told=told.append))
    assert "a record cannot be read and is skipped" in told[0]
    with pytest.raises(ArchiveError):
        numbers(file)


def test_a_truncated_file_gives_its_whole_records(tmp_path):
    """The records before the end of a truncated file are read, and the damage is reported."""
    file = tmp_path / "cut.warc.gz"
    file.write_bytes(b"".join(pages_of(3))[:-100])
    told = []

    assert [0, 1] == numbers(file, told=told.append)[:2]


def test_files_compressed_as_one_are_read(tmp_path):
    """A file whose records, or some of them, are compressed as one stream is read to its end."""
    records = pages_of(5, packed=False)
    file = tmp_path / "one.warc.gz"
    file.write_bytes(gzip.compress(b"".join(records)))
    mixed = tmp_path / "mixed.warc.gz"
    mixed.write_bytes(gzip.compress(records[0]) + gzip.compress(b"".join(records[1:])))

    assert {0, 1, 2, 3, 4} == set(numbers(file, told=[].append))
    assert {0, 1, 2, 3, 4} == set(numbers(mixed, told=[].append))


def test_arc_files_are_read(tmp_path):
    """The pages of an ARC file, the format before WARC, are read."""
    body = PRESS.article(7).split(b"\r\n\r\n", 1)[1]
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    version = b"1 0 Test\nURL IP-address Archive-date Content-type Archive-length\n"
    head = f"filedesc://a.arc 0.0.0.0 20240205000000 text/plain {len(version)}\n".encode() + version + b"\n"
    entry = f"{PRESS.url(7)} 1.2.3.4 20240205000000 text/html {len(answer)}\n".encode()
    file = tmp_path / "old.arc"
    file.write_bytes(head + entry + answer + b"\n")

    assert [7] == numbers(file)


def test_pages_are_imported_by_outlet_and_date(khobao, tmp_path):
    """Only pages of the outlet and the dates are archived, each once; a missing file is an error."""
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "cu.toml").write_text(DECLARED)
    (tmp_path / "khobao.toml").write_text('[archive]\npath = "archive.db"\n[outlets]\nfolder = "outlets"\n')
    (tmp_path / "pages.warc.gz").write_bytes(b"".join(pages_of(9)))
    ArchiveWriter.create_or_open(tmp_path / "archive.db").close()
    command = ("backfill", "--json", "--warc", "pages.warc.gz", "--since", "2024-01-02", "--until", "2024-01-02", "cu")
    first, again = khobao(*command), khobao(*command)
    missing = khobao("backfill", "--warc", "nowhere.warc", "cu")

    assert {"new": 3, "revised": 0, "known": 0, "no article: out_of_range": 6} == json.loads(first.out), first.err
    assert 0 == json.loads(again.out)["new"]
    assert (2, True) == (missing.code, "nowhere.warc" in missing.err)
    assert 1 == khobao("backfill", "--warc", "http://127.0.0.1:9/a.warc", "cu").code


def test_pages_are_filtered_before_they_are_decompressed(tmp_path):
    """A page is filtered by its address and time of fetching, before it is decompressed."""
    file = tmp_path / "pages.warc.gz"
    file.write_bytes(b"".join(pages_of(2)))
    offered = []

    assert [] == numbers(file, wants=lambda url, at: offered.append((url, at)))
    assert [(PRESS.url(n), datetime(2024, 2, 5, tzinfo=UTC)) for n in (0, 1)] == offered


def store(file, folder):
    """Store the pages of a file in a worker process."""
    choice = PageChoice({}, ANY_PAGE, skips_damage=True)
    return asyncio.run(store_in_worker(WorkerPool(1), file, folder, choice))


def test_files_are_read_in_a_worker_process(tmp_path, monkeypatch):
    """No byte of a stranger's file is parsed in the main process, and damage is reported from the worker."""
    records = pages_of(3)
    records[1] = records[1][:20] + bytes(len(records[1]) - 20)
    file = tmp_path / "pages.warc.gz"
    file.write_bytes(b"".join(records))
    monkeypatch.delattr("archive.exchange.bounded_warc.BoundedRecords.__init__")
    monkeypatch.delattr("archive.exchange.bounded_warc.ArchiveIterator.__init__")

    stored = store(file, tmp_path / "captures")

    assert [PRESS.url(0), PRESS.url(2)] == [page.link.url for page in stored.pages]
    assert ("", True) == (stored.problem, "a record cannot be read" in stored.damaged[0])


def test_a_file_that_never_ends_is_reported(tmp_path, monkeypatch):
    """Reading ends at the time limit of the worker, and the reason is told; a pipe without a writer never ends."""
    file = tmp_path / "endless.warc"
    os.mkfifo(file)
    monkeypatch.setattr("schedules.offline.warc_pages._LEAST_SECONDS", 0.5)

    stored = store(file, tmp_path / "captures")

    assert [] == stored.pages
    assert f"{file}: nothing is imported from this file: hung: not read after 0.5 s" == stored.problem
