"""What the tests of the pages share: the archive of a small press, crawled once."""

import pressroom
import pytest


@pytest.fixture(scope="session")
def press(tmp_path_factory):
    """The archive of a newsstand that was crawled, with edits, a copy and a deletion."""
    path = tmp_path_factory.mktemp("press") / "archive.db"
    pressroom.fill(path)
    return path
