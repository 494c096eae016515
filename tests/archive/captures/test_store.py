"""Captures are stored unchanged, in files that no crash damages."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from factories import FIRST, NOW, PAGE, SITE, make_capture, record_types, store_captures
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.captures.store import Captures
from archive.captures.warc import iterate_records
from archive.errors import ArchiveError


def names(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_stored_capture_reads_back(folder: Path) -> None:
    """Address, time, status, header fields and payload read back unchanged."""
    capture = make_capture()
    (ref,) = store_captures(folder, capture)

    assert replace(capture, request_headers=()) == Captures(folder).read(ref)


@settings(deadline=None, max_examples=60)
@given(
    payload=st.binary(max_size=400) | st.sampled_from([b"\r\n\r\nWARC/1.1\r\n", b"\r\n\r\n", b"\x00" * 9000]),
    status=st.integers(100, 599),
    headers=st.lists(
        st.tuples(
            st.from_regex(r"X-[A-Za-z0-9]{1,10}", fullmatch=True),
            st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30),
        ),
        max_size=5,
    ),
)
def test_any_exchange_reads_back(
    tmp_path_factory: pytest.TempPathFactory, payload: bytes, status: int, headers: list[tuple[str, str]]
) -> None:
    """Any payload, status and header fields read back, and the file stays whole."""
    folder = tmp_path_factory.mktemp("captures")
    capture = make_capture(payload, status=status, headers=tuple(headers), request_headers=())
    first, second = store_captures(folder, capture, capture)
    kept = Captures(folder)

    assert capture == kept.read(first)
    assert capture == kept.read(second)
    assert ["warcinfo", "response", "request"] == record_types(folder / FIRST)[:3]
    assert 5 == len(record_types(folder / FIRST))


def test_a_header_field_in_another_script_is_kept(folder: Path) -> None:
    """A header field may contain any characters, and line breaks."""
    capture = make_capture(headers=(("X-Title", "Vệt  trắng\n trên trời"),))
    (ref,) = store_captures(folder, capture)
    ((name, value),) = Captures(folder).read(ref).headers

    assert ("X-Title", "Vệt trắng trên trời") == (name, unquote(value))


def test_the_payload_is_as_it_was_transferred(folder: Path) -> None:
    """A compressed response stays compressed; header fields that are no longer true are renamed."""
    payload = gzip.compress(b"<p>xin</p>")
    headers = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Length", "9"))
    (ref,) = store_captures(folder, make_capture(payload, headers=headers))
    kept = Captures(folder).read(ref)

    assert payload == kept.payload
    assert (
        ("Content-Encoding", "gzip"),
        ("X-Archive-Orig-Transfer-Encoding", "chunked"),
        ("X-Archive-Orig-Content-Length", "9"),
    ) == kept.headers


@pytest.mark.parametrize(
    ("url", "target"), [(PAGE, "/vet-trang-100.html"), (SITE, "/"), (f"{SITE}?p=1", "/?p=1"), (f"{SITE}/a?b#c", "/a?b")]
)
def test_the_request_is_kept_beside_the_answer(folder: Path, url: str, target: str) -> None:
    """The request record has the sent header fields, and refers to its response."""
    store_captures(folder, make_capture(url=url))
    _, answer, request = iterate_records(folder / FIRST)
    content = (folder / FIRST).read_bytes()[request.offset : request.offset + request.length]

    assert f"GET {target} HTTP/1.1\r\nHost: vntin.example\r\nUser-Agent: khobao\r\n\r\n".encode() in content
    assert answer.fields["warc-record-id"] == request.fields["warc-concurrent-to"]


def test_the_same_payload_is_stored_once(folder: Path) -> None:
    """A payload that is stored already becomes a revisit of the first copy; its row has the same digest."""
    again = make_capture(url=f"{SITE}/khac.html", fetched_at=NOW + timedelta(hours=1))
    first, second = store_captures(folder, make_capture(), again)
    revisit = next(place for place in iterate_records(folder / FIRST) if place.offset == second.offset)

    assert first.digest == second.digest
    assert "revisit" == revisit.fields["warc-type"]
    assert (PAGE, FIRST, str(first.offset)) == (
        revisit.fields["warc-refers-to-target-uri"],
        revisit.fields["warc-refers-to-filename"],
        revisit.fields["warc-refers-to-file-offset"],
    )
    assert replace(again, request_headers=()) == Captures(folder).read(second)


def test_a_restart_stores_no_payload_twice(folder: Path) -> None:
    """After a restart, the payloads of the last file are known and are not stored again."""
    (first,) = store_captures(folder, make_capture())
    store_captures(folder, make_capture())
    tomorrow = make_capture(fetched_at=NOW + timedelta(days=1))
    kept = Captures(folder)
    kept.append(make_capture(b"other"))
    last = kept.append(tomorrow)
    kept.close()

    assert "khobao-20260205-00000.warc" == last.file
    assert "revisit" == record_types(folder / last.file)[1]
    assert make_capture().payload == Captures(folder).read(last).payload
    assert str(first.offset) == list(iterate_records(folder / last.file))[1].fields["warc-refers-to-file-offset"]


def test_an_empty_payload_is_no_revisit(folder: Path) -> None:
    """A response without a body does not become a revisit."""
    empty = make_capture(b"", headers=(), request_headers=())
    refs = store_captures(folder, empty, empty)

    assert ["warcinfo", "response", "request", "response", "request"] == record_types(folder / FIRST)
    assert [empty, empty] == [Captures(folder).read(ref) for ref in refs]


def test_only_so_many_payloads_are_remembered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded: the oldest payloads are forgotten, and stored again if they recur."""
    monkeypatch.setattr("archive.captures.store._REMEMBERED", 2)
    store_captures(folder, *(make_capture(body) for body in (b"a", b"b", b"c", b"a")))

    assert 4 == record_types(folder / FIRST).count("response")


