"""Locate the pages of any WARC or ARC file, and load single pages by their offset.

A file is located in slices, so that each call of a worker process ends in time. Afterwards, many processes can load
its pages at once, and each holds only one page in memory. A single process loads the pages of a small slice while it
locates them, because decompressing them again takes time.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from warcio.exceptions import ArchiveLoadFailed
from warcio.limitreader import LimitReader

from archive.errors import ArchiveError, Failure, Reason, one_line
from archive.exchange.bounded_warc import BoundedRecords
from archive.exchange.warcs import (
    GLANCE,
    MOST_DAMAGED,
    UNREADABLE,
    find_next_record,
    is_arc,
    is_page,
    page_address,
    page_capture,
    page_moment,
)
from archive.record import Capture

_BLANKS = 16  # bytes within which a record begins after the empty lines of the previous one
_PIECE = 1 << 20  # bytes that are decompressed at a time
_TORN = Failure(Reason.TRUNCATED, "the file breaks off in this record")
_MOST_TIMES = 64  # limit of the decompressed size, as a multiple of the file's size; text seldom exceeds 10


@dataclass(frozen=True, slots=True)
class PageLocation:
    """The place of a page in a file.

    Attributes:
        offset: Where its record begins, in bytes.
        url: The address in the record.
        fetched_at: When the response began; None if the record is damaged.
        damage: The reason why the record cannot be read; None if it can.
        capture: What `load_page` would load, if it was wanted.
    """

    offset: int
    url: str = ""
    fetched_at: datetime | None = None
    damage: Failure | None = None
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class LocatedSlice:
    """The pages in a slice of a file.

    Attributes:
        pages: The pages and the damaged records, in the order of the file.
        records: Number of complete records, pages or not.
        next_start: The offset of the next slice; -1 at the end of the file.
        is_packed: The file was compressed as a whole, so no offset leads to a record; decompress it first.
    """

    pages: tuple[PageLocation, ...]
    records: int
    next_start: int
    is_packed: bool = False


def locate_pages(
    path: Path, start: int, most: int, loads: Callable[[str, datetime], bool] = lambda _, __: False
) -> LocatedSlice:
    """Locate the pages of a file from an offset on, in a worker process, because the bytes may be hostile.

    Args:
        path: The file.
        start: The offset of a record, or 0.
        most: Number of records after which the slice ends.
        loads: Decides by address and time of fetching whether a page is loaded too.

    Raises:
        ArchiveError: The whole file is damaged.
    """
    found = _Slice(path, start, loads)
    with path.open("rb") as file:
        arc = is_arc(file.read(GLANCE))
        while found.start >= 0 and found.records < most:
            records = _records_at(file, found.start, arc=arc)
            try:
                for record in records:
                    found.add(record, records)
                    if found.records >= most:
                        return found.result()
            except UNREADABLE as error:
                if "non-chunked" in str(error):
                    return LocatedSlice((), 0, 0, is_packed=True)
                found.add_damage(error, find_next_record(file, found.start + 1))
            else:
                # A damaged record may look like the end of the file.
                behind = find_next_record(file, found.start + 1)
                if behind >= 0:
                    found.add_damage(ArchiveLoadFailed("no record begins there"), behind)
                else:
                    found.end(file)
    return found.result()


class _Slice:
    """Collect the located pages, and find where the next record begins."""

    def __init__(self, path: Path, start: int, loads: Callable[[str, datetime], bool]) -> None:
        self.start = start
        self._loads = loads
        self.records = 0
        self._path = path
        self._pages: list[PageLocation] = []
        self._url = ""
        self._damaged = 0

    def add(self, record: Any, records: BoundedRecords) -> None:
        """Add a record if it is a page, load it if it is wanted, and read past it."""
        if record.format == "arc":  # garbage is recognised as ARC
            raise ArchiveLoadFailed("it is no record")
        if not isinstance(record.raw_stream, LimitReader):
            raise ArchiveLoadFailed("its header has no length")
        page = is_page(record)
        self._url = page_address(record) if page else ""
        fetched_at = page_moment(record) if page else None
        capture = page_capture(record) if fetched_at and self._loads(self._url, fetched_at) else None
        offset, length = records.get_record_offset(), records.get_record_length()  # this reads it to its end
        if length <= 0:  # warcio loses its place in a damaged record, and in a file that was compressed as a whole
            next(records, None)  # this tells the latter
            raise ArchiveLoadFailed("its end cannot be found")
        self.start = offset + length
        if record.raw_stream.limit > 0:
            self._pages.append(PageLocation(offset, self._url, damage=_TORN))
            return
        self.records += 1
        self._damaged = 0
        if page:
            self._pages.append(PageLocation(offset, self._url, fetched_at, capture=capture))
        self._url = ""

    def add_damage(self, error: Exception, behind: int) -> None:
        """Add a damaged record; the next record begins at the offset `behind`.

        Raises:
            ArchiveError: Too many records in a row are damaged.
        """
        self._damaged += 1
        if self._damaged > MOST_DAMAGED:
            raise ArchiveError(f"{self._path}: damaged throughout from offset {self.start} on")
        self._pages.append(PageLocation(self.start, self._url, damage=_failure(error)))
        self._url, self.start = "", behind

    def end(self, file: BinaryIO) -> None:
        """End the file; bytes after the last record are the beginning of a record that was cut off."""
        file.seek(self.start)
        if self.start and file.read(_BLANKS).strip(b"\r\n\0"):
            self._pages.append(PageLocation(self.start, "", damage=_TORN))
        self.start = -1

    def result(self) -> LocatedSlice:
        """Return the located pages."""
        return LocatedSlice(tuple(self._pages), self.records, self.start)


def _failure(error: Exception) -> Failure:
    detail = one_line(error, 200)
    reason = Reason.TOO_LARGE if "of more than" in detail else Reason.MALFORMED
    return Failure(reason, f"the record cannot be read: {detail}")


def next_location(path: Path, start: int) -> int:
    """Return the offset of the next record after an offset; -1 if there is none."""
    with path.open("rb") as file:
        return find_next_record(file, start + 1)


def load_page(path: Path, offset: int) -> Capture | Failure:
    """Load the page whose record begins at an offset; call this in a worker process.

    Args:
        path: The file.
        offset: An offset from `locate_pages`.
    """
    with path.open("rb") as file:
        arc = is_arc(file.read(GLANCE))
        try:
            return page_capture(next(iter(_records_at(file, offset, arc=arc))))
        except (StopIteration, *UNREADABLE) as error:
            return _failure(error)


def _records_at(file: BinaryIO, offset: int, *, arc: bool) -> BoundedRecords:
    """Iterate over the records from an offset on; skip the empty lines at the end of the previous record."""
    file.seek(offset)
    head = file.read(_BLANKS)
    file.seek(offset + len(head) - len(head.lstrip(b"\r\n")))
    return BoundedRecords(file, arc=arc)


def unpack_file(path: Path, target: Path, most: int | None = None) -> Failure | None:
    """Decompress a file that was compressed as a whole, so that offsets lead to its records.

    Call this in a worker process. If the file breaks off, the part before is decompressed.

    Args:
        path: The file.
        target: The file for the decompressed bytes.
        most: The largest decompressed size in bytes; None for 64 times the size of the file.

    Returns:
        The reason why it was not decompressed; None if it was.
    """
    limit = path.stat().st_size * _MOST_TIMES if most is None else most
    with gzip.open(path) as packed, target.open("wb") as unpacked:
        try:
            while piece := packed.read(_PIECE):
                unpacked.write(piece)
                if unpacked.tell() > limit:
                    return Failure(Reason.TOO_LARGE, f"it unpacks to more than {limit} bytes")
        except (EOFError, gzip.BadGzipFile):
            pass
    return None
