"""A source is fetched, stored and read in one way, whoever asks for it."""

import asyncio

from factories import NOW, make_capture, make_outlet

from archive.errors import Failure, Reason
from archive.record import CaptureRef, StoredCapture
from crawler.page import Fetched, Listing, NotModified, Page
from schedules.pipeline.source_reading import SourceResult, fetch_and_read

URL = "https://bao.example/rss"
OUTLET = make_outlet("bao", "Báo", "https://bao.example")
LISTING = Listing(notes=("2 entries without a link",))
FAILURE = Failure(Reason.TIMEOUT, "no response within 30 s")
STORED = StoredCapture(CaptureRef("a.warc", 1, 2, "sha1:A"), NOW)
FETCHED = Fetched(Page(URL, b"<rss/>"), make_capture(b"<rss/>", URL), notes=("wrong length",))


class Server:
    """Give one response to every request, and record what was asked."""

    def __init__(self, response):
        self.response = response
        self.asked = []

    async def fetch(self, url, **conditions):
        """Give the response."""
        self.asked.append((url, conditions["accept"], conditions["etag"], conditions["last_modified"]))
        return self.response


def fetch(response, *, content=LISTING, **given):
    """Fetch and read a source; return the result, the request, and what happened in which order."""
    server, steps = Server(response), []

    def store(answer):
        steps.append("stored")
        return STORED if isinstance(answer, Fetched) else None

    async def read(page):
        steps.append(f"read {page.url}")
        return content

    result = asyncio.run(fetch_and_read(server, URL, OUTLET, read, store=store, **given))
    return result, server.asked, steps


def test_a_response_is_stored_before_it_is_read():
    """The result has the content, the place of the capture, the status and all notes."""
    result, asked, steps = fetch(FETCHED, etag='"1"', last_modified="Wed, 04 Feb 2026 00:00:00 GMT")

    assert ["stored", f"read {URL}"] == steps
    assert [(URL, "list", '"1"', "Wed, 04 Feb 2026 00:00:00 GMT")] == asked
    assert (LISTING, STORED, 200) == (result.content, result.capture, result.status)
    assert "wrong length; 2 entries without a link" == result.notes


def test_a_source_that_has_not_changed_is_not_read():
    """A 304 has no content, and is no failure."""
    result, _, steps = fetch(NotModified(URL, NOW))

    assert (["stored"], None, 304, "") == (steps, result.content, result.status, result.notes)


def test_a_failed_request_is_the_content():
    """The failure is returned as it is, without a status, and nothing is read."""
    result, _, steps = fetch(FAILURE)

    assert (["stored"], FAILURE, None) == (steps, result.content, result.status)


def test_content_that_cannot_be_read_keeps_its_response():
    """A response of which nothing can be read is stored all the same."""
    result, _, _ = fetch(FETCHED, content=FAILURE)

    assert SourceResult(FETCHED, FAILURE, STORED) == result