def test_files_rotate_by_day_and_size(folder: Path) -> None:
    """A new day begins a new file, and so does a full file; a restart continues the last one."""
    tomorrow = NOW + timedelta(days=1)
    store_captures(folder, make_capture(b"1" * 5000), make_capture(b"2"), largest=4000)
    store_captures(folder, make_capture(b"3"), make_capture(b"4", fetched_at=tomorrow), largest=4000)

    assert [FIRST, "khobao-20260204-00001.warc", "khobao-20260205-00000.warc"] == names(folder)
    assert [1, 2, 1] == [record_types(folder / name).count("response") for name in names(folder)]
    assert ["warcinfo"] * 3 == [record_types(folder / name)[0] for name in names(folder)]


def test_files_are_written_in_the_order_of_their_names(folder: Path) -> None:
    """A response from before midnight, or from before the clock went back, goes into the file of the last day."""
    store_captures(folder, make_capture(b"1", fetched_at=NOW + timedelta(days=1)), make_capture(b"2"))
    store_captures(folder, make_capture(b"3"))

    assert ["khobao-20260205-00000.warc"] == names(folder)


def test_nothing_is_written_before_the_first_append(folder: Path) -> None:
    """Without captures no file is written, and `close` may be called twice."""
    kept = Captures(folder)
    kept.sync()
    kept.close()
    kept.close()

    assert not folder.exists()


def test_a_very_long_address_is_kept(folder: Path) -> None:
    """A record's header may be long; the record after it is still found."""
    long = make_capture(url=f"{SITE}/{'a' * 50_000}")
    first, second = store_captures(folder, long, make_capture(b"b"))

    assert long.url == Captures(folder).read(first).url
    assert b"b" == Captures(folder).read(second).payload


def test_other_tools_read_the_files(folder: Path) -> None:
    """`warcio check` and fastwarc read every record whole, with correct digests."""
    headers = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("X-Title", "Vệt"))
    compressed = make_capture(gzip.compress(b"<p>xin</p>"), headers=headers)
    store_captures(folder, make_capture(), compressed, make_capture(), make_capture(b"", headers=(), status=799))
    file = folder / FIRST
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", str(file)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    blocks = ArchiveIterator(io.BytesIO(file.read_bytes()), parse_http=False)
    answers = ArchiveIterator(io.BytesIO(file.read_bytes()), record_types=WarcRecordType.response)

    assert (0, "") == (checked.returncode, checked.stderr)
    assert (8, 1) == (checked.stdout.count("digest pass"), checked.stdout.count("not checked (revisit)"))
    assert [(kind, True) for kind in record_types(file)] == [
        (record.headers["WARC-Type"], record.verify_block_digest()) for record in blocks
    ]
    assert [True] * 3 == [record.verify_payload_digest() for record in answers]


def test_a_missing_capture_cannot_be_read(folder: Path) -> None:
    """A row that points to nothing, to another record or to another payload is reported with its place."""
    (ref,) = store_captures(folder, make_capture())
    request = ref.offset + ref.length
    kept = Captures(folder)

    for wrong, told in [
        (replace(ref, file="khobao-1.warc"), "no capture can be read there: .*No such file"),
        (replace(ref, offset=7), "no capture can be read there: no record begins there"),
        (replace(ref, offset=request), f"offset {request}: .*: it is a request, not a response"),
        (replace(ref, digest="sha1:A"), "the payload differs from its recorded digest"),
    ]:
        with pytest.raises(ArchiveError, match=told):
            kept.read(wrong)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"HTTP/1.1 200 OK", b"HTTP/1.1 2oo OK"), (b"WARC-Type: response", b"WARC-Typ_: response")],
)
def test_a_record_that_cannot_be_parsed(folder: Path, old: bytes, new: bytes) -> None:
    """Damage inside a record is reported."""
    (ref,) = store_captures(folder, make_capture())
    file = folder / FIRST
    file.write_bytes(file.read_bytes().replace(old, new, 1))

    with pytest.raises(ArchiveError, match="no capture can be read there"):
        Captures(folder).read(ref)


def test_a_record_without_its_http_head(folder: Path) -> None:
    """A response without an HTTP head is reported."""
    (ref,) = store_captures(folder, make_capture())
    file = folder / FIRST
    record = file.read_bytes()[ref.offset : ref.offset + ref.length]
    head, _, rest = record.partition(b"\r\n\r\n")
    blank = head + b"\r\n\r\n" + b"\0" * (len(rest) - 4) + b"\r\n\r\n"
    file.write_bytes(file.read_bytes().replace(record, blank))

    with pytest.raises(ArchiveError, match="no capture can be read there"):
        Captures(folder).read(ref)


def test_a_revisit_outlives_nothing(folder: Path) -> None:
    """A revisit whose original was deleted cannot be read, and the error says what is missing."""
    first, _ = store_captures(folder, make_capture(), make_capture(b"b"))
    kept = Captures(folder)
    kept.append(make_capture(b"c"))
    second = kept.append(make_capture(fetched_at=NOW + timedelta(days=1)))
    kept.close()
    (folder / first.file).unlink()

    with pytest.raises(ArchiveError, match=f"no capture can be read there: .*No such file.*{first.file}"):
        Captures(folder).read(second)
