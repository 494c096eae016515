"""Load the page of a capture, as it was fetched."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from archive.captures.store import Captures
from archive.errors import ArchiveError, Failure, Reason
from archive.record import Capture, CaptureRef
from crawler.page import Page
from crawler.parsing.decompression import inflate


def captured_page(folder: Path, ref: CaptureRef, limit: int) -> tuple[Page, datetime] | Failure:
    """Load a page from a WARC file; call this in a worker process, because it inflates untrusted bytes.

    Args:
        folder: The folder of the captures.
        ref: Where the capture is stored.
        limit: The largest decompressed size of the page, in bytes.

    Returns:
        The page, and when it was fetched; a failure if it cannot be read.
    """
    try:
        capture = Captures(folder).read(ref)
    except ArchiveError as error:
        return Failure(Reason.UNREACHABLE, str(error))
    page = inflated_page(capture, limit)
    return page if isinstance(page, Failure) else (page, capture.fetched_at)


def inflated_page(capture: Capture, limit: int) -> Page | Failure:
    """Return the page of a response with its content-encoding undone; call it in a worker process.

    Args:
        capture: The response.
        limit: Bytes that the page may inflate to.
    """
    inflated = inflate(capture.payload, capture.header("Content-Encoding") or "", limit)
    if isinstance(inflated, Failure):
        return inflated
    content_type, robots = (capture.header(name) or "" for name in ("Content-Type", "X-Robots-Tag"))
    return Page(capture.url, inflated.content, content_type, robots=robots)
