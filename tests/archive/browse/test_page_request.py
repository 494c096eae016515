"""The parameters of pages."""

from archive.browse.page_request import truncate_query


def test_a_saved_search_may_name_every_outlet():
    """No outlet of a saved search is lost, however many are ticked."""
    ticked = {"outlet": [f"bao{n}" for n in range(68)]}

    assert ticked == truncate_query(ticked)
