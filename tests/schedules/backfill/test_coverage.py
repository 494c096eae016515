"""Coverage: what an outlet published, compared with what the archive has."""

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
    """Return an address of the article with a number."""
    return AnnouncedAddress(f"http://cu.example/bai-{number:07}.html", f"id{number}", state, **facts)


def test_an_article_counts_on_its_day():
    """The day is the one that was read, or else the day of a source, the address or a list of one day."""
    announced = [
        address(1, article_date=DAY),
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
    """An article that is archived under one address is not missing under another."""
    announced = [address(1, article_date=DAY), AnnouncedAddress("http://cu.example/m-0000001.html", "id1", "alias")]
    rows, unknown = measure_coverage(OUTLET, announced, {DAY: 1}, DAYS)

    assert (1, 1, 0, 0) == (rows[0].announced, rows[0].archived, rows[0].missing, unknown)


def test_gaps_in_dense_numbers_are_unseen_articles():
    """A gap in consecutive article numbers counts as unseen; a gap in sparse numbers does not."""
    dense = [address(n, article_date=DAY) for n in (10, 11, 12, 14, 15)]
    sparse = [address(n, article_date=DAY) for n in (10, 200, 3000, 4000, 5000)]

    assert 1 == measure_coverage(OUTLET, dense, {DAY: 5}, DAYS)[0][0].unseen
    assert 0 == measure_coverage(OUTLET, sparse, {DAY: 5}, DAYS)[0][0].unseen


def test_an_undated_number_gets_the_day_of_its_neighbours():
    """An address without a day gets the day of its neighbours by number, if both have the same day."""
    rows, unknown = measure_coverage(
        OUTLET, [address(1, article_date=DAY), address(2, "due"), address(3, article_date=DAY)], {DAY: 2}, DAYS
    )

    assert (1, 0) == (rows[0].missing, unknown)


def test_coverage_is_drawn_as_text_and_as_svg():
    """Each day has a character, and a square with its counts; names are escaped."""
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
