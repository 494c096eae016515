"""Paging through a list: every requested article is seen with few requests, while the list changes."""

from dataclasses import replace
from datetime import date, timedelta
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import Reason
from archive.ledger.backfill_model import ListFacts
from crawler.outlets.model import Source
from schedules.backfill.paging import MAX_DAY_PAGES, MAX_PAGES, PageSummary, PageWalk, is_numbered, page_at
from schedules.timing.date_range import DateRange

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

TODAY = date(2026, 2, 4)


def entries(count: int, per_day: int) -> list[tuple[str, date]]:
    """Return the articles of a list, newest first."""
    return [(f"/{count - n}", TODAY - timedelta(days=n // per_day)) for n in range(count)]


def read_pages(listed, days, *, size=10, pushed=0, again=None, walk=None, first=0, allowed=10_000):
    """Read the pages of a list; return the addresses seen, the numbers fetched and why it ended.

    Each request adds `pushed` new articles at the top; `again` decides what follows the last page.
    """
    walk, listed, found, asked = walk or PageWalk(), list(listed), set(), []
    number, why = (first, "") if first else walk.next_page(days, numbered=True)
    while number and len(asked) < allowed:
        listed[:0] = [(f"/new-{len(asked)}-{n}", TODAY) for n in range(pushed)]
        page = listed[(number - 1) * size :][:size] or (again(listed) if again else [])
        urls = [url for url, _ in page]
        fresh = [day for url, day in page if url not in walk.seen]
        walk.seen.update(urls)
        found.update(url for url, day in page if day in days)
        asked.append(number)
        walk.add(number, PageSummary.of(fresh, urls, len(fresh)) if page else PageSummary(is_end=True))
        number, why = walk.next_page(days, numbered=True)
    return found, asked, why


def walked(*turns):
    """Return a walk over these pages."""
    walk = PageWalk()
    for number, one in enumerate(turns, start=1):
        walk.add(number, one)
    return walk


def wanted(listed, days):
    """Return the wanted addresses."""
    return {url for url, day in listed if day in days}


@settings(deadline=None)  # hundreds of pages are read one by one
@given(
    count=st.integers(1, 1000),
    per_day=st.integers(1, 30),
    back=st.integers(0, 400),
    span=st.integers(0, 30),
    size=st.integers(5, 30),
    pushed=st.integers(0, 3),
    again=st.sampled_from([None, lambda listed: listed[:10], lambda listed: listed[-10:], lambda listed: listed[2:4]]),
)
def test_no_requested_article_is_missed(count, per_day, back, span, size, pushed, again):
    """Every requested article is seen, however long a list is, whatever follows its end and however it moves."""
    listed = entries(count, per_day)
    days = DateRange(TODAY - timedelta(days=back + span), TODAY - timedelta(days=back))
    pushed = pushed if again is None else 0  # otherwise every page would show something new for ever
    found, asked, _ = read_pages(listed, days, size=max(size, 4 * pushed), pushed=pushed, again=again)

    assert wanted(listed, days) <= found
    assert len(asked) <= 2 * len(set(asked)), "what leaps had shown is asked for once more, and no more than that"


def test_bisection_needs_few_pages():
    """In a list of 10,000 pages, one day far back costs some 40 requests besides its own pages."""
    listed = entries(100_000, 100)
    day = DateRange(TODAY - timedelta(days=700), TODAY - timedelta(days=700))
    found, asked, why = read_pages(listed, day, pushed=1)

    assert (100, "") == (len(found), why)
    assert len(asked) <= 10 + 2 * 3 * 10 + 2 * (10_000).bit_length() + 9


def test_a_list_that_is_too_short_ends():
    """The end of a list that does not go back far enough is found with few requests."""
    days = DateRange(date(2020, 1, 1), date(2020, 1, 2))
    for again in (None, lambda listed: listed[-10:], lambda listed: listed[5:9]):
        _, asked, _ = read_pages(entries(5000, 10), days, again=again)

        assert len(asked) <= 2 * (500).bit_length() + 5


@pytest.mark.parametrize("order", [lambda one: one[1], lambda one: crc32(one[0].encode())], ids=["up", "none"])
def test_an_unordered_list_is_read_page_by_page(order):
    """A list with the oldest first, or in no order, is read page by page."""
    listed = sorted(entries(600, 2), key=order)
    days = DateRange(TODAY - timedelta(days=100), TODAY - timedelta(days=90))
    found, asked, _ = read_pages(listed, days)

    assert wanted(listed, days) == found
    assert set(range(1, 61)) <= set(asked)


def test_a_stopped_walk_resumes_in_a_list_that_has_moved():
    """After a stop nothing is missed, even if hundreds of new articles push the others to later pages."""
    listed = entries(5000, 10)
    days = DateRange(TODAY - timedelta(days=310), TODAY - timedelta(days=300))
    for allowed in range(1, 40):
        first = PageWalk()
        found, _, _ = read_pages(listed, days, walk=first, allowed=allowed)
        following, _ = first.next_page(days, numbered=True)
        read = {number: one.median_day for number, one in first.pages.items()}
        moved = [(f"/later-{n}", TODAY) for n in range(517)] + listed
        again = PageWalk.resumed(following, read, days, numbered=True) if following else first
        more, further, _ = read_pages(moved, days, walk=again, first=following)

        assert wanted(listed, days) == found | more
        assert len(further) < 80


def test_unreadable_pages_are_skipped():
    """One unreadable page is skipped; a missing page is the end, and so are three unreadable ones in a row."""
    day = DateRange(TODAY, TODAY)
    good = PageSummary.of([TODAY], ["/1"], 1)
    broken, gone = PageSummary.failed(Reason.MALFORMED), PageSummary.failed(Reason.GONE)

    assert (3, "") == walked(good, broken).next_page(day)
    assert (None, "") == walked(good, gone).next_page(day)
    assert "3 pages in a row cannot be read" in walked(good, broken, broken, broken).next_page(day)[1]


def test_a_list_without_dates_is_read_to_its_end():
    """Without dates no page is skipped; a run of pages without new links, and an endless list, are ended."""
    day = DateRange(TODAY, TODAY)
    untold = [PageSummary.of([None], [f"/{n}"], 1) for n in range(1, 5)]
    stale = [*untold, *(PageSummary(digest=f"{n}") for n in range(5, 25))]

    assert (5, "") == walked(*untold).next_page(day, numbered=True)
    assert "page 24 has no link" in walked(*stale).next_page(day, numbered=True)[1]
    for most, dated in ((MAX_PAGES, False), (MAX_DAY_PAGES, True)):
        endless = PageWalk(pages={n: replace(untold[0], sequence=n) for n in range(1, most + 1)})
        assert f"page {most} is the last" in endless.next_page(day, dated=dated)[1]


def test_page_addresses_differ_by_their_number():
    """The address of another page has another number; without numbers the page links to the next one."""
    facts = ListFacts(url="http://a.example/2024/1/p-7.htm", outlet="a", kind="archive", page=7)
    way = Source(kind="archive", url="http://a.example/{year}/{month}/p-{page}.htm")
    section = Source(kind="section", url="http://a.example/tin", next="http://a.example/tin/p{page}")

    assert "http://a.example/2024/1/p-40.htm" == page_at(way, facts, 40, None).url
    assert "http://a.example/tin/p40" == page_at(section, facts, 40, None).url
    assert None is page_at(None, facts, 8, None)
    assert (True, True, False) == (is_numbered(way), is_numbered(section), is_numbered(None))
