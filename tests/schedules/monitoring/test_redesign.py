"""A redesign is noticed by the parts that pages have no more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.statistics.reading_history import PageReading
from schedules.monitoring.redesign import find_redesign

START = datetime(2026, 3, 2, tzinfo=UTC)


def pages(count, first=0, **parts):
    """Return readings of pages, one each hour."""
    whole = PageReading("", "", START, text=True)
    return [replace(whole, seen_at=START + timedelta(hours=first + i), **parts) for i in range(count)]


@pytest.mark.parametrize("part", ["text", "title", "published", "byline", "standfirst"])
def test_one_lost_part_is_a_redesign(part):
    """A part that was on every page and is on none any more gives the time of the change and its name."""
    found = find_redesign([*pages(40), *pages(12, 40, **{part: False})])

    assert (part, START + timedelta(hours=40), 1.0, 0.0, 12) == (
        found.sign,
        found.since,
        found.before,
        found.after,
        found.pages,
    )


@pytest.mark.parametrize(("before", "after"), [(40, 3), (10, 12)])
def test_few_pages_prove_nothing(before, after):
    """With few pages before or after, nothing is concluded."""
    assert None is find_redesign([*pages(before), *pages(after, before, title=False)])


def test_the_message_names_the_lost_part():
    """The message for a person says what was lost, in how many pages, and since when."""
    found = find_redesign([*pages(40), *pages(12, 40, title=False)])

    assert "since 2026-03-03 16:00Z 0% of 12 pages have a headline by rule, 100% before" == str(found)
