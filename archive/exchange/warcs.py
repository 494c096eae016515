"""Write captures of chosen articles to WARC files, and read pages from any WARC or ARC file."""

from __future__ import annotations

import gzip
import mmap
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParserException

from archive.atomic_files import atomic_path
from archive.captures.store import LARGEST, Captures
from archive.captures.warc import RecordLocation, exchange_records, iterate_records
from archive.errors import ArchiveError, one_line
from archive.exchange.bounded_warc import BoundedRecords
from archive.record import Capture, CaptureRef

_OK = 200
GLANCE = 4096  # bytes; enough to recognise a compressed record
_MEMBER, _BEGINNING = b"\x1f\x8b\x08", b"WARC/1."
UNREADABLE = (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, OSError, ValueError, TypeError, zlib.error)
_LARGEST_PAGE = 50_000_000  # bytes, before decompression
MOST_DAMAGED = 1000  # damaged places in a row after which the rest of a file is skipped


def write_captures(refs: Iterable[CaptureRef], captures: Path, folder: Path, largest: int = LARGEST) -> int:
    """Write captures with their requests to `captures-NNNNN.warc`; return how many were written.

    A record is copied byte for byte. A `revisit` record is replaced by the whole response, because the record that it
    refers to may not be among the captures.

    Args:
        refs: The captures, in the order in which they are written.
        captures: The folder that contains them.
        folder: The folder for the files.
        largest: Bytes after which a new file is begun.

    Raises:
        ArchiveError: A capture cannot be read.
    """
    kept, count = Captures(captures), 0
    with ExitStack() as files:
        file: BinaryIO | None = None
        for count, ref in enumerate(refs, start=1):  # noqa: B007 - the last one is the number
            if file is None or file.tell() >= largest:
                files.close()
                number = len(list(folder.iterdir()))
                draft = files.enter_context(atomic_path(folder / f"captures-{number:05}.warc"))
                file = files.enter_context(draft.open("wb"))
            file.write(_exchange(kept, captures / ref.file, ref))
    return count


def _exchange(kept: Captures, path: Path, ref: CaptureRef) -> bytes:
    """Return the bytes of a response and its request."""
    places = iterate_records(path, ref.offset) if path.is_file() else iter(())
    answer, request = next(places, None), next(places, None)
    if answer is None or not answer.is_answer:
        raise ArchiveError(f"{path}, offset {ref.offset}: no capture can be read there; `khobao check` shows details")
    whole = _bytes(path, answer)
    if answer.fields["warc-type"] == "revisit":
        whole, _ = exchange_records(kept.read(ref), ref.digest, None, record_id=answer.fields["warc-record-id"])
    asked = request and request.fields.get("warc-concurrent-to") == answer.fields["warc-record-id"]
    return whole + (_bytes(path, request) if request and asked else b"")


def _bytes(path: Path, place: RecordLocation) -> bytes:
    with path.open("rb") as file:
        file.seek(place.offset)
        return file.read(place.length)


def read_pages(
    path: Path,
    wants: Callable[[str, datetime], bool] = lambda _, __: True,
    told: Callable[[str], None] | None = None,
) -> Iterator[Capture]:
    """Read the pages of a WARC or ARC file, compressed or not: responses with status 200 that may be HTML.

    Args:
        path: The file.
        wants: Decides by address and time of fetching whether a page is wanted; others are not decompressed.
        told: Called with a line for each damaged place; then the next record is searched. None to stop there.

    Raises:
        ArchiveError: It is not such a file, or it is damaged and `told` is None; earlier pages were yielded.
    """
    start, last, whole, damage = 0, 0, False, _Damage(path, told)
    with path.open("rb") as file:
        arc = is_arc(file.read(GLANCE))
        while start >= 0:
            file.seek(start)
            stream = gzip.GzipFile(fileobj=file) if whole else file
            records = BoundedRecords(stream, arc=arc)
            try:
                for page in _select_pages(
                    islice(records, int(whole), None), wants
                ):  # skip the first record, which was already read
                    if page:
                        yield page
                    damage.places = 0
                    if not whole:  # both of these read the record to its end
                        last = records.get_record_offset()
                        start = last + records.get_record_length()
            except UNREADABLE as error:
                if "non-chunked" in str(error) and not whole:
                    whole, start = (
                        True,
                        last,
                    )  # compressed as one stream, from the record on that is not a gzip member of its own
                    continue
                damage.report(start, error)
                start, whole = find_next_record(file, start + 1), False
            else:
                # Damaged bytes may look like the end of the file to a reader that goes record by record.
                behind = find_next_record(file, start + 1) if told and not whole else -1
                if told and behind >= 0:
                    told(f"{path}, offset {start}: a record cannot be read and is skipped")
                start = behind


