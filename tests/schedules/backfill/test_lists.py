"""Where a backfill starts, and what the address of a list tells of its days."""

from datetime import UTC, date, datetime

import pytest
from factories import make_outlet

from archive.ledger.backfill_model import ListFacts
from archive.record import Candidate
from crawler.outlets.model import Source
from schedules.backfill.lists import dates_in_name, initial_lists, link_days, may_be_in, next_cdx_page
from schedules.timing.date_range import DateRange

HOME = "https://bao.example"
QUERY = ListFacts(url="https://cdx.example/?url=bao.example", outlet="bao", kind="captured", way="bao.example")


def outlet(*sources: Source):
    """Make an outlet with these sources."""
    return make_outlet("bao", "Báo", HOME, *sources)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sitemap-2024.xml", (date(2024, 1, 1), date(2024, 12, 31))),
        ("sitemap-2024-2.xml", (date(2024, 2, 1), date(2024, 2, 29))),
        ("sitemap-202312.xml", (date(2023, 12, 1), date(2023, 12, 31))),
        ("2024/sitemap-2024-05-07.xml", (date(2024, 5, 7), date(2024, 5, 7))),
        ("sitemap-2026-6-21-25.xml", (date(2026, 6, 21), date(2026, 6, 25))),
        ("sitemap-2026-02-30.xml", None),
        ("sitemap-120245.xml", None),
        ("sitemap.xml", None),
    ],
)
def test_the_name_of_a_sitemap_tells_its_days(name, expected):
    """A year, a month, a day or some days; nothing where the name has no real date."""
    assert expected == dates_in_name(f"{HOME}/{name}")


def test_a_day_archive_starts_with_one_list_per_day():
    """Only sources that reach back are read, and each list says which day it holds."""
    sources = (
        Source(url=f"{HOME}/rss", kind="feed"),
        Source(url=HOME + "/ngay/{year}-{month:02}-{day:02}", kind="archive"),
    )
    lists = initial_lists(outlet(*sources), DateRange(date(2024, 1, 30), date(2024, 2, 1)))

    assert {f"{HOME}/ngay/2024-{day}" for day in ("01-30", "01-31", "02-01")} == {facts.url for facts in lists}
    assert all(f"{facts.first_day}" in facts.url and facts.first_day == facts.last_day for facts in lists)


def test_a_link_is_wanted_by_the_day_that_is_known_of_it():
    """The time in the source counts in the outlet's timezone; without one, the day in the address, then the list's."""
    day, dates = date(2026, 2, 5), DateRange(date(2026, 2, 5), date(2026, 2, 5))
    evening = Candidate(f"{HOME}/a", published_at=datetime(2026, 2, 4, 18, tzinfo=UTC))
    in_path, unknown = Candidate(f"{HOME}/2026/02/04/a.html"), Candidate(f"{HOME}/b")

    assert [day, date(2026, 2, 4), None] == link_days([evening, in_path, unknown], outlet())
    assert [True, False, True] == [
        may_be_in(dates, link, outlet(), DateRange()) for link in (evening, in_path, unknown)
    ]
    assert not may_be_in(dates, unknown, outlet(), DateRange(until=date(2026, 2, 4)))


def test_a_truncated_cdx_response_is_continued_by_its_key():
    """The next query replaces the key of the one before; without a key, nothing follows."""
    ((second,), _) = next_cdx_page(QUERY, "vn,bao)/a b", 10)
    ((third,), reason) = next_cdx_page(second, "vn,bao)/c", 10)

    assert (f"{QUERY.url}&resumeKey=vn%2Cbao%29%2Fc", 3, "") == (third.url, third.page, reason)
    assert ((), "") == next_cdx_page(third, "", 10)
