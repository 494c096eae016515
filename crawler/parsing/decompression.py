"""Decode a content-encoding within bounds, as leniently as browsers do.

Content beyond its bounds is a failure, never truncated. A gzip body with complete data is accepted if its checksum is
missing or wrong. An unknown coding is ignored if the body is plain text. Both are noted.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

import brotli
import zstandard

from archive.errors import Failure, Reason

ACCEPTED = "gzip, deflate, br"  # zstd is decoded if a server sends it, but few archive tools could read the capture
MAX_NESTED = 2
# A brotli or zstd bomb requests a window before it sends a byte; RFC 9659 allows the web 8 MB.
_MAX_WINDOW = 8 * 1024 * 1024
_MEMBER = b"\x1f\x8b"
_MAX_MEMBERS = 100  # each one costs a copy of the data after it
_NONE = frozenset({"", "identity", "none", "utf-8"})  # the last two are not encodings, but servers send them
_LOOKED_AT = 1024  # bytes at the start that distinguish text from other content
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# The flags of a gzip header (RFC 1952, 2.3.1), and the length that each adds to its ten bytes.
_HEADER = 10
_TRAILER = 8  # the CRC-32 and the length of the content
_CHECKED, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16


class Inflated(NamedTuple):
    """The decoded content of a body.

    Attributes:
        content: The content, with every coding decoded.
        notes: Harmless errors, one line each.
    """

    content: bytes
    notes: tuple[str, ...] = ()


class _TooLargeError(Exception):
    """The content is larger than the limit."""


class _TruncatedError(Exception):
    """The compressed stream is truncated."""


def inflate(payload: bytes, encodings: str, limit: int) -> Inflated | Failure:
    """Decode the content-encoding of a body.

    Args:
        payload: The body as transferred.
        encodings: The `Content-Encoding` field: codings in the order in which they were applied (RFC 9110, 8.4).
        limit: The largest result of each coding, in bytes.

    Returns:
        The content, or why there is none: TOO_LARGE, TRUNCATED or BAD_ENCODING.
    """
    codings = [name for part in encodings.lower().split(",") if (name := part.strip()) not in _NONE]
    if len(codings) > MAX_NESTED:
        return Failure(Reason.BAD_ENCODING, f"{len(codings)} nested encodings")
    content, notes = payload, tuple[str, ...]()
    for coding in reversed(codings):
        decoded = _decode(content, coding, limit)
        if isinstance(decoded, Failure):
            return decoded
        content, notes = decoded.content, (*notes, *decoded.notes)
    return Inflated(content, notes)


def _decode(content: bytes, coding: str, limit: int) -> Inflated | Failure:
    decoder = _DECODERS.get(coding)
    if decoder is None:
        if not is_plain(content):
            return Failure(Reason.BAD_ENCODING, f"unknown encoding {coding[:40]!r}")
        return Inflated(content, (f"Content-Encoding {coding[:40]!r} is not a coding; the body is plain",))
    try:
        return decoder(content, limit)
    except _TooLargeError:
        return Failure(Reason.TOO_LARGE, f"{len(content)} bytes of {coding} inflate to more than {limit}")
    except _TruncatedError:
        return Failure(Reason.TRUNCATED, f"the {coding} stream ends early")
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        return Failure(Reason.BAD_ENCODING, f"not {coding}: {error}")


def is_plain(content: bytes) -> bool:
    """Return whether a body looks like text in some charset, not like compressed data."""
    return not _NOT_TEXT.search(content[:_LOOKED_AT])


def _gzip(data: bytes, limit: int) -> Inflated:
    """Inflate all members of a gzip stream (RFC 1952, 2.2); ignore bytes after the last member."""
    members: list[bytes] = []
    rest, is_sound = data, True
    while rest and (not members or rest.startswith(_MEMBER)):
        if len(members) == _MAX_MEMBERS:
            raise zlib.error(f"more than {_MAX_MEMBERS} members")
        member, rest = _inflate_stream(rest[_data_start(rest) :], limit, -zlib.MAX_WBITS)
        trailer, rest = rest[:_TRAILER], rest[_TRAILER:]
        is_sound &= trailer == struct.pack("<II", zlib.crc32(member), len(member) & 0xFFFFFFFF)
        members.append(member)
        limit -= len(member)
    return Inflated(b"".join(members), () if is_sound else ("the checksum of a gzip stream is missing or wrong",))


def _data_start(data: bytes) -> int:
    """Return the offset of a gzip member's data (RFC 1952, 2.3)."""
    if not data.startswith(_MEMBER + b"\x08"):
        raise zlib.error("incorrect header check")
    if len(data) < _HEADER:
        raise _TruncatedError
    flags, place = data[3], _HEADER
    if flags & _EXTRA:
        place += 2 + int.from_bytes(data[place : place + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            place = data.find(b"\x00", place) + 1 or len(data)
    return place + (2 if flags & _CHECKED else 0)


def _deflate(data: bytes, limit: int) -> Inflated:
    """Inflate zlib, as RFC 9110 (8.4.1.2) requires, or raw deflate, as some servers send."""
    try:
        return Inflated(_inflate_stream(data, limit, zlib.MAX_WBITS)[0])
    except zlib.error:
        return Inflated(_inflate_stream(data, limit, -zlib.MAX_WBITS)[0])


def _inflate_stream(data: bytes, limit: int, window: int) -> tuple[bytes, bytes]:
    """Inflate one zlib stream; return its content and the bytes after it."""
    if not data:
        return b"", b""
    inflater = zlib.decompressobj(window)
    content = inflater.decompress(data, limit + 1)
    if len(content) > limit:
        raise _TooLargeError
    if not inflater.eof:
        raise _TruncatedError
    return content, inflater.unused_data


def _brotli(data: bytes, limit: int) -> Inflated:
    inflater = brotli.Decompressor()
    content: bytes = inflater.process(data, output_buffer_limit=limit + 1)
    if len(content) > limit or not inflater.can_accept_more_data():
        raise _TooLargeError
    if data and not inflater.is_finished():
        raise _TruncatedError
    return Inflated(content)


def _zstd(data: bytes, limit: int) -> Inflated:
    inflater = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    with inflater.stream_reader(io.BytesIO(data), read_across_frames=True) as reader:
        content = reader.read(limit + 1)
    if len(content) > limit:
        raise _TooLargeError
    frame = (
        inflater.decompressobj()
    )  # the reader takes a truncated stream for a complete one, and this object cannot be bounded
    frame.decompress(data)
    if data and not frame.eof:
        raise _TruncatedError
    return Inflated(content)


_DECODERS: Mapping[str, Callable[[bytes, int], Inflated]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
