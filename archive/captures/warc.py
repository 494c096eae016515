"""Write, find and repair WARC 1.1 records (ISO 28500:2017)."""

from __future__ import annotations

import base64
import hashlib
import io
import mmap
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import responses
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from archive.record import Capture

if TYPE_CHECKING:
    from warcio.warcwriter import WARCWriter

_HEAD = 1 << 13  # bytes; enough for a record's own header, unless its address is very long
_LONGEST_HEAD = 1 << 20
_LONGEST_RECORD = 1 << 30  # bytes that a torn record may lack: far more than a page may have
_LENGTH = re.compile(r"[0-9]{1,15}")
_END = b"\r\n\r\n"  # the end of a record, and of its header
_BEGINNING = _END + b"WARC/1."
_SOFTWARE = {"software": "khobao", "format": "WARC File Format 1.1"}


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """Locate a whole record in a file.

    Attributes:
        offset: Where the record begins, in bytes.
        length: The record's length in bytes, with its closing blank lines.
        fields: The record's own header fields, by lower-case name.
    """

    offset: int
    length: int
    fields: Mapping[str, str]

    @property
    def is_answer(self) -> bool:
        """Whether the record holds a response, or refers to a stored one."""
        return self.fields.get("warc-type") in {"response", "revisit"}


@dataclass(frozen=True, slots=True)
class PayloadOrigin:
    """Identify the first copy of a payload: its response's address and date, file and offset."""

    url: str
    date: str
    file: str
    offset: int


def payload_digest(payload: bytes) -> str:
    """Compute the digest of a payload as WARC writes it: `sha1:` and base 32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


def warc_date(moment: datetime) -> str:
    """Format an instant for WARC 1.1 (section 5.4): UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def warcinfo_record(name: str) -> bytes:
    """Build the `warcinfo` record that begins a captures file."""
    content = io.BytesIO()
    writer = _writer(content)
    writer.write_record(writer.create_warcinfo_record(name, _SOFTWARE))
    return content.getvalue()


def exchange_records(
    capture: Capture, digest: str, original: PayloadOrigin | None, *, record_id: str = ""
) -> tuple[bytes, bytes]:
    """Build the WARC records of a capture: the response and its request.

    Args:
        capture: The request and its response.
        digest: The digest of the payload.
        original: The first copy of the same payload, if one is stored; the response becomes a `revisit` without it.
        record_id: The `WARC-Record-ID` of the response, if it has one already.
    """
    content = io.BytesIO()
    writer = _writer(content)
    answer = _answer(writer, capture, digest, original, record_id)
    writer.write_record(answer)
    length = content.tell()
    writer.write_record(_request(writer, capture, answer.rec_headers.get_header("WARC-Record-ID")))
    return content.getvalue()[:length], content.getvalue()[length:]


def _writer(content: io.BytesIO) -> WARCWriter:
    from warcio.warcwriter import WARCWriter  # slow to load, and needed only when a page is stored

    return WARCWriter(content, gzip=False, warc_version="1.1")


def _answer(writer: WARCWriter, capture: Capture, digest: str, original: PayloadOrigin | None, record_id: str) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    phrase = responses.get(capture.status, "")
    headers = StatusAndHeaders(
        f"{capture.status} {phrase}".strip(), _true_headers(capture), protocol=capture.http_version
    )
    fields = {"WARC-Date": warc_date(capture.fetched_at)} | ({"WARC-Record-ID": record_id} if record_id else {})
    if original is None:
        body = io.BytesIO(capture.payload)
        fields |= {"WARC-Payload-Digest": digest}
        return writer.create_warc_record(
            capture.url, "response", body, len(capture.payload), http_headers=headers, warc_headers_dict=fields
        )
    fields |= {"WARC-Refers-To-Filename": original.file, "WARC-Refers-To-File-Offset": str(original.offset)}
    return writer.create_revisit_record(
        capture.url, digest, original.url, original.date, http_headers=headers, warc_headers_dict=fields
    )