@dataclass
class _Damage:
    """Count and report the damaged places of a file.

    Attributes:
        path: The file.
        told: Called with a line for each place; None to stop at the first one.
        places: Damaged places since the last readable record.
    """

    path: Path
    told: Callable[[str], None] | None
    places: int = 0

    def report(self, offset: int, error: Exception) -> None:
        """Report a record that cannot be read.

        Raises:
            ArchiveError: `told` is None, or there are too many such places in a row.
        """
        problem = one_line(error, 200)
        if self.told is None:
            raise ArchiveError(f"{self.path}: not a complete, readable WARC file: {problem}") from None
        self.places += 1
        if self.places > MOST_DAMAGED:
            raise ArchiveError(f"{self.path}: damaged throughout after offset {offset}; the rest is skipped") from None
        self.told(f"{self.path}, offset {offset}: a record cannot be read and is skipped: {problem}")


def _select_pages(records: Iterable[Any], wants: Callable[[str, datetime], bool]) -> Iterator[Capture | None]:
    """Yield the page of each record, or None if it has no wanted page."""
    for record in records:
        if record.format == "arc":  # damaged bytes are recognised as an ARC record
            raise ArchiveLoadFailed("it is no record")
        is_wanted = is_page(record) and wants(page_address(record), page_moment(record))
        yield page_capture(record) if is_wanted else None


def find_next_record(file: BinaryIO, start: int) -> int:
    """Find where the next record begins after damaged bytes; return -1 if there is none."""
    if start >= os.fstat(file.fileno()).st_size:
        return -1
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        packed = content[:2] == _MEMBER[:2]
        place = content.find(_MEMBER if packed else _BEGINNING, start)
        while place >= 0 and packed and not _is_member(content[place : place + GLANCE]):
            place = content.find(_MEMBER, place + 1)
        return place


def _is_member(start: bytes) -> bool:
    """Return whether a gzip member begins here, not just bytes that look like one."""
    return _decompress_start(start).startswith(b"WARC/")


def is_arc(start: bytes) -> bool:
    """Return whether a file is an ARC file, by its first bytes."""
    return _decompress_start(start).startswith(b"filedesc:")


def _decompress_start(start: bytes) -> bytes:
    """Decompress the first bytes of a record if it is compressed."""
    try:
        packed = start.startswith(_MEMBER)
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(start, 9) if packed else start[:9]
    except zlib.error:
        return b""


def is_page(record: Any) -> bool:
    """Return whether a record is a response with status 200 that may be HTML."""
    if record.rec_type != "response" or record.http_headers is None:
        return False
    called = (record.http_headers.get_header("Content-Type") or "html").lower()
    return record.http_headers.get_statuscode() == str(_OK) and "html" in called


def page_address(record: Any) -> str:
    """Return the address of a record's response."""
    return (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")


def page_moment(record: Any) -> datetime:
    """Return when a record's response began.

    Raises:
        ValueError: The record has no readable date.
    """
    moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date"))
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def page_capture(record: Any) -> Capture:
    """Read the response of a record, with its payload as it was transferred."""
    answer = record.http_headers
    return Capture(
        url=page_address(record),
        fetched_at=page_moment(record),
        status=_OK,
        headers=tuple((name, value) for name, value in answer.headers),
        payload=record.raw_stream.read(_LARGEST_PAGE),
        http_version=answer.protocol or "HTTP/1.1",
    )
