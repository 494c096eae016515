"""Decoding content-encodings within bounds."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from crawler.parsing.decompression import Inflated, inflate

TEXT = "Nhật báo ".encode() * 200
MEGABYTE = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    """Compress with deflate, without the zlib format around it."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", ENCODERS)
@given(data=st.binary(max_size=3000))
def test_every_coding_is_undone(coding: str, data: bytes) -> None:
    """Decoding gives the original content, also for empty content."""
    assert data == inflate(ENCODERS[coding](data), coding, MEGABYTE).content
    assert b"" == inflate(b"", coding, MEGABYTE).content


@pytest.mark.parametrize("field", ["", "identity", " Identity ", "none", "utf-8", ","])
def test_no_coding_leaves_the_body(field: str) -> None:
    """A field without a coding leaves the body unchanged."""
    assert TEXT == inflate(TEXT, field, 10).content


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (raw_deflate(TEXT), "deflate"),
        (gzip.compress(TEXT[:90], mtime=0) + gzip.compress(TEXT[90:], mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0) + b"<!-- served in 3 ms -->", "gzip"),
        (brotli.compress(gzip.compress(TEXT, mtime=0)), "gzip, br"),
        (gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0), "GZIP ,gzip"),
    ],
    ids=["raw deflate", "two members", "a tail after gzip", "gzip in brotli", "gzip in gzip"],
)
def test_forms_of_real_servers_are_decoded(payload: bytes, field: str) -> None:
    """Forms that real servers send are decoded."""
    assert TEXT == inflate(payload, field, MEGABYTE).content


@pytest.mark.parametrize("coding", ENCODERS)
def test_bombs_are_refused(coding: str) -> None:
    """Content that inflates beyond the limit is an error; content of exactly the limit is not."""
    payload = ENCODERS[coding](bytes(20 * MEGABYTE))

    refused = inflate(payload, coding, MEGABYTE)

    assert isinstance(refused, Failure)
    assert Reason.TOO_LARGE == refused.reason
    assert TEXT == inflate(ENCODERS[coding](TEXT), coding, len(TEXT)).content
    assert isinstance(inflate(ENCODERS[coding](TEXT), coding, len(TEXT) - 1), Failure)


@pytest.mark.parametrize("coding", ENCODERS)
def test_a_stream_that_ends_early_is_truncated(coding: str) -> None:
    """A stream without its end is a failure, wherever it was truncated."""
    payload = ENCODERS[coding](TEXT)
    trailer = 8 if "gzip" in coding else 0

    cuts = (trailer + 1, trailer + 4, len(payload) // 2)
    reasons = {getattr(inflate(payload[:-cut], coding, MEGABYTE), "reason", None) for cut in cuts}

    assert {Reason.TRUNCATED} == reasons


@pytest.mark.parametrize("damage", [-8, -4, -1])
def test_a_gzip_stream_without_its_checksum_is_read(damage: int) -> None:
    """If only the trailer is missing or wrong, the content is complete, as in browsers, and a note says so."""
    payload = gzip.compress(TEXT, mtime=0)
    wrong = payload[:damage] + bytes(255 - byte for byte in payload[damage:])
    note = ("the checksum of a gzip stream is missing or wrong",)

    assert Inflated(TEXT, note) == inflate(payload[:damage], "gzip", MEGABYTE)
    assert Inflated(TEXT, note) == inflate(wrong, "gzip", MEGABYTE)


def test_a_gzip_header_may_have_every_field() -> None:
    """Extra data, a name, a comment and a header checksum are skipped (RFC 1952, 2.3.1)."""
    plain = gzip.compress(TEXT, mtime=0)
    fields = b"\x03\x00abc" + b"bao.html\x00" + b"a comment\x00" + b"\x00\x00"
    payload = plain[:3] + bytes([2 | 4 | 8 | 16]) + plain[4:10] + fields + plain[10:]

    assert TEXT == inflate(payload, "gzip", MEGABYTE).content


@pytest.mark.parametrize("field", ["binary", "8bit", "utf8", "aws-chunked", "compress", "iso-8859-1"])
def test_an_unknown_coding_of_plain_text_is_ignored(field: str) -> None:
    """An unknown Content-Encoding on plain text is ignored and noted; other content is refused."""
    note = (f"Content-Encoding {field!r} is not a coding; the body is plain",)

    assert Inflated(TEXT, note) == inflate(TEXT, field, MEGABYTE)
    assert Reason.BAD_ENCODING == inflate(b"\x1f\x9d\x90" + bytes(20), field, MEGABYTE).reason


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b"<html>not encoded at all</html>", "gzip"),
        (b"<html>not encoded at all</html>", "br"),
        (b"<html>not encoded at all</html>", "deflate"),
        (b"<html>not encoded at all</html>", "zstd"),
        (TEXT, "gzip, gzip, gzip"),
        (TEXT, ",".join(["br"] * 5000)),
        (gzip.compress(b"", mtime=0) * 5000, "gzip"),
    ],
)
def test_nonsense_is_a_bad_encoding(payload: bytes, field: str) -> None:
    """Bodies that do not match the field, unknown codings and nested codings are refused."""
    refused = inflate(payload, field, MEGABYTE)

    assert isinstance(refused, Failure)
    assert Reason.BAD_ENCODING == refused.reason


@given(payload=st.binary(max_size=500), field=st.sampled_from([*ENCODERS, "gzip,br"]))
def test_garbage_never_raises(payload: bytes, field: str) -> None:
    """Any body gives content or a failure."""
    assert isinstance(inflate(payload, field, 1000), Inflated | Failure)
