"""WARC files of strangers: the size of headers and records is bounded, and valid records are read."""

import gzip
import time
import tracemalloc

import pytest

from archive.errors import ArchiveError
from archive.exchange.warcs import read_pages

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Xin ch\xc3\xa0o</p>"


def record(payload: bytes = PAGE, length: bytes | None = None, more: bytes = b"") -> bytes:
    """Build a response record of a page."""
    told = length or str(len(payload)).encode()
    head = (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://bao.example/tin-100.html\r\n"
        b"WARC-Date: 2026-02-04T12:25:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        b"Content-Type: application/http; msgtype=response\r\n"
    )
    return head + more + b"Content-Length: " + told + b"\r\n\r\n" + payload + b"\r\n\r\n"


BOMB = b"X-Long: " + b"a" * (24 << 20) + b"\r\n"
LINES = b"X: y\r\n" * (3 << 20)


@pytest.mark.parametrize(
    "hostile", [BOMB, LINES, LINES.replace(b"X: y", b"\ty")], ids=["one line", "lines", "one field"]
)
@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["packed", "plain"])
def test_a_header_without_end_costs_only_its_record(tmp_path, hostile, pack):
    """A header that takes or inflates to many megabytes is refused in little memory, and the next page is read."""
    path = tmp_path / "a.warc"
    path.write_bytes(pack(record(more=hostile)) + pack(record()))
    told = []
    tracemalloc.start()
    try:
        pages = list(read_pages(path, told=told.append))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert ["https://bao.example/tin-100.html"] == [page.url for page in pages]
    assert "a header of more than 262144 bytes" in told[0]
    assert most < 16 << 20


@pytest.mark.parametrize("length", [b"9" * 5000, b"-1", b"x", b"9" * 15])
def test_an_invalid_length_costs_only_its_record(tmp_path, length):
    """With any text as the length of a record, the file is read or reported, and nothing is raised."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(record(length=length)) + gzip.compress(record()))

    pages = list(read_pages(path, told=[].append))

    assert b"<p>Xin ch\xc3\xa0o</p>" == pages[-1].payload.strip()


def test_a_file_of_truncated_records_ends(tmp_path):
    """Megabytes of truncated records end the reading after a thousand places."""
    path = tmp_path / "a.warc"
    path.write_bytes(b"WARC/1." * (3_000_000 // 7))
    began, told = time.process_time(), []

    with pytest.raises(ArchiveError, match="damaged throughout"):
        list(read_pages(path, told=told.append))
    assert time.process_time() - began < 30
    assert len(told) <= 1000
