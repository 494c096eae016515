"""Reading JSON listings: every object with an address and a headline is an entry."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.discovery.entries import BOUNDS, TimeRules
from crawler.discovery.json_listings import read_listing
from crawler.page import Listing, Page

RULES = TimeRules(ZoneInfo("Asia/Ho_Chi_Minh"), datetime(2026, 2, 10, tzinfo=UTC))
URL = "https://api.bao.example/api/morenews-zone-3-1.html"
AT = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)


def read(told: object) -> Listing | Failure:
    """Read a listing."""
    return read_listing(Page(URL, json.dumps(told).encode(), "application/json"), RULES)


@pytest.mark.parametrize(
    "when", [1770207900, "1770207900", 1770207900.0, 1770207900000, "2026-02-04T19:25:00"], ids=repr
)
def test_the_listings_of_epi_are_read(when: object) -> None:
    """`data.contents[]` has headline, address and seconds, as numbers or as text."""
    contents = [{"title": "Tiêu &amp; đề", "url": "https://bao.example/a-post1.tpo", "date": when}]
    listing = read({"data": {"contents": contents, "load_more": True}, "error": None})

    assert [("https://bao.example/a-post1.tpo", "Tiêu & đề", AT)] == [
        (found.url, found.title, found.published_at) for found in listing.candidates
    ]


def test_only_entries_with_a_headline_count() -> None:
    """Pictures, authors and empty links are not entries; a repeated address counts once."""
    listing = read(
        [{"url": "/a"}, {"href": "/b", "name": "B"}, {"link": "http://[", "title": "C"}, {"url": "/b", "title": " D "}]
    )

    assert (Candidate("https://api.bao.example/b", "B"),) == listing.candidates


def test_a_time_in_the_future_is_noted() -> None:
    """A time of next year is rejected, and a note says so."""
    listing = read([{"url": "/a", "title": "A", "date": "2027-01-01"}, {"url": "/b", "title": "B", "date": True}])

    assert [None, None] == [found.published_at for found in listing.candidates]
    assert ("1 entries carry a time that cannot be, the first '2027-01-01'",) == listing.notes


def test_depth_and_number_are_bounded() -> None:
    """Deeply nested objects are not searched, and a long listing is cut."""
    deep: object = {"url": "/a", "title": "A"}
    for _ in range(8):
        deep = {"x": [deep]}
    many = read([{"url": f"/{n}", "title": "A"} for n in range(BOUNDS.entries + 1)])

    assert () == read(deep).candidates
    assert BOUNDS.entries == len(many.candidates)
    assert (f"more than {BOUNDS.entries} entries; the rest was not read",) == many.notes


@pytest.mark.parametrize(
    "content", [b"<!doctype html>", b"", b"[" * 100_000, b"[" + b"9" * 5000 + b"]", b"\x1f\x8b\x08"]
)
def test_content_that_is_not_json_is_malformed(content: bytes) -> None:
    """The failure names the address and the beginning of the content."""
    failure = read_listing(Page(URL, content), RULES)

    assert isinstance(failure, Failure)
    assert Reason.MALFORMED == failure.reason
    assert failure.detail.startswith(f"{URL}: not a JSON listing; it begins with ")


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["url", "title", "date", "x"]), inner),
    )
)
def test_no_value_raises(told: object) -> None:
    """Any JSON gives a listing, which may be empty."""
    assert isinstance(read(told), Listing)
