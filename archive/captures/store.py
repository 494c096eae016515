"""Store HTTP responses in WARC 1.1 files that any web-archive tool can read.

The payload keeps its original content-encoding, so storing it costs no compression. A chunked response was assembled
on arrival, so its `Transfer-Encoding` no longer holds; it is stored as `X-Archive-Orig-Transfer-Encoding`, which is
the convention. A payload that is stored already becomes a `revisit` record with the file and offset of the first.

Files rotate by day and size. They are written in the order of their names, even if the clock goes back, and each is
synced to disk before the next is begun. So only the last file can have a torn record after a crash.
"""

from __future__ import annotations

import errno
import os
import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from archive.captures.names import confined_path
from archive.captures.warc import (
    PayloadOrigin,
    RecordLocation,
    exchange_records,
    iterate_records,
    load_record,
    payload_digest,
    truncate_torn_tail,
    warc_date,
    warcinfo_record,
)
from archive.errors import ArchiveError, ArchiveFull
from archive.record import Capture, CaptureRef

LARGEST = 1 << 30  # bytes; a larger file is followed by a new one
_REMEMBERED = 20_000  # recent payloads that a revisit record can refer to
_NAME = "khobao-{day}-{number:05}.warc"
_NAMES = "khobao-????????-?????.warc"
_NAME_PARTS = re.compile(r"khobao-(.{8})-(.{5})\.warc", re.DOTALL)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Captures:
    """Append to and read from an archive's captures folder; one process appends, any number read."""

    def __init__(self, folder: Path, largest: int = LARGEST) -> None:
        """Prepare the folder; no file is opened before the first append.

        Args:
            folder: The folder of the captures files.
            largest: Bytes after which a new file is begun.
        """
        self._folder = folder
        self._largest = largest
        self._file: FileIO | None = None
        self._name = ""
        self._synced = 0
        self._seen: OrderedDict[str, PayloadOrigin] = OrderedDict()

    def append(self, capture: Capture) -> CaptureRef:
        """Append a response and its request; `sync` makes them durable.

        Args:
            capture: The request and its response.

        Returns:
            The place where the response is stored.

        Raises:
            ArchiveFull: The disk is full; nothing of the capture is stored.
            ArchiveError: The folder cannot be written to.
        """
        digest = payload_digest(capture.payload)
        with self._explain_errors():
            file = self._file_for(capture.fetched_at)
            offset = file.tell()
            answer, request = exchange_records(capture, digest, self._seen.get(digest) if capture.payload else None)
            _write(file, answer + request)
        self._remember(digest, PayloadOrigin(capture.url, warc_date(capture.fetched_at), self._name, offset))
        return CaptureRef(self._name, offset, len(answer), digest)

    def sync(self) -> None:
        """Sync everything that was appended to disk, before a row refers to it.

        Raises:
            ArchiveFull: The disk is full.
            ArchiveError: The disk reports an error.
        """
        if self._file and self._file.tell() > self._synced:
            with self._explain_errors():
                os.fdatasync(self._file.fileno())
                self._synced = self._file.tell()

    def read(self, ref: CaptureRef) -> Capture:
        """Read a stored response, without the header fields of its request.

        Raises:
            ArchiveError: There is no such record, or its payload does not match its digest.
        """
        try:
            return self._read(ref)
        except (OSError, ValueError, TypeError) as error:
            place = f"{self._folder / ref.file}, offset {ref.offset}"
            raise ArchiveError(f"{place}: no capture can be read there: {error}") from None

    def _read(self, ref: CaptureRef) -> Capture:
        path = confined_path(self._folder, ref.file)
        record = load_record(path, ref.offset)
        headers, kept = record.rec_headers, record
        if record.rec_type == "revisit":
            file, offset = (headers.get_header(f"WARC-Refers-To-{name}") for name in ("Filename", "File-Offset"))
            # The captures of a merged archive are in a folder of their own.
            kept = load_record(confined_path(path.parent, file), int(offset))
        elif record.rec_type != "response":
            raise ValueError(f"it is a {record.rec_type}, not a response")
        payload = kept.raw_stream.read()
        if payload_digest(payload) != ref.digest:
            raise ValueError("the payload differs from its recorded digest")
        return Capture(
            url=headers.get_header("WARC-Target-URI"),
            fetched_at=datetime.fromisoformat(headers.get_header("WARC-Date")),
            status=int(record.http_headers.get_statuscode()),
            headers=tuple((name, value) for name, value in record.http_headers.headers),
            payload=payload,
            http_version=record.http_headers.protocol,
        )

    def original(self, ref: CaptureRef) -> str:
        """Return the file that holds a capture's payload: its own, or the one that its `revisit` refers to.

        Raises:
            ArchiveError: There is no such record.
        """
        try:
            record = load_record(confined_path(self._folder, ref.file), ref.offset)
        except (OSError, ValueError) as error:
            raise ArchiveError(f"{self._folder / ref.file}, offset {ref.offset}: {error}") from None
        pointed = record.rec_headers.get_header("WARC-Refers-To-Filename") if record.rec_type == "revisit" else None
        return pointed or ref.file

    def remove(self, name: str) -> None:
        """Delete a captures file and forget its payloads; no row may refer to it."""
        self._seen = OrderedDict((digest, kept) for digest, kept in self._seen.items() if kept.file != name)
        (self._folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Sync the appended records, and close the file."""
        if self._file:
            self.sync()
            self._file.close()
            self._file = None

    def _file_for(self, moment: datetime) -> FileIO:
        """Return the file to append to: the last one, or a new one if the day or the size requires it."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._reopen()
        # If the clock went back a day, go on with the last file: files are written in the order of their names.
        last_day, last_number = _split_name(self._name)
        day = max(f"{moment.astimezone(UTC):%Y%m%d}", last_day)
        if self._file is None or day != last_day or self._file.tell() >= self._largest:
            number = int(last_number) + 1 if day == last_day else 0
            self.close()
            self._name = _NAME.format(day=day, number=number)
            self._file = self._open()
        if not self._file.tell():
            _write(self._file, warcinfo_record(self._name))
        return self._file

    def _reopen(self) -> None:
        """Reopen the last file, and truncate a record that a crash tore."""
        last = max(self._folder.glob(_NAMES), default=None)
        if last is None:
            return
        self._name = last.name
        end = 0
        for place in iterate_records(last):
            end = place.offset + place.length
            self._recall(place)
        if truncate_torn_tail(last, end):
            self._file = self._open()

    def _open(self) -> FileIO:
        file = (self._folder / self._name).open("ab", buffering=0)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # the folder must be synced too, or the new name may be lost
        finally:
            os.close(folder)
        self._synced = -1
        return file

    def _recall(self, place: RecordLocation) -> None:
        """Index the payloads of a reopened file, so that none is stored twice after a restart."""
        told = place.fields
        if told.get("warc-type") == "response" and told.get("warc-payload-digest"):
            original = PayloadOrigin(told["warc-target-uri"], told["warc-date"], self._name, place.offset)
            self._remember(told["warc-payload-digest"], original)

    def _remember(self, digest: str, original: PayloadOrigin) -> None:
        if digest not in self._seen:
            self._seen[digest] = original
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    @contextmanager
    def _explain_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise ArchiveFull(f"{self._folder}: the disk is full; nothing that was archived is lost") from error
            raise ArchiveError(f"{self._folder}: captures cannot be stored: {error.strerror}") from error


def _write(file: FileIO, content: bytes) -> None:
    """Append all bytes or none: half a record would make every record after it unreadable."""
    offset = file.tell()
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except BaseException:
        file.truncate(offset)
        file.seek(offset)
        raise


def _split_name(name: str) -> tuple[str, str]:
    """Return the day and the number in the name of a captures file; both are empty for no name."""
    parts = _NAME_PARTS.fullmatch(name)
    return (parts[1], parts[2]) if parts else ("", "")
