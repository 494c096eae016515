"""The maps of how many articles of each day are archived."""

from archive.browse.page_request import PageRequest
from archive.browse.pages.coverage_map import rows_of_page


def test_the_maps_of_many_outlets_have_pages():
    """A page of maps shows twenty outlets, says which, and leads to the others."""
    rows = [{"name": f"Báo {n}"} for n in range(45)]
    drawn, facts = rows_of_page(rows, PageRequest({}, {"page": ["2"]}))

    assert rows[20:40] == drawn
    assert {"page": 2, "drawn": ["Báo 20", "Báo 39"], "newer": "/outlets?page=1", "older": "/outlets?page=3"} == facts
    assert ([], None, None) == tuple(
        rows_of_page(rows[:20], PageRequest({}, {}))[1][key] for key in ("drawn", "newer", "older")
    )
