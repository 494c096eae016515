"""Captures: every answer as it came, in WARC 1.1 files (ISO 28500:2017) that any web-archive tool can read.

The payload keeps the content-encoding it came with, so keeping it costs no compression. A chunked answer was put
together on arrival, so its `Transfer-Encoding` no longer holds and stands as `X-Archive-Orig-Transfer-Encoding`, as is
the custom. Files rotate by day and size. An answer that was kept before becomes a `revisit` record that names the file
and the offset of the first.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.errors import ArchiveError
from archive.record import Capture, CaptureRef

LARGEST = 1 << 30  # bytes of one file
_REMEMBERED = 20_000  # payloads that a revisit can point back to
_HEAD = 1 << 16  # bytes of one record's own header fields
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)
_SOFTWARE = {"software": "khobao", "format": "WARC File Format 1.1"}


@dataclass(frozen=True, slots=True)
class _Original:
    """Where a payload was first kept."""

    url: str
    date: str
    file: str
    offset: int


class Captures:
    """The captures of an archive, in a folder beside it. One process appends; any number read."""

    def __init__(self, folder: Path, largest: int = LARGEST) -> None:
        """Nothing is opened before the first append.

        Args:
            folder: Where the files are.
            largest: Bytes after which a new file is begun.
        """
        self._folder = folder
        self._largest = largest
        self._file: BinaryIO | None = None
        self._name = ""
        self._seen: OrderedDict[str, _Original] = OrderedDict()

    def append(self, capture: Capture) -> CaptureRef:
        """Keep an answer and the request that brought it; they are on the disk when this returns.

        Args:
            capture: The exchange.

        Returns:
            Where the answer is kept.
        """
        file = self._file_for(capture.fetched_at)
        writer = WARCWriter(file, gzip=False, warc_version="1.1")
        offset = file.tell()
        digest = "sha1:" + base64.b32encode(hashlib.sha1(capture.payload, usedforsecurity=False).digest()).decode()
        try:
            response = self._response(writer, capture, digest)
            writer.write_record(response)
            length = file.tell() - offset
            writer.write_record(_request(writer, capture, response))
            file.flush()
            os.fdatasync(file.fileno())
        except BaseException:
            file.truncate(offset)  # half a record would hide what comes after it
            raise
        if digest not in self._seen:
            self._seen[digest] = _Original(capture.url, _date(capture.fetched_at), self._name, offset)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return CaptureRef(self._name, offset, length, digest)

    def _response(self, writer: WARCWriter, capture: Capture, digest: str) -> Any:
        headers = StatusAndHeaders(
            f"{capture.status} {_PHRASES.get(capture.status, '')}".strip(), _kept(capture), protocol="HTTP/1.1"
        )
        fields = {"WARC-Date": _date(capture.fetched_at)}
        original = self._seen.get(digest) if capture.payload else None
        if original is None:
            body = io.BytesIO(capture.payload)
            return writer.create_warc_record(
                capture.url, "response", payload=body, http_headers=headers, warc_headers_dict=fields
            )
        fields |= {"WARC-Refers-To-Filename": original.file, "WARC-Refers-To-File-Offset": str(original.offset)}
        return writer.create_revisit_record(
            capture.url, digest, original.url, original.date, http_headers=headers, warc_headers_dict=fields
        )

    def read(self, ref: CaptureRef) -> Capture:
        """The answer that is kept there.

        Raises:
            ArchiveError: There is no such record, or its payload is not what it was.
        """
        record = self._load(ref.file, ref.offset)
        headers = record.rec_headers
        payload = record.raw_stream.read() if record.rec_type == "response" else b""
        if record.rec_type == "revisit":
            file, offset = (
                headers.get_header("WARC-Refers-To-Filename"),
                headers.get_header("WARC-Refers-To-File-Offset"),
            )
            payload = self._load(file, int(offset)).raw_stream.read()
        digest = "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()
        if digest != ref.digest:
            raise ArchiveError(f"{self._folder / ref.file}, offset {ref.offset}: the payload is not what was kept")
        fetched_at = datetime.fromisoformat(headers.get_header("WARC-Date"))
        status = int(record.http_headers.get_statuscode())
        fields = tuple((name, value) for name, value in record.http_headers.headers)
        return Capture(headers.get_header("WARC-Target-URI"), fetched_at, status, fields, payload)

    def _load(self, name: str, offset: int) -> Any:
        path = self._folder / name
        try:
            with path.open("rb") as file:
                file.seek(offset)
                head = _record_size(file)
                file.seek(offset)
                content = file.read(head or 0)
            # raw content: the encodings are the reader's business
            return ArcWarcRecordLoader(verify_http=False).parse_record_stream(
                io.BytesIO(content), no_record_parse=False
            )
        except (OSError, ValueError, EOFError) as error:
            raise ArchiveError(f"{path}, offset {offset}: no capture can be read there: {error}") from None

    def _file_for(self, moment: datetime) -> BinaryIO:
        day = f"{moment.astimezone(UTC):%Y%m%d}"
        if self._file and self._name.startswith(f"khobao-{day}-") and self._file.tell() < self._largest:
            return self._file
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        names = sorted(path.name for path in self._folder.glob(f"khobao-{day}-*.warc"))
        self._name = names[-1] if names else f"khobao-{day}-00000.warc"
        if names:
            mend(self._folder / self._name)
            if (self._folder / self._name).stat().st_size >= self._largest:
                self._name = f"khobao-{day}-{int(self._name[-10:-5]) + 1:05}.warc"
        self._file = (self._folder / self._name).open("ab")
        if not self._file.tell():
            writer = WARCWriter(self._file, gzip=False, warc_version="1.1")
            writer.write_record(writer.create_warcinfo_record(self._name, _SOFTWARE))
        return self._file

    def close(self) -> None:
        """Close the file that is being appended to."""
        if self._file:
            self._file.close()
            self._file = None


def torn(path: Path) -> int:
    """How many bytes at the end of a file are no whole record: a crash may have torn the last one."""
    size = path.stat().st_size
    whole = 0
    with path.open("rb") as file:
        for end in _ends(file, size):
            whole = end
    return size - whole


def mend(path: Path) -> int:
    """Cut a file back to its last whole record; how many bytes were cut off."""
    cut = torn(path)
    if cut:
        os.truncate(path, path.stat().st_size - cut)
    return cut


def _ends(file: BinaryIO, size: int) -> Iterator[int]:
    """Where each whole record ends."""
    position = 0
    while position < size:
        file.seek(position)
        length = _record_size(file)
        if length is None or position + length > size:
            return
        file.seek(position + length - 4)
        if file.read(4) != b"\r\n\r\n":
            return
        position += length
        yield position


def _record_size(file: BinaryIO) -> int | None:
    """The bytes of the record that begins here, its closing blank lines included; None if none begins here."""
    head, mark, _ = file.read(_HEAD).partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return len(head) + 4 + int(length[1]) + 4 if mark and length and head.startswith(b"WARC/") else None


def _request(writer: WARCWriter, capture: Capture, response: Any) -> Any:
    path = re.sub(r"^https?://[^/?#]*", "", capture.url) or "/"
    headers = StatusAndHeaders(f"GET {path} HTTP/1.1", list(capture.request_headers), is_http_request=True)
    fields = {
        "WARC-Date": _date(capture.fetched_at),
        "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
    }
    return writer.create_warc_record(capture.url, "request", http_headers=headers, warc_headers_dict=fields)


def _kept(capture: Capture) -> list[tuple[str, str]]:
    """Header fields that are true of the payload as it is kept, each on one line of Latin-1 or UTF-8."""
    renamed = {"transfer-encoding"}
    length = capture.header("Content-Length")
    if length is not None and length.strip() != str(len(capture.payload)):
        renamed.add("content-length")
    return [
        (f"X-Archive-Orig-{name}" if name.lower() in renamed else name, " ".join(value.split()))
        for name, value in capture.headers
    ]


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


_PHRASES = {200: "OK", 304: "Not Modified", 403: "Forbidden", 404: "Not Found", 410: "Gone"}
