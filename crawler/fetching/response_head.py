"""Repair the head of an HTTP/1 response as browsers do, because h11 refuses small errors.

h11 is strict because proxies that disagree about the end of a message allow request smuggling (RFC 9112, 11.2). We are
the last reader of every message and send one request at a time, so nothing can follow it. Even so, a connection whose
head was repaired is not reused. What browsers refuse stays refused: two different lengths, a NUL.
"""

from __future__ import annotations

import re

_STATUS = re.compile(rb"HTTP/(?:1\.[01]|2(?:\.0)?|1)[ \t]+([1-9]\d\d)(?:[ \t]*([^\r\n]*))?", re.IGNORECASE)
_EXACT_STATUS = re.compile(rb"HTTP/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, 5.6.2)
_SOUND = re.compile(
    rb"HTTP/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\x0b\x0c]*\r\n)*\r\n"
)
_UNSEEN = re.compile(rb"[\r\x0b\x0c]")
# A transfer coding other than `chunked`, or one of two codings.
_ODD_FRAMING = re.compile(
    rb"\ntransfer-encoding:(?![ \t]*chunked[ \t]*\r\n)|\ntransfer-encoding:.*\ntransfer-encoding:",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_NOTE = 60


def repair_head(head: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Rewrite the head of a response so that h11 accepts it.

    Args:
        head: The status line, the header lines and the empty line after them, as received.

    Returns:
        The head, unchanged if it is valid, and what was repaired, one line each.
    """
    if _SOUND.fullmatch(head) and not _ODD_FRAMING.search(head):
        return head, ()
    first, *lines = re.split(rb"\r?\n", head.rstrip(b"\r\n"))
    notes: list[str] = []
    status = _status_line(first, notes)
    fields = _state_framing_once(_fields(lines, notes), notes)
    if not notes:
        return head, ()
    fields = [(name, value) for name, value in fields if name.lower() not in {b"connection", b"keep-alive"}]
    fields.append((b"Connection", b"close"))
    return b"\r\n".join([status, *(name + b": " + value for name, value in fields), b"", b""]), tuple(notes)


def _status_line(line: bytes, notes: list[str]) -> bytes:
    found = _STATUS.fullmatch(line)
    if found is None or _EXACT_STATUS.fullmatch(line):
        return line
    notes.append(f"a status line was repaired: {_show_line(line)}")
    version = b"HTTP/1.0" if line[:8].upper() == b"HTTP/1.0" else b"HTTP/1.1"
    return version + b" " + found[1] + b" " + re.sub(rb"[^\t\x20-\x7e\x80-\xff]", b"", found[2] or b"")


def _fields(lines: list[bytes], notes: list[str]) -> list[tuple[bytes, bytes]]:
    """Split header lines into names and values; skip invalid names, as browsers do."""
    fields: list[tuple[bytes, bytes]] = []
    for raw in lines:
        line = _UNSEEN.sub(b" ", raw)
        if line != raw:
            notes.append(f"a header line held control characters: {_show_line(raw)}")
        if fields and line[:1] in {b" ", b"\t"}:  # a continuation line (obsolete folding, RFC 9112, 5.2)
            fields[-1] = (fields[-1][0], fields[-1][1] + b" " + line.strip())
            continue
        name, colon, value = line.partition(b":")
        if colon and _NAME.fullmatch(name):
            fields.append((name, value.strip(b" \t")))
        elif colon and _NAME.fullmatch(name.rstrip(b" \t")):
            notes.append(f"a header line with a blank before its colon: {_show_line(line)}")
            fields.append((name.rstrip(b" \t"), value.strip(b" \t")))
        elif line.strip():
            notes.append(f"an invalid header line was skipped: {_show_line(line)}")
    return fields


def _state_framing_once(fields: list[tuple[bytes, bytes]], notes: list[str]) -> list[tuple[bytes, bytes]]:
    """State the framing of the body at most once: `chunked`, even if it is repeated, never `identity`."""
    encodings = [value for name, value in fields if name.lower() == b"transfer-encoding"]
    codings = [coding.strip().lower() for value in encodings for coding in value.split(b",") if coding.strip()]
    if encodings and set(codings) <= {b"chunked", b"identity"} and codings != [b"chunked"]:
        notes.append(f"Transfer-Encoding was {_show_line(b', '.join(encodings))}")
        fields = [(name, value) for name, value in fields if name.lower() != b"transfer-encoding"]
        if b"chunked" in codings:
            fields.append((b"Transfer-Encoding", b"chunked"))
    return fields


def _show_line(line: bytes) -> str:
    return repr(line[:_LONGEST_NOTE].decode("latin-1"))
