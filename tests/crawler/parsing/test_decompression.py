"""Content-encodings are undone, within bounds."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from crawler.parsing.decompression import inflate

TEXT = "Nhật báo ".encode() * 200
MEGABYTE = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    """Deflate without the zlib format around it."""
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
    """What was encoded comes out as it went in, and nothing at all stays nothing."""
    assert data == inflate(ENCODERS[coding](data), coding, MEGABYTE)
    assert b"" == inflate(b"", coding, MEGABYTE)


@pytest.mark.parametrize("field", ["", "identity", " Identity ", "none", "utf-8", ","])
def test_no_coding_leaves_the_body(field: str) -> None:
    """A field that names no coding leaves the body as it is."""
    assert TEXT == inflate(TEXT, field, 10)


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
def test_what_servers_do(payload: bytes, field: str) -> None:
    """Forms that servers really send are read."""
    assert TEXT == inflate(payload, field, MEGABYTE)


@pytest.mark.parametrize("coding", ENCODERS)
def test_bombs_are_refused(coding: str) -> None:
    """What inflates beyond the limit is an error, and what reaches it exactly is not."""
    payload = ENCODERS[coding](bytes(20 * MEGABYTE))

    refused = inflate(payload, coding, MEGABYTE)

    assert isinstance(refused, Failure)
    assert Reason.TOO_LARGE == refused.reason
    assert TEXT == inflate(ENCODERS[coding](TEXT), coding, len(TEXT))
    assert isinstance(inflate(ENCODERS[coding](TEXT), coding, len(TEXT) - 1), Failure)


@pytest.mark.parametrize("coding", ENCODERS)
def test_cut_streams_are_told(coding: str) -> None:
    """A stream that ends before its end is truncated, wherever it was cut."""
    payload = ENCODERS[coding](TEXT)

    reasons = {getattr(inflate(payload[:-cut], coding, MEGABYTE), "reason", None) for cut in (1, 4, len(payload) // 2)}

    assert {Reason.TRUNCATED} == reasons


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b"<html>not encoded at all</html>", "gzip"),
        (b"<html>not encoded at all</html>", "br"),
        (b"<html>not encoded at all</html>", "deflate"),
        (b"<html>not encoded at all</html>", "zstd"),
        (TEXT, "compress"),
        (TEXT, "gzip, gzip, gzip"),
        (TEXT, ",".join(["br"] * 5000)),
        (gzip.compress(b"", mtime=0) * 5000, "gzip"),
    ],
)
def test_nonsense_is_a_bad_encoding(payload: bytes, field: str) -> None:
    """Bodies that are not what the field says, unknown codings and towers of them are refused."""
    refused = inflate(payload, field, MEGABYTE)

    assert isinstance(refused, Failure)
    assert Reason.BAD_ENCODING == refused.reason


@given(payload=st.binary(max_size=500), field=st.sampled_from([*ENCODERS, "gzip,br"]))
def test_garbage_never_raises(payload: bytes, field: str) -> None:
    """Whatever is sent, the answer is content or a failure."""
    assert isinstance(inflate(payload, field, 1000), bytes | Failure)
