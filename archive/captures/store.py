"""Captures: every answer as it came, in WARC 1.1 files that any web-archive tool can read.

The payload keeps the content-encoding it came with, so keeping it costs no compression. A chunked answer was put
together on arrival, so its `Transfer-Encoding` no longer holds and stands as `X-Archive-Orig-Transfer-Encoding`, as is
the custom. An answer that was kept before becomes a `revisit` record that names the file and the offset of the first.

Files rotate by day and size. They are written in the order of their names, whatever the clock does, and each is on the
disk before the next is begun: so the one file that a crash may have torn is the last.
"""

from __future__ import annotations

import errno
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from archive.captures.warc import Original, Place, exchange, load, mend, opening, payload_digest, records, warc_date
from archive.errors import ArchiveError, ArchiveFull
from archive.record import Capture, CaptureRef

LARGEST = 1 << 30  # bytes of one file
_REMEMBERED = 20_000  # payloads that a revisit can point back to
_NAME = "khobao-{day}-{number:05}.warc"
_NAMES = "khobao-????????-?????.warc"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


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
        self._file: FileIO | None = None
        self._name = ""
        self._synced = 0
        self._seen: OrderedDict[str, Original] = OrderedDict()

    def append(self, capture: Capture) -> CaptureRef:
        """Keep an answer and the request that brought it; `sync` puts them on the disk.

        Args:
            capture: The exchange.

        Returns:
            Where the answer is kept.

        Raises:
            ArchiveFull: The disk is full; nothing of it is kept.
            ArchiveError: The folder cannot be written to.
        """
        digest = payload_digest(capture.payload)
        with self._explained():
            file = self._file_for(capture.fetched_at)
            offset = file.tell()
            answer, request = exchange(capture, digest, self._seen.get(digest) if capture.payload else None)
            _write(file, answer + request)
        self._remember(digest, Original(capture.url, warc_date(capture.fetched_at), self._name, offset))
        return CaptureRef(self._name, offset, len(answer), digest)

    def sync(self) -> None:
        """Put everything that was appended on the disk, before a row refers to it: one wait for all that came since.

        Raises:
            ArchiveFull: The disk is full.
            ArchiveError: It does not take what was written.
        """
        if self._file and self._file.tell() > self._synced:
            with self._explained():
                os.fdatasync(self._file.fileno())
                self._synced = self._file.tell()

    def read(self, ref: CaptureRef) -> Capture:
        """The answer that is kept there, less the request's header fields.

        Raises:
            ArchiveError: There is no such record, or its payload is not what it was.
        """
        try:
            return self._read(ref)
        except (OSError, ValueError, TypeError) as error:
            place = f"{self._folder / ref.file}, offset {ref.offset}"
            raise ArchiveError(f"{place}: no capture can be read there: {error}") from None

    def _read(self, ref: CaptureRef) -> Capture:
        record = load(self._folder / ref.file, ref.offset)
        headers, kept = record.rec_headers, record
        if record.rec_type == "revisit":
            file, offset = (headers.get_header(f"WARC-Refers-To-{name}") for name in ("Filename", "File-Offset"))
            kept = load(
                (self._folder / ref.file).with_name(file), int(offset)
            )  # merged ones have a folder of their own
        elif record.rec_type != "response":
            raise ValueError(f"it is a {record.rec_type}, not an answer")
        payload = kept.raw_stream.read()
        if payload_digest(payload) != ref.digest:
            raise ValueError("the payload is not what was kept")
        return Capture(
            url=headers.get_header("WARC-Target-URI"),
            fetched_at=datetime.fromisoformat(headers.get_header("WARC-Date")),
            status=int(record.http_headers.get_statuscode()),
            headers=tuple((name, value) for name, value in record.http_headers.headers),
            payload=payload,
            http_version=record.http_headers.protocol,
        )

    def original(self, ref: CaptureRef) -> str:
        """The file in which the payload of an answer stands: its own, or that which a `revisit` points to.

        Raises:
            ArchiveError: There is no such record.
        """
        try:
            record = load(self._folder / ref.file, ref.offset)
        except (OSError, ValueError) as error:
            raise ArchiveError(f"{self._folder / ref.file}, offset {ref.offset}: {error}") from None
        pointed = record.rec_headers.get_header("WARC-Refers-To-Filename") if record.rec_type == "revisit" else None
        return pointed or ref.file

    def remove(self, name: str) -> None:
        """Remove a file, and point to nothing in it any more; no row may refer to it."""
        self._seen = OrderedDict((digest, kept) for digest, kept in self._seen.items() if kept.file != name)
        (self._folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Put what was appended on the disk, and close the file."""
        if self._file:
            self.sync()
            self._file.close()
            self._file = None

    def _file_for(self, moment: datetime) -> FileIO:
        """The file to append to: the last one, unless it is of another day or large enough."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._reopen()
        # One of an earlier day than the last file's goes into that: files are written in the order of their names.
        day = max(f"{moment.astimezone(UTC):%Y%m%d}", self._name[7:15])
        if self._file is None or day != self._name[7:15] or self._file.tell() >= self._largest:
            number = int(self._name[16:21]) + 1 if day == self._name[7:15] else 0
            self.close()
            self._name = _NAME.format(day=day, number=number)
            self._file = self._open()
        if not self._file.tell():
            _write(self._file, opening(self._name))
        return self._file

    def _reopen(self) -> None:
        """Take up the last file where it was left, cut back to its last whole record should a crash have torn it."""
        last = max(self._folder.glob(_NAMES), default=None)
        if last is None:
            return
        self._name = last.name
        end = 0
        for place in records(last):
            end = place.offset + place.length
            self._recall(place)
        if mend(last, end):
            self._file = self._open()

    def _open(self) -> FileIO:
        file = (self._folder / self._name).open("ab", buffering=0)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # a new name is on the disk when its folder is
        finally:
            os.close(folder)
        self._synced = -1
        return file

    def _recall(self, place: Place) -> None:
        """Remember an answer of the file that is taken up, so that a restart keeps no payload twice."""
        told = place.fields
        if told.get("warc-type") == "response" and told.get("warc-payload-digest"):
            original = Original(told["warc-target-uri"], told["warc-date"], self._name, place.offset)
            self._remember(told["warc-payload-digest"], original)

    def _remember(self, digest: str, original: Original) -> None:
        if digest not in self._seen:
            self._seen[digest] = original
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise ArchiveFull(f"{self._folder}: the disk is full; nothing that was archived is lost") from error
            raise ArchiveError(f"{self._folder}: captures cannot be kept: {error.strerror}") from error


def _write(file: FileIO, content: bytes) -> None:
    """Append all of it or nothing: half a record would hide what comes after it."""
    offset = file.tell()
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except BaseException:
        file.truncate(offset)
        file.seek(offset)
        raise