def _request(writer: WARCWriter, capture: Capture, answer: str) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    parts = urlsplit(capture.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = StatusAndHeaders(f"GET {target} HTTP/1.1", list(capture.request_headers), is_http_request=True)
    fields = {"WARC-Date": warc_date(capture.fetched_at), "WARC-Concurrent-To": answer}
    return writer.create_warc_record(capture.url, "request", http_headers=headers, warc_headers_dict=fields)


def _true_headers(capture: Capture) -> list[tuple[str, str]]:
    """Return the header fields that are true of the stored payload, each on one line."""
    renamed = {"transfer-encoding"}
    length = capture.header("Content-Length")
    if length is not None and length.strip() != str(len(capture.payload)):
        renamed.add("content-length")
    return [
        (f"X-Archive-Orig-{name}" if name.lower() in renamed else name, " ".join(value.split()))
        for name, value in capture.headers
    ]


def load_record(path: Path, offset: int) -> Any:
    """Load the record at an offset with warcio; its payload is as it was transferred.

    Raises:
        ValueError: No record begins there, or it cannot be read.
        OSError: The file cannot be read.
    """
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.recordloader import ArcWarcRecordLoader
    from warcio.statusandheaders import StatusAndHeadersParserException

    with path.open("rb") as file:
        place = _locate_record(file, offset, path.stat().st_size)
        if place is None:
            raise ValueError("no record begins there")
        file.seek(offset)
        content = file.read(place.length)
    try:
        return ArcWarcRecordLoader(verify_http=False).parse_record_stream(io.BytesIO(content), no_record_parse=False)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError) as error:
        raise ValueError(str(error)) from None


def iterate_records(path: Path, start: int = 0) -> Iterator[RecordLocation]:
    """Yield every whole record from an offset on, up to the first gap or a torn record."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while place := _locate_record(file, start, size):
            yield place
            start += place.length


def is_torn(path: Path, end: int) -> bool:
    """Decide whether the bytes after the last whole record are the torn start of another.

    They are torn if they begin with a record header whose length goes beyond the end of the file. Everything after that
    header then belongs to the record, even if it contains a whole record of somebody's page. Otherwise, if a whole
    record follows further on, the bytes between are damaged, not torn, and the rest is worth keeping.

    Args:
        path: The file.
        end: Where its last whole record ends.
    """
    size = path.stat().st_size
    if end >= size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        header = _read_header(file, end)
        if (
            header
            and header.fields.get("warc-record-id")
            and size < end + header.record_length < size + _LONGEST_RECORD
        ):
            return True
        start = content.find(_BEGINNING, end)
        while start >= 0 and not _locate_record(file, start + len(_END), size):
            start = content.find(_BEGINNING, start + len(_END))
        return start < 0


def truncate_torn_tail(path: Path, end: int) -> bool:
    """Truncate a torn record at the end of a file; return whether the file can be appended to."""
    if is_torn(path, end):
        os.truncate(path, end)
    return path.stat().st_size == end


@dataclass(frozen=True, slots=True)
class _Header:
    """Hold a record's header fields, by lower-case name, and the length of the whole record in bytes."""

    fields: Mapping[str, str]
    record_length: int


def _read_header(file: BinaryIO, offset: int) -> _Header | None:
    """Read the header of the record that begins at an offset; return None if none begins there."""
    file.seek(offset)
    head = file.read(_HEAD)
    head, mark, _ = (head if _END in head else head + file.read(_LONGEST_HEAD)).partition(_END)
    if not mark or not head.startswith(b"WARC/1."):
        return None
    lines = head.decode("utf-8", "replace").split("\r\n")[1:]
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    told = fields.get("content-length", "")
    if not _LENGTH.fullmatch(told):
        return None
    return _Header(fields, len(head) + len(_END) + int(told) + len(_END))


def _locate_record(file: BinaryIO, offset: int, size: int) -> RecordLocation | None:
    """Locate the whole record that begins at an offset; return None if none begins there."""
    header = _read_header(file, offset)
    if header is None or offset + header.record_length > size:
        return None
    file.seek(offset + header.record_length - len(_END))
    if file.read(len(_END)) != _END:
        return None
    return RecordLocation(offset, header.record_length, header.fields)
