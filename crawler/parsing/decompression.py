"""Undoing a content-encoding within bounds: what inflates beyond them is an error, never a truncation."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping

import brotli
import zstandard

from archive.errors import Failure, Reason

ACCEPTED = "gzip, deflate, br"  # zstd is read where it is sent, but few archive tools would read the capture
MAX_NESTED = 2
# A bomb of brotli or zstd asks for a window before it sends a byte; 8 MB is what RFC 9659 lets the web use.
_MAX_WINDOW = 8 * 1024 * 1024
_MEMBER = b"\x1f\x8b"
_MAX_MEMBERS = 100  # each one costs a copy of what follows it
_NONE = frozenset({"", "identity", "none", "utf-8"})  # the last two are no encodings, but are sent in their place


class _TooLargeError(Exception):
    """More comes out than may."""


class _TruncatedError(Exception):
    """The stream ends before its end."""


def inflate(payload: bytes, encodings: str, limit: int) -> bytes | Failure:
    """The content of a transferred body.

    Args:
        payload: The body as transferred.
        encodings: The `Content-Encoding` field: codings in the order in which they were applied (RFC 9110, 8.4).
        limit: Bytes that may come out, of each coding.

    Returns:
        The content, or why there is none: TOO_LARGE, TRUNCATED or BAD_ENCODING.
    """
    codings = [name for part in encodings.lower().split(",") if (name := part.strip()) not in _NONE]
    if len(codings) > MAX_NESTED:
        return Failure(Reason.BAD_ENCODING, f"{len(codings)} encodings on top of one another")
    content = payload
    for coding in reversed(codings):
        decode = _DECODERS.get(coding)
        if decode is None:
            return Failure(Reason.BAD_ENCODING, f"unknown encoding {coding[:40]!r}")
        try:
            content = decode(content, limit)
        except _TooLargeError:
            return Failure(Reason.TOO_LARGE, f"{len(payload)} bytes of {coding} inflate to more than {limit}")
        except _TruncatedError:
            return Failure(Reason.TRUNCATED, f"the {coding} stream ends early")
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            return Failure(Reason.BAD_ENCODING, f"not {coding}: {error}")
    return content


def _gzip(data: bytes, limit: int) -> bytes:
    """All members of a gzip stream (RFC 1952, 2.2); what follows the last one is ignored, as browsers do."""
    members: list[bytes] = []
    rest = data
    while not members or rest.startswith(_MEMBER):
        if len(members) == _MAX_MEMBERS:
            raise zlib.error(f"more than {_MAX_MEMBERS} members")
        member, rest = _inflated(rest, limit, zlib.MAX_WBITS | 16)
        members.append(member)
        limit -= len(member)
    return b"".join(members)


def _deflate(data: bytes, limit: int) -> bytes:
    """The zlib format, as it should be, or raw deflate, as some servers have it (RFC 9110, 8.4.1.2)."""
    try:
        return _inflated(data, limit, zlib.MAX_WBITS)[0]
    except zlib.error:
        return _inflated(data, limit, -zlib.MAX_WBITS)[0]


def _inflated(data: bytes, limit: int, window: int) -> tuple[bytes, bytes]:
    """What one zlib stream holds, and what follows it."""
    if not data:
        return b"", b""
    inflater = zlib.decompressobj(window)
    content = inflater.decompress(data, limit + 1)
    if len(content) > limit:
        raise _TooLargeError
    if not inflater.eof:
        raise _TruncatedError
    return content, inflater.unused_data


def _brotli(data: bytes, limit: int) -> bytes:
    inflater = brotli.Decompressor()
    content: bytes = inflater.process(data, output_buffer_limit=limit + 1)
    if len(content) > limit or not inflater.can_accept_more_data():
        raise _TooLargeError
    if data and not inflater.is_finished():
        raise _TruncatedError
    return content


def _zstd(data: bytes, limit: int) -> bytes:
    inflater = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    with inflater.stream_reader(io.BytesIO(data), read_across_frames=True) as reader:
        content = reader.read(limit + 1)
    if len(content) > limit:
        raise _TooLargeError
    frame = inflater.decompressobj()  # the reader takes a cut stream for a whole one, and this cannot be bounded
    frame.decompress(data)
    if data and not frame.eof:
        raise _TruncatedError
    return content


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
