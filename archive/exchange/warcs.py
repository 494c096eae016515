"""WARC: the captures of some articles, written to files of their own; and the pages in anybody's files, read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParserException

from archive.captures import LARGEST, Captures
from archive.errors import ArchiveError
from archive.files import draft_of
from archive.record import Capture, CaptureRef
from archive.warc import Place, exchange, records

_OK = 200
_LARGEST_PAGE = 50_000_000  # bytes, as transferred


def write_captures(refs: Iterable[CaptureRef], captures: Path, folder: Path, largest: int = LARGEST) -> int:
    """Write captures to `captures-NNNNN.warc`, each with the request that brought it; the number written.

    A record is copied byte for byte. One that only points to where the same answer was kept before becomes the whole
    answer, for what it points to need not be among them.

    Args:
        refs: Which, in the order in which they are to stand.
        captures: The folder that they are in.
        folder: Where the files go.
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
                draft = files.enter_context(draft_of(folder / f"captures-{number:05}.warc"))
                file = files.enter_context(draft.open("wb"))
            file.write(_exchange(kept, captures / ref.file, ref))
    return count


def _exchange(kept: Captures, path: Path, ref: CaptureRef) -> bytes:
    """The bytes of an answer and its request."""
    places = records(path, ref.offset) if path.is_file() else iter(())
    answer, request = next(places, None), next(places, None)
    if answer is None or not answer.is_answer:
        raise ArchiveError(f"{path}, offset {ref.offset}: no capture can be read there; `khobao check` tells more")
    whole = _bytes(path, answer)
    if answer.fields["warc-type"] == "revisit":
        whole, _ = exchange(kept.read(ref), ref.digest, None, record_id=answer.fields["warc-record-id"])
    asked = request and request.fields.get("warc-concurrent-to") == answer.fields["warc-record-id"]
    return whole + (_bytes(path, request) if request and asked else b"")


def _bytes(path: Path, place: Place) -> bytes:
    with path.open("rb") as file:
        file.seek(place.offset)
        return file.read(place.length)


def read_pages(path: Path) -> Iterator[Capture]:
    """The pages in a WARC file, compressed or not: answers with 200 that call themselves HTML or say nothing of it.

    Raises:
        ArchiveError: It is no WARC file, or breaks off; what came before was given.
    """
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=False):
                if record.rec_type != "response" or record.http_headers is None:
                    continue
                called = (record.http_headers.get_header("Content-Type") or "html").lower()
                if record.http_headers.get_statuscode() == str(_OK) and "html" in called:
                    yield _page(record)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, OSError, ValueError) as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise ArchiveError(f"{path}: no WARC that can be read to its end: {told[:200]}") from None


def _page(record: object) -> Capture:
    headers = record.rec_headers  # type: ignore[attr-defined]
    answer = record.http_headers  # type: ignore[attr-defined]
    moment = datetime.fromisoformat(headers.get_header("WARC-Date"))
    return Capture(
        url=(headers.get_header("WARC-Target-URI") or "").strip("<>"),
        fetched_at=moment.replace(tzinfo=moment.tzinfo or UTC),
        status=_OK,
        headers=tuple((name, value) for name, value in answer.headers),
        payload=record.raw_stream.read(_LARGEST_PAGE),  # type: ignore[attr-defined]
        http_version=answer.protocol or "HTTP/1.1",
    )
