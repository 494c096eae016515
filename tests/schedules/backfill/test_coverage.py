"""Audits: what was published against what is here."""

from datetime import date
from xml.etree import ElementTree as ET

from oldpress import outlet_of

from archive.ledger.backfill_model import AnnouncedAddress, Coverage
from schedules.backfill.coverage import archived_share, measure_coverage
from schedules.backfill.coverage_chart import chart_lines, chart_svg
from schedules.timing.date_range import DateRange

OUTLET = outlet_of()
DAY = date(2024, 1, 10)
DAYS = DateRange(DAY, date(2024, 1, 12))


def address(number: int, state: str = "archived", **facts) -> AnnouncedAddress:
    """An address of the article with a number."""
    return AnnouncedAddress(f"http://cu.example/bai-{number:07}.html", f"id{number}", state, **facts)


def test_each_article_counts_on_its_day_whatever_tells_it():
    """The day is that which was read, else what a source, the address or the one day of its list tells."""
    announced = [
        address(1, read_on=DAY),
        address(3, "failed", reason="gone", first_day=date(2024, 1, 11), last_day=date(2024, 1, 11)),
        address(9, "rejected", reason="no_date", first_day=date(2024, 1, 12), last_day=date(2024, 1, 12)),
        AnnouncedAddress("http://cu.example/2024/01/12/x-0000009.html", "other", "due"),
        address(70, "due"),
    ]
    rows, unknown = measure_coverage(OUTLET, announced, {DAY: 1}, DAYS)

    assert 1 == unknown
    assert [
        Coverage(day=DAY, announced=1, archived=1),
        Coverage(day=date(2024, 1, 11), announced=1, missing=1, reasons={"gone": 1}),
        Coverage(day=date(2024, 1, 12), announced=2, rejected=1, missing=1, reasons={"due": 1, "no_date": 1}),
    ] == rows
    assert 1 / 3 == archived_share(rows)


def test_an_article_with_several_addresses_counts_once():
    """What is archived under one address is not missing under another."""
    announced = [address(1, read_on=DAY), AnnouncedAddress("http://cu.example/m-0000001.html", "id1", "alias")]
    rows, unknown = measure_coverage(OUTLET, announced, {DAY: 1}, DAYS)

    assert (1, 1, 0, 0) == (rows[0].announced, rows[0].archived, rows[0].missing, unknown)


def test_numbers_between_those_of_a_day_are_unseen_where_most_are_seen():
    """A gap in numbers that go up one by one is told; among numbers that leap it is none."""
    dense = [address(n, read_on=DAY) for n in (10, 11, 12, 14, 15)]
    sparse = [address(n, read_on=DAY) for n in (10, 200, 3000, 4000, 5000)]

    assert 1 == measure_coverage(OUTLET, dense, {DAY: 5}, DAYS)[0][0].unseen
    assert 0 == measure_coverage(OUTLET, sparse, {DAY: 5}, DAYS)[0][0].unseen


def test_a_number_between_two_of_one_day_is_of_that_day():
    """An address that tells no day gets that of its neighbours in number, where these agree."""
    rows, unknown = measure_coverage(
        OUTLET, [address(1, read_on=DAY), address(2, "due"), address(3, read_on=DAY)], {DAY: 2}, DAYS
    )

    assert (1, 0) == (rows[0].missing, unknown)


def test_days_are_drawn_as_characters_and_as_svg():
    """Each day has its character, and its square with its figures; names are escaped."""
    rows = {
        "<cu>": [
            Coverage(day=DAY, announced=2, archived=2),
            Coverage(day=date(2024, 1, 11), announced=2, missing=2),
            Coverage(day=date(2024, 1, 12)),
        ]
    }
    picture = ET.fromstring(chart_svg(rows, "Coverage"))
    titles = [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")]

    assert ["<cu>               2024-01          █×·"] == list(chart_lines(rows))
    assert "<cu> 2024-01-10: 2 published, 2 archived, 0 rejected, 0 missing, 0 numbers unseen" in titles
    assert archived_share([]) is None
