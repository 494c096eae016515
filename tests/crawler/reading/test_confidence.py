"""A record says why its reading may be wrong."""

from datetime import UTC, date, datetime

import pytest

from crawler.outlets.catalogue import bare_outlet
from crawler.page import Page
from crawler.reading.confidence import DISPUTED_DATE, GUESSED_DATE, WEAK_DATE, date_doubts
from crawler.reading.extract import read_article
from crawler.reading.publication_date import PublicationDate

NOW = datetime(2026, 2, 10, tzinfo=UTC)
TEXT = "<p>The council decided on Tuesday to rebuild the old bridge across the river before the winter comes.</p>"


def when(source="json-ld", raw="2026-02-04", *, weak=False):
    """A publication date of 4 February 2026."""
    return PublicationDate(date(2026, 2, 4), None, source, raw, weak=weak)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, ()),
        (when(), ()),
        (when("url", weak=True), (WEAK_DATE,)),
        (when("page", weak=True), (WEAK_DATE,)),
        (when("htmldate", weak=True), (GUESSED_DATE,)),
        (when(raw="2026-02-04 (but meta: 2021-01-01)"), (DISPUTED_DATE,)),
        (when("url", "2026-02-04 (but htmldate: 2021-01-01)", weak=True), (WEAK_DATE, DISPUTED_DATE)),
    ],
)
def test_a_weak_or_disputed_date_is_doubted(found, expected):
    """A date is doubted if it stands far from the headline, is guessed, or is contradicted by another source."""
    assert expected == date_doubts(found)


@pytest.mark.parametrize(
    ("head", "url", "expected"),
    [
        ('<meta property="article:published_time" content="2026-02-04T08:00:00+07:00">', "bridge-is-rebuilt", ()),
        ("", "2026/02/04/bridge-is-rebuilt", (WEAK_DATE,)),
    ],
)
def test_a_record_carries_the_doubts(head, url, expected):
    """The doubts of a reading go with its record to the archive."""
    page = f"<html lang=en><head>{head}</head><body><h1>Old bridge is to be rebuilt</h1>{TEXT * 3}</body></html>"
    address = f"https://paper.example/{url}"
    record = read_article(Page(address, page.encode(), "text/html; charset=utf-8"), bare_outlet(address), NOW)

    assert expected == record.doubts
