"""Pages located in WARC and ARC files, and loaded by their offset."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from warcfiles import PRESS, pages_of

from archive.errors import ArchiveError, Failure, Reason
from archive.exchange import warc_locations
from archive.exchange.warc_locations import load_page, locate_pages, next_location, unpack_file
from archive.exchange.warcs import read_pages
from archive.record import Capture


def locate_all(path, most, *loads):
    """Locate every page of a file, in slices of some records."""
    pages, start = [], 0
    while start >= 0:
        found = locate_pages(path, start, most, *loads)
        assert found.next_start > start or found.next_start == -1
        pages += found.pages
        start = found.next_start
    return pages


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("most", [1, 2, 100])
def test_slices_of_any_size_find_the_same_pages(tmp_path, packed, most):
    """Slice by slice, every page is located once, and loading it gives what reading the file in one go gives."""
    file = tmp_path / "a.warc"
    file.write_bytes(b"".join(pages_of(5, packed=packed)))

    pages = locate_all(file, most)

    assert [PRESS.url(n) for n in range(5)] == [page.url for page in pages]
    assert list(read_pages(file)) == [load_page(file, page.offset) for page in pages]
    assert not any(page.capture for page in pages)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("most", [1, 2, 100])
def test_wanted_pages_are_loaded_while_they_are_located(tmp_path, packed, most):
    """A page that is wanted is what loading it by its offset gives, whether other records are damaged or torn."""
    whole, file = pages_of(6, packed=packed), tmp_path / "a.warc"
    for cut in range(20, len(whole[2]), 60):
        damaged = whole[2][:cut] + bytes(len(whole[2]) - cut)
        file.write_bytes(b"".join([*whole[:2], damaged, *whole[3:]])[:-40])

        plain = locate_all(file, most)
        loaded = locate_all(file, most, lambda url, _: url != PRESS.url(1))

        assert plain == [replace(page, capture=None) for page in loaded]
        wanted = [page for page in loaded if not page.damage and page.url != PRESS.url(1)]
        assert [load_page(file, page.offset) for page in wanted] == [page.capture for page in loaded if page.capture]
        assert {PRESS.url(0), PRESS.url(4)} <= {page.url for page in wanted}, cut


def test_the_pages_of_an_arc_file_are_located(tmp_path):
    """The pages of an ARC file, the format before WARC, are located and loaded."""
    body = PRESS.article(7).split(b"\r\n\r\n", 1)[1]
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    version = b"1 0 Test\nURL IP-address Archive-date Content-type Archive-length\n"
    head = f"filedesc://a.arc 0.0.0.0 20240205000000 text/plain {len(version)}\n".encode() + version + b"\n"
    entry = f"{PRESS.url(7)} 1.2.3.4 20240205000000 text/html {len(answer)}\n".encode()
    file = tmp_path / "old.arc"
    file.write_bytes(head + (entry + answer + b"\n") * 2)

    pages = locate_all(file, 1)

    assert [PRESS.url(7)] * 2 == [page.url for page in pages]
    loaded = load_page(file, pages[1].offset)
    assert isinstance(loaded, Capture)
    assert (body, datetime(2024, 2, 5, tzinfo=UTC)) == (loaded.payload, loaded.fetched_at)


def test_a_file_compressed_as_one_is_recognised_and_unpacked(tmp_path):
    """Where no offset leads to a record, the file says so; its unpacked form has offsets."""
    file, plain = tmp_path / "one.warc.gz", tmp_path / "plain.warc"
    file.write_bytes(gzip.compress(b"".join(pages_of(3, packed=False))))

    assert locate_pages(file, 0, 100).is_packed
    assert unpack_file(file, plain) is None
    assert 3 == len(locate_all(plain, 2))
    assert Reason.TOO_LARGE is unpack_file(file, plain, most=100).reason


def test_a_damaged_record_is_a_location_with_its_failure(tmp_path):
    """A record that cannot be read is located with its reason, and the next one behind it is found."""
    records = pages_of(3)
    records[1] = records[1][:20] + bytes(len(records[1]) - 20)
    file = tmp_path / "a.warc.gz"
    file.write_bytes(b"".join(records))

    first, damaged, last = locate_all(file, 1)

    assert (PRESS.url(0), PRESS.url(2)) == (first.url, last.url)
    assert Reason.MALFORMED is damaged.damage.reason
    assert len(records[0]) == damaged.offset
    assert isinstance(load_page(file, damaged.offset), Failure)
    assert last.offset == next_location(file, damaged.offset)


@pytest.mark.parametrize(("field", "reason"), [(b"WARC-Target-URI", "no address"), (b"Content-Length", "no length")])
def test_a_record_without_an_address_or_a_length_is_damaged(tmp_path, field, reason):
    """A record whose header lacks a field that every page needs is damaged, and the next one behind it is found."""
    records = pages_of(3, packed=False)
    records[1] = records[1].replace(field + b": ", b"Other-Name: ", 1)
    file = tmp_path / "a.warc.gz"
    file.write_bytes(b"".join(map(gzip.compress, records)))

    first, damaged, last = locate_all(file, 2)

    assert (PRESS.url(0), PRESS.url(2)) == (first.url, last.url)
    assert reason in damaged.damage.detail


@pytest.mark.parametrize("packed", [True, False])
def test_a_record_in_which_the_file_breaks_off_is_damaged(tmp_path, packed):
    """The last record of a truncated file is not taken for a page."""
    file = tmp_path / "a.warc"
    file.write_bytes(b"".join(pages_of(3, packed=packed))[:-100])

    pages = locate_all(file, 100)

    assert [None, None, Reason.TRUNCATED] == [page.damage and page.damage.reason for page in pages]


def test_a_file_that_is_damaged_throughout_is_given_up(tmp_path, monkeypatch):
    """After too many damaged places in a row, the rest of the file is not looked at."""
    monkeypatch.setattr(warc_locations, "MOST_DAMAGED", 5)
    file = tmp_path / "a.warc"
    file.write_bytes(b"WARC/1." * 1000)

    with pytest.raises(ArchiveError, match="damaged throughout"):
        locate_pages(file, 0, 100)
