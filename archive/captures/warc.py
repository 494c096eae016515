"""WARC 1.1 records (ISO 28500:2017): made from exchanges, found again in files, and cut off where a crash tore one."""

from __future__ import annotations

import base64
import hashlib
import io
import mmap
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import responses
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException
from warcio.warcwriter import WARCWriter

from archive.record import Capture

_HEAD = 1 << 13  # bytes that hold a record's own header fields, but for those of a very long address
_LONGEST_HEAD = 1 << 20
_END = b"\r\n\r\n"  # of a record, and of its header fields
_BEGINNING = _END + b"WARC/1."
_SOFTWARE = {"software": "khobao", "format": "WARC File Format 1.1"}


@dataclass(frozen=True, slots=True)
class Place:
    """A whole record in a file.

    Attributes:
        offset: Where it begins, in bytes.
        length: Its length, in bytes, its closing blank lines included.
        fields: Its own header fields, by their names in lower case.
    """

    offset: int
    length: int
    fields: Mapping[str, str]

    @property
    def is_answer(self) -> bool:
        """Whether it keeps an answer, or points to where the same was kept before."""
        return self.fields.get("warc-type") in {"response", "revisit"}


@dataclass(frozen=True, slots=True)
class Original:
    """Where a payload was first kept: the answer's address and date, and the record's file and offset."""

    url: str
    date: str
    file: str
    offset: int


def payload_digest(payload: bytes) -> str:
    """The digest of a payload as WARC has it: `sha1:` and base 32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


def warc_date(moment: datetime) -> str:
    """An instant as WARC 1.1 has it (section 5.4): UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def opening(name: str) -> bytes:
    """The `warcinfo` record with which a file of this name begins."""
    content = io.BytesIO()
    writer = _writer(content)
    writer.write_record(writer.create_warcinfo_record(name, _SOFTWARE))
    return content.getvalue()


def exchange(capture: Capture, digest: str, original: Original | None, *, record_id: str = "") -> tuple[bytes, bytes]:
    """The records of an exchange: the answer, and the request that brought it.

    Args:
        capture: The exchange.
        digest: Of its payload.
        original: Where the same payload is kept already; the answer is a `revisit` then, without the payload.
        record_id: The answer's `WARC-Record-ID`, where it has one already.
    """
    content = io.BytesIO()
    writer = _writer(content)
    answer = _answer(writer, capture, digest, original, record_id)
    writer.write_record(answer)
    length = content.tell()
    writer.write_record(_request(writer, capture, answer.rec_headers.get_header("WARC-Record-ID")))
    return content.getvalue()[:length], content.getvalue()[length:]


def _writer(content: io.BytesIO) -> WARCWriter:
    return WARCWriter(content, gzip=False, warc_version="1.1")


def _answer(writer: WARCWriter, capture: Capture, digest: str, original: Original | None, record_id: str) -> Any:
    phrase = responses.get(capture.status, "")
    headers = StatusAndHeaders(f"{capture.status} {phrase}".strip(), _kept(capture), protocol=capture.http_version)
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
    parts = urlsplit(capture.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = StatusAndHeaders(f"GET {target} HTTP/1.1", list(capture.request_headers), is_http_request=True)
    fields = {"WARC-Date": warc_date(capture.fetched_at), "WARC-Concurrent-To": answer}
    return writer.create_warc_record(capture.url, "request", http_headers=headers, warc_headers_dict=fields)


def _kept(capture: Capture) -> list[tuple[str, str]]:
    """Header fields that are true of the payload as it is kept, each on one line; warcio makes it ASCII."""
    renamed = {"transfer-encoding"}
    length = capture.header("Content-Length")
    if length is not None and length.strip() != str(len(capture.payload)):
        renamed.add("content-length")
    return [
        (f"X-Archive-Orig-{name}" if name.lower() in renamed else name, " ".join(value.split()))
        for name, value in capture.headers
    ]


def load(path: Path, offset: int) -> Any:
    """The record that begins at an offset of a file, as warcio has it; its payload is as it was transferred.

    Raises:
        ValueError: No record begins there, or one that cannot be read.
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        place = _place(file, offset, path.stat().st_size)
        if place is None:
            raise ValueError("no record begins there")
        file.seek(offset)
        content = file.read(place.length)
    try:
        return ArcWarcRecordLoader(verify_http=False).parse_record_stream(io.BytesIO(content), no_record_parse=False)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError) as error:
        raise ValueError(str(error)) from None


def records(path: Path, start: int = 0) -> Iterator[Place]:
    """Every whole record of a file from an offset on, up to where none begins or the last one is cut short."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while place := _place(file, start, size):
            yield place
            start += place.length


def is_torn(path: Path, end: int) -> bool:
    """Whether what follows the last whole record is what a crash left of one, and may be cut off.

    It is not where a whole record stands further on: then the file was damaged later, and the rest is worth keeping.

    Args:
        path: The file.
        end: Where its last whole record ends.
    """
    size = path.stat().st_size
    if end >= size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = content.find(_BEGINNING, end)
        while start >= 0 and not _place(file, start + len(_END), size):
            start = content.find(_BEGINNING, start + len(_END))
        return start < 0


def mend(path: Path, end: int) -> bool:
    """Cut off what a crash left of a record; whether the file can be appended to now."""
    if is_torn(path, end):
        os.truncate(path, end)
    return path.stat().st_size == end


def _place(file: BinaryIO, offset: int, size: int) -> Place | None:
    """The whole record that begins at an offset; None if none does."""
    file.seek(offset)
    head = file.read(_HEAD)
    head, mark, _ = (head if _END in head else head + file.read(_LONGEST_HEAD)).partition(_END)
    if not mark or not head.startswith(b"WARC/1."):
        return None
    lines = head.decode("utf-8", "replace").split("\r\n")[1:]
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    told = fields.get("content-length", "")
    length = len(head) + len(_END) + int(told) + len(_END) if told.isdecimal() else 0
    if not length or offset + length > size:
        return None
    file.seek(offset + length - len(_END))
    return Place(offset, length, fields) if file.read(len(_END)) == _END else None
