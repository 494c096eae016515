"""The pages of a file while it is read: kept in their order, with the offset of the latest capture of each address."""

from datetime import UTC, datetime, timedelta

from archive.errors import Failure, Reason
from schedules.lake.found_pages import FoundPages
from schedules.lake.page_reading import FoundPage

START = datetime(2024, 2, 5, tzinfo=UTC)


def test_pages_stay_in_their_order_and_the_latest_capture_of_an_address_is_known(tmp_path):
    """Of captures at the same time the last one in the file counts; what is no article is no further page."""
    days = {"a": (0, 2, 1), "b": (3, 3)}
    pages = [
        FoundPage(offset, url, START + timedelta(days=day), "ho", f"id-{url}")
        for offset, (url, day) in enumerate((url, day) for url, listed in days.items() for day in listed)
    ]
    others = [FoundPage(9, "c", START), FoundPage(10, "", None, failure=Failure(Reason.MALFORMED))]
    found = FoundPages(tmp_path / "pages")
    assert [] == list(found)
    for some in (pages[:2], (), pages[2:], others):
        found.add(some)

    assert [*pages, *others] == list(found) == list(found)
    assert {"a": 1, "b": 4} == found.offsets
