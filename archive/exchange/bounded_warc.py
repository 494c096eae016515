"""Iterate over the records of strangers' WARC and ARC files, and bound the size of each record.

warcio itself reads headers of any length, in any number, and however large they are after decompression.
"""

from __future__ import annotations

from gzip import GzipFile
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed

_LONGEST_HEADER = 1 << 18  # bytes of a record's own and HTTP headers, as much as browsers accept
_LARGEST_RECORD = 1 << 31  # bytes after decompression
_BLOCK = 1 << 12  # bytes of the file that are decompressed at once; they may inflate a thousand times


class BoundedRecords(ArchiveIterator):  # type: ignore[misc]
    """Iterate over the records of a file within bounds; a larger record raises `ArchiveLoadFailed`."""

    def __init__(self, stream: IO[bytes] | GzipFile, *, arc: bool) -> None:
        """Start at the current position.

        Args:
            stream: The file, compressed or not.
            arc: It is an ARC file.
        """
        super().__init__(stream, no_record_parse=False, arc2warc=arc, block_size=_BLOCK)
        self.reader = _BoundedReader(self.fh, block_size=_BLOCK)

    def _next_record(self, next_line: bytes | None) -> Any:
        self.reader.begin_record()
        try:
            return super()._next_record(next_line)
        except AttributeError:  # warcio asks a missing address for its scheme
            raise ArchiveLoadFailed("its header has no address") from None


class _BoundedReader(DecompressingBufferedReader):  # type: ignore[misc]
    """Count the bytes that are read for a record: of the header lines, and in total."""

    def __init__(self, stream: Any, block_size: int) -> None:
        super().__init__(stream, block_size=block_size)
        self.begin_record()

    def begin_record(self) -> None:
        """Start counting here."""
        self._header_left, self._record_left = _LONGEST_HEADER, _LARGEST_RECORD

    def readline(self, length: int | None = None) -> bytes:
        """Read one header line."""
        most = self._header_left + 1
        line: bytes = super().readline(min(length, most) if length else most)
        self._header_left -= len(line)
        if self._header_left < 0:
            raise ArchiveLoadFailed(f"a header of more than {_LONGEST_HEADER} bytes")
        return line

    def read(self, length: int | None = None) -> bytes:
        """Read a part of the content."""
        piece: bytes = super().read(length)
        self._record_left -= len(piece)
        if self._record_left < 0:
            raise ArchiveLoadFailed(f"a record of more than {_LARGEST_RECORD} bytes")
        return piece
